package ui

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"hotmem/graphstore"
)

func TestCorrectionsAreReadAsTheyAreMeant(t *testing.T) {
	for body, want := range map[string]graphstore.Correction{
		`{"op":"rename","node":"12","text":" Martha "}`:                               {Op: graphstore.RenameNode, Node: 12, Text: "Martha"},
		`{"op":"retype","node":"12","type":"ORG"}`:                                    {Op: graphstore.RetypeNode, Node: 12, Type: "ORG"},
		`{"op":"merge","node":"12","into":"13"}`:                                      {Op: graphstore.MergeNodes, Node: 12, Into: 13},
		`{"op":"relation","edge":"9007199254740993","relation":"likes"}`:              {Op: graphstore.ChangeRelation, Edge: 9007199254740993, Relation: "likes"},
		`{"op":"relation","edge":"3","relation":"open","predicate":"be proud of"}`:    {Op: graphstore.ChangeRelation, Edge: 3, Relation: "open", Predicate: "be proud of"},
		`{"op":"negated","edge":"3","negated":true}`:                                  {Op: graphstore.SetNegated, Edge: 3, Negated: true},
		`{"op":"status","edge":"3","status":"past"}`:                                  {Op: graphstore.SetStatus, Edge: 3, Status: "past"},
		`{"op":"object","edge":"3","object":{"name":"Meta","type":"ORG"}}`:            {Op: graphstore.ChangeObject, Edge: 3, Object: graphstore.Term{Name: "Meta", Type: "ORG"}},
		`{"op":"edit_line","line":"3","text":"Marta lives in Lisbon, not in Porto."}`: {Op: graphstore.EditLine, Line: 3, Text: "Marta lives in Lisbon, not in Porto."},
	} {
		got, err := decodeCorrection(strings.NewReader(body))
		if err != nil || got != want {
			t.Errorf("%s: got %+v, %v, want %+v", body, got, err, want)
		}
	}
}

func TestRenamedNodeKeepsItsNameAndFact(t *testing.T) {
	p, store := newPanel(t, Options{})
	tell(t, p, store, "Marta lives in Lisbon.", lives("Marta", "Lisbon"))
	s, err := p.snapshot()
	if err != nil {
		t.Fatal(err)
	}
	node := s.Edges[0].From
	if code, _, body := ask(t, p, "POST", "/api/correct", `{"op":"rename","node":"`+node+`","text":"Martha"}`, nil); code != 200 {
		t.Fatalf("%d %s", code, body)
	}
	_, _, body := ask(t, p, "GET", "/api/node/"+node, "", nil)
	var card struct {
		Node  wireNode
		Facts []wireEdge
	}
	if err := json.Unmarshal([]byte(body), &card); err != nil {
		t.Fatal(err)
	}
	if card.Node.Name != "Martha" || card.Node.By != "you" || len(card.Facts) != 1 {
		t.Errorf("card %+v", card)
	}
	_, _, body = ask(t, p, "GET", "/api/facts?text=martha", "", nil)
	if !strings.Contains(body, `"says":"lives in"`) {
		t.Errorf("the search does not find the new name: %s", body)
	}
	_, _, body = ask(t, p, "GET", "/api/fact/"+s.Edges[0].ID, "", nil)
	if !strings.Contains(body, "Marta lives in Lisbon.") {
		t.Errorf("the card lost the words it came from: %s", body)
	}
	_, _, body = ask(t, p, "GET", "/api/lines", "", nil)
	if !strings.Contains(body, "Marta lives in Lisbon.") {
		t.Errorf("what was said changed: %s", body)
	}
}

func TestExportIsAFileWithEverything(t *testing.T) {
	p, store := newPanel(t, Options{})
	tell(t, p, store, "Marta lives in Lisbon.", lives("Marta", "Lisbon"))
	code, head, body := ask(t, p, "GET", "/api/export", "", nil)
	if code != 200 || !strings.HasPrefix(head.Get("Content-Disposition"), `attachment; filename="hotmem-`) {
		t.Fatalf("%d %v", code, head)
	}
	if !json.Valid([]byte(body)) || !strings.Contains(body, "Marta lives in Lisbon.") {
		t.Errorf("export of %d bytes lacks the sentence, or is no JSON", len(body))
	}
}

func FuzzCorrection(f *testing.F) {
	for _, seed := range []string{
		`{"op":"rename","node":"12","text":"Martha"}`, `{"op":"relation","edge":"3","relation":"open","predicate":"raise"}`,
		`{"op":"add","relation":"likes","subject":{"name":"USER","type":"USER"},"object":{"name":"tea","type":"FOOD"}}`,
		`{"op":"edit_line","line":"1","text":"\u0000\ud800"}`, `{"op":"reject","edge":"18446744073709551616"}`, `{"op":"reject","edge":"-1"}`,
		`{"op":"reject","edge":"1"}{}`, `[]`, `null`, `{`, ``, "\xff\xfe", `{"op":"merge","node":"1","into":"1"}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		c, err := decodeCorrection(strings.NewReader(string(body)))
		if err != nil {
			if words := wordsFor(err); words.code < 400 || words.code >= 500 || words.Trouble.Error == "" || words.Next == "" {
				t.Fatalf("%q is refused without words: %+v", body, words)
			}
			return
		}
		if needs[c.Op] == nil {
			t.Fatalf("an unknown correction %q passed", c.Op)
		}
		if c.Relation != "" && !slices.Contains(graphstore.Relations, c.Relation) || c.Type != "" && !slices.Contains(graphstore.Types, c.Type) {
			t.Fatalf("words that are not in the guide passed: %+v", c)
		}
		for _, text := range []string{c.Text, c.Predicate, c.When, c.Subject.Name, c.Object.Name} {
			if utf8.RuneCountInString(text) > textLimit {
				t.Fatal("a text beyond the limit passed")
			}
		}
	})
}
