package graphstore

import (
	"errors"
	"slices"
	"testing"
)

func TestRejectedFactStaysRejected(t *testing.T) {
	s := begin(t)
	lives := sure(user, "lives_in", place("Rome"))
	s.hear("I live in Rome.", lives)
	s.correct(Correction{Op: RejectFact, Edge: s.fact("USER lives_in Rome").ID})
	s.hear("I live in Rome.", lives)
	s.hear("I live in Rome.", lives)
	s.knows("USER lives_in Rome ×3 rejected")
	s.lists(Filter{})
}

func TestConfirmedFactIsSureAndInMemory(t *testing.T) {
	s := begin(t)
	s.hear("I live in Rome.", at(sure(user, "lives_in", place("Rome")), 0.2))
	s.lists(Filter{Graph: MemoryGraph})
	c := s.correct(Correction{Op: ConfirmFact, Edge: s.fact("USER lives_in Rome doubtful").ID})
	s.lists(Filter{Graph: MemoryGraph}, "USER lives_in Rome confirmed")
	if len(c.Edges) != 1 || c.Edges[0].Confidence != 1 || c.Edges[0].Author != Person {
		t.Errorf("change %+v", c)
	}
}

func TestNothingHeardOverrulesAConfirmedFact(t *testing.T) {
	s := begin(t)
	lives := sure(user, "lives_in", place("Rome"))
	s.hear("I live in Rome.", lives)
	s.correct(Correction{Op: ConfirmFact, Edge: s.fact("USER lives_in Rome").ID})
	s.hear("I do not live in Rome.", not(lives))
	s.knows("USER lives_in Rome confirmed", "USER not lives_in Rome doubtful")
	s.correct(Correction{Op: ConfirmFact, Edge: s.fact("USER not lives_in Rome doubtful").ID})
	s.knows("USER lives_in Rome retired confirmed", "USER not lives_in Rome confirmed")
}

func TestChangedRelationSurvivesTheSameClaim(t *testing.T) {
	s := begin(t)
	knows := sure(person("Anna"), "knows", org("Meta"))
	s.hear("Anna is with Meta.", knows)
	s.correct(Correction{Op: ChangeRelation, Edge: s.fact("Anna knows Meta").ID, Relation: "works_at"})
	s.hear("Anna is with Meta.", knows)
	s.hear("Anna works at Meta.", sure(person("Anna"), "works_at", org("Meta")))
	s.knows("Anna works_at Meta ×3 confirmed")
}

func TestChangedEndSurvivesTheSameClaim(t *testing.T) {
	s := begin(t)
	wrong := sure(person("Anna"), "works_at", org("Google"))
	s.hear("Anna works at Google.", wrong)
	s.correct(Correction{Op: ChangeObject, Edge: s.fact("Anna works_at Google").ID, Object: org("Meta")})
	s.hear("Anna works at Google.", wrong)
	s.knows("Anna works_at Meta ×2 confirmed")
	s.correct(Correction{Op: ChangeSubject, Edge: s.fact("Anna works_at Meta ×2 confirmed").ID, Subject: person("Ben")})
	s.hear("Anna works at Google.", wrong)
	s.knows("Ben works_at Meta ×3 confirmed")
}

func TestNegatedByHandSurvivesTheSameClaim(t *testing.T) {
	s := begin(t)
	lives := sure(user, "lives_in", place("Rome"))
	s.hear("I live in Rome.", lives)
	s.correct(Correction{Op: SetNegated, Edge: s.fact("USER lives_in Rome").ID, Negated: true})
	s.hear("I live in Rome.", lives)
	s.knows("USER not lives_in Rome ×2 confirmed")
}

