package graphstore

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// evidenceShown is how much evidence a fact carries in a list.
const evidenceShown = 5

// publicNode is a node as callers see it.
func (t *tx) publicNode(n nodeRec) Node {
	out := Node{ID: n.ID, Name: n.name(), Type: n.Type, Author: Model, Into: n.Into, Facts: n.Facts}
	if n.Touched {
		out.Author = Person
	}
	for _, r := range n.Names[1:] {
		if r.Text != out.Name && !slices.Contains(out.Aliases, r.Text) {
			out.Aliases = append(out.Aliases, r.Text)
		}
	}
	return out
}

func (t *tx) publicEvidence(ev evidenceRec) Evidence {
	out := Evidence{
		Line: ev.Line, Session: ev.Session, At: ev.At, From: ev.From, To: ev.To, Start: ev.Start, End: ev.End,
		Status: ev.Status, When: ev.When, Confidence: ev.Confidence, Author: ev.Author,
	}
	if l, ok := t.line(ev.Line); ok {
		if out.Text = l.Text; l.Rev != ev.Rev {
			out.From, out.To = 0, 0 // the span belongs to words that were edited away
		}
	}
	return out
}

// fact gives a fact its names and its evidence, newest first; most 0: all.
func (t *tx) fact(e edgeRec, most int) Fact {
	f := Fact{Edge: e.edge(), Evidence: []Evidence{}}
	if n, ok := t.node(e.Key.S); ok {
		f.SubjectNode = t.publicNode(n)
	}
	if n, ok := t.node(e.Key.O); ok {
		f.ObjectNode = t.publicNode(n)
	}
	t.each(key(keyEvidence, num(e.ID)), true, func(_ string, v []byte) bool {
		var ev evidenceRec
		t.fail(decode(v, &ev))
		f.Evidence = append(f.Evidence, t.publicEvidence(ev))
		return most == 0 || len(f.Evidence) < most
	})
	return f
}

// Fact returns one fact with all its evidence.
func (s *Store) Fact(id EdgeID) (Fact, error) {
	var f Fact
	err := s.view(func(t *tx) error {
		e, ok := t.edge(id)
		if !ok {
			return fmt.Errorf("fact %d: %w", id, ErrNotFound)
		}
		f = t.fact(e, 0)
		return nil
	})
	return f, err
}

// Newest returns the newest evidence of each fact: what a screen full of facts
// shows beside them. Facts that are not there are left out.
func (s *Store) Newest(facts []EdgeID) (map[EdgeID]Evidence, error) {
	out := make(map[EdgeID]Evidence, len(facts))
	err := s.view(func(t *tx) error {
		for _, id := range facts {
			if ev, ok := t.newest(id); ok {
				out[id] = ev
			}
		}
		return nil
	})
	return out, err
}

func (t *tx) newest(id EdgeID) (out Evidence, ok bool) {
	t.each(key(keyEvidence, num(id)), true, func(_ string, v []byte) bool {
		var ev evidenceRec
		t.fail(decode(v, &ev))
		out, ok = t.publicEvidence(ev), true
		return false
	})
	return out, ok
}

// Node returns a node; the id of a merged one gives the node it went into.
func (s *Store) Node(id NodeID) (Node, error) {
	var out Node
	err := s.view(func(t *tx) error {
		n, ok := t.node(id)
		if !ok {
			return fmt.Errorf("node %d: %w", id, ErrNotFound)
		}
		out = t.publicNode(n)
		return nil
	})
	return out, err
}

// Facts lists facts, newest told first.
func (s *Store) Facts(f Filter) ([]Fact, error) {
	out := []Fact{}
	err := s.view(func(t *tx) error {
		want := fold(f.Text)
		t.edges(f, func(e edgeRec) bool {
			fact := t.fact(e, evidenceShown)
			if want == "" || fact.mentions(want) {
				out = append(out, fact)
			}
			return f.Limit <= 0 || len(out) < f.Limit
		})
		return nil
	})
	return out, err
}

// mentions reports whether a folded text occurs in what a fact says.
func (f Fact) mentions(want string) bool {
	texts := []string{f.SubjectNode.Name, f.ObjectNode.Name, f.Relation, strings.ReplaceAll(f.Relation, "_", " "), f.Predicate, f.When}
	texts = append(append(texts, f.SubjectNode.Aliases...), f.ObjectNode.Aliases...)
	for _, ev := range f.Evidence {
		texts = append(texts, ev.Text)
	}
	return slices.ContainsFunc(texts, func(s string) bool { return strings.Contains(fold(s), want) })
}

