package extract

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
)

func fixture(tb testing.TB, path string) []Record {
	tb.Helper()
	f, err := os.Open(path)
	if err != nil {
		tb.Fatal(err)
	}
	defer f.Close()
	recs, err := ReadRecords(f)
	if err != nil {
		tb.Fatalf("%s: %v", path, err)
	}
	if len(recs) == 0 {
		tb.Fatalf("%s is empty", path)
	}
	return recs
}

// TestScoreSaysWhatTheKitsScorerSays compares every printed figure with what train/score.py printed
// for the same files (train/score_fixture.py made all three).
func TestScoreSaysWhatTheKitsScorerSays(t *testing.T) {
	golden, err := os.ReadFile("testdata/score-golden.txt")
	if err != nil {
		t.Fatal(err)
	}
	rep := Score(fixture(t, "testdata/score-gold.jsonl"), fixture(t, "testdata/score-pred.jsonl"))
	figures, byRelation, _ := strings.Cut(string(golden), "\n  ")
	if got := strings.TrimSpace(rep.String()); got != strings.TrimSpace(figures) {
		t.Errorf("got\n%s\nwant\n%s", got, figures)
	}
	want := strings.Split(strings.TrimSuffix("  "+byRelation, "\n"), "\n")
	rep.ByDomain = nil
	got := strings.Split(strings.TrimSuffix(rep.Details(), "\n"), "\n")
	slices.Sort(want) // the kit's order of equally frequent relations is not fixed
	slices.Sort(got)
	if len(want) < 10 || !slices.Equal(got, want) {
		t.Errorf("by relation: got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestDomainsAddUpToTheWhole(t *testing.T) {
	rep := Score(fixture(t, "testdata/score-gold.jsonl"), fixture(t, "testdata/score-pred.jsonl"))
	for name, table := range map[string]map[string]Count{"domain": rep.ByDomain, "relation": rep.ByRelation} {
		var sum Count
		for _, c := range table {
			sum.add(c)
		}
		if sum != rep.Relation || len(table) < 4 {
			t.Errorf("by %s: %v in %d rows, all: %v", name, sum, len(table), rep.Relation)
		}
	}
}

func TestGoldAgainstItselfIsPerfect(t *testing.T) {
	gold := fixture(t, "testdata/score-gold.jsonl")
	rep := Score(gold, gold)
	for name, c := range map[string]Count{"entity": rep.Entity, "entity without type": rep.EntityNoType, "relation": rep.Relation,
		"pair": rep.RelationPair, "status": rep.RelationStatus, "complex": rep.RelationComplex, "raw speech": rep.RelationRawSpeech,
		"coreference": rep.Coreference, "links": rep.Links, "topic shift": rep.TopicShift} {
		if c.F1() != 1 || c.Gold == 0 {
			t.Errorf("%s: %v", name, c)
		}
	}
	if rep.ActF1 != 1 || rep.ActAccuracy != 1 || rep.RoleF1 != 1 || rep.FalseTriples != 0 || rep.PairNotInGold != 0 || rep.Missing != 0 {
		t.Errorf("%+v", rep)
	}
}

func TestOrderDoesNotMatter(t *testing.T) {
	gold, pred := fixture(t, "testdata/score-gold.jsonl"), fixture(t, "testdata/score-pred.jsonl")
	want := Score(gold, pred)
	for seed := range uint64(20) {
		rng := rand.New(rand.NewPCG(seed, 1))
		for _, recs := range [][]Record{gold, pred} {
			rng.Shuffle(len(recs), func(i, j int) { recs[i], recs[j] = recs[j], recs[i] })
			for _, r := range recs {
				rng.Shuffle(len(r.Entities), func(i, j int) { r.Entities[i], r.Entities[j] = r.Entities[j], r.Entities[i] })
				rng.Shuffle(len(r.Relations), func(i, j int) { r.Relations[i], r.Relations[j] = r.Relations[j], r.Relations[i] })
				rng.Shuffle(len(r.Coref), func(i, j int) { r.Coref[i], r.Coref[j] = r.Coref[j], r.Coref[i] })
			}
		}
		if got := Score(gold, pred); !reflect.DeepEqual(got, want) {
			t.Fatalf("seed %d:\n%v\nwant\n%v", seed, got, want)
		}
	}
}

func TestFactsAreComparedByTheGuide(t *testing.T) {
	fact := func(s, r, o string) Relation { return Relation{Subject: s, Relation: r, Object: o} }
	open := func(verb string) Relation {
		return Relation{Subject: "USER", Relation: "open", Object: "salary", Predicate: verb}
	}
	negated := fact("USER", "consumes", "meat")
	negated.Negated = true
	for _, c := range []struct {
		name       string
		gold, pred []Relation
		right      int
	}{
		{"article, case, quotes and possessive", []Relation{fact("Potola's", "likes", "long walks")}, []Relation{fact("potola", "likes", "“The long  walks.”")}, 1},
		{"symmetric either way", []Relation{fact("USER", "spouse_of", "Anna")}, []Relation{fact("Anna", "spouse_of", "USER")}, 1},
		{"directed one way", []Relation{fact("USER", "parent_of", "Anna")}, []Relation{fact("Anna", "parent_of", "USER")}, 0},
		{"either name", []Relation{fact("puppy", "also_called", "Potola"), fact("Potola", "likes", "walks")}, []Relation{fact("puppy", "likes", "walks")}, 1},
		{"no name of a negated alias", []Relation{{Subject: "puppy", Relation: "also_called", Object: "Rex", Negated: true}, fact("Rex", "likes", "walks")}, []Relation{fact("puppy", "likes", "walks")}, 0},
		{"verb without its particle", []Relation{open("give up")}, []Relation{open("give")}, 1},
		{"another verb", []Relation{open("raise")}, []Relation{open("lower")}, 0},
		{"no verb at all", []Relation{open("raise")}, []Relation{open(" ")}, 0},
		{"negation counts", []Relation{negated}, []Relation{fact("USER", "consumes", "meat")}, 0},
		{"twice is once", []Relation{fact("USER", "likes", "tea")}, []Relation{fact("USER", "likes", "tea"), fact("USER", "likes", "the tea")}, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := Score([]Record{{ID: "1", Relations: c.gold}}, []Record{{ID: "1", Relations: c.pred}}).Relation
			if got.Right != c.right || got.Predicted != 1 || got.Gold != len(c.gold) {
				t.Errorf("%v, want %d right", got, c.right)
			}
		})
	}
}

func TestReportIsJSONWithItsShares(t *testing.T) {
	b, err := json.Marshal(Score([]Record{{ID: "1", Domain: "kids", Relations: []Relation{{Subject: "USER", Relation: "likes", Object: "tea"}}}}, nil))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"missing":1`, `"relation":{"f1":0,"gold":1,"precision":0,"predicted":0,"recall":0,"right":0}`, `"by_domain":{"kids":`} {
		if !strings.Contains(string(b), want) {
			t.Errorf("no %s in %s", want, b)
		}
	}
}

func FuzzScore(f *testing.F) {
	f.Add("the Max's", "MAX", "also_called", "give up", true, 3)
	f.Add("", "user", "open", "", false, -1)
	f.Fuzz(func(t *testing.T, a, b, label, verb string, negated bool, at int) {
		r := Record{ID: a, Act: label, Entities: []Entity{{Text: a, Type: b}, {Text: b, Type: b}}, Coref: []Mention{{Start: at, End: at, RefersTo: a}},
			Relations: []Relation{{Subject: a, Relation: label, Object: b, Predicate: verb, Negated: negated}, {Subject: b, Relation: verb, Object: a}},
			Sentences: []Sentence{{Start: 0, End: 1 + at&0xff, Role: label}}}
		got := Score([]Record{r}, []Record{r})
		if got.Relation.F1() != 1 || got.Entity.F1() != 1 || got.RelationPair.F1() != 1 || got.Coreference.F1() != 1 {
			t.Fatalf("a record against itself:\n%v", got)
		}
	})
}