func TestStatusAndTimeByHandSurviveLaterTellings(t *testing.T) {
	s := begin(t)
	visited := sure(user, "visited", place("Rome"))
	s.hear("I go to Rome next week.", status(visited, "planned", "next week"))
	f := s.fact("USER visited Rome planned (next week)")
	s.correct(Correction{Op: SetStatus, Edge: f.ID, Status: "past"})
	s.correct(Correction{Op: SetWhen, Edge: f.ID, When: "in May"})
	s.hear("I go to Rome tomorrow.", status(visited, "planned", "tomorrow"))
	s.knows("USER visited Rome past (in May) ×2 confirmed")
	s.correct(Correction{Op: SetWhen, Edge: f.ID})
	s.knows("USER visited Rome past ×2 confirmed")
}

func TestRenamedNodeKeepsItsNameAndIsFoundByBoth(t *testing.T) {
	s := begin(t)
	s.hear("Martha lives in Rome.", sure(person("Martha"), "lives_in", place("Rome")))
	s.correct(Correction{Op: RenameNode, Node: s.named("Martha").ID, Text: "Marta"})
	s.hear("Martha likes Oslo.", sure(person("Martha"), "likes", place("Oslo")))
	s.hear("Marta likes Bergen.", sure(person("Marta"), "likes", place("Bergen")))
	s.knows("Marta lives_in Rome", "Marta likes Oslo", "Marta likes Bergen")
	if n := s.named("Marta"); !slices.Equal(n.Aliases, []string{"Martha"}) || n.Author != Person {
		t.Errorf("node %+v", n)
	}
}

func TestRenamedNameLeafIsLentAnew(t *testing.T) {
	s := begin(t)
	s.hear("My sister is called Martha.", sure(person("sister"), "also_called", person("Martha")))
	s.correct(Correction{Op: RenameNode, Node: s.named("Martha").ID, Text: "Marta"})
	s.hear("Marta lives in Rome.", sure(person("Marta"), "lives_in", place("Rome")))
	s.hear("My sister is called Martha.", sure(person("sister"), "also_called", person("Martha")))
	s.knows("sister also_called Marta ×2", "sister lives_in Rome")
}

func TestRejectedNamingTakesTheNameBack(t *testing.T) {
	s := begin(t)
	s.hear("My sister is called Marta.", sure(person("sister"), "also_called", person("Marta")))
	s.correct(Correction{Op: RejectFact, Edge: s.fact("sister also_called Marta").ID})
	s.hear("Marta lives in Rome.", sure(person("Marta"), "lives_in", place("Rome")))
	s.knows("sister also_called Marta rejected", "Marta lives_in Rome")
}

func TestRetypedNodeIsFoundByItsOldType(t *testing.T) {
	s := begin(t)
	s.hear("Max barks.", sure(user, "likes", person("Max")))
	s.correct(Correction{Op: RetypeNode, Node: s.named("Max").ID, Type: "ANIMAL"})
	s.hear("Max barks.", sure(user, "likes", person("Max")))
	s.hear("Max the dog.", sure(user, "likes", Term{"Max", "ANIMAL"}))
	s.knows("USER likes Max ×3")
	if n := s.named("Max"); n.Type != "ANIMAL" {
		t.Errorf("type %s", n.Type)
	}
}

