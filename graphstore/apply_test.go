package graphstore

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"
)

func TestSameFactAgainIsOneEdgeThatIsSurer(t *testing.T) {
	s := begin(t)
	s.hear("I like Rome.", at(sure(user, "likes", place("Rome")), 0.5))
	s.knows("USER likes Rome doubtful")
	s.hear("Rome, I like it.", at(sure(user, "likes", place("rome")), 0.5))
	s.knows("USER likes Rome ×2")
	f := s.fact("USER likes Rome ×2")
	if math.Abs(float64(f.Confidence)-0.75) > 1e-6 {
		t.Errorf("confidence %v, want 0.75", f.Confidence)
	}
	if len(f.Evidence) != 2 || f.Evidence[0].Text != "Rome, I like it." || f.Evidence[1].Text != "I like Rome." {
		t.Errorf("evidence %v", f.Evidence)
	}
}

func TestConfidenceIsCapped(t *testing.T) {
	s := begin(t)
	s.hear("one", at(sure(user, "likes", place("Rome")), 1))
	if c := s.fact("USER likes Rome").Confidence; c != oneTelling {
		t.Errorf("after one telling: %v", c)
	}
	for range 4 {
		s.hear("again", at(sure(user, "likes", place("Rome")), 1))
	}
	if c := s.fact("USER likes Rome ×5").Confidence; c != manyTellings {
		t.Errorf("after five tellings: %v", c)
	}
	s.hear("what", at(sure(user, "likes", place("Oslo")), float32(math.NaN())))
	if c := s.fact("USER likes Oslo doubtful").Confidence; c != 0 {
		t.Errorf("confidence that is not a number became %v", c)
	}
}

func TestLineTellsAFactOnce(t *testing.T) {
	s := begin(t)
	s.hear("Rome, Rome", at(sure(user, "likes", place("Rome")), 0.4), at(sure(user, "likes", place("Rome")), 0.7))
	f := s.fact("USER likes Rome")
	if f.Count != 1 || f.Confidence != 0.7 {
		t.Errorf("count %d, confidence %v", f.Count, f.Confidence)
	}
}

func TestApplyIsIdempotent(t *testing.T) {
	s := begin(t)
	l, first := s.hear("I like Rome.", sure(user, "likes", place("Rome")))
	before := s.projections()
	again, err := s.Apply(l.ID, []Claim{sure(user, "likes", place("Oslo"))})
	if err != nil || !again.Empty() || again.Seq != first.Seq {
		t.Errorf("second Apply: %+v, %v", again, err)
	}
	s.same(before, "second Apply")
}

func TestUnlearnedLinesWaitInOrder(t *testing.T) {
	s := begin(t)
	a, _ := s.AddLine(Line{Session: s.session, Text: "one"})
	b, _ := s.AddLine(Line{Session: s.session, Text: "two"})
	waiting, err := s.Unlearned()
	if err != nil || len(waiting) != 2 || waiting[0].ID != a.ID || waiting[1].ID != b.ID {
		t.Fatalf("unlearned: %v, %v", waiting, err)
	}
	if _, err := s.Apply(a.ID, nil); err != nil {
		t.Fatal(err)
	}
	if waiting, _ = s.Unlearned(); len(waiting) != 1 || waiting[0].ID != b.ID {
		t.Errorf("unlearned: %v", waiting)
	}
}

func TestSymmetricRelationIsStoredOnce(t *testing.T) {
	s := begin(t)
	s.hear("Anna is a friend of Ben.", sure(person("Anna"), "friend_of", person("Ben")))
	s.hear("Ben is a friend of Anna.", sure(person("Ben"), "friend_of", person("Anna")))
	s.knows("Anna friend_of Ben ×2")
}

