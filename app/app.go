package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"hotmem/asr"
	"hotmem/audio"
	"hotmem/graphstore"
	"hotmem/ui"
)

// Config says what an App is made of. The zero value is an app without a panel, silent, on the user's own data.
type Config struct {
	Data   string // folder; empty: the system's place
	Models string // folder; empty: where the program finds them
	Panel  bool   // open the panel
	Port   int    // of the panel; 0: any
	Ears   bool   // load what speech needs; text needs none of it
	Mic    string // name or part of it; empty: the system's default input

	// Lenient makes a missing model a state that the panel shows, instead of an error of Open: the graph can still be
	// seen and corrected.
	Lenient bool

	Out *printer     // takes lines and facts; nil: nothing is printed
	Log *slog.Logger // takes events, never words; nil: discards them
}

// App is the program without its command line: tests build exactly what main builds. Open it, then [App.Listen] or
// [App.Hear], then Close it.
type App struct {
	cfg    Config
	log    *slog.Logger
	held   *instance
	store  *graphstore.Store
	panel  *ui.Panel
	ears   *ears
	mind   *mind
	Clocks Clocks

	open func(order) (audio.Source, string, error) // openSource; tests put a microphone of their own here

	orders chan order    // for Conduct
	edited chan struct{} // holds one note that a person corrected something
	idle   chan struct{} // closed when Conduct has ended

	learning sync.Mutex // one line after the other, whoever asks
	recent   recent

	mu      sync.Mutex // guards what follows
	status  ui.Status
	session graphstore.SessionID
	failed  map[graphstore.LineID]error // lines that are not learned, and why
	lost    int                         // utterances that were heard and not understood
	lostFor error                       // why the first of them was
}

// Open takes the data folder, opens the store and then the rest. Whatever fails, nothing stays open.
func Open(cfg Config) (a *App, err error) {
	a = &App{cfg: cfg, log: cfg.Log, orders: make(chan order, 4), edited: make(chan struct{}, 1), idle: make(chan struct{}), status: ui.Status{State: ui.Idle}, failed: map[graphstore.LineID]error{}}
	a.open = a.openSource
	if a.log == nil {
		a.log = slog.New(slog.DiscardHandler)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, a.Close())
		}
	}()
	dir, err := dataDir(cfg.Data)
	if err != nil {
		return a, err
	}
	if a.held, err = claim(dir); err != nil {
		return a, err
	}
	if a.store, err = graphstore.Open(filepath.Join(dir, "store"), graphstore.Options{}); err != nil {
		return a, err
	}
	if cfg.Panel {
		if err := a.openPanel(dir); err != nil {
			return a, err
		}
	}
	if err := a.loadModels(); err != nil && cfg.Lenient {
		a.log.Warn("start without models", "error", err)
		a.inTrouble("start without models", err)
	} else if err != nil {
		return a, err
	}
	return a, nil
}

func (a *App) loadModels() (err error) {
	if a.mind, err = openMind(a.cfg.Models); err != nil {
		return err
	}
	if a.cfg.Ears {
		a.ears, err = openEars(a.cfg.Models)
	}
	return err
}

// Close ends the panel, then the models, then the store; the right to the data folder goes last. Nothing may run. The
// panel's address goes before the panel: a second start shall not be sent to a dead one.
func (a *App) Close() error {
	var errs []error
	if a.panel != nil {
		errs = append(errs, a.held.announce("", ""))
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second) // a browser may hold a request open
		defer cancel()
		errs = append(errs, a.panel.Close(ctx))
	}
	errs = append(errs, a.ears.Close(), a.mind.Close())
	if a.store != nil {
		errs = append(errs, a.store.Close())
	}
	if a.held != nil {
		errs = append(errs, a.held.release())
	}
	return errors.Join(append(errs, a.cfg.Out.failure())...)
}

// Failed returns what went wrong on the way while the rest went on.
func (a *App) Failed() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	var errs []error
	if a.lost > 0 {
		errs = append(errs, fmt.Errorf("%d utterances were heard and not understood, the rest is kept; say or play them again: %w", a.lost, a.lostFor))
	}
	if n := len(a.failed); n > 0 {
		first := slices.Min(slices.Collect(maps.Keys(a.failed)))
		errs = append(errs, fmt.Errorf("%d lines are stored but could not be learned; they are tried again at the next start: %w", n, a.failed[first]))
	}
	return errors.Join(errs...)
}

// show sends an event to the panel, if there is one.
func (a *App) show(e ui.Event) {
	if a.panel != nil {
		a.panel.Publish(e)
	}
}

// setStatus changes the status and shows it.
func (a *App) setStatus(change func(*ui.Status)) {
	a.mu.Lock()
	change(&a.status)
	status := a.status
	a.mu.Unlock()
	a.show(ui.Event{Status: &status})
}

// Status returns what the panel and the tray show.
func (a *App) Status() ui.Status {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.status
}

func (a *App) currentSession() graphstore.SessionID {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.session
}

// newSession begins a conversation.
func (a *App) newSession(at time.Time) (graphstore.SessionID, error) {
	session, err := a.store.NewSession(at)
	if err != nil {
		return 0, fmt.Errorf("begin a session: %w", err)
	}
	a.mu.Lock()
	a.session = session.ID
	a.mu.Unlock()
	return session.ID, nil
}

// keep stores a final line of the session that began at began. Nothing happens to a line before it is stored.
func (a *App) keep(session graphstore.SessionID, began time.Time, s asr.Segment) (graphstore.Line, error) {
	line, err := a.store.AddLine(graphstore.Line{
		Session: session, At: began.Add(s.Start), Start: s.Start, End: s.End, Text: s.Text, Words: placed(s),
	})
	if err != nil {
		return line, err
	}
	a.cfg.Out.print("line", newPrintedLine(line))
	return line, nil
}
