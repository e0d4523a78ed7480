package graphstore

import (
	"cmp"
	"math"
	"time"
)

// A factKey is what makes two facts the same. Status and time are not in it:
// "works at Google" and "used to work at Google" are one fact that changed.
type factKey struct {
	S NodeID `json:"s"`
	R string `json:"r"`
	P string `json:"p,omitempty"`
	O NodeID `json:"o"`
	N bool   `json:"n,omitempty"`
}

// canonical stores a symmetric relation in one direction only.
func (f factKey) canonical() factKey {
	if Symmetric(f.R) && f.S > f.O {
		f.S, f.O = f.O, f.S
	}
	return f
}

func (f factKey) opposite() factKey { f.N = !f.N; return f }

func (f factKey) key() string {
	return key(keyFact, num(f.S), text(f.R), shortened(f.P), num(f.O), flag(f.N))
}

// moved is the key after a node was merged into another.
func (f factKey) moved(from, into NodeID) factKey {
	if f.S == from {
		f.S = into
	}
	if f.O == from {
		f.O = into
	}
	return f.canonical()
}

// nameRec is one name of a node and where it came from.
type nameRec struct {
	Text   string `json:"text"`
	Seq    Seq    `json:"seq"`              // when it was given: of two nodes with one name the newer naming counts
	Person bool   `json:"person,omitempty"` // given by hand
	Edge   EdgeID `json:"edge,omitempty"`   // lent by an also_called fact, and gone with it
}

type nodeRec struct {
	ID      NodeID    `json:"id"`
	Type    string    `json:"type"`
	Was     []string  `json:"was,omitempty"` // types under which it was heard before
	Names   []nameRec `json:"names"`         // the first is the name, the others are aliases
	Typed   bool      `json:"typed,omitempty"`
	Touched bool      `json:"touched,omitempty"` // a person renamed, retyped, merged or added it
	Leaf    bool      `json:"leaf,omitempty"`    // only the name at the end of an also_called fact: mentions go to its subject
	Into    NodeID    `json:"into,omitempty"`
	Facts   int       `json:"facts,omitempty"` // that stand, at either end
}

type nameRank struct {
	Seq    Seq  `json:"seq"`
	Person bool `json:"person,omitempty"`
}

func (n nodeRec) name() string { return n.Names[0].Text }

// index is the name index of a node: a function of its record alone.
func (n nodeRec) index() map[string]nameRank {
	out := map[string]nameRank{}
	if n.Leaf || n.Into != 0 || n.ID == 0 {
		return out
	}
	for _, name := range n.Names {
		if n.ID == UserNode && name.Text == userType {
			continue // "the user" said in passing is somebody else
		}
		k := key(keyName, shortened(normalName(name.Text)), num(n.ID))
		r := out[k]
		out[k] = nameRank{Seq: max(r.Seq, name.Seq), Person: r.Person || name.Person}
	}
	return out
}

// edgeRec keeps apart what lines tell (the Line… fields, all computed from the
// evidence) and what a person decided (Fixed…, Verdict): nothing that is heard
// writes the latter.
type edgeRec struct {
	ID    EdgeID    `json:"id"`
	Key   factKey   `json:"key"`
	Heard bool      `json:"heard,omitempty"` // a line told it under Key
	Also  []factKey `json:"also,omitempty"`  // what a person changed it from: told again, it means this fact

	Count      int       `json:"count"`
	Doubt      float64   `json:"doubt"`            // product of 1 - confidence
	Needed     float32   `json:"needed,omitempty"` // the least that a telling needs to be believed
	First      time.Time `json:"first,omitzero"`
	Last       time.Time `json:"last,omitzero"`
	LastLine   LineID    `json:"last_line,omitempty"`
	LineStatus string    `json:"line_status,omitempty"`
	LineWhen   string    `json:"line_when,omitempty"`
	Session    SessionID `json:"session,omitempty"`
	Author     Author    `json:"author"`

	FixedStatus string    `json:"fixed_status,omitempty"`
	FixedWhen   *string   `json:"fixed_when,omitempty"`
	Verdict     string    `json:"verdict,omitempty"` // "confirmed", "rejected"
	Decided     Seq       `json:"decided,omitempty"` // the person's last decision
	DecidedAt   time.Time `json:"decided_at,omitzero"`
	Added       Seq       `json:"added,omitempty"` // by a person, without a line
	AddedAt     time.Time `json:"added_at,omitzero"`
	AddedIn     SessionID `json:"added_in,omitempty"`

	RetiredBy EdgeID    `json:"retired_by,omitempty"` // its negation is told later
	Against   EdgeID    `json:"against,omitempty"`    // its negation is confirmed, or told at once
	Ended     time.Time `json:"ended,omitzero"`
}

const (
	confirmed = "confirmed"
	rejected  = "rejected"
)

// Confidences: one telling is never surer than oneTelling, all of them
// together never surer than manyTellings; only a person is sure.
const (
	oneTelling   = 0.95
	manyTellings = 0.99
)

func (e edgeRec) confidence() float32 {
	if e.Verdict == confirmed {
		return 1
	}
	if e.Count == 0 {
		return 0
	}
	return float32(min(1-e.Doubt, manyTellings))
}

// strong reports whether a fact would be believed if nothing spoke against it.
func (e edgeRec) strong() bool {
	return e.Verdict == confirmed || e.Verdict == "" && e.Count > 0 && e.confidence() >= e.Needed
}

