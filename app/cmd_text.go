package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"hotmem/asr"
	"hotmem/audio"
	"hotmem/extract"
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
		p := &pipeline{source: source, detector: ears.vad, recogn: ears.words, clock: new(Clocks), show: func(ui.Event) {}, level: func(float32, int) {},
			learn: func(context.Context, graphstore.Line) error { return nil }}
		p.keep = func(s asr.Segment) (graphstore.Line, error) {
			if t.JSON {
				out.print("utterance", map[string]any{"file": file, "start": s.Start.Seconds(), "end": s.End.Seconds(), "text": s.Text})
				return graphstore.Line{}, out.failure()
			}
			_, err := fmt.Fprintln(c.out, s.Text)
			return graphstore.Line{}, err
		}
		if err := errors.Join(p.run(c.ctx, c.listen), source.Close()); err != nil {
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
	if err := a.LearnRest(ctx); err != nil {
		return err
	}
	script := &script{app: a, sessions: map[string]graphstore.SessionID{}, lines: readLines(in)}
	p := &pipeline{learn: a.learn, show: a.show, clock: &a.Clocks}
	err := p.runText(ctx, listen, script.next)
	for _, session := range script.sessions {
		err = errors.Join(err, a.store.EndSession(session, time.Time{}))
	}
	return errors.Join(err, a.Failed())
}

// A script is a conversation that comes as text.
type script struct {
	app      *App
	sessions map[string]graphstore.SessionID
	lines    <-chan textLine
	n        int // lines read, for messages
}

// spoken is a line of a script in its JSON form.
type spoken struct {
	Session json.RawMessage `json:"session"` // a string or a number; only compared
	At      time.Time       `json:"at"`
	Text    string          `json:"text"`
}

// next stores the next line of the script that is not blank.
func (s *script) next(ctx context.Context) (graphstore.Line, error) {
	for {
		select {
		case <-ctx.Done():
			return graphstore.Line{}, ctx.Err()
		case l, ok := <-s.lines:
			if !ok {
				return graphstore.Line{}, io.EOF
			}
			s.n++
			if l.err != nil {
				return graphstore.Line{}, fmt.Errorf("line %d of the input: %w", s.n, l.err)
			}
			words, err := parseSpoken(l.text)
			if err != nil {
				return graphstore.Line{}, fmt.Errorf("line %d of the input: %w", s.n, err)
			}
			if words.Text != "" {
				return s.store(words)
			}
		}
	}
}

// parseSpoken reads one line of a script.
func parseSpoken(line []byte) (spoken, error) {
	line = bytes.TrimSpace(line)
	if !bytes.HasPrefix(line, []byte("{")) {
		return spoken{Text: strings.ToValidUTF8(string(line), "\uFFFD")}, nil
	}
	var w spoken
	if err := json.Unmarshal(line, &w); err != nil {
		return w, fmt.Errorf("it begins as JSON and is none (%w); write plain text, or one object with text, session and at", err)
	}
	if w.Text = strings.TrimSpace(w.Text); w.Text == "" {
		return w, errors.New("the JSON has no text")
	}
	return w, nil
}

func (s *script) store(w spoken) (graphstore.Line, error) {
	if w.At.IsZero() {
		w.At = time.Now()
	}
	name := string(w.Session)
	session, known := s.sessions[name]
	if !known {
		var err error
		if session, err = s.app.newSession(w.At); err != nil {
			return graphstore.Line{}, err
		}
		s.sessions[name] = session
	}
	line, err := s.app.store.AddLine(graphstore.Line{Session: session, At: w.At, Text: w.Text})
	if err != nil {
		return line, fmt.Errorf("store what was said: %w", err)
	}
	s.app.cfg.Out.print("line", newPrintedLine(line))
	return line, nil
}

type textLine struct {
	text []byte
	err  error
}

// readLines reads in the background, because a read of a terminal cannot be called off: after an interrupt the program
// ends with this goroutine still waiting.
func readLines(in io.Reader) <-chan textLine {
	lines := make(chan textLine)
	go func() {
		defer close(lines)
		scanner := bufio.NewScanner(in)
		scanner.Buffer(nil, extract.MaxLine)
		for scanner.Scan() {
			lines <- textLine{text: bytes.Clone(scanner.Bytes())}
		}
		if err := scanner.Err(); err != nil {
			lines <- textLine{err: err}
		}
	}()
	return lines
}
