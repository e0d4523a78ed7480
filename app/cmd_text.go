package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"hotmem/asr"
	"hotmem/audio"
	"hotmem/graphstore"
	"hotmem/ui"
)

type transcribeCommand struct {
	Files []string `arg:"" help:"WAV files." type:"path"`
	JSON  bool     `help:"One JSON object for each utterance: file, start and end in seconds, text."`
}

// Run carries out the command.
func (t transcribeCommand) Run(c *console) error {
	defer c.interrupts()()
	ears, err := openEars(c.models)
	if err != nil {
		return err
	}
	out := newPrinter(c.out)
	for _, file := range t.Files {
		source, err := audio.OpenWAV(file, false)
		if err != nil {
			return errors.Join(err, ears.Close())
		}
		if len(t.Files) > 1 && !t.JSON {
			fmt.Fprintf(c.out, "==> %s <==\n", file)
		}
		ears.vad.Reset()
		var missed []error
		p := &pipeline{source: source, detector: ears.vad, recogn: ears.words, clock: new(Clocks), show: func(ui.Event) {}, level: func(float32, int) {},
			learn: func(context.Context, graphstore.Line) error { return nil },
			hitch: func(err error) {
				if err != nil {
					missed = append(missed, err)
				}
			}}
		p.keep = func(s asr.Segment) (graphstore.Line, error) {
			if t.JSON {
				out.print("utterance", map[string]any{"file": file, "start": s.Start.Seconds(), "end": s.End.Seconds(), "text": s.Text})
				return graphstore.Line{}, out.failure()
			}
			_, err := fmt.Fprintln(c.out, s.Text)
			return graphstore.Line{}, err
		}
		if err := errors.Join(p.run(c.ctx, c.listen), errors.Join(missed...), source.Close()); err != nil {
			return errors.Join(fmt.Errorf("transcribe %s: %w", file, err), ears.Close())
		}
		if c.listen.Err() != nil {
			break
		}
	}
	return ears.Close()
}

type hearCommand struct{}

// Help is the long text of hear --help.
func (hearCommand) Help() string {
	return `Each line of standard input is one utterance. A line that begins with { is JSON: {"text": "…", "session": "…", "at": "2026-11-25T09:30:00Z"};
text is needed, a new session name begins a new conversation, and at is when it was said. Lines, facts and the clock are printed as
run --headless prints them.`
}

// Run carries out the command.
func (hearCommand) Run(c *console) error {
	defer c.interrupts()()
	app, err := Open(Config{Data: c.data, Models: c.models, Out: newPrinter(c.out), Log: c.log})
	if err != nil {
		return err
	}
	err = app.Hear(c.ctx, c.listen, c.in)
	text, _ := app.Clocks.Read()
	app.cfg.Out.print("clock", printedClock{Pace: "text", Text: text})
	return errors.Join(err, app.Close())
}

// Hear learns from lines of text as if they had been said.
func (a *App) Hear(ctx, listen context.Context, in io.Reader) error {
	if err := a.LearnRest(ctx, listen); err != nil {
		return err
	}
	script := &script{app: a, sessions: map[string]graphstore.SessionID{}, lines: readLines(in)}
	p := &pipeline{learn: a.learn, show: a.show, hitch: a.hitch, clock: &a.Clocks}
	err := p.runText(ctx, listen, script.next)
	for _, session := range script.sessions {
		err = errors.Join(err, a.store.EndSession(session, time.Time{}))
	}
	return errors.Join(err, script.skipped, a.Failed())
}