func TestMentionsFindTheirNode(t *testing.T) {
	cases := []struct {
		name          string
		first, second Term
		same          bool
	}{
		{"letter case", org("Google"), org("google"), true},
		{"article", org("the bakery"), org("bakery"), true},
		{"possessive", person("my boss"), person("boss"), true},
		{"final 's", person("Anna's"), person("Anna"), true},
		{"punctuation", person("Anna."), person("Anna"), true},
		{"wide letters", person("Ａｎｎａ"), person("Anna"), true},
		{"white space", person("Anna  Smith"), person("Anna Smith"), true},
		{"compatible type", org("Riverside High"), place("Riverside High"), true},
		{"kind found to be a thing", Term{"Figma", "CONCEPT"}, Term{"Figma", "PRODUCT"}, true},
		{"another name", person("Anna"), person("Ann"), false},
		{"dog and man", person("Max"), Term{"Max", "ANIMAL"}, false},
		{"a user is not the user", user, person("the user"), false},
		{"only an article", person("A"), person("The"), false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s := begin(t)
			s.hear("one", sure(c.first, "likes", place("Rome")))
			s.hear("two", sure(c.second, "likes", place("Rome")))
			stats, err := s.Stats()
			if err != nil || (stats.Nodes == 2) != c.same {
				t.Errorf("%d nodes, %v", stats.Nodes, err)
			}
		})
	}
}

func TestKnownKindTakesTheCloserType(t *testing.T) {
	s := begin(t)
	s.hear("one", sure(user, "uses", Term{"Figma", "CONCEPT"}))
	s.hear("two", sure(user, "uses", Term{"Figma", "PRODUCT"}))
	if n := s.named("Figma"); n.Type != "PRODUCT" {
		t.Errorf("type %s", n.Type)
	}
}

func TestSisterIsMartaOnceNamed(t *testing.T) {
	s := begin(t)
	s.hear("I have a sister.", sure(user, "sibling_of", person("sister")))
	s.hear("My sister is called Marta.", sure(person("sister"), "also_called", person("Marta")))
	s.hear("Marta lives in Rome.", sure(person("Marta"), "lives_in", place("Rome")))
	s.hear("My sister likes Rome.", sure(person("my sister"), "likes", place("Rome")))
	s.knows("USER sibling_of sister", "sister also_called Marta", "sister lives_in Rome", "sister likes Rome")
	if n := s.named("sister"); len(n.Aliases) != 1 || n.Aliases[0] != "Marta" {
		t.Errorf("aliases %q", n.Aliases)
	}
}

func TestNameInTheSameLineIsOneNode(t *testing.T) {
	s := begin(t)
	puppy, potola := Term{"puppy", "ANIMAL"}, Term{"Potola", "ANIMAL"}
	s.hear("Her name is Potola and she loves long walks.",
		sure(potola, "likes", Term{"long walks", "ACTIVITY"}), sure(puppy, "also_called", potola))
	s.knows("puppy also_called Potola", "puppy likes long walks")
}

func TestKnownNameTakesTheNewOne(t *testing.T) {
	s := begin(t)
	s.hear("Robert lives in Rome.", sure(person("Robert"), "lives_in", place("Rome")))
	s.hear("Bobby is called Robert.", sure(person("Bobby"), "also_called", person("Robert")))
	s.hear("Bobby likes Oslo.", sure(person("Bobby"), "likes", place("Oslo")))
	s.knows("Robert lives_in Rome", "Robert also_called Bobby", "Robert likes Oslo")
}

func TestDoubtfulNameIsLentOnlyOnceBelieved(t *testing.T) {
	s := begin(t)
	naming := at(sure(person("sister"), "also_called", person("Marta")), 0.5)
	s.hear("My sister, Marta?", naming)
	s.hear("Marta lives in Rome.", sure(person("Marta"), "lives_in", place("Rome")))
	s.knows("sister also_called Marta doubtful", "Marta lives_in Rome")
	s.hear("My sister Marta.", naming)
	s.hear("Marta likes Oslo.", sure(person("Marta"), "likes", place("Oslo")))
	s.knows("sister also_called Marta ×2", "Marta lives_in Rome", "sister likes Oslo")
}

