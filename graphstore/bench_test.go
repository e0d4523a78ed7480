package graphstore

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// grown is a store on disk with so many facts, told as a person tells them: two
// a line, most of them of people, one in five told before.
func grown(b *testing.B, facts int) (*Store, SessionID) {
	b.Helper()
	s, err := Open(b.TempDir(), Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := s.Close(); err != nil {
			b.Error(err)
		}
	})
	session, err := s.NewSession(noon)
	if err != nil {
		b.Fatal(err)
	}
	for i := 0; ; i++ {
		grow(b, s, session.ID, i)
		if i%100 == 0 {
			if stats, err := s.Stats(); err != nil || stats.Facts >= facts {
				return s, session.ID
			}
		}
	}
}

func grow(b *testing.B, s *Store, session SessionID, i int) {
	l, err := s.AddLine(Line{Session: session, Text: "Someone told me that this one lives there and likes that."})
	if err != nil {
		b.Fatal(err)
	}
	if _, err := s.Apply(l.ID, tellings(i)); err != nil {
		b.Fatal(err)
	}
}

func tellings(i int) []Claim {
	who := person(fmt.Sprint("person ", i*7919%(i/4+20)))
	if i%5 == 0 {
		return []Claim{sure(user, "knows", who), sure(user, "likes", Term{fmt.Sprint("thing ", i%200), "PRODUCT"})}
	}
	return []Claim{
		sure(who, "lives_in", place(fmt.Sprint("place ", i*31%(i/10+10)))),
		sure(who, "likes", Term{fmt.Sprint("thing ", i*17%(i/3+10)), "PRODUCT"}),
	}
}

// spread reports the median and the 95th percentile of single calls.
func spread(b *testing.B, call func(i int)) {
	var took []time.Duration
	for i := 0; b.Loop(); i++ {
		at := time.Now()
		call(i)
		took = append(took, time.Since(at))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds()), "µs-median")
	b.ReportMetric(float64(took[len(took)*95/100].Microseconds()), "µs-p95")
}

func BenchmarkStore(b *testing.B) {
	for _, facts := range []int{1_000, 10_000} {
		s, session := grown(b, facts)
		run := func(name string, call func(i int)) {
			b.Run(fmt.Sprintf("%s/%d", name, facts), func(b *testing.B) { spread(b, call) })
		}
		run("AddLine", func(i int) {
			if _, err := s.AddLine(Line{Session: session, Text: "what was said"}); err != nil {
				b.Fatal(err)
			}
		})
		waiting, err := s.Unlearned()
		if err != nil {
			b.Fatal(err)
		}
		run("Apply", func(i int) {
			if _, err := s.Apply(waiting[i%len(waiting)].ID, tellings(i*13)); err != nil {
				b.Fatal(err)
			}
		})
		run("FactsOfNode", func(i int) {
			if f, err := s.Facts(Filter{Node: NodeID(3002 + i%7*2000), Limit: 20}); err != nil || len(f) == 0 {
				b.Fatal(len(f), err)
			}
		})
		run("FactsNewest", func(int) {
			if f, err := s.Facts(Filter{Limit: 20}); err != nil || len(f) != 20 {
				b.Fatal(len(f), err)
			}
		})
		run("Snapshot", func(int) {
			if _, err := s.Snapshot(Scope{}); err != nil {
				b.Fatal(err)
			}
		})
		run("RejectAndUndo", func(int) {
			f, err := s.Facts(Filter{Limit: 1})
			if err != nil {
				b.Fatal(err)
			}
			if _, err := s.Correct(Correction{Op: RejectFact, Edge: f[0].ID}); err != nil {
				b.Fatal(err)
			}
			if _, err := s.Undo(); err != nil {
				b.Fatal(err)
			}
		})
	}
}

// BenchmarkReplay is what an undo costs when lines were learned meanwhile. Run
// it with -benchtime 3x.
func BenchmarkReplay(b *testing.B) {
	s, _ := grown(b, 10_000)
	for b.Loop() {
		if err := s.view(func(t *tx) error { _, err := replay(t, nil); return err }); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/float64(s.seq), "µs/operation")
}
