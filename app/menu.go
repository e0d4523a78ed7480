package main

import (
	"hotmem/ui"
	"hotmem/ui/tray"
)

// menu is the tray's: quit drains, and done takes the tray away.
func (a *App) menu(quit func(), done <-chan struct{}) tray.Menu {
	return tray.Menu{
		State: func() tray.State {
			s := a.Status()
			state := tray.State{Doing: string(s.State), Microphone: s.Microphone}
			if s.Trouble != nil {
				state.Trouble = s.Trouble.Error
			}
			return state
		},
		Start: func() { a.click(ui.Start) },
		Pause: func() { a.click(ui.Pause) },
		Open: func() {
			if err := tray.Open(a.URL()); err != nil {
				a.log.Error("panel not opened", "error", err)
			}
		},
		Quit: quit,
		Done: done,
	}
}

// click passes on an order and does not wait for it: the menu must not hang while a sentence is finished. When so many
// wait already, the person has clicked in anger, and one more would change nothing.
func (a *App) click(what ui.Listening) {
	select {
	case a.orders <- order{what: what, answer: make(chan error, 1)}:
	default:
	}
}