func TestMergeJoinsFactsEvidenceAndCorrections(t *testing.T) {
	s := begin(t)
	s.hear("Marta lives in Rome.", sure(person("Marta"), "lives_in", place("Rome")))
	s.hear("Martha lives in Rome.", sure(person("Martha"), "lives_in", place("Rome")))
	s.hear("Martha knows Marta.", sure(person("Martha"), "knows", person("Marta")))
	s.hear("Martha likes Oslo.", sure(person("Martha"), "likes", place("Oslo")))
	s.correct(Correction{Op: RejectFact, Edge: s.fact("Martha likes Oslo").ID})
	from, into := s.named("Martha"), s.named("Marta")
	before := s.projections()
	c := s.correct(Correction{Op: MergeNodes, Node: from.ID, Into: into.ID})
	s.knows("Marta lives_in Rome ×2", "Marta likes Oslo rejected")
	if !slices.Equal(c.GoneNodes, []NodeID{from.ID}) || len(c.GoneEdges) != 2 {
		t.Errorf("change %+v", c)
	}
	if n, err := s.Node(from.ID); err != nil || n.ID != into.ID || !slices.Contains(n.Aliases, "Martha") {
		t.Errorf("the old id gives %+v, %v", n, err)
	}
	s.undo()
	s.same(before, "undo of a merge")
	s.redo()
	s.hear("Martha lives in Bergen.", sure(person("Martha"), "lives_in", place("Bergen")))
	s.hear("Martha likes Oslo.", sure(person("Martha"), "likes", place("Oslo")))
	s.knows("Marta lives_in Rome ×2", "Marta lives_in Bergen", "Marta likes Oslo ×2 rejected")
	s.undo()
	s.knows("Marta lives_in Rome", "Martha lives_in Rome", "Marta knows Martha", "Martha lives_in Bergen",
		"Martha likes Oslo ×2 rejected")
}

func TestMergeCarriesACorrectedEnd(t *testing.T) {
	s := begin(t)
	wrong := sure(person("Anna"), "works_at", org("Google"))
	s.hear("Anna works at Google.", wrong)
	s.hear("I like Alphabet.", sure(user, "likes", org("Alphabet")))
	s.correct(Correction{Op: ChangeObject, Edge: s.fact("Anna works_at Google").ID, Object: org("Meta")})
	var google NodeID
	_ = s.view(func(t *tx) error { n, _ := t.known(org("Google")); google = n.ID; return nil })
	s.correct(Correction{Op: MergeNodes, Node: google, Into: s.named("Alphabet").ID})
	s.hear("Anna works at Google.", wrong)
	s.knows("Anna works_at Meta ×2 confirmed", "USER likes Alphabet")
}

func TestFactByHandMeetsTheHeardOne(t *testing.T) {
	s := begin(t)
	s.correct(Correction{Op: AddFact, Subject: person("Anna"), Relation: "lives_in", Object: place("Rome"), Session: s.session})
	s.knows("Anna lives_in Rome confirmed")
	s.lists(Filter{Session: s.session}, "Anna lives_in Rome confirmed")
	s.hear("Anna lives in Rome.", sure(person("Anna"), "lives_in", place("Rome")))
	s.knows("Anna lives_in Rome confirmed")
	if f := s.fact("Anna lives_in Rome confirmed"); f.Count != 1 || f.Author != Person {
		t.Errorf("fact %+v", f.Edge)
	}
}

func TestFactByHandTakesItsWordingBack(t *testing.T) {
	s := begin(t)
	google := sure(person("Anna"), "works_at", org("Google"))
	s.hear("Anna works at Google.", google)
	s.correct(Correction{Op: ChangeObject, Edge: s.fact("Anna works_at Google").ID, Object: org("Meta")})
	s.correct(Correction{Op: AddFact, Subject: person("Anna"), Relation: "works_at", Object: org("Google")})
	s.hear("Anna works at Google.", google)
	s.knows("Anna works_at Meta confirmed", "Anna works_at Google confirmed")
}

func TestTypeGivenByHandSurvivesACloserOneThatIsHeard(t *testing.T) {
	s := begin(t)
	idea := func(name string) Term { return Term{name, "CONCEPT"} }
	s.correct(Correction{Op: AddFact, Subject: user, Relation: "likes", Object: idea("Jazz")})
	s.hear("I know Anna.", sure(user, "knows", person("Anna")))
	s.correct(Correction{Op: ChangeObject, Edge: s.fact("USER knows Anna").ID, Object: idea("Blues")})
	s.hear("Jazz and Blues.", sure(user, "visited", place("Jazz")), sure(user, "visited", place("Blues")))
	for _, name := range []string{"Jazz", "Blues"} {
		if n := s.named(name); n.Type != "CONCEPT" || n.Author != Person {
			t.Errorf("%s is a %s by %s now", name, n.Type, n.Author)
		}
	}
}