// edges visits the facts of a filter (its Text and Limit apart), newest first.
func (t *tx) edges(f Filter, visit func(edgeRec) bool) {
	after, ok := t.edge(f.After)
	if f.After != 0 && !ok {
		return
	}
	if n, ok := t.node(f.Node); ok {
		f.Node = n.ID
	}
	if len(f.States) == 0 {
		f.States = []State{Believed, Doubtful}
	}
	check := func(id EdgeID) bool {
		if e, ok := t.edge(id); ok && f.fits(e) {
			return visit(e) && t.err == nil
		}
		return t.err == nil
	}
	if f.Session != 0 {
		t.sessionEdges(f.Session, f.After, check)
		return
	}
	prefix := key(keyRecent)
	if f.Node != 0 {
		prefix = key(keyEnd, num(f.Node))
	}
	start := prefix
	if ok {
		start += key(0, num(after.told()), num(after.ID))[1:]
	}
	t.from(prefix, start, true, func(k string, _ []byte) bool { return check(EdgeID(lastNum(k))) })
}

func (f Filter) fits(e edgeRec) bool {
	state := e.state()
	return (f.Relation == "" || f.Relation == e.Key.R) &&
		(f.Node == 0 || f.Node == e.Key.S || f.Node == e.Key.O) &&
		slices.Contains(f.States, state) && (f.Graph != MemoryGraph || state == Believed)
}

// sessionEdges visits the facts told in a session. A session is small enough
// to be sorted here.
func (t *tx) sessionEdges(id SessionID, after EdgeID, visit func(EdgeID) bool) {
	prefix := key(keyInSession, num(id))
	told := map[EdgeID]Seq{}
	t.each(prefix, false, func(k string, _ []byte) bool {
		edge := EdgeID(lastNum(k[:len(k)-8]))
		told[edge] = max(told[edge], Seq(lastNum(k)))
		return true
	})
	ids := sortedKeys(told)
	slices.SortStableFunc(ids, func(a, b EdgeID) int {
		return cmp.Or(cmp.Compare(told[b], told[a]), cmp.Compare(b, a))
	})
	for _, id := range ids[slices.Index(ids, after)+1:] {
		if !visit(id) {
			return
		}
	}
}

// Unlearned returns the lines that wait for extraction, oldest first.
func (s *Store) Unlearned() ([]Line, error) {
	out := []Line{}
	err := s.view(func(t *tx) error {
		t.each(key(keyUnlearned), false, func(k string, _ []byte) bool {
			if l, ok := t.line(LineID(lastNum(k))); ok {
				out = append(out, l)
			}
			return t.err == nil
		})
		return nil
	})
	return out, err
}

// Line returns one line.
func (s *Store) Line(id LineID) (Line, error) {
	var l Line
	err := s.view(func(t *tx) error {
		var ok bool
		if l, ok = t.line(id); !ok {
			return fmt.Errorf("line %d: %w", id, ErrNotFound)
		}
		return nil
	})
	return l, err
}

// Lines returns the lines of a session, oldest first.
func (s *Store) Lines(id SessionID) ([]Line, error) {
	var out []Line
	err := s.view(func(t *tx) error {
		out = t.lines(id, 0)
		return nil
	})
	return out, err
}

// lines returns the newest lines of a session in the order they were said.
func (t *tx) lines(id SessionID, most int) []Line {
	out := []Line{}
	t.each(key(keyOfSession, num(id)), true, func(k string, _ []byte) bool {
		if l, ok := t.line(LineID(lastNum(k))); ok {
			out = append(out, l)
		}
		return most == 0 || len(out) < most
	})
	slices.Reverse(out)
	return out
}

// RecentSessions returns the newest sessions, newest first; most 0: all.
func (s *Store) RecentSessions(most int) ([]Session, error) {
	out := []Session{}
	err := s.view(func(t *tx) error {
		t.each(key(keySession), true, func(_ string, v []byte) bool {
			var rec Session
			t.fail(decode(v, &rec))
			out = append(out, rec)
			return most == 0 || len(out) < most
		})
		return nil
	})
	return out, err
}

// Known returns names for the recogniser and the extractor: nodes told of in
// the session first, then those of the memory, newest first. The user is left
// out, and so are times and quantities, which are no names.
func (s *Store) Known(session SessionID, most int) ([]Term, error) {
	out := []Term{}
	err := s.view(func(t *tx) error {
		seen := map[NodeID]bool{UserNode: true}
		collect := func(e edgeRec) bool {
			for _, id := range []NodeID{e.Key.S, e.Key.O} {
				n, ok := t.node(id)
				if !ok || seen[id] || n.Leaf || n.Type == "TIME" || n.Type == "QUANTITY" || len(out) >= most {
					continue
				}
				seen[id] = true
				out = append(out, Term{Name: n.name(), Type: n.Type})
			}
			return len(out) < most
		}
		if session != 0 {
			t.edges(Filter{Session: session}, collect)
		}
		if len(out) < most {
			t.edges(Filter{Graph: MemoryGraph}, collect)
		}
		return nil
	})
	return out, err
}

// Stats returns the totals.
func (s *Store) Stats() (Stats, error) {
	var out Stats
	err := s.view(func(t *tx) error {
		out, _ = load[Stats](t, key(keyStats))
		return nil
	})
	return out, err
}
