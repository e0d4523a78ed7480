package extract

import (
	"strings"
	"testing"
	"unicode/utf8"

	"hotmem/graphstore"
)

func TestClaimsOfTheGuideExample(t *testing.T) {
	recs, err := ReadRecords(strings.NewReader(guideRecord))
	if err != nil {
		t.Fatal(err)
	}
	recs[0].Relations[1].Confidence = 0.75
	got := Claims(recs[0])
	want := []struct {
		subject, object graphstore.Term
		quote           string
		confidence      float32
	}{
		{graphstore.Term{Name: "puppy", Type: "CONCEPT"}, graphstore.Term{Name: "Potola", Type: "ANIMAL"}, "Her name is Potola", 1},
		{graphstore.Term{Name: "Potola", Type: "ANIMAL"}, graphstore.Term{Name: "long walks", Type: "ACTIVITY"}, "she loves long walks", 0.75},
		{graphstore.Term{Name: "Potola", Type: "ANIMAL"}, graphstore.Term{Name: "vacuum cleaner", Type: "PRODUCT"}, "she hates the vacuum cleaner", 1},
	}
	if len(got) != len(want) {
		t.Fatalf("%d claims, want %d", len(got), len(want))
	}
	for i, w := range want {
		c := got[i]
		if c.Subject != w.subject || c.Object != w.object || c.Confidence != w.confidence || Cut(recs[0].Text, c.From, c.To) != w.quote {
			t.Errorf("claim %d: %+v %q, want %+v", i, c, Cut(recs[0].Text, c.From, c.To), w)
		}
	}
}

func TestClaimsAskForTheConfidenceThatTheirDomainNeeds(t *testing.T) {
	recs, err := ReadRecords(strings.NewReader(guideRecord))
	if err != nil {
		t.Fatal(err)
	}
	recs[0].Believed = 0.75
	for _, c := range Claims(recs[0]) {
		if c.Needed != 0.75 {
			t.Errorf("%v needs %v", c, c.Needed)
		}
	}
}

func TestClaimsPointToTheirEvidence(t *testing.T) {
	entity := func(text, name, kind string) Entity {
		at := CodePoints(text, strings.Index(text, name))
		return Entity{Text: name, Start: at, End: at + utf8.RuneCountInString(name), Type: kind}
	}
	for _, c := range []struct {
		name, text string
		entities   []string // text:TYPE
		coref      []Mention
		inContext  []Entity
		fact       Relation
		quote      string
		subject    string // type
		object     string
	}{
		{name: "the nearest I", text: "I met Zoë, and then my dog bit her", entities: []string{"Zoë:PERSON", "dog:ANIMAL"},
			fact: Relation{Subject: "USER", Relation: "has_pet", Object: "dog"}, quote: "my dog", subject: "USER", object: "ANIMAL"},
		{name: "I as speech recognition runs it together", text: "well im a nurse", entities: []string{"nurse:ROLE"},
			fact: Relation{Subject: "USER", Relation: "works_as", Object: "nurse"}, quote: "im a nurse", subject: "USER", object: "ROLE"},
		{name: "no I in the text", text: "Loving the soup!", entities: []string{"soup:FOOD"},
			fact: Relation{Subject: "USER", Relation: "likes", Object: "soup"}, quote: "soup", subject: "USER", object: "FOOD"},
		{name: "one they for two", text: "They work at Bosch now", entities: []string{"Bosch:ORG"}, coref: []Mention{{Text: "They", Start: 0, End: 4, RefersTo: "Ann and Bo"}},
			fact: Relation{Subject: "Bo", Relation: "works_at", Object: "Bosch"}, quote: "They work at Bosch", subject: "PERSON", object: "ORG"},
		{name: "both ends in the context", text: "Yes, exactly.",
			fact: Relation{Subject: "Ann", Relation: "likes", Object: "tea"}, quote: "Yes, exactly.", subject: "CONCEPT", object: "CONCEPT"},
		{name: "types of the context", text: "She does", inContext: []Entity{{Text: "Ann", Type: "PERSON"}, {Text: "tea", Type: "FOOD"}},
			fact: Relation{Subject: "Ann", Relation: "likes", Object: "tea"}, quote: "She does", subject: "PERSON", object: "FOOD"},
		{name: "a type the guide does not have", text: "I fly Boeing", entities: []string{"Boeing:PLANE"},
			fact: Relation{Subject: "USER", Relation: "uses", Object: "Boeing"}, quote: "I fly Boeing", subject: "USER", object: "CONCEPT"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := Record{Text: c.text, Coref: c.coref, InContext: c.inContext, Relations: []Relation{c.fact}}
			for _, e := range c.entities {
				name, kind, _ := strings.Cut(e, ":")
				r.Entities = append(r.Entities, entity(c.text, name, kind))
			}
			got := Claims(r)
			if len(got) != 1 {
				t.Fatalf("%d claims", len(got))
			}
			if q := Cut(c.text, got[0].From, got[0].To); q != c.quote || got[0].Subject.Type != c.subject || got[0].Object.Type != c.object {
				t.Errorf("%q, %s, %s; want %q, %s, %s", q, got[0].Subject.Type, got[0].Object.Type, c.quote, c.subject, c.object)
			}
		})
	}
}

