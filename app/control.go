package main

import (
	"context"
	"errors"
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

// patience is how long a microphone that went silent is left alone.
const patience = 3 * time.Second

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

func (a *App) order(ctx context.Context, o order) error {
	o.answer = make(chan error, 1)
	select {
	case a.orders <- o:
	case <-a.idle:
		return errors.New("the program is ending")
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case err := <-o.answer:
		return err
	case <-a.idle:
		return errors.New("the program is ending")
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Conduct carries out orders, one source at a time, until listen ends and what was heard by then is learned, or until ctx
// ends. What stops a hearing is shown and does not end it: the person can start again.
func (a *App) Conduct(ctx, listen context.Context) error {
	defer close(a.idle)
	a.corrected() // begin with what a crash left
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
		case <-a.edited:
			if err := a.LearnRest(ctx); err != nil {
				a.log.Error("edited lines not learned", "error", err)
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

// begin opens the source of an order and starts to play it.
func (a *App) begin(ctx, listen context.Context, o order) (*hearing, error) {
	if a.mind == nil || a.ears == nil {
		return nil, errors.New("a model is missing: nothing can be heard; see hotmem doctor")
	}
	state := ui.Hearing
	source, name := o.source, o.name
	var err error
	switch {
	case source != nil:
		state = ui.Playing
	case o.what == ui.Recording:
		state = ui.Playing
		source, name, err = openRecording()
	default:
		source, name, err = a.openMic()
	}
	if err != nil {
		a.setStatus(func(s *ui.Status) { s.State, s.Trouble = ui.InTrouble, troubleOf(err) })
		return nil, err
	}
	p, end, err := a.pipeline(source, time.Now())
	if err != nil {
		return nil, errors.Join(err, source.Close())
	}
	listen, stop := context.WithCancel(listen)
	h := &hearing{stop: stop, ended: make(chan error, 1)}
	a.setStatus(func(s *ui.Status) { s.State, s.Microphone, s.Trouble = state, name, nil })
	go func() { h.ended <- errors.Join(p.run(ctx, listen), end()) }()
	return h, nil
}

// finished shows how a hearing ended.
func (a *App) finished(err error) {
	if err != nil {
		a.log.Error("listening ended", "error", err)
	}
	a.setStatus(func(s *ui.Status) {
		s.State, s.Level, s.Trouble = ui.Paused, 0, nil
		if err != nil && !errors.Is(err, context.Canceled) {
			s.State, s.Trouble = ui.InTrouble, troubleOf(err)
		}
	})
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
		source: source, detector: a.ears.vad, recogn: a.ears.words, learn: a.learn, show: a.show, clock: &a.Clocks,
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
	if err := a.LearnRest(ctx); err != nil {
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

// lookForMic shows that there is no microphone before anybody asks for one.
func (a *App) lookForMic() {
	if _, err := mic.Devices(); err != nil {
		a.setStatus(func(s *ui.Status) {
			if s.Trouble == nil {
				s.State, s.Trouble = ui.InTrouble, troubleOf(err)
			}
		})
	}
}

// troubleOf puts an error into the words that the panel shows.
func troubleOf(err error) *ui.Trouble {
	switch {
	case errors.Is(err, mic.ErrNoMicrophone):
		return &ui.NoMicrophone
	case errors.Is(err, mic.ErrStopped):
		return &ui.MicrophoneSilent
	case errors.Is(err, graphstore.ErrFull):
		return &ui.DiskFull
	}
	return &ui.Trouble{Error: err.Error(), Next: "hotmem doctor says what is missing and what to do."}
}
