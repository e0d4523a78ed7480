package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"hotmem/asr"
	"hotmem/audio"
	"hotmem/audio/mic"
	"hotmem/graphstore"
	"hotmem/ui"
)

// An order asks conduct for something.
type order struct {
	what   ui.Listening
	source audio.Source // for Recording: what to play; nil means the bundled recording
	name   string       // of the source, for people
	answer chan error
}

// A hearing is one source being played.
type hearing struct {
	stop  context.CancelFunc // drain
	ended chan error
}

// patience is how long a microphone that went silent, or a full disk, is left alone.
const patience = 3 * time.Second

// errClosing answers orders that come too late.
var errClosing = errors.New("the program is ending")

// corrected notes that a person corrected something: an edited line is learned anew.
func (a *App) corrected() {
	select {
	case a.edited <- struct{}{}:
	default:
	}
}

// Ask passes on what a person wants of the microphone, and returns when it has begun.
func (a *App) Ask(ctx context.Context, what ui.Listening) error {
	return a.order(ctx, order{what: what})
}

// panelAsks is Ask in words for people.
func (a *App) panelAsks(ctx context.Context, what ui.Listening) error {
	if err := a.Ask(ctx, what); err != nil {
		return troubleOf(err).Err()
	}
	return nil
}

func (a *App) order(ctx context.Context, o order) error {
	o.answer = make(chan error, 1)
	select {
	case a.orders <- o:
	case <-a.idle:
		return errClosing
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case err := <-o.answer:
		return err
	case <-a.idle:
		return errClosing
	case <-ctx.Done():
		return ctx.Err()
	}
}

// relearn learns what is left, and edited lines anew. When that fails, as on a full disk, it tries again.
func (a *App) relearn(ctx, listen context.Context) error {
	failed := false
	for {
		select {
		case <-a.edited:
		case <-listen.Done():
			return ctx.Err()
		}
		err := a.LearnRest(ctx, listen)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			a.hitch(err)
		case failed:
			a.hitch(nil)
		}
		if failed = err != nil; failed {
			a.corrected()
			select {
			case <-time.After(10 * patience):
			case <-listen.Done():
			}
		}
	}
}

// obey carries out orders, one source at a time. What stops a hearing is shown and does not end it: the person can start
// again.
func (a *App) obey(ctx, listen context.Context) error {
	var now *hearing
	var again <-chan time.Time // when to try the microphone again
	for {
		var ended chan error // nil, and so never ready, while nothing plays
		if now != nil {
			ended = now.ended
		}
		select {
		case o := <-a.orders:
			if now != nil {
				now.stop()
				a.finished(<-now.ended)
				now = nil
			}
			if o.what == ui.Pause && again != nil { // no trouble any more: nobody wants to listen
				a.finished(nil)
			}
			again = nil
			var err error
			if o.what != ui.Pause {
				now, err = a.begin(ctx, listen, o)
			}
			o.answer <- err
		case err := <-ended:
			now.stop()
			now = nil
			a.finished(err)
			if errors.Is(err, mic.ErrStopped) { // asleep, or unplugged for a moment
				again = time.After(patience)
			}
		case <-again:
			again = nil
			var err error
			if now, err = a.begin(ctx, listen, order{what: ui.Start}); err != nil {
				again = time.After(patience)
			}
		case <-listen.Done():
			if now == nil {
				return ctx.Err()
			}
			return errors.Join(<-now.ended, ctx.Err())
		}
	}
}

// begin opens the source of an order and starts to play it. What stands in the way is shown.
func (a *App) begin(ctx, listen context.Context, o order) (h *hearing, err error) {
	defer func() {
		if err != nil {
			a.inTrouble("not listening", err)
		}
	}()
	if a.mind == nil || a.ears == nil {
		return nil, fmt.Errorf("%w: nothing can be heard; see hotmem doctor", errModel)
	}
	if o.answer != nil { // a person asked; a try by itself shall not make the panel flicker
		a.setStatus(func(s *ui.Status) { s.State = ui.Starting })
	}
	source, name, err := a.open(o)
	if err != nil {
		return nil, err
	}
	p, end, err := a.pipeline(source, time.Now())
	if err != nil {
		return nil, errors.Join(err, source.Close())
	}
	state := ui.Hearing
	if o.what == ui.Recording {
		state = ui.Playing
	}
	listen, stop := context.WithCancel(listen)
	h = &hearing{stop: stop, ended: make(chan error, 1)}
	a.setStatus(func(s *ui.Status) { s.State, s.Microphone, s.Trouble = state, name, nil })
	p.start(ctx, listen, end, h.ended)
	return h, nil
}

// openSource opens what an order wants to hear.
func (a *App) openSource(o order) (source audio.Source, name string, err error) {
	switch {
	case o.source != nil:
		return o.source, o.name, nil
	case o.what == ui.Recording:
		return openRecording()
	}
	return a.openMic()
}

// finished shows how a hearing ended.
func (a *App) finished(err error) {
	a.setStatus(func(s *ui.Status) {
		if s.State == ui.InTrouble {
			s.Trouble = nil
		}
		s.State, s.Level = ui.Paused, 0
	})
	if err != nil && !errors.Is(err, context.Canceled) {
		a.inTrouble("listening ended", err)
	}
	a.show(ui.Event{Caption: &ui.Caption{}})
}

// pipeline ties the parts of the app to a source. Each one is a conversation of its own, which end closes with the source.
func (a *App) pipeline(source audio.Source, began time.Time) (p *pipeline, end func() error, err error) {
	session, err := a.newSession(began)
	if err != nil {
		return nil, nil, err
	}
	end = func() error { return errors.Join(source.Close(), a.store.EndSession(session, time.Time{})) }
	a.ears.vad.Reset()
	p = &pipeline{
		source: source, detector: a.ears.vad, recogn: a.ears.words, learn: a.learn, guess: a.guess, show: a.show, hitch: a.hitch, clock: &a.Clocks,
		keep: func(s asr.Segment) (graphstore.Line, error) { return a.keep(session, began, s) },
	}
	p.level = func(loudness float32, dropped int) {
		if m, ok := source.(*mic.Mic); ok {
			dropped += int(m.Stats().Dropped / audio.Duration(audio.FrameSize))
		}
		text, sound := a.Clocks.last()
		a.setStatus(func(s *ui.Status) {
			s.Level, s.Dropped, s.Behind = loudness, dropped, int(p.waiting.Load())
			s.TextMS, s.SoundMS = ms(text), ms(sound)
		})
	}
	return p, end, nil
}

// Play plays a source to its end and learns what is said in it.
func (a *App) Play(ctx, listen context.Context, source audio.Source) error {
	if err := a.LearnRest(ctx, listen); err != nil {
		return errors.Join(err, source.Close())
	}
	p, end, err := a.pipeline(source, time.Now())
	if err != nil {
		return errors.Join(err, source.Close())
	}
	return errors.Join(p.run(ctx, listen), end(), a.Failed())
}

// openMic opens the microphone of the configuration.
func (a *App) openMic() (audio.Source, string, error) {
	m, err := mic.Open(mic.Options{Device: a.cfg.Mic})
	if err != nil {
		return nil, "", err
	}
	return m, m.Stats().Device, nil
}