func TestClaimsKeepEverythingThatWasSaidOfAFact(t *testing.T) {
	r := Record{Text: "I gave up the flat on Monday", Relations: []Relation{
		{Subject: "USER", Relation: "open", Object: "flat", Negated: true, Status: "past", When: "Monday", Predicate: "give up", Confidence: .5}}}
	want := graphstore.Claim{Subject: graphstore.Term{Name: "USER", Type: "USER"}, Object: graphstore.Term{Name: "flat", Type: "CONCEPT"},
		Relation: "open", Predicate: "give up", Negated: true, Status: "past", When: "Monday", From: 0, To: 1, Confidence: .5}
	if got := Claims(r); len(got) != 1 || got[0] != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}

func TestWhatIsNoFactMakesNoClaim(t *testing.T) {
	for name, fact := range map[string]Relation{
		"asked":                  {Subject: "sister", Relation: "works_at", Object: "?"},
		"no object":              {Subject: "USER", Relation: "likes"},
		"unknown label":          {Subject: "USER", Relation: "adores", Object: "tea"},
		"open without its verb":  {Subject: "USER", Relation: "open", Object: "tea", Predicate: " "},
		"verb without open":      {Subject: "USER", Relation: "likes", Object: "tea", Predicate: "like"},
		"of itself about itself": {Subject: "tea", Relation: "is_a", Object: "tea"},
	} {
		if got := Claims(Record{Text: "x", Relations: []Relation{fact}}); len(got) != 0 {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// TestClaimsOfTheFixtureLieInTheirTexts goes through real records: every span cuts out text, every
// name of the text is inside the span of its own claims or stands there by pronoun.
func TestClaimsOfTheFixtureLieInTheirTexts(t *testing.T) {
	n := 0
	for _, r := range fixture(t, "testdata/score-gold.jsonl") {
		length := utf8.RuneCountInString(r.Text)
		claims := Claims(r)
		if len(claims) != len(r.Relations) {
			t.Errorf("%s: %d claims of %d relations", r.ID, len(claims), len(r.Relations))
		}
		for _, c := range claims {
			n++
			if c.From < 0 || c.From >= c.To || c.To > length {
				t.Errorf("%s: span %d to %d in %d code points", r.ID, c.From, c.To, length)
			}
			if c.Subject.Type == "" || c.Object.Type == "" {
				t.Errorf("%s: an end without a type: %+v", r.ID, c)
			}
		}
	}
	if n < 200 {
		t.Errorf("only %d claims", n)
	}
}
