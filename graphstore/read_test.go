package graphstore

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"
)

// twoSessions is a store with an older session and the one that runs.
func twoSessions(t *testing.T) (s *story, older SessionID) {
	s = begin(t)
	older = s.session
	s.hear("Anna lives in Rome.", sure(person("Anna"), "lives_in", place("Rome")))
	s.hear("Anna likes Oslo.", at(sure(person("Anna"), "likes", place("Oslo")), 0.3))
	s.hear("Ben raises Max.", doing(person("Ben"), "raise", Term{"Max", "ANIMAL"}))
	if err := s.EndSession(older, time.Time{}); err != nil {
		t.Fatal(err)
	}
	next, err := s.NewSession(time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	s.session = next.ID
	s.hear("Carl knows Anna.", sure(person("Carl"), "knows", person("Anna")))
	s.hear("I like Bergen.", sure(user, "likes", place("Bergen")))
	s.hear("I do not like Bergen.", not(sure(user, "likes", place("Bergen"))))
	return s, older
}

func TestFactsAreFiltered(t *testing.T) {
	s, older := twoSessions(t)
	const rome, oslo, raise = "Anna lives_in Rome", "Anna likes Oslo doubtful", "Ben open:raise Max"
	const carl, bergen, retired = "Anna knows Carl", "USER not likes Bergen", "USER likes Bergen retired"
	anna := s.named("Anna").ID
	cases := []struct {
		name string
		f    Filter
		want []string
	}{
		{"all that stands", Filter{}, []string{rome, oslo, raise, carl, bergen}},
		{"memory", Filter{Graph: MemoryGraph}, []string{rome, raise, carl, bergen}},
		{"a session", Filter{Session: older}, []string{rome, oslo, raise}},
		{"memory told in a session", Filter{Session: older, Graph: MemoryGraph}, []string{rome, raise}},
		{"a node", Filter{Node: anna}, []string{rome, oslo, carl}},
		{"a node in a session", Filter{Node: anna, Session: s.session}, []string{carl}},
		{"a relation", Filter{Relation: "likes"}, []string{oslo, bergen}},
		{"a state", Filter{States: []State{Retired}}, []string{retired}},
		{"a name", Filter{Text: "rome"}, []string{rome}},
		{"a predicate", Filter{Text: "Raise"}, []string{raise}},
		{"a relation in words", Filter{Text: "lives in"}, []string{rome}},
		{"a sentence", Filter{Text: "do not like"}, []string{bergen}},
		{"the newest", Filter{Limit: 1}, []string{bergen}},
		{"an unknown session", Filter{Session: 99}, nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) { s.T = t; s.lists(c.f, c.want...) })
	}
	s.T = t
}

func TestPagesOfFactsJoinToTheWhole(t *testing.T) {
	s := begin(t)
	for i := range 5 { // two facts a line, so that a page of three ends within one
		s.hear("x", sure(user, "likes", place(fmt.Sprint("a", i))), sure(user, "likes", place(fmt.Sprint("b", i))))
	}
	for name, f := range map[string]Filter{"all": {}, "of a node": {Node: UserNode}, "of a session": {Session: s.session}} {
		t.Run(name, func(t *testing.T) {
			var names []string
			for f.Limit = 3; ; {
				page, err := s.Facts(f)
				if err != nil {
					t.Fatal(err)
				}
				if len(page) == 0 {
					break
				}
				for _, f := range page {
					names = append(names, f.ObjectNode.Name)
				}
				f.After = page[len(page)-1].ID
			}
			want := []string{"b4", "a4", "b3", "a3", "b2", "a2", "b1", "a1", "b0", "a0"}
			if !slices.Equal(names, want) {
				t.Errorf("%q", names)
			}
		})
	}
}

func TestSnapshotShowsTheSessionAndOneStepIntoMemory(t *testing.T) {
	s, older := twoSessions(t)
	nodes := func(scope Scope) []string {
		t.Helper()
		snap, err := s.Snapshot(scope)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, n := range snap.Nodes {
			names = append(names, n.Name)
		}
		for _, e := range snap.Edges {
			for _, id := range []NodeID{e.Subject, e.Object} {
				if !slices.ContainsFunc(snap.Nodes, func(n Node) bool { return n.ID == id }) {
					t.Errorf("fact %d has an end that is not shown", e.ID)
				}
			}
		}
		slices.Sort(names)
		return names
	}
	cases := []struct {
		name  string
		scope Scope
		want  []string
	}{
		{"session", Scope{Graph: SessionGraph}, []string{"Anna", "Bergen", "Carl", "USER"}},
		{"an older session", Scope{Graph: SessionGraph, Session: older}, []string{"Anna", "Ben", "Max", "Oslo", "Rome"}},
		{"memory", Scope{Graph: MemoryGraph}, []string{"Anna", "Ben", "Bergen", "Carl", "Max", "Rome", "USER"}},
		{"both, little room", Scope{Limit: 5}, []string{"Anna", "Bergen", "Carl", "Rome", "USER"}},
		{"focus", Scope{Focus: s.named("Ben").ID}, []string{"Ben", "Max"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if have := nodes(c.scope); !slices.Equal(have, c.want) {
				t.Errorf("%q, want %q", have, c.want)
			}
		})
	}
	snap, err := s.Snapshot(Scope{Limit: 2, Lines: 2})
	if err != nil || snap.More != 3 || len(snap.Lines) != 2 || snap.Lines[1].Text != "I do not like Bergen." || snap.Session.ID != s.session {
		t.Errorf("%+v, %v", snap, err)
	}
}

