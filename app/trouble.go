package main

import (
	"cmp"
	"context"
	"errors"
	"log/slog"

	"hotmem/assets"
	"hotmem/audio/mic"
	"hotmem/graphstore"
	"hotmem/ui"
)

// troubleOf puts an error into the words that people see.
func troubleOf(err error) *ui.Trouble {
	switch {
	case errors.Is(err, mic.ErrNoMicrophone):
		return &ui.NoMicrophone
	case errors.Is(err, mic.ErrStopped):
		return &ui.MicrophoneSilent
	case noRoom(err):
		return &ui.DiskFull
	case errors.Is(err, assets.ErrModelMissing), errors.Is(err, errModel):
		return &ui.ModelMissing
	case errors.Is(err, errUnheard):
		return &ui.Unheard
	case errors.Is(err, errUnlearnable):
		return &ui.Unlearnable
	case errors.Is(err, errUnlearned):
		return &ui.Unlearned
	case errors.Is(err, errClosing):
		return &ui.Closing
	case errors.Is(err, context.DeadlineExceeded): // an order waits for what was heard before it
		return &ui.StillFinishing
	}
	return &ui.CannotListen
}

// noRoom says whether a store gets well again as soon as there is room on the disk. A change that was too large for what
// was left stays half written until then.
func noRoom(err error) bool {
	return errors.Is(err, graphstore.ErrFull) || errors.Is(err, graphstore.ErrHalf)
}

// inTrouble shows what keeps the program from listening.
func (a *App) inTrouble(what string, err error) {
	trouble, level := troubleOf(err), slog.LevelInfo
	if trouble == &ui.CannotListen { // words that say nothing of the cause
		level = slog.LevelError
	}
	a.log.Log(context.Background(), level, what, "error", err)
	a.setStatus(func(s *ui.Status) { s.State, s.Trouble = ui.InTrouble, trouble })
}

// hitch shows what went wrong on the way while the rest goes on; nil says that it works again. What keeps the program from
// listening at all is the greater trouble, and stays.
func (a *App) hitch(err error) {
	if err == nil {
		if s := a.Status(); s.Trouble != nil && s.State != ui.InTrouble {
			a.setStatus(func(s *ui.Status) { s.Trouble = nil })
		}
		return
	}
	a.log.Error("going on after a hitch", "error", err)
	if errors.Is(err, errUnheard) {
		a.mu.Lock()
		a.lost, a.lostFor = a.lost+1, cmp.Or(a.lostFor, err)
		a.mu.Unlock()
	}
	if noRoom(err) { // there will be something to learn when there is room again
		a.corrected()
	}
	a.setStatus(func(s *ui.Status) {
		if s.State != ui.InTrouble {
			s.Trouble = troubleOf(err)
		}
	})
}

// lookForMic shows that there is no microphone before anybody asks for one.
func (a *App) lookForMic() {
	if a.Status().Trouble != nil {
		return
	}
	if _, err := mic.Devices(); err != nil {
		a.inTrouble("look for a microphone", err)
	}
}
