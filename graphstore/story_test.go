package graphstore

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync/atomic"
	"testing"
	"time"
)

// noon is when the stories of the tests begin.
var noon = time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)

// ticking is a clock that goes on a second with every look.
func ticking() func() time.Time {
	var seconds atomic.Int64
	return func() time.Time { return noon.Add(time.Duration(seconds.Add(1)) * time.Second) }
}

// story is a store in a test. When the test ends, the store must be sound and
// a replay of its log must give the same bytes.
type story struct {
	*testing.T
	*Store
	session SessionID
}

func begin(t *testing.T) *story { return beginIn(t, "", Options{InMemory: true}) }

func beginIn(t *testing.T, dir string, opt Options) *story {
	t.Helper()
	opt.Now = ticking()
	s, err := Open(dir, opt)
	if err != nil {
		t.Fatal(err)
	}
	st := &story{T: t, Store: s}
	session, err := s.NewSession(noon)
	if err != nil {
		t.Fatal(err)
	}
	st.session = session.ID
	t.Cleanup(func() {
		if err := st.CheckRebuild(); err != nil && !errors.Is(err, ErrClosed) {
			t.Error(err)
		}
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	})
	return st
}

// hear adds a line and what is extracted from it.
func (s *story) hear(text string, claims ...Claim) (Line, Change) {
	s.Helper()
	l, err := s.AddLine(Line{Session: s.session, Text: text})
	if err != nil {
		s.Fatal(err)
	}
	c, err := s.Apply(l.ID, claims)
	if err != nil {
		s.Fatal(err)
	}
	return l, c
}

func (s *story) correct(c Correction) Change {
	s.Helper()
	change, err := s.Correct(c)
	if err != nil {
		s.Fatal(err)
	}
	return change
}

func (s *story) undo() Change {
	s.Helper()
	c, err := s.Undo()
	if err != nil {
		s.Fatal(err)
	}
	return c
}

func (s *story) redo() Change {
	s.Helper()
	c, err := s.Redo()
	if err != nil {
		s.Fatal(err)
	}
	return c
}

// say writes a fact as a sentence: "USER likes Rome", "sister not lives_in
// Rome past (in May)? ×2".
func say(f Fact) string {
	s := f.SubjectNode.Name
	if f.Negated {
		s += " not"
	}
	s += " " + f.Relation
	if f.Predicate != "" {
		s += ":" + f.Predicate
	}
	s += " " + f.ObjectNode.Name
	if f.Status != "current" {
		s += " " + f.Status
	}
	if f.When != "" {
		s += " (" + f.When + ")"
	}
	if f.Count > 1 {
		s += fmt.Sprint(" ×", f.Count)
	}
	if f.State != Believed {
		s += " " + string(f.State)
	}
	if f.Confirmed {
		s += " confirmed"
	}
	return s
}

var anyState = []State{Believed, Doubtful, Rejected, Retired}

// knows compares all facts, whatever their state, with what must be known.
func (s *story) knows(want ...string) {
	s.Helper()
	s.lists(Filter{States: anyState}, want...)
}

func (s *story) lists(f Filter, want ...string) {
	s.Helper()
	facts, err := s.Facts(f)
	if err != nil {
		s.Fatal(err)
	}
	var have []string
	for _, f := range facts {
		have = append(have, say(f))
	}
	slices.Sort(have)
	slices.Sort(want)
	if !slices.Equal(have, want) {
		s.Errorf("known:\n%q\nwant:\n%q", have, want)
	}
}

// fact finds the one fact that reads so.
func (s *story) fact(sentence string) Fact {
	s.Helper()
	facts, err := s.Facts(Filter{States: anyState})
	if err != nil {
		s.Fatal(err)
	}
	for _, f := range facts {
		if say(f) == sentence {
			return f
		}
	}
	s.Fatalf("no fact %q", sentence)
	return Fact{}
}

// named finds the one node of a name.
func (s *story) named(name string) Node {
	s.Helper()
	snap, err := s.Snapshot(Scope{Limit: 1000, Graph: MemoryGraph})
	if err != nil {
		s.Fatal(err)
	}
	for _, n := range snap.Nodes {
		if n.Name == name {
			return n
		}
	}
	s.Fatalf("no node %q", name)
	return Node{}
}

// projections are all derived records but the marks, which tell what was undone.
func (s *story) projections() map[string]string {
	s.Helper()
	out := map[string]string{}
	err := s.view(func(t *tx) error {
		t.each("", false, func(k string, v []byte) bool {
			if layout[k[0]].derived && k[0] != keyMark {
				out[k] = string(v)
			}
			return true
		})
		return nil
	})
	if err != nil {
		s.Fatal(err)
	}
	return out
}

func (s *story) same(before map[string]string, what string) {
	s.Helper()
	now := s.projections()
	for k := range maps.Keys(before) {
		if now[k] != before[k] {
			s.Errorf("%s: %q is %q, was %q", what, k, now[k], before[k])
		}
	}
	for k := range now {
		if _, ok := before[k]; !ok {
			s.Errorf("%s: %q is new: %q", what, k, now[k])
		}
	}
}

var user = Term{Name: "USER", Type: "USER"}

func person(name string) Term { return Term{Name: name, Type: "PERSON"} }
func place(name string) Term  { return Term{Name: name, Type: "PLACE"} }
func org(name string) Term    { return Term{Name: name, Type: "ORG"} }
func drug(name string) Term   { return Term{Name: name, Type: "HEALTH"} }

// sure is a claim that one telling makes believable.
func sure(s Term, relation string, o Term) Claim {
	return Claim{Subject: s, Relation: relation, Object: o, Confidence: 0.9}
}

func not(c Claim) Claim                     { c.Negated = true; return c }
func at(c Claim, p float32) Claim           { c.Confidence = p; return c }
func status(c Claim, st, when string) Claim { c.Status, c.When = st, when; return c }
func doing(s Term, predicate string, o Term) Claim {
	return Claim{Subject: s, Relation: "open", Predicate: predicate, Object: o, Confidence: 0.9}
}