func TestEditedLineChangesTheFactsThatQuoteIt(t *testing.T) {
	s := begin(t)
	likes := sure(user, "likes", place("Rome"))
	l, _ := s.hear("I like Rome.", likes)
	s.hear("I like Oslo.", sure(user, "likes", place("Oslo")))
	id := s.fact("USER likes Rome").ID
	quotes := func(doing string, c Change, want string) {
		t.Helper()
		if !slices.Equal(c.Lines, []LineID{l.ID}) || len(c.Edges) != 1 || c.Edges[0].ID != id {
			t.Errorf("%s: lines %v and facts %v to redraw", doing, c.Lines, c.Edges)
		}
		if newest, err := s.Newest([]EdgeID{id, 99}); err != nil || len(newest) != 1 || newest[id].Text != want {
			t.Errorf("%s: newest evidence %+v, %v", doing, newest, err)
		}
	}
	quotes("edit", s.correct(Correction{Op: EditLine, Line: l.ID, Text: "Sure, I like Rome."}), "Sure, I like Rome.")
	again := likes
	again.From, again.To = 6, 12
	c, err := s.Apply(l.ID, []Claim{again})
	if err != nil {
		t.Fatal(err)
	}
	quotes("extraction", c, "Sure, I like Rome.")
	quotes("undo", s.undo(), "I like Rome.")
}

func TestCorrectionsOfNothingAreRefused(t *testing.T) {
	cases := map[string]struct {
		c    Correction
		want error
	}{
		"unknown fact":        {Correction{Op: RejectFact, Edge: 99}, ErrNotFound},
		"unknown node":        {Correction{Op: RenameNode, Node: 99, Text: "x"}, ErrNotFound},
		"unknown line":        {Correction{Op: EditLine, Line: 99, Text: "x"}, ErrNotFound},
		"unknown op":          {Correction{Op: "paint"}, ErrInvalid},
		"empty name":          {Correction{Op: RenameNode, Node: UserNode, Text: " "}, ErrInvalid},
		"unknown type":        {Correction{Op: RetypeNode, Node: UserNode, Type: "CITY"}, ErrInvalid},
		"retyped user":        {Correction{Op: RetypeNode, Node: UserNode, Type: "PERSON"}, ErrInvalid},
		"merged user":         {Correction{Op: MergeNodes, Node: UserNode, Into: 3001}, ErrInvalid},
		"unknown relation":    {Correction{Op: ChangeRelation, Edge: 3001, Relation: "adores"}, ErrInvalid},
		"fact with itself":    {Correction{Op: AddFact, Subject: user, Relation: "likes", Object: user}, ErrInvalid},
		"end to the other":    {Correction{Op: ChangeObject, Edge: 3001, Into: UserNode}, ErrInvalid},
		"status out of words": {Correction{Op: SetStatus, Edge: 3001, Status: "gone"}, ErrInvalid},
	}
	s := begin(t)
	s.hear("I like Rome.", sure(user, "likes", place("Rome")))
	before := s.projections()
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if _, err := s.Correct(c.c); !errors.Is(err, c.want) {
				t.Errorf("error %v, want %v", err, c.want)
			}
		})
	}
	s.same(before, "refused corrections")
}

func TestCorrectionThatChangesNothingIsNotLogged(t *testing.T) {
	s := begin(t)
	s.hear("I like Rome.", sure(user, "likes", place("Rome")))
	id := s.fact("USER likes Rome").ID
	first := s.correct(Correction{Op: ConfirmFact, Edge: id})
	again := s.correct(Correction{Op: ConfirmFact, Edge: id})
	if !again.Empty() || again.Seq != first.Seq {
		t.Errorf("second confirmation: %+v", again)
	}
}