func TestFactNeedsTheConfidenceThatItsClaimAsksFor(t *testing.T) {
	s := begin(t)
	takes := at(sure(user, "takes", drug("warfarin")), 0.8)
	strict := takes
	strict.Needed = 0.9
	s.hear("I am on warfarin I think.", strict)
	s.knows("USER takes warfarin doubtful")
	s.hear("Warfarin, yes.", strict) // 1 - 0.2 × 0.2
	s.knows("USER takes warfarin ×2")
	certain := at(sure(user, "takes", drug("ibuprofen")), 0.97)
	certain.Needed = 0.99 // more than one telling can give
	s.hear("Ibuprofen too.", certain)
	s.knows("USER takes warfarin ×2", "USER takes ibuprofen")
	s.hear("Robert takes warfarin.", at(sure(person("Robert"), "takes", drug("warfarin")), 0.8))
	s.knows("USER takes warfarin ×2", "USER takes ibuprofen", "Robert takes warfarin")
}

func TestPlainNegationRetires(t *testing.T) {
	s := begin(t)
	lives := sure(user, "lives_in", place("Rome"))
	s.hear("I live in Rome.", lives)
	s.hear("I do not live in Rome.", not(lives))
	s.knows("USER lives_in Rome retired", "USER not lives_in Rome")
	old := s.fact("USER lives_in Rome retired")
	if old.Memory || old.Ended.IsZero() || old.RetiredBy != s.fact("USER not lives_in Rome").ID {
		t.Errorf("retired fact: %+v", old.Edge)
	}
	s.hear("I live in Rome again.", lives)
	s.knows("USER lives_in Rome ×2", "USER not lives_in Rome retired")
}

func TestDoubtfulNegationRetiresNothing(t *testing.T) {
	s := begin(t)
	lives := sure(user, "lives_in", place("Rome"))
	s.hear("I live in Rome.", lives)
	s.hear("I do not live in Rome?", at(not(lives), 0.4))
	s.knows("USER lives_in Rome", "USER not lives_in Rome doubtful")
}

func TestLineThatSaysBothIsDoubted(t *testing.T) {
	s := begin(t)
	lives := sure(user, "lives_in", place("Rome"))
	s.hear("I live in Rome, I do not live in Rome.", lives, not(lives))
	s.knows("USER lives_in Rome doubtful", "USER not lives_in Rome doubtful")
}

func TestLaterTellingSetsStatusAndTime(t *testing.T) {
	s := begin(t)
	works := sure(user, "works_at", org("Google"))
	s.hear("I work at Google since May.", status(works, "", "May"))
	s.hear("I used to work at Google.", status(works, "past", ""))
	s.knows("USER works_at Google past (May) ×2")
}

func TestLinesLearnedOutOfOrderCountInTheOrderSaid(t *testing.T) {
	s := begin(t)
	works := sure(user, "works_at", org("Google"))
	first, _ := s.AddLine(Line{Session: s.session, Text: "I work at Google."})
	s.hear("I used to work at Google.", status(works, "past", ""))
	if _, err := s.Apply(first.ID, []Claim{works}); err != nil {
		t.Fatal(err)
	}
	s.knows("USER works_at Google past ×2")
}

func TestEvidenceFollowsTheWords(t *testing.T) {
	s := begin(t)
	l, err := s.AddLine(Line{
		Session: s.session, Text: "Äh, I like Rome.", Start: time.Second, End: 4 * time.Second,
		Words: []Word{{0, 3, 1 * time.Second, 2 * time.Second}, {4, 5, 2 * time.Second, 2500 * time.Millisecond}, {6, 16, 2500 * time.Millisecond, 4 * time.Second}},
	})
	if err != nil {
		t.Fatal(err)
	}
	c := sure(user, "likes", place("Rome"))
	c.From, c.To = 4, 15
	if _, err := s.Apply(l.ID, []Claim{c}); err != nil {
		t.Fatal(err)
	}
	ev := s.fact("USER likes Rome").Evidence[0]
	if ev.Start != 2*time.Second || ev.End != 4*time.Second || string([]rune(ev.Text)[ev.From:ev.To]) != "I like Rome" {
		t.Errorf("evidence %+v", ev)
	}
}

