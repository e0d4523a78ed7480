package main

import (
	"context"
	"errors"
	"fmt"

	"hotmem/audio"
	"hotmem/ui"
	"hotmem/ui/tray"
)

type runCommand struct {
	Wav      string `help:"Play this recording instead of the microphone." placeholder:"FILE" type:"path"`
	Headless bool   `help:"No tray and no browser: print lines and facts as JSON Lines."`
	Exit     bool   `help:"End with the recording (needs --wav)."`
	Pace     string `help:"How a recording is played: real (the speed of speech) or fast. Default: fast with --exit, else real." enum:"real,fast," default:""`
	Mic      string `help:"Name of the microphone, or a part of it. Default: the system's input." placeholder:"NAME"`
	Port     int    `help:"Port of the panel on 127.0.0.1. Default: any free one."`
}

// Help is the long text of run --help.
func (runCommand) Help() string {
	return `The panel opens in the browser, and the tray starts, pauses and quits. Headless, every final line, fact and, at the end, both
clocks are printed as JSON Lines: {"line":{…}}, {"fact":{…}}, {"clock":{…}}; without --exit {"panel":URL} comes first.
A second start on the same data opens the first one's panel and ends. The first interrupt finishes what was heard, the second stops at once.`
}

// Run carries out the command.
func (r runCommand) Run(c *console) error {
	defer c.interrupts()()
	if r.Exit && r.Wav == "" {
		return fmt.Errorf("%w: --exit ends with the recording, so it needs --wav FILE", errUsage)
	}
	if r.Pace == "" {
		r.Pace = map[bool]string{true: "fast", false: "real"}[r.Exit]
	}
	var source audio.Source
	if r.Wav != "" { // first of all: a wrong file name should cost no time
		wav, err := audio.OpenWAV(r.Wav, r.Pace == "real")
		if err != nil {
			return err
		}
		source = wav
	}
	if !r.Headless && !hasDisplay() {
		c.say("there is no display: going on without a tray, as with --headless")
		r.Headless = true
	}
	cfg := Config{Data: c.data, Models: c.models, Panel: !r.Exit, Port: r.Port, Ears: true, Mic: r.Mic, Lenient: !r.Exit, Log: c.log}
	if r.Headless || r.Exit {
		cfg.Out = newPrinter(c.out)
	}
	app, err := Open(cfg)
	if busy := (*busyError)(nil); errors.As(err, &busy) && busy.Panel != "" && !r.Exit {
		return errors.Join(r.showOther(c, busy.occupant), closeSource(source))
	}
	if err != nil {
		return errors.Join(err, closeSource(source))
	}
	if r.Exit {
		err = app.Play(c.ctx, c.listen, source)
	} else {
		err = r.live(c, app, source)
	}
	text, sound := app.Clocks.Read()
	pace := r.Pace
	if source == nil {
		pace = "real"
	}
	cfg.Out.print("clock", printedClock{pace, text, sound})
	if text.N == 0 {
		return errors.Join(err, app.Close())
	}
	c.say("text → graph: p50 %.1f ms, p95 %.1f ms; sound → graph: p50 %.0f ms, p95 %.0f ms (%d lines, pace %s)",
		text.P50, text.P95, sound.P50, sound.P95, text.N, pace)
	return errors.Join(err, app.Close())
}

// live shows the panel and plays what is asked for, until the listening ends.
func (r runCommand) live(c *console, app *App, source audio.Source) error {
	listen, quit := context.WithCancel(c.listen)
	defer quit()
	app.cfg.Out.print("panel", app.URL())
	wait := beside(c.ctx,
		func(ctx context.Context) error { return app.Conduct(ctx, listen) },
		func(ctx context.Context) error { r.start(ctx, c, app, source); return nil })
	if r.Headless {
		return wait()
	}
	if err := tray.Open(app.URL()); err != nil {
		c.say("the browser did not open (%v); open this address: %s", err, app.URL())
	}
	ended := make(chan struct{})
	var err error
	tray.Run(app.menu(quit, ended), func() {
		err = wait()
		close(ended)
	})
	<-ended
	return err
}

// start gives the first order. Trouble is shown, not returned: the panel can still be used.
func (r runCommand) start(ctx context.Context, c *console, app *App, source audio.Source) {
	var err error
	switch {
	case source != nil:
		err = app.order(ctx, order{what: ui.Recording, source: source, name: r.Wav})
	case r.Headless || r.Mic != "": // nobody is there to press the button
		err = app.Ask(ctx, ui.Start)
	default:
		app.lookForMic()
	}
	if trouble := app.Status().Trouble; trouble != nil {
		c.say("%s %s", trouble.Error, trouble.Next)
	} else if err != nil && ctx.Err() == nil {
		c.say("%v", err)
	}
}

// showOther opens the panel of the program that has the data.
func (r runCommand) showOther(c *console, other occupant) error {
	ticket, err := ui.Invite(c.ctx, other.Panel, other.Token)
	if err != nil {
		return err
	}
	c.say("HotMem is running already on this data; here is its panel")
	if r.Headless {
		newPrinter(c.out).print("panel", ticket)
		return nil
	}
	return tray.Open(ticket)
}

func closeSource(source audio.Source) error {
	if source == nil {
		return nil
	}
	return source.Close()
}
