package extract

import (
	"math"
	"strings"
	"testing"
)

func tellings(confidence float64, right, wrong int) (out []Telling) {
	for range right {
		out = append(out, Telling{confidence, true})
	}
	for range wrong {
		out = append(out, Telling{confidence, false})
	}
	return out
}

func TestCalibrationErrorIsTheDistanceOfWordAndDeed(t *testing.T) {
	for _, c := range []struct {
		name string
		all  []Telling
		bins int
		want float64
	}{
		{"nothing told", nil, 2, 0},
		{"eight of ten right with .8", tellings(.8, 8, 2), 1, 0},
		{"six of ten right with .8", tellings(.8, 6, 4), 1, .2},
		{"all wrong with certainty", tellings(1, 0, 5), 2, 1},
		{"too sure below, not sure enough above: no trade", append(tellings(.2, 0, 10), tellings(.8, 10, 0)...), 2, .2},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := Reliable(c.all, c.bins).Error; math.Abs(got-c.want) > 1e-9 {
				t.Errorf("error %v, not %v", got, c.want)
			}
		})
	}
}

func TestBinsHoldEverythingOnce(t *testing.T) {
	n := 0
	for _, b := range Reliable(append(tellings(.3, 3, 4), tellings(.9, 9, 1)...), 5).Bins {
		n += b.N
	}
	if n != 17 {
		t.Errorf("%d tellings in the bins, 17 told", n)
	}
}

func TestTheScorerAndTheTellingsCountTheSame(t *testing.T) {
	gold, pred := fixture(t, "testdata/score-gold.jsonl"), fixture(t, "testdata/score-pred.jsonl")
	right := 0
	for _, x := range Tellings(gold, pred) {
		right += b2i(x.Right)
	}
	// A fact told twice in a record counts once for the scorer.
	if want := Score(gold, pred).Relation.Right; right < want || right > want+want/10 {
		t.Errorf("%d tellings are right, the scorer finds %d", right, want)
	}
}

func TestThePlotMarksWhereTheBarShouldEnd(t *testing.T) {
	got := Reliable(tellings(.5, 10, 0), 1).String()
	if !strings.Contains(got, strings.Repeat("█", plotWidth/2)+"│"+strings.Repeat("█", plotWidth/2-1)) || !strings.Contains(got, "right 1.00 of 10") {
		t.Errorf("got\n%s", got)
	}
}