func TestBadClaimsAreRefusedWhole(t *testing.T) {
	good := sure(user, "likes", place("Rome"))
	cases := map[string]func(*Claim){
		"unknown relation":    func(c *Claim) { c.Relation = "adores" },
		"unknown type":        func(c *Claim) { c.Object.Type = "CITY" },
		"empty name":          func(c *Claim) { c.Object.Name = " \n" },
		"endless name":        func(c *Claim) { c.Object.Name = strings.Repeat("a", maxText+1) },
		"no predicate":        func(c *Claim) { c.Relation = "open" },
		"span before":         func(c *Claim) { c.From = -1 },
		"span beyond":         func(c *Claim) { c.To = 100 },
		"span turned round":   func(c *Claim) { c.From, c.To = 3, 2 },
		"unknown status":      func(c *Claim) { c.Status = "future" },
		"claim from a person": func(c *Claim) { c.By = Person },
	}
	for name, spoil := range cases {
		t.Run(name, func(t *testing.T) {
			s := begin(t)
			l, _ := s.AddLine(Line{Session: s.session, Text: "I like Rome."})
			bad := good
			spoil(&bad)
			if _, err := s.Apply(l.ID, []Claim{good, bad}); !errors.Is(err, ErrInvalid) {
				t.Errorf("error %v", err)
			}
			s.knows()
			if waiting, _ := s.Unlearned(); len(waiting) != 1 {
				t.Error("the line was marked learned")
			}
		})
	}
}

func TestHostileNamesAreKept(t *testing.T) {
	s := begin(t)
	names := []string{"<script>alert(1)</script>", strings.Repeat("ab", 5000), "שלום", "a\x00b", "\xff\xfe", "ﷺ" + strings.Repeat("ﷺ", 2000)}
	for _, name := range names {
		s.hear("x", sure(user, "likes", Term{name, "CONCEPT"}))
		s.hear("x", sure(user, "likes", Term{name, "CONCEPT"}))
	}
	if stats, _ := s.Stats(); stats.Facts != len(names) || stats.Nodes != len(names)+1 {
		t.Errorf("%+v", stats)
	}
}

func TestEditedLineIsLearnedAgain(t *testing.T) {
	s := begin(t)
	rome, oslo := sure(user, "likes", place("Rome")), sure(user, "likes", place("Oslo"))
	l, _ := s.hear("I like Rome and Bergen.", rome, sure(user, "likes", place("Bergen")))
	kept := s.fact("USER likes Rome").ID
	s.correct(Correction{Op: EditLine, Line: l.ID, Text: "I like Rome and Oslo."})
	if ev := s.fact("USER likes Rome").Evidence[0]; ev.From != 0 || ev.To != 0 {
		t.Errorf("a span of the old text: %+v", ev)
	}
	if _, err := s.Learn(l, []Claim{rome}); !errors.Is(err, ErrStale) {
		t.Errorf("claims read from the old text: %v", err)
	}
	waiting, _ := s.Unlearned()
	if len(waiting) != 1 || waiting[0].Text != "I like Rome and Oslo." {
		t.Fatalf("unlearned: %v", waiting)
	}
	if _, err := s.Learn(waiting[0], []Claim{rome, oslo}); err != nil {
		t.Fatal(err)
	}
	s.knows("USER likes Rome", "USER likes Oslo")
	if s.fact("USER likes Rome").ID != kept {
		t.Error("the fact that both texts tell has another id")
	}
	s.undo()
	s.knows("USER likes Rome", "USER likes Bergen")
	if waiting, _ := s.Unlearned(); len(waiting) != 0 {
		t.Errorf("unlearned after undo: %v", waiting)
	}
	s.redo()
	s.knows("USER likes Rome", "USER likes Oslo")
}
