package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"hotmem/extract"
	"hotmem/graphstore"
	"hotmem/ui"
)

// What learning branches on.
var (
	errUnlearned   = errors.New("could not be learned") // now; a later try may do better
	errUnlearnable = errors.New("kept without facts")   // no later try would do better
)

// maxClaims is how many facts the store takes of one line.
const maxClaims = 400

// learn reads the facts of a stored line and puts them into the graph, in one transaction. A line that gives an error
// stays unlearned and is counted until it is learned: its words are safe, so no error ends the listening.
func (a *App) learn(ctx context.Context, line graphstore.Line) error {
	a.learning.Lock()
	defer a.learning.Unlock()
	err := a.read(ctx, line.ID)
	a.mu.Lock()
	defer a.mu.Unlock()
	switch {
	case err == nil:
		delete(a.failed, line.ID)
	case ctx.Err() == nil:
		err = fmt.Errorf("line %d %w: %w", line.ID, errUnlearned, err)
		a.failed[line.ID] = err
	}
	return err
}

// read is learn for the one who holds the lock. It takes the line as it is now: an edit or another learner may have been
// faster, since lines come both from the listening and from what is left.
func (a *App) read(ctx context.Context, id graphstore.LineID) error {
	line, err := a.store.Line(id)
	if err != nil || line.Learned {
		return err
	}
	before, err := a.recent.before(a.store, line)
	if err != nil {
		return err
	}
	record, err := a.mind.Extract(ctx, extract.Input{Context: before, Text: line.Text})
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, extract.ErrTooLong):
		return a.giveUp(line, err)
	case err != nil:
		return err
	}
	return a.tell(line, extract.Claims(record))
}

// tell puts the facts of a line into the graph.
func (a *App) tell(line graphstore.Line, claims []graphstore.Claim) error {
	change, err := a.store.Learn(line, surest(claims))
	switch {
	case errors.Is(err, graphstore.ErrStale): // a person edited the line meanwhile; the edit is learned in its turn
		return nil
	case errors.Is(err, graphstore.ErrInvalid) && len(claims) > 0:
		return a.giveUp(line, err)
	case err != nil:
		return err
	}
	a.log.Info("learned", "line", line, "facts", len(change.Edges))
	a.show(ui.Event{Change: &change, Tentative: &ui.Tentative{}})
	return a.printFacts(line.ID, change)
}

// guess shows the facts of an utterance that is still being spoken, until its line is learned. It never waits for a line
// that is being learned, which will show more.
func (a *App) guess(ctx context.Context, text string) {
	if a.panel == nil || !a.learning.TryLock() {
		return
	}
	before := a.recent.of(a.currentSession())
	a.learning.Unlock()
	record, err := a.mind.Partial(ctx, extract.Input{Context: before, Text: text})
	if err != nil || ctx.Err() != nil { // its line will tell what is wrong
		return
	}
	a.show(ui.Event{Tentative: &ui.Tentative{Claims: extract.Claims(record)}})
}

// giveUp lets a line count as learned that no later try could learn: else it would be tried for ever. The person is told
// once, and can edit the line, which makes it new.
func (a *App) giveUp(line graphstore.Line, err error) error {
	if err := a.tell(line, nil); err != nil {
		return err
	}
	a.hitch(fmt.Errorf("line %d %w, its words are safe: %w", line.ID, errUnlearnable, err))
	return nil
}

// surest leaves as many claims as the store takes, those with the highest confidence, in the order in which they came.
func surest(claims []graphstore.Claim) []graphstore.Claim {
	if len(claims) <= maxClaims {
		return claims
	}
	best := make([]int, len(claims))
	for i := range best {
		best[i] = i
	}
	slices.SortStableFunc(best, func(i, j int) int { return cmp.Compare(claims[j].Confidence, claims[i].Confidence) })
	best = best[:maxClaims]
	slices.Sort(best)
	kept := make([]graphstore.Claim, 0, maxClaims)
	for _, i := range best {
		kept = append(kept, claims[i])
	}
	return kept
}

func (a *App) printFacts(line graphstore.LineID, change graphstore.Change) error {
	if a.cfg.Out == nil {
		return nil
	}
	for _, edge := range change.Edges {
		fact, err := a.store.Fact(edge.ID)
		if errors.Is(err, graphstore.ErrNotFound) { // a person merged or undid it in this very moment
			continue
		}
		if err != nil {
			return err
		}
		a.cfg.Out.print("fact", newPrintedFact(line, fact))
	}
	return nil
}

// LearnRest learns the lines that a crash or a stop at once left unlearned, or a person edited, until listen ends: then
// they wait for the next start. A line that cannot be learned is counted and passed over, unless the disk is full.
func (a *App) LearnRest(ctx, listen context.Context) error {
	if a.mind == nil { // a model is missing, and the panel says so
		return nil
	}
	lines, err := a.store.Unlearned()
	if err != nil {
		return fmt.Errorf("look for what %w yet: %w", errUnlearned, err)
	}
	var before recent
	for i, line := range lines {
		if listen.Err() != nil {
			return ctx.Err()
		}
		if i%ahead == 0 {
			a.readAhead(ctx, &before, lines[i:min(i+ahead, len(lines))])
		}
		err := a.learn(ctx, line)
		switch {
		case ctx.Err() != nil, noRoom(err):
			return err
		case err != nil:
			a.hitch(err)
		}
	}
	return nil
}

// ahead is how many lines of a backlog are read together: few, because a line that is just being said waits for them.
const ahead = 8

// readAhead lets the extractor read lines of a backlog together, a fifth quicker than one by one on two cores; learning then
// finds them remembered. What goes wrong here goes wrong again, and is told, when the line has its turn.
func (a *App) readAhead(ctx context.Context, r *recent, lines []graphstore.Line) {
	var all []extract.Input
	for _, line := range lines {
		if before, err := r.before(a.store, line); err == nil {
			all = append(all, extract.Input{Context: before, Text: line.Text})
		}
	}
	_, _ = a.mind.ExtractAll(ctx, all)
}

// recent remembers the end of one conversation, so that the context of the next line costs no look into the store.
type recent struct {
	session graphstore.SessionID
	last    graphstore.LineID
	texts   []string // at most extract.MaxContext
}

// before returns the texts of up to three lines before line, oldest first, and remembers line if it is the newest: after
// an older one, which a person edited, the store tells what comes before the next.
func (r *recent) before(store *graphstore.Store, line graphstore.Line) ([]string, error) {
	newest := true
	if r.session != line.Session || r.last >= line.ID {
		newest = r.session != line.Session || r.last == line.ID
		lines, err := store.Lines(line.Session)
		if err != nil {
			return nil, err
		}
		*r = recent{session: line.Session}
		for _, l := range lines {
			switch {
			case l.ID < line.ID:
				r.push(l)
			case l.ID > line.ID && l.Learned: // it will not come again to be pushed
				newest = false
			}
		}
	}
	before := r.texts
	r.push(line)
	if !newest {
		*r = recent{}
	}
	return before, nil
}

// of are the last texts of a session, if they are at hand.
func (r *recent) of(session graphstore.SessionID) []string {
	if r.session != session {
		return nil
	}
	return r.texts
}

func (r *recent) push(line graphstore.Line) {
	r.last = line.ID
	texts := append(r.texts[:len(r.texts):len(r.texts)], line.Text) // a new array: before has handed out the old one
	r.texts = texts[max(0, len(texts)-extract.MaxContext):]
}
