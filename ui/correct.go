package ui

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"hotmem/graphstore"
)

// textLimit bounds a name or a line that a person types, in characters.
const textLimit = 2000

// wireCorrection is what the page sends; ids are strings, as everywhere on the wire.
type wireCorrection struct {
	Op        graphstore.CorrectionOp `json:"op"`
	Node      string                  `json:"node"`
	Into      string                  `json:"into"`
	Edge      string                  `json:"edge"`
	Line      string                  `json:"line"`
	Text      string                  `json:"text"`
	Type      string                  `json:"type"`
	Subject   graphstore.Term         `json:"subject"`
	Relation  string                  `json:"relation"`
	Predicate string                  `json:"predicate"`
	Object    graphstore.Term         `json:"object"`
	Negated   bool                    `json:"negated"`
	Status    string                  `json:"status"`
	When      string                  `json:"when"`
}

// needs lists what each correction must name; the store reads nothing else.
var needs = map[graphstore.CorrectionOp][]string{
	graphstore.RenameNode:     {"node", "text"},
	graphstore.RetypeNode:     {"node", "type"},
	graphstore.MergeNodes:     {"node", "into"},
	graphstore.ChangeRelation: {"edge", "relation"},
	graphstore.ChangeSubject:  {"edge"},
	graphstore.ChangeObject:   {"edge"},
	graphstore.SetNegated:     {"edge"},
	graphstore.SetStatus:      {"edge", "status"},
	graphstore.SetWhen:        {"edge"},
	graphstore.RejectFact:     {"edge"},
	graphstore.ConfirmFact:    {"edge"},
	graphstore.AddFact:        {"relation"},
	graphstore.EditLine:       {"line", "text"},
}

// decodeCorrection reads one correction and checks all that can be checked without the store; what does not exist any more the store knows.
func decodeCorrection(body io.Reader) (graphstore.Correction, error) {
	var w wireCorrection
	if err := readJSON(body, &w); err != nil {
		return graphstore.Correction{}, err
	}
	return w.check()
}

func (w wireCorrection) check() (graphstore.Correction, error) {
	c := graphstore.Correction{
		Op: w.Op, Text: strings.TrimSpace(w.Text), Type: w.Type, Subject: w.Subject, Relation: w.Relation, Predicate: strings.TrimSpace(w.Predicate),
		Object: w.Object, Negated: w.Negated, Status: w.Status, When: strings.TrimSpace(w.When),
	}
	required, known := needs[w.Op]
	if !known {
		return c, unreadable("there is no such correction")
	}
	var err error
	set := func(name, text string, into *uint64) {
		if text == "" || err != nil {
			return
		}
		if *into, err = strconv.ParseUint(text, 10, 64); err != nil || *into == 0 {
			err = unreadable(name + " should be an id")
		}
	}
	set("node", w.Node, (*uint64)(&c.Node))
	set("into", w.Into, (*uint64)(&c.Into))
	set("edge", w.Edge, (*uint64)(&c.Edge))
	set("line", w.Line, (*uint64)(&c.Line))
	if err != nil {
		return c, err
	}
	have := map[string]bool{
		"node": c.Node != 0, "into": c.Into != 0, "edge": c.Edge != 0, "line": c.Line != 0, "text": c.Text != "",
		"type": c.Type != "", "relation": c.Relation != "", "status": c.Status != "",
	}
	for _, name := range required {
		if !have[name] {
			return c, unreadable("the " + name + " is missing")
		}
	}
	return c, checkWords(c)
}

func checkWords(c graphstore.Correction) error {
	for _, text := range []string{c.Text, c.Predicate, c.When, c.Subject.Name, c.Object.Name} {
		if utf8.RuneCountInString(text) > textLimit {
			return unreadable(fmt.Sprintf("more than %d letters", textLimit))
		}
	}
	switch {
	case c.Type != "" && !slices.Contains(graphstore.Types, c.Type):
		return unreadable("there is no such kind of thing")
	case c.Relation != "" && !slices.Contains(graphstore.Relations, c.Relation):
		return unreadable("there is no such relation")
	case (c.Relation == "open") != (c.Predicate != ""):
		return unreadable("words of your own go with the relation open, and only with it")
	case c.Status != "" && !slices.Contains(graphstore.Statuses, c.Status):
		return unreadable("the status should be current, past or planned")
	}
	return nil
}

func (p *Panel) postCorrect(w http.ResponseWriter, r *http.Request) error {
	if err := wantJSON(r); err != nil {
		return err
	}
	c, err := decodeCorrection(http.MaxBytesReader(w, r.Body, bodyLimit))
	if err != nil {
		return err
	}
	return p.changed(w, "correct", func() (graphstore.Change, error) { return p.store.Correct(c) })
}

func (p *Panel) postUndo(w http.ResponseWriter, _ *http.Request) error {
	return p.changed(w, "undo", func() (graphstore.Change, error) { return orNothing(p.store.Undo, nothingUndo) })
}

func (p *Panel) postRedo(w http.ResponseWriter, _ *http.Request) error {
	return p.changed(w, "redo", func() (graphstore.Change, error) { return orNothing(p.store.Redo, nothingRedo) })
}

// orNothing gives the end of the history its own words: which end it is only the caller knows.
func orNothing(step func() (graphstore.Change, error), end failure) (graphstore.Change, error) {
	c, err := step()
	if errors.Is(err, graphstore.ErrNothing) {
		err = end
	}
	return c, err
}

// changed runs one change of the store, shows it on every page and gives it to the page that asked.
func (p *Panel) changed(w http.ResponseWriter, doing string, change func() (graphstore.Change, error)) error {
	c, err := change()
	if err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	p.Publish(Event{Change: &c})
	if p.opt.Corrected != nil {
		p.opt.Corrected()
	}
	return answer(w, map[string]any{"change": p.newWireChange(c)})
}

// listenLimit bounds what a start of the microphone may take; a system that asks the person for permission does so in the background.
const listenLimit = 10e9 // 10 s

func (p *Panel) postListen(w http.ResponseWriter, r *http.Request) error {
	if p.opt.Listen == nil {
		return noListening
	}
	var ask struct {
		Do Listening `json:"do"`
	}
	if err := decodeJSON(w, r, &ask); err != nil {
		return err
	}
	if ask.Do != Start && ask.Do != Pause && ask.Do != Recording {
		return unreadable("I can start, pause or play the recording")
	}
	ctx, cancel := context.WithTimeout(r.Context(), listenLimit)
	defer cancel()
	if err := p.opt.Listen(ctx, ask.Do); err != nil {
		return fmt.Errorf("%s listening: %w", ask.Do, err)
	}
	return answer(w, struct{}{})
}
