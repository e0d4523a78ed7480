package graphstore

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
)

// A player reads a random game from bytes: hear, extract, correct, undo, redo,
// edit. Few names and relations, so that facts and corrections meet.
type player struct {
	*story
	data []byte
	dir  string
}

func (p *player) next(n int) int {
	if len(p.data) == 0 {
		return 0
	}
	b := p.data[0]
	p.data = p.data[1:]
	return int(b) % n
}

var fuzzTerms = []Term{
	user, person("Anna"), person("my Anna's"), person("sister"), person("Marta"), place("Rome"), place("Oslo"),
	org("Rome"), {"Max", "ANIMAL"}, {"Max", "PERSON"}, {"rome", "CONCEPT"}, {"\x00é", "CONCEPT"},
}

var fuzzRelations = []string{"likes", "knows", "lives_in", alsoCalled, open}

func (p *player) term() Term { return fuzzTerms[p.next(len(fuzzTerms))] }

func (p *player) claims() []Claim {
	claims := make([]Claim, p.next(4))
	for i := range claims {
		claims[i] = Claim{
			Subject: p.term(), Relation: fuzzRelations[p.next(len(fuzzRelations))], Predicate: "see", Object: p.term(),
			Negated: p.next(4) == 0, Status: Statuses[p.next(3)], To: p.next(3), Confidence: float32(p.next(11)) / 10,
		}
	}
	return claims
}

func (p *player) someEdge() EdgeID {
	facts, err := p.Facts(Filter{States: anyState})
	if err != nil {
		p.Fatal(err)
	}
	if len(facts) == 0 {
		return 7
	}
	return facts[p.next(len(facts))].ID
}

func (p *player) someNode() NodeID {
	snap, err := p.Snapshot(Scope{Limit: 100})
	if err != nil {
		p.Fatal(err)
	}
	if len(snap.Nodes) == 0 {
		return 7
	}
	return snap.Nodes[p.next(len(snap.Nodes))].ID
}

func (p *player) someLine() LineID {
	lines, err := p.Lines(p.session)
	if err != nil {
		p.Fatal(err)
	}
	if len(lines) == 0 {
		return 7
	}
	return lines[p.next(len(lines))].ID
}

func (p *player) correction() Correction {
	ops := []CorrectionOp{RenameNode, RetypeNode, MergeNodes, ChangeRelation, ChangeSubject, ChangeObject, SetNegated,
		SetStatus, SetWhen, RejectFact, ConfirmFact, AddFact, EditLine}
	c := Correction{Op: ops[p.next(len(ops))]}
	switch c.Op {
	case RenameNode:
		c.Node, c.Text = p.someNode(), fuzzTerms[1+p.next(len(fuzzTerms)-1)].Name
	case RetypeNode:
		c.Node, c.Type = p.someNode(), Types[p.next(len(Types))]
	case MergeNodes:
		c.Node, c.Into = p.someNode(), p.someNode()
	case EditLine:
		c.Line, c.Text = p.someLine(), fmt.Sprint("edit ", p.next(3))
	case AddFact:
		c.Subject, c.Relation, c.Predicate, c.Object = p.term(), fuzzRelations[p.next(len(fuzzRelations))], "see", p.term()
	default:
		c.Edge, c.Relation, c.Predicate = p.someEdge(), fuzzRelations[p.next(len(fuzzRelations))], "see"
		c.Subject, c.Object, c.Negated, c.Status = p.term(), p.term(), p.next(2) == 0, Statuses[p.next(3)]
	}
	return c
}

// decisions is all that a person decided, as it shows.
func (p *player) decisions() map[string]string {
	out := map[string]string{}
	err := p.view(func(t *tx) error {
		t.each(key(keyEdge), false, func(k string, v []byte) bool {
			var e edgeRec
			t.fail(decode(v, &e))
			if e.Decided != 0 {
				out[k] = fmt.Sprint(e.Key, e.Verdict, e.FixedStatus, e.FixedWhen != nil, e.Decided, e.state() == Rejected)
			}
			return true
		})
		t.each(key(keyNode), false, func(k string, v []byte) bool {
			var n nodeRec
			t.fail(decode(v, &n))
			if n.Touched {
				out[k] = n.name()
			}
			if n.Typed {
				out[k] += " " + n.Type
			}
			return true
		})
		return nil
	})
	if err != nil {
		p.Fatal(err)
	}
	return out
}

// learn applies claims, and sees to it that no decision changes by it.
func (p *player) learn(line LineID) {
	before := p.decisions()
	if _, err := p.Apply(line, p.claims()); err != nil && !errors.Is(err, ErrNotFound) {
		p.Fatal(err)
	}
	after := p.decisions()
	for k, want := range before {
		if after[k] != want {
			p.Fatalf("a telling changed what a person decided: %q was %s, is %s", k, want, after[k])
		}
	}
}

func (p *player) step() {
	switch p.next(8) {
	case 0, 1:
		l, err := p.AddLine(Line{Session: p.session, Text: "what was said"})
		if err != nil {
			p.Fatal(err)
		}
		p.learn(l.ID)
	case 2:
		p.learn(p.someLine())
	case 3, 4, 5:
		_, err := p.Correct(p.correction())
		if err != nil && !errors.Is(err, ErrNotFound) && !errors.Is(err, ErrInvalid) {
			p.Fatal(err)
		}
	case 6:
		if _, err := p.Undo(); err != nil && !errors.Is(err, ErrNothing) {
			p.Fatal(err)
		}
	case 7:
		if _, err := p.Redo(); err != nil && !errors.Is(err, ErrNothing) {
			p.Fatal(err)
		}
	}
}

// reopen closes the store, and opens what is on disk.
func (p *player) reopen() {
	before := p.projections()
	if err := p.Close(); err != nil {
		p.Fatal(err)
	}
	s, err := Open(p.dir, Options{Now: p.now})
	if err != nil {
		p.Fatal(err)
	}
	p.Store = s
	p.same(before, "reopened")
}

func FuzzStore(f *testing.F) {
	f.Add([]byte("0 a few tellings, and what a person says of them"))
	f.Add([]byte{1, 0, 3, 1, 2, 3, 4, 5, 9, 9, 9, 9, 3, 2, 0, 1, 6, 7, 0, 2, 3, 3, 1, 0, 9})
	f.Add(bytes.Repeat([]byte{0, 2, 3, 3, 4, 1, 9, 3, 9, 2, 6, 0}, 12))
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 400 {
			data = data[:400]
		}
		p := &player{data: data}
		if p.next(8) == 1 { // a disk is slow
			p.dir = t.TempDir()
		}
		p.story = beginIn(t, p.dir, Options{InMemory: p.dir == ""})
		for len(p.data) > 0 {
			p.step()
			if testing.Verbose() {
				if err := p.CheckRebuild(); err != nil {
					t.Fatal(err)
				}
			}
		}
		if p.dir != "" {
			p.reopen()
		}
	})
}

// Random games longer than a fuzzer finds by itself, each checked at its end.
func TestRandomGamesKeepTheStoreSound(t *testing.T) {
	for seed := range uint64(30) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			data := make([]byte, 300)
			if _, err := rand.NewChaCha8([32]byte{byte(seed), byte(seed >> 8)}).Read(data); err != nil {
				t.Fatal(err)
			}
			p := &player{data: data, story: begin(t)}
			for len(p.data) > 0 {
				p.step()
			}
		})
	}
}
