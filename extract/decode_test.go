package extract

import (
	"math"
	"slices"
	"testing"
)

func TestEntitiesThatNothingIsToldOfMustBeSure(t *testing.T) {
	entity := func(name string, confidence float64) Entity {
		return Entity{Text: name, Type: "PERSON", Confidence: confidence}
	}
	r := &reading{heads: &heads{opt: options{Lone: .5}}, names: []string{"Ana", "Bob", "Cem", "Dag", "Eve", "Fay", "USER", "?"},
		rec: Record{
			Entities:  []Entity{entity("Ana", .1), entity("Bob", .1), entity("Cem", .1), entity("Dag", .6), entity("Eve", .4), entity("Fay", .2)},
			Relations: []Relation{{Subject: "USER", Relation: "likes", Object: "Ana", When: "Bob"}},
			Query:     []Relation{{Subject: "Fay", Relation: "lives_in", Object: "?"}},
		}}
	r.thin([]mention{{3, 3, kindPronoun, 2}, {4, 4, 0, 4}})
	var left []string
	for _, e := range r.rec.Entities {
		left = append(left, e.Text)
	}
	if want := []string{"Ana", "Bob", "Cem", "Dag", "Fay"}; !slices.Equal(left, want) {
		t.Errorf("%v are left, not %v: Ana and Bob are told of, a pronoun is Cem, Dag is sure, Fay is asked about", left, want)
	}
}

func TestSpansThatNameNothingAsAWholeAreDropped(t *testing.T) {
	for _, c := range []struct {
		name    string
		nothing float32
		from    int
		want    bool
	}{
		{"a name", .1, 0, true},
		{"nothing", .9, 0, false},
		{"in the context it stays, where a fact may need it", .9, 1, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := &scene{in: Input{Text: "Ana"}, words: []seenWord{{Word: Word{Text: "ana", End: 3}, part: -1}}, from: c.from}
			r := &reading{heads: &heads{opt: options{Nothing: .7}}, scene: s}
			p := make([]float32, 33)
			p[1], p[3] = .6, .4 // PERSON, ANIMAL by the word
			whole := make([]float32, 17)
			whole[0], whole[1], whole[16] = (1-c.nothing)/4, (1-c.nothing)*3/4, c.nothing // ANIMAL by the whole
			f := found{}
			if got := r.named(&f, p, 33, whole); got != c.want {
				t.Errorf("named: %v", got)
			}
			if Types[f.kind] != "ANIMAL" || math.Abs(f.conf-float64(1-c.nothing)*2/3) > 1e-6 {
				t.Errorf("%s with %.3f", Types[f.kind], f.conf)
			}
		})
	}
}

func TestAUnitHasLengthOne(t *testing.T) {
	if v := unit([]float32{3, 4}); math.Abs(float64(v[0])-.6) > 1e-6 || math.Abs(float64(v[1])-.8) > 1e-6 {
		t.Errorf("%v", v)
	}
	if v := unit([]float32{0, 0}); v[0] != 0 || v[1] != 0 {
		t.Errorf("nothing became %v", v)
	}
}

func TestALongTextIsOfItsOpeningsDomainAndAsCautiousAsItsStrictestWindow(t *testing.T) {
	whole := Record{Act: "social"}
	whole.join(Record{Domain: "medical", Believed: .9, Vector: []float32{1}, Act: "statement"}, 0)
	whole.join(Record{Domain: "casual", Believed: .6, Vector: []float32{2}, Act: "question"}, 10)
	if whole.Domain != "medical" || whole.Believed != .9 || whole.Vector[0] != 1 || whole.Act != "statement" {
		t.Errorf("%+v", whole)
	}
}