func (e edgeRec) state() State {
	switch {
	case e.Verdict == rejected:
		return Rejected
	case e.RetiredBy != 0:
		return Retired
	case e.strong() && e.Against == 0:
		return Believed
	}
	return Doubtful
}

// stands reports whether a fact counts among what is known of its ends.
func (e edgeRec) stands() bool { s := e.state(); return s == Believed || s == Doubtful }

func (e edgeRec) told() Seq { return max(Seq(e.LastLine), e.Added) }

// index holds all index entries of a fact except keyFact: a function of its
// record alone.
func (e edgeRec) index() map[string][]byte {
	out := map[string][]byte{}
	if e.ID == 0 {
		return out
	}
	stands := flag(e.stands()).appendTo(nil)
	for _, n := range []NodeID{e.Key.S, e.Key.O} {
		out[key(keyEnd, num(n), num(e.told()), num(e.ID))] = stands
	}
	for _, k := range append([]factKey{e.Key}, e.Also...) {
		out[key(keyMention, num(k.S), num(e.ID))] = []byte{}
		out[key(keyMention, num(k.O), num(e.ID))] = []byte{}
	}
	out[key(keyRecent, num(e.told()), num(e.ID))] = []byte{}
	if e.AddedIn != 0 {
		out[key(keyInSession, num(e.AddedIn), num(e.ID), num(0))] = []byte{}
	}
	return out
}

// edge is the public form of a record: here the person's word replaces the
// model's, field by field.
func (e edgeRec) edge() Edge {
	out := Edge{
		ID: e.ID, Subject: e.Key.S, Relation: e.Key.R, Predicate: e.Key.P, Object: e.Key.O, Negated: e.Key.N,
		Status: e.LineStatus, When: e.LineWhen, Heard: e.First, Last: e.Last, Ended: e.Ended, RetiredBy: e.RetiredBy,
		Confidence: e.confidence(), Author: e.Author, Count: e.Count, State: e.state(),
		Confirmed: e.Verdict == confirmed, Session: max(e.Session, e.AddedIn), Told: e.told(),
	}
	if e.FixedStatus != "" {
		out.Status = e.FixedStatus
	}
	if out.Status == "" {
		out.Status = Statuses[0]
	}
	if e.FixedWhen != nil {
		out.When = *e.FixedWhen
	}
	if out.Heard.IsZero() {
		out.Heard, out.Last = e.AddedAt, e.AddedAt
	}
	if out.State == Rejected {
		out.Ended = e.DecidedAt
	}
	out.Memory = out.State == Believed
	return out
}

// hear adds one telling that is newer than all before it.
func (e *edgeRec) hear(ev evidenceRec) {
	if e.Count == 0 {
		e.Doubt, e.First, e.Needed = 1, ev.At, ev.needed()
		e.LineStatus, e.LineWhen = "", ""
	}
	e.Count++
	e.Needed = min(e.Needed, ev.needed())
	e.Doubt *= 1 - math.Min(float64(ev.Confidence), oneTelling)
	e.Last, e.LastLine, e.Session = ev.At, ev.Line, ev.Session
	e.LineStatus = ev.Status
	if ev.When != "" {
		e.LineWhen = ev.When
	}
}

// hearAll computes what lines tell from all the evidence, oldest first.
func (e *edgeRec) hearAll(all []evidenceRec) {
	e.Count, e.Doubt, e.Needed, e.First, e.Last, e.LastLine, e.Session = 0, 1, 0, time.Time{}, time.Time{}, 0, 0
	e.LineStatus, e.LineWhen = "", ""
	for _, ev := range all {
		e.hear(ev)
	}
}

type evidenceRec struct {
	Edge       EdgeID        `json:"edge"`
	Line       LineID        `json:"line"`
	Session    SessionID     `json:"session"`
	At         time.Time     `json:"at"`
	From       int           `json:"from"`
	To         int           `json:"to"`
	Start      time.Duration `json:"start_ns"`
	End        time.Duration `json:"end_ns"`
	Status     string        `json:"status"`
	When       string        `json:"when,omitempty"`
	Confidence float32       `json:"confidence"`
	Needed     float32       `json:"needed,omitempty"` // 0 means Threshold
	Author     Author        `json:"author"`
	Rev        Seq           `json:"rev,omitempty"` // the line's text it was read from
	Seq        Seq           `json:"seq"`           // the extraction that read it
}

// needed is the confidence from which its fact is believed: what is told best must be able to reach it.
func (e evidenceRec) needed() float32 { return min(cmp.Or(e.Needed, Threshold), oneTelling) }

func (e evidenceRec) key() string { return key(keyEvidence, num(e.Edge), num(e.Line)) }

func (e evidenceRec) index() []string {
	return []string{
		key(keyOfLine, num(e.Line), num(e.Edge)),
		key(keyInSession, num(e.Session), num(e.Edge), num(e.Line)),
	}
}

type sessionRec struct {
	ID    SessionID `json:"id"`
	Began time.Time `json:"began"`
	Ended time.Time `json:"ended,omitzero"`
	Lines int       `json:"lines"`
}

func lineIndex(l Line) []string {
	out := []string{key(keyOfSession, num(l.Session), num(l.ID))}
	if !l.Learned {
		out = append(out, key(keyUnlearned, num(l.ID)))
	}
	return out
}