func TestKnownNamesBeginWithTheSession(t *testing.T) {
	s, _ := twoSessions(t)
	terms, err := s.Known(s.session, 5)
	if err != nil {
		t.Fatal(err)
	}
	want := []Term{place("Bergen"), person("Anna"), person("Carl"), person("Ben"), {"Max", "ANIMAL"}}
	if !slices.Equal(terms, want) {
		t.Errorf("%v", terms)
	}
}

func TestSessionsAreListedNewestFirst(t *testing.T) {
	s, older := twoSessions(t)
	list, err := s.RecentSessions(0)
	if err != nil || len(list) != 2 || list[0].ID != s.session || list[1].ID != older {
		t.Fatalf("%+v, %v", list, err)
	}
	if list[0].Lines != 3 || !list[0].Ended.IsZero() || list[1].Lines != 3 || list[1].Ended.IsZero() {
		t.Errorf("%+v", list)
	}
}

func TestStatsCountStates(t *testing.T) {
	s, _ := twoSessions(t)
	s.correct(Correction{Op: RejectFact, Edge: s.fact("Ben open:raise Max").ID})
	s.correct(Correction{Op: ConfirmFact, Edge: s.fact("Anna lives_in Rome").ID})
	want := Stats{Sessions: 2, Lines: 6, Nodes: 8, Facts: 6, Believed: 3, Doubtful: 1, Rejected: 1, Retired: 1, Confirmed: 1}
	if have, err := s.Stats(); err != nil || have != want {
		t.Errorf("%+v, %v", have, err)
	}
}

func TestExportIsOneStableDocument(t *testing.T) {
	s, _ := twoSessions(t)
	s.correct(Correction{Op: RejectFact, Edge: s.fact("Ben open:raise Max").ID})
	var a, b bytes.Buffer
	if err := s.Export(&a); err != nil {
		t.Fatal(err)
	}
	if err := s.Export(&b); err != nil || a.String() != b.String() {
		t.Errorf("a second export differs, %v", err)
	}
	var doc struct {
		Format     string
		Version    int
		Seq        Seq
		Sessions   []Session
		Lines      []Line
		Nodes      []Node
		Facts      []exportedFact
		Operations []Operation
	}
	if err := json.Unmarshal(a.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	if doc.Format != "hotmem" || doc.Version != ExportVersion || doc.Seq != Seq(len(doc.Operations)) ||
		len(doc.Sessions) != 2 || len(doc.Lines) != 6 || len(doc.Nodes) != 8 || len(doc.Facts) != 6 {
		t.Errorf("%s", a.String())
	}
	for i, op := range doc.Operations {
		if op.Seq != Seq(i+1) {
			t.Errorf("operation %d at place %d", op.Seq, i)
		}
	}
	for _, f := range doc.Facts {
		if len(f.Evidence) != f.Count || f.Count != 1 {
			t.Errorf("fact %+v", f)
		}
	}
}

// failing is a writer that stops after a while.
type failing int

func (f *failing) Write(p []byte) (int, error) {
	if *f -= failing(len(p)); *f < 0 {
		return 0, fmt.Errorf("pipe closed")
	}
	return len(p), nil
}

func TestExportReportsAWriterThatFails(t *testing.T) {
	s, _ := twoSessions(t)
	w := failing(10)
	if err := s.Export(&w); err == nil {
		t.Error("no error")
	}
}

func TestLinesAndClaimsKeepSilentInLogs(t *testing.T) {
	const secret = "my number is 555"
	var log bytes.Buffer
	l := Line{ID: 3, Text: secret}
	c := Claim{Subject: user, Relation: "contact", Object: Term{secret, "CONTACT"}}
	slog.New(slog.NewTextHandler(&log, nil)).Info("heard", "line", l, "claim", c)
	for _, format := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
		fmt.Fprintf(&log, format, l)
	}
	if strings.Contains(log.String(), "555") {
		t.Errorf("the log says: %s", log.String())
	}
}
