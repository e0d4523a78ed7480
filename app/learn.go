package main

import (
	"context"
	"errors"
	"fmt"

	"hotmem/extract"
	"hotmem/graphstore"
	"hotmem/ui"
)

// learn reads the facts of a stored line and puts them into the graph, in one transaction. A line that cannot be read
// stays unlearned and is counted; only a store that does not take the facts ends the listening.
func (a *App) learn(ctx context.Context, line graphstore.Line) error {
	a.learning.Lock()
	defer a.learning.Unlock()
	before, err := a.recent.before(a.store, line)
	if err != nil {
		return err
	}
	record, err := a.mind.Extract(ctx, extract.Input{Context: before, Text: line.Text})
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		a.leave(line, err)
		return nil
	}
	change, err := a.store.Learn(line, extract.Claims(record))
	switch {
	case errors.Is(err, graphstore.ErrStale): // a person edited the line meanwhile; the edit is learned in its turn
		return nil
	case errors.Is(err, graphstore.ErrInvalid):
		a.leave(line, err)
		return nil
	case err != nil:
		return err
	}
	a.log.Info("learned", "line", line, "facts", len(change.Edges))
	a.show(ui.Event{Change: &change})
	return a.printFacts(line.ID, change)
}

// leave counts a line that could not be learned.
func (a *App) leave(line graphstore.Line, err error) {
	a.log.Error("line not learned", "line", line, "error", err)
	a.mu.Lock()
	defer a.mu.Unlock()
	a.failed = append(a.failed, err)
}

func (a *App) printFacts(line graphstore.LineID, change graphstore.Change) error {
	if a.cfg.Out == nil {
		return nil
	}
	for _, edge := range change.Edges {
		fact, err := a.store.Fact(edge.ID)
		if err != nil {
			return err
		}
		a.cfg.Out.print("fact", newPrintedFact(line, fact))
	}
	return nil
}

// LearnRest learns the lines that a crash or a stop at once left unlearned, or a person edited.
func (a *App) LearnRest(ctx context.Context) error {
	if a.mind == nil { // a model is missing, and the panel says so
		return nil
	}
	lines, err := a.store.Unlearned()
	if err != nil {
		return err
	}
	for _, line := range lines {
		if err := a.learn(ctx, line); err != nil {
			return fmt.Errorf("learn line %d: %w", line.ID, err)
		}
	}
	return nil
}

// recent remembers the end of one conversation, so that the context of the next line costs no look into the store.
type recent struct {
	session graphstore.SessionID
	last    graphstore.LineID
	texts   []string // at most extract.MaxContext
}

// before returns the texts of up to three lines before line, oldest first, and remembers line.
func (r *recent) before(store *graphstore.Store, line graphstore.Line) ([]string, error) {
	if r.session != line.Session || r.last >= line.ID {
		lines, err := store.Lines(line.Session)
		if err != nil {
			return nil, err
		}
		*r = recent{session: line.Session}
		for _, l := range lines {
			if l.ID < line.ID {
				r.push(l)
			}
		}
	}
	before := r.texts
	r.push(line)
	return before, nil
}

func (r *recent) push(line graphstore.Line) {
	r.last = line.ID
	texts := append(r.texts[:len(r.texts):len(r.texts)], line.Text) // a new array: before has handed out the old one
	r.texts = texts[max(0, len(texts)-extract.MaxContext):]
}
