// Testserver runs the real panel over a real store in memory, driven by lines of JSON on standard input instead of by speech. The page's tests in
// ui/panel/test start it; it needs no models and no microphone.
//
// A command is {"do": "line", "text": …, "claims": [{"words": "lives in Lisbon", "subject": …}]}, or one of caption, guess, status, session, stop, start, anew, ticket; "words" marks
// the part of the text that a claim came from. Each command is answered by one line, {} or {"error": …}, ticket by {"panel": URL} for one more window.
// The first line of output is such a {"panel": URL}.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"
	"unicode/utf8"

	"hotmem/graphstore"
	"hotmem/ui"
)

type claim struct {
	graphstore.Claim
	Words string `json:"words"`
}

type command struct {
	Do      string     `json:"do"`
	Text    string     `json:"text"`
	Claims  []claim    `json:"claims"`
	Status  ui.Status  `json:"status"`
	Caption ui.Caption `json:"caption"`
	Before  int        `json:"before"` // the line was said so many seconds ago
}

type server struct {
	store   *graphstore.Store
	panel   *ui.Panel
	session graphstore.SessionID
	token   string
	port    int
	deaf    bool // no way to start and pause
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "testserver:", err)
		os.Exit(1)
	}
}

func run() (err error) {
	store, err := graphstore.Open("", graphstore.Options{InMemory: true})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Check(), store.Close()) }()
	s := &server{store: store, token: ui.NewToken(), deaf: len(os.Args) > 1 && os.Args[1] == "deaf"}
	if err := s.newSession(); err != nil {
		return err
	}
	if err := s.open(); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	out := json.NewEncoder(os.Stdout)
	if err := out.Encode(map[string]string{"panel": s.panel.Ticket()}); err != nil {
		return err
	}
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(nil, 1<<20)
	for in.Scan() {
		var c command
		err := json.Unmarshal(in.Bytes(), &c)
		if err == nil {
			err = s.do(c)
		}
		reply := map[string]string{}
		switch {
		case err != nil:
			reply["error"] = err.Error()
		case c.Do == "ticket":
			reply["panel"] = s.panel.Ticket()
		}
		if err := out.Encode(reply); err != nil {
			return err
		}
	}
	return in.Err()
}

func (s *server) open() (err error) {
	opt := ui.Options{
		Port: s.port, Token: s.token, Session: func() graphstore.SessionID { return s.session },
		Status: ui.Status{State: ui.Idle},
	}
	if !s.deaf {
		opt.Listen = s.listen
	}
	if s.panel, err = ui.Open(s.store, opt); err != nil {
		return err
	}
	s.port = s.panel.Port()
	return nil
}

func (s *server) close() error {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	return s.panel.Close(ctx)
}

func (s *server) newSession() error {
	session, err := s.store.NewSession(time.Now())
	s.session = session.ID
	return err
}

// listen stands for the microphone: it answers with the state that the program would show.
func (s *server) listen(_ context.Context, what ui.Listening) error {
	state := map[ui.Listening]ui.State{ui.Start: ui.Hearing, ui.Pause: ui.Paused, ui.Recording: ui.Playing}[what]
	s.panel.Publish(ui.Event{Status: &ui.Status{State: state, Level: .4}})
	return nil
}

func (s *server) do(c command) error {
	switch c.Do {
	case "line":
		return s.line(c)
	case "caption":
		s.panel.Publish(ui.Event{Caption: &c.Caption})
	case "guess":
		s.panel.Publish(ui.Event{Tentative: &ui.Tentative{Claims: plain(c)}})
	case "status":
		s.panel.Publish(ui.Event{Status: &c.Status})
	case "ticket": // the answer holds it
	case "session":
		return s.newSession()
	case "stop":
		return s.close()
	case "start":
		return s.open()
	case "anew": // as if started with another token
		s.token = ui.NewToken()
		return errors.Join(s.close(), s.open())
	default:
		return fmt.Errorf("no command %q", c.Do)
	}
	return nil
}

// line takes the way of a finished utterance: stored, shown, learned, shown.
func (s *server) line(c command) error {
	at := time.Now().Add(-time.Duration(c.Before) * time.Second)
	line, err := s.store.AddLine(graphstore.Line{Session: s.session, At: at, Text: c.Text})
	if err != nil {
		return err
	}
	s.panel.Publish(ui.Event{Line: &line, Caption: &ui.Caption{}, Tentative: &ui.Tentative{}})
	change, err := s.store.Apply(line.ID, plain(c))
	if err != nil {
		return err
	}
	s.panel.Publish(ui.Event{Change: &change})
	return nil
}

// plain fills in the span of each claim from its words, in code points.
func plain(c command) []graphstore.Claim {
	claims := make([]graphstore.Claim, len(c.Claims))
	for i, x := range c.Claims {
		claims[i] = x.Claim
		if at := strings.Index(c.Text, x.Words); x.Words != "" && at >= 0 {
			claims[i].From = utf8.RuneCountInString(c.Text[:at])
			claims[i].To = claims[i].From + utf8.RuneCountInString(x.Words)
		}
		if claims[i].Confidence == 0 {
			claims[i].Confidence = .9
		}
	}
	return claims
}
