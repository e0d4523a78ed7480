package ui

import (
	"slices"
	"testing"

	"hotmem/graphstore"
)

func TestRelationsAreSaidAsAFriendWould(t *testing.T) {
	for _, test := range []struct {
		relation, predicate string
		negated             bool
		status              string
		you                 bool
		want                string
	}{
		{"lives_in", "", false, "current", false, "lives in"},
		{"lives_in", "", false, "", false, "lives in"},
		{"lives_in", "", false, "current", true, "live in"},
		{"lives_in", "", true, "current", false, "does not live in"},
		{"lives_in", "", true, "current", true, "do not live in"},
		{"lives_in", "", false, "past", true, "lived in"},
		{"lives_in", "", true, "past", false, "did not live in"},
		{"lives_in", "", true, "planned", false, "will not live in"},
		{"attends", "", false, "planned", true, "will go to"},
		{"is_a", "", false, "current", false, "is a"},
		{"is_a", "", true, "past", false, "was not a"},
		{"has_attribute", "", false, "current", true, "are"},
		{"sibling_of", "", false, "past", true, "were sister or brother of"},
		{"has_pet", "", false, "current", true, "have the pet"},
		{"has_pet", "", false, "past", true, "had the pet"},
		{"founded", "", false, "current", true, "founded"},
		{"founded", "", true, "current", false, "did not found"},
		{"visited", "", false, "planned", true, "will visit"},
		{"open", "give up", false, "current", false, "gives up"},
		{"open", "give up", false, "past", true, "gave up"},
		{"open", "be proud of", true, "current", true, "are not proud of"},
		{"open", "carry", false, "past", false, "carried"},
		{"open", "play with", false, "past", false, "played with"},
		{"open", "watch", false, "current", false, "watches"},
		{"open", "plan", false, "past", false, "planned"},
		{"open", "raise", false, "past", false, "raised"},
		{"open", "", false, "current", false, "is tied to"},
		{"no_such", "crash into", false, "past", false, "crashed into"},
	} {
		if got := Saying(test.relation, test.predicate, test.negated, test.status, test.you); got != test.want {
			t.Errorf("%+v: %q", test, got)
		}
	}
}

func TestSentencesNameBothEndsAndTheTime(t *testing.T) {
	you, wedding := graphstore.Term{Name: "USER", Type: "USER"}, graphstore.Term{Name: "wedding", Type: "EVENT"}
	for want, c := range map[string]graphstore.Claim{
		"You will go to wedding (in June)": {Subject: you, Relation: "attends", Object: wedding, Status: "planned", When: "in June"},
		"Ann manages you":                  {Subject: graphstore.Term{Name: "Ann", Type: "PERSON"}, Relation: "manages", Object: you},
	} {
		if got := Sentence(c); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestTableHasTheStoresRelationsAndTypes(t *testing.T) {
	for _, id := range graphstore.Relations {
		if _, ok := relations[id]; !ok && id != "open" {
			t.Errorf("no words for the relation %s", id)
		}
	}
	for _, r := range words.Relations {
		if !slices.Contains(graphstore.Relations, r.ID) {
			t.Errorf("words for %s, which is no relation", r.ID)
		}
		if r.Symmetric != graphstore.Symmetric(r.ID) {
			t.Errorf("%s: the table says symmetric is %v", r.ID, r.Symmetric)
		}
		if r.Verb == "" || r.Third == "" || r.Past == "" || r.Pick == "" {
			t.Errorf("%s lacks a form", r.ID)
		}
	}
	var types []string
	for _, x := range words.Types {
		types = append(types, x.ID)
	}
	for _, id := range append([]string{"USER"}, graphstore.Types...) {
		if !slices.Contains(types, id) {
			t.Errorf("no words for the type %s", id)
		}
	}
}
