package extract

import (
	"strings"
	"testing"
)

func TestTheStreamReportCountsWhatComesAndGoes(t *testing.T) {
	marta, ben, rex := "Marta lives_in Lisbon high", "Ben likes tea high", "Rex is_a dog high"
	shown := func(words ...string) (out [][]Relation) { // facts with a comma between them
		for _, w := range words {
			var facts []string
			for f := range strings.SplitSeq(w, ", ") {
				if f != "" {
					facts = append(facts, f)
				}
			}
			out = append(out, told(facts...).Relations)
		}
		return out
	}
	for _, c := range []struct {
		name                                         string
		gold, final                                  Record
		shown                                        [][]Relation
		flickers, blinks, shownN, right, early, good int
		median                                       float64
	}{
		{"early and right", told(marta), told(marta), shown("", marta, marta, marta), 0, 0, 1, 1, 1, 1, .5},
		{"only at the end", told(marta), told(marta), shown("", "", "", marta), 0, 0, 1, 1, 0, 1, 1},
		{"never while spoken", told(marta), told(marta), shown("", "", "", ""), 0, 0, 0, 1, 0, 0, 1},
		{"a flicker, shown twice, counts once", told(marta), told(marta), shown(rex, marta, rex, marta), 1, 1, 2, 1, 1, 1, .5},
		{"a flicker that was right", told(marta), told(), shown("", marta, "", ""), 1, 0, 1, 0, 0, 1, 0},
		{"one that the end shows and takes back", told(), told(), shown("", "", "", rex), 1, 0, 1, 0, 0, 0, 0},
		{"a blink", told(marta), told(marta), shown(marta, "", marta, ""), 0, 2, 1, 1, 1, 1, .25},
		{"early and wrong", told(marta), told(ben), shown("", ben, ben, ben), 0, 0, 1, 0, 0, 0, 0},
		{"other order, same friendship", told("Ann friend_of Bo high"), told("Bo friend_of Ann high"), shown("Ann friend_of Bo high", "", "", ""), 0, 1, 1, 1, 1, 1, .25},
		{"two facts, of which the middle is the earlier", told(marta, ben), told(marta, ben), shown("", marta, marta+", "+ben, marta+", "+ben), 0, 0, 2, 2, 2, 2, .5},
	} {
		var r StreamReport
		r.Add(c.gold, c.final, c.shown)
		if r.Flickers != c.flickers || r.Blinks != c.blinks || r.Shown != c.shownN || r.Right != c.right || r.Early != c.early || r.ShownRight != c.good || r.Median() != c.median {
			t.Errorf("%s: %v", c.name, r)
		}
	}
	if s := (StreamReport{}).String(); strings.Contains(s, "NaN") {
		t.Errorf("no utterances give %s", s)
	}
}
