// Package tray is the menu in the menu bar or the desktop's tray: what the program is doing, start and pause, open the panel, quit.
//
// [Run] owns the calling goroutine until the program is done, and on a Mac it must be called from main: the system wants its event loop on
// the first thread. The menu is a function of [State]; one goroutine asks for the state, redraws what differs and forwards clicks one at a
// time. The package knows nothing of the rest of the program: what a click does comes in as functions of [Menu].
//
// On a Mac it needs cgo (Cocoa); on Linux it speaks D-Bus in pure Go, and where no desktop listens it shows nothing and does no harm.
package tray

import (
	"time"

	"fyne.io/systray"

	"hotmem/assets"
)

// State is what the menu shows of the program.
type State struct {
	// Doing is the word for it: "idle", "starting", "listening", "paused", "playing" or "trouble"; the same words as the panel's.
	Doing string
	// Microphone is the name of the input, or of the recording that plays.
	Microphone string
	// Trouble says in a sentence what stands in the way; empty if nothing does.
	Trouble string
}

// Menu is what the tray shows and does. The functions are called from the tray's goroutine, one at a time, and should return soon.
type Menu struct {
	State func() State
	Start func()
	Pause func()
	Open  func()
	Quit  func()
	// Done takes the tray away when it is closed; then Run returns.
	Done <-chan struct{}
}

const (
	// look is how often the state is asked for: a menu that is half a second late looks right to the person who opens it.
	look = 500 * time.Millisecond
	// patience bounds how long a system that is logging out waits for the last sentence.
	patience = 8 * time.Second
)

// Run shows the menu, calls onReady on a goroutine of its own, and returns after both have ended: onReady and Menu.Done.
func Run(menu Menu, onReady func()) {
	ran := make(chan struct{})
	work := func() {
		defer close(ran)
		onReady()
	}
	if !desktop() {
		work()
		<-menu.Done
		return
	}
	stop := make(chan struct{}) // closed by the system when it ends the loop itself, at logout
	shown := make(chan struct{})
	systray.Run(func() {
		go work()
		d := newDrawn(menu)
		go func() { // the library shows the menu when this function has returned
			defer close(shown)
			d.follow(stop)
			systray.Quit()
		}()
	}, func() {
		close(stop)
		select {
		case <-menu.Done:
		default:
			menu.Quit()
			select {
			case <-menu.Done:
			case <-time.After(patience):
			}
		}
	})
	<-shown
	<-ran
}

// drawn is the menu as it is on the screen.
type drawn struct {
	menu                      Menu
	state, toggle, open, quit *systray.MenuItem
	labels                    labels
}

func newDrawn(menu Menu) *drawn {
	d := &drawn{menu: menu}
	d.labels = labelsFor(menu.State())
	d.icon()
	systray.SetTooltip(d.labels.tooltip)
	d.state = systray.AddMenuItem(d.labels.state, "")
	d.state.Disable()
	systray.AddSeparator()
	d.toggle = button(d.labels.toggle)
	d.open = button("Open panel")
	systray.AddSeparator()
	d.quit = button("Quit HotMem")
	d.enable()
	return d
}

// button adds a line that remembers one click. The library drops a click that nobody waits for, and our goroutine may be busy with the one before.
func button(title string) *systray.MenuItem {
	item := systray.AddMenuItem(title, "")
	item.ClickedCh = make(chan struct{}, 1)
	return item
}

// follow redraws and forwards until the program is done or the system stops the loop.
func (d *drawn) follow(stop <-chan struct{}) {
	tick := time.NewTicker(look)
	defer tick.Stop()
	for {
		select {
		case <-d.menu.Done:
			return
		case <-stop:
			return
		case <-tick.C:
		case <-d.toggle.ClickedCh:
			if d.labels.hears {
				d.menu.Pause()
			} else {
				d.menu.Start()
			}
		case <-d.open.ClickedCh:
			d.menu.Open()
		case <-d.quit.ClickedCh:
			d.menu.Quit()
		}
		d.redraw(labelsFor(d.menu.State()))
	}
}

func (d *drawn) redraw(l labels) {
	if l == d.labels {
		return
	}
	old := d.labels
	d.labels = l
	d.state.SetTitle(l.state)
	d.toggle.SetTitle(l.toggle)
	systray.SetTooltip(l.tooltip)
	if l.canToggle != old.canToggle {
		d.enable()
	}
	if l.hears != old.hears {
		d.icon()
	}
}

func (d *drawn) enable() {
	if d.labels.canToggle {
		d.toggle.Enable()
	} else {
		d.toggle.Disable()
	}
}

func (d *drawn) icon() {
	systray.SetTemplateIcon(assets.TrayIcon(!d.labels.hears), assets.TrayIconGrey(!d.labels.hears))
}
