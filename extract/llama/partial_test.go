package llama

import (
	"testing"

	"hotmem/extract"
)

// The bounds leave room below what ./build.sh eval --stream prints for the whole tuning set: this is every thirteenth of it.
func TestWhatIsShownOfUnfinishedTextsIsSeldomTakenBack(t *testing.T) {
	x := shipped(t)
	var rep extract.StreamReport
	for i, g := range tuningSet(t) {
		if i%13 > 0 {
			continue
		}
		var shown [][]extract.Relation
		in := extract.Input{Domain: g.Domain, Context: g.Context}
		for _, in.Text = range extract.Prefixes(g.Text) {
			rec, err := x.Partial(t.Context(), in)
			if err != nil {
				t.Fatal(err)
			}
			shown = append(shown, rec.Relations)
		}
		final, err := x.Extract(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		rep.Add(g, final, shown)
	}
	t.Log(rep)
	if rep.PerUtterance() > .5 {
		t.Errorf("%.2f facts an utterance are taken back", rep.PerUtterance())
	}
	if early := float64(rep.Early) / float64(rep.Right); early < .65 {
		t.Errorf("only %.2f of the right facts are shown before the end", early)
	}
}
