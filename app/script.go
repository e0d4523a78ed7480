package main

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"

	"hotmem/extract"
	"hotmem/graphstore"
)

// A script is a conversation that comes as text.
type script struct {
	app      *App
	sessions map[string]graphstore.SessionID
	lines    <-chan textLine
	n        int    // lines read, for messages
	rest     spoken // what a line that was cut has left
	skipped  error  // the first line that was passed over
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
		if s.rest.Text != "" {
			return s.store(s.rest)
		}
		select {
		case <-ctx.Done():
			return graphstore.Line{}, ctx.Err()
		case l, ok := <-s.lines:
			if !ok {
				return graphstore.Line{}, io.EOF
			}
			s.n++
			switch {
			case errors.Is(l.err, errLongLine): // what follows may be worth hearing
				if s.skipped == nil {
					s.skipped = fmt.Errorf("line %d of the input: %w", s.n, l.err)
				}
				continue
			case l.err != nil:
				return graphstore.Line{}, fmt.Errorf("line %d of the input: %w", s.n, l.err)
			}
			words, err := parseSpoken(l.text)
			if err != nil {
				return graphstore.Line{}, fmt.Errorf("line %d of the input: %w", s.n, err)
			}
			s.rest = words
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

// store stores as much of w as fits into one line, and keeps the rest.
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
	text, rest := cutText(w.Text, extract.MaxText)
	line, err := s.app.store.AddLine(graphstore.Line{Session: session, At: w.At, Text: text})
	if err != nil {
		return line, fmt.Errorf("store what was said: %w", err)
	}
	w.Text = rest
	s.rest = w
	s.app.cfg.Out.print("line", newPrintedLine(line))
	return line, nil
}

// cutText divides a text that is longer than most code points: where the last sentence ends that fits, else at a blank, else
// in the middle of a word. Neither part begins or ends with a blank.
func cutText(text string, most int) (head, rest string) {
	n, sentence, blank, before := 0, 0, 0, ' '
	for i, r := range text {
		if unicode.IsSpace(r) {
			blank = i
			if strings.ContainsRune(".!?…", before) {
				sentence = i
			}
		}
		if n == most {
			at := cmp.Or(sentence, blank, i)
			return strings.TrimSpace(text[:at]), strings.TrimSpace(text[at:])
		}
		n, before = n+1, r
	}
	return strings.TrimSpace(text), ""
}

type textLine struct {
	text []byte
	err  error
}

// errLongLine marks a line that is not read.
var errLongLine = fmt.Errorf("longer than %d bytes, so it is passed over; break it into shorter lines", extract.MaxLine)

// readLines reads in the background, because a read of a terminal cannot be called off: after an interrupt the program
// ends with this goroutine still waiting.
func readLines(in io.Reader) <-chan textLine {
	lines := make(chan textLine)
	go func() {
		defer close(lines)
		reader := bufio.NewReaderSize(in, extract.MaxLine)
		for {
			text, more, err := reader.ReadLine()
			l := textLine{bytes.Clone(text), err}
			if more {
				l.err = errLongLine
			}
			for more && err == nil {
				_, more, err = reader.ReadLine()
			}
			if l.err == nil || errors.Is(l.err, errLongLine) {
				lines <- l
			}
			if err != nil {
				if !errors.Is(err, io.EOF) {
					lines <- textLine{err: err}
				}
				return
			}
		}
	}()
	return lines
}
