package main

import (
	"encoding/json"
	"io"
	"sync"

	"hotmem/graphstore"
	"hotmem/ui"
)

// A printer writes JSON Lines, one object with one key each. It keeps the first error.
type printer struct {
	mu  sync.Mutex
	enc *json.Encoder
	err error
}

func newPrinter(w io.Writer) *printer {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return &printer{enc: enc}
}

func (p *printer) print(key string, v any) {
	if p == nil { // the app has a screen instead
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.err == nil {
		p.err = p.enc.Encode(map[string]any{key: v})
	}
}

// failure is the first thing that could not be written.
func (p *printer) failure() error {
	if p == nil {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.err
}

// printedLine is a stored line, times in seconds from the beginning of the listening.
type printedLine struct {
	ID      graphstore.LineID    `json:"id"`
	Session graphstore.SessionID `json:"session"`
	Start   float64              `json:"start"`
	End     float64              `json:"end"`
	Text    string               `json:"text"`
}

// printedFact is a fact with the line that told it just now.
type printedFact struct {
	Line       graphstore.LineID `json:"line,omitempty"`
	ID         graphstore.EdgeID `json:"id"`
	Subject    graphstore.Term   `json:"subject"`
	Relation   string            `json:"relation"`
	Predicate  string            `json:"predicate,omitempty"`
	Object     graphstore.Term   `json:"object"`
	Negated    bool              `json:"negated,omitempty"`
	Status     string            `json:"status"`
	When       string            `json:"when,omitempty"`
	Confidence float32           `json:"confidence"`
	State      graphstore.State  `json:"state"`
	Count      int               `json:"count"`
	Sentence   string            `json:"sentence"`
}

// printedClock is the last object of a run.
type printedClock struct {
	Pace  string `json:"pace"` // text, fast or real; what sound_to_graph says only at real is what a person waits for
	Text  Times  `json:"text_to_graph"`
	Sound Times  `json:"sound_to_graph"`
}

func newPrintedLine(l graphstore.Line) printedLine {
	return printedLine{l.ID, l.Session, l.Start.Seconds(), l.End.Seconds(), l.Text}
}

func newPrintedFact(line graphstore.LineID, f graphstore.Fact) printedFact {
	c := claimOf(f)
	return printedFact{
		Line: line, ID: f.ID, Subject: c.Subject, Relation: c.Relation, Predicate: c.Predicate, Object: c.Object,
		Negated: c.Negated, Status: c.Status, When: c.When, Confidence: f.Confidence, State: f.State, Count: f.Count,
		Sentence: ui.Sentence(c),
	}
}

// claimOf tells a stored fact in the words of a claim.
func claimOf(f graphstore.Fact) graphstore.Claim {
	return graphstore.Claim{
		Subject: graphstore.Term{Name: f.SubjectNode.Name, Type: f.SubjectNode.Type}, Relation: f.Relation, Predicate: f.Predicate,
		Object:  graphstore.Term{Name: f.ObjectNode.Name, Type: f.ObjectNode.Type},
		Negated: f.Negated, Status: f.Status, When: f.When, Confidence: f.Confidence,
	}
}
