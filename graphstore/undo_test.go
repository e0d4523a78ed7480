package graphstore

import (
	"errors"
	"testing"
)

// everyCorrection is one of each kind, for the store that told makes.
func everyCorrection(s *story) map[string]Correction {
	rome := s.fact("Anna lives_in Rome").ID
	anna, ben := s.named("Anna").ID, s.named("Ben").ID
	lines, err := s.Lines(s.session)
	if err != nil {
		s.Fatal(err)
	}
	return map[string]Correction{
		"rename":   {Op: RenameNode, Node: anna, Text: "Anne"},
		"retype":   {Op: RetypeNode, Node: anna, Type: "ANIMAL"},
		"merge":    {Op: MergeNodes, Node: ben, Into: anna},
		"relation": {Op: ChangeRelation, Edge: rome, Relation: "visited"},
		"subject":  {Op: ChangeSubject, Edge: rome, Into: ben},
		"object":   {Op: ChangeObject, Edge: rome, Object: place("Bergen")},
		"negated":  {Op: SetNegated, Edge: rome, Negated: true},
		"status":   {Op: SetStatus, Edge: rome, Status: "past"},
		"when":     {Op: SetWhen, Edge: rome, When: "in May"},
		"reject":   {Op: RejectFact, Edge: rome},
		"confirm":  {Op: ConfirmFact, Edge: rome},
		"add":      {Op: AddFact, Subject: person("Carl"), Relation: "likes", Object: place("Rome")},
		"edit":     {Op: EditLine, Line: lines[0].ID, Text: "Anna lives in Bergen."},
		"naming":   {Op: AddFact, Subject: person("Anna"), Relation: "also_called", Object: person("Annie")},
	}
}

func told(t *testing.T) *story {
	s := begin(t)
	s.hear("Anna lives in Rome.", sure(person("Anna"), "lives_in", place("Rome")))
	s.hear("Ben lives in Rome, not Oslo.", sure(person("Ben"), "lives_in", place("Rome")), not(sure(person("Ben"), "lives_in", place("Oslo"))))
	s.hear("Ben visited Rome.", sure(person("Ben"), "visited", place("Rome")))
	return s
}

// As if it had not happened: whatever is heard after a correction, undo gives
// what a store holds that heard the same and was never corrected.
func TestUndoIsAsIfItHadNotHappened(t *testing.T) {
	later := func(s *story) {
		s.hear("Anna lives in Rome.", sure(person("Anna"), "lives_in", place("Rome")))
		s.hear("Annie and Anne like Oslo.", sure(person("Annie"), "likes", place("Oslo")), sure(person("Anne"), "likes", place("Oslo")))
		s.hear("Ben visited Rome.", sure(person("Ben"), "visited", place("Rome")))
	}
	for name := range everyCorrection(told(t)) {
		t.Run(name+" at once", func(t *testing.T) {
			s := told(t)
			before := s.projections()
			s.correct(everyCorrection(s)[name])
			after := s.projections()
			s.undo()
			s.same(before, "undo")
			s.redo()
			s.same(after, "redo")
			s.undo()
			s.same(before, "undo again")
		})
		t.Run(name+" after more was heard", func(t *testing.T) {
			plain, s := told(t), told(t)
			later(plain)
			s.correct(everyCorrection(s)[name])
			later(s)
			after := s.projections()
			s.undo()
			want, err := plain.Facts(Filter{States: anyState})
			if err != nil {
				t.Fatal(err)
			}
			var sentences []string
			for _, f := range want {
				sentences = append(sentences, say(f))
			}
			s.knows(sentences...)
			s.redo()
			s.same(after, "redo")
		})
	}
}

func TestUndoGoesToAnyDepth(t *testing.T) {
	s := told(t)
	states := []map[string]string{s.projections()}
	for _, name := range []string{"rename", "relation", "reject", "confirm", "merge", "add", "naming"} {
		c := everyCorrectionAgain(s, name)
		s.correct(c)
		states = append(states, s.projections())
	}
	for i := len(states) - 2; i >= 0; i-- {
		s.undo()
		s.same(states[i], "undo")
	}
	if _, err := s.Undo(); !errors.Is(err, ErrNothing) {
		t.Errorf("undo of nothing: %v", err)
	}
	for _, want := range states[1:] {
		s.redo()
		s.same(want, "redo")
	}
	if _, err := s.Redo(); !errors.Is(err, ErrNothing) {
		t.Errorf("redo of nothing: %v", err)
	}
}

// everyCorrectionAgain gives a correction of a store that is corrected already.
func everyCorrectionAgain(s *story, name string) Correction {
	s.Helper()
	plain := everyCorrection(told(s.T))
	return plain[name] // the same log gives the same ids
}

func TestNewCorrectionEndsRedo(t *testing.T) {
	s := told(t)
	all := everyCorrection(s)
	s.correct(all["reject"])
	s.correct(all["when"])
	s.undo()
	s.correct(all["status"])
	if _, err := s.Redo(); !errors.Is(err, ErrNothing) {
		t.Errorf("redo after a new correction: %v", err)
	}
	s.undo()
	s.undo()
	s.knows("Anna lives_in Rome", "Ben lives_in Rome", "Ben not lives_in Oslo", "Ben visited Rome")
}

func TestHistoryTellsWhatWasDoneWithoutWords(t *testing.T) {
	s := told(t)
	all := everyCorrection(s)
	s.correct(all["reject"])
	s.correct(all["rename"])
	s.undo()
	h, err := s.History(0, 4)
	if err != nil || len(h) != 4 {
		t.Fatalf("%v, %v", h, err)
	}
	if h[0].Kind != KindUndo || h[0].Target != h[1].Seq || !h[1].Undone || h[1].Op != RenameNode ||
		h[2].Op != RejectFact || h[2].Undone || h[3].Kind != KindExtract || h[3].Claims != 1 {
		t.Errorf("history %+v", h)
	}
	rest, err := s.History(h[3].Seq, 0)
	if err != nil || len(rest) != int(h[3].Seq)-1 || rest[0].Seq != h[3].Seq-1 {
		t.Errorf("history before %d: %+v, %v", h[3].Seq, rest, err)
	}
}
