package extract

import (
	"cmp"
	"fmt"
	"hash/crc32"
	"math"
	"slices"
	"strings"
)

// A Telling is one thing that a record told: how sure it was, and whether that was right.
type Telling struct {
	Confidence float64
	Right      bool
}

// Tellings judges the relations of predicted records against gold ones, matched by id.
func Tellings(gold, pred []Record) (out []Telling) {
	told := make(map[string]*Record, len(pred))
	for i := range pred {
		told[pred[i].ID] = &pred[i]
	}
	for _, g := range gold {
		p := told[g.ID]
		if p == nil {
			continue
		}
		names := aliases(g.Relations)
		facts := map[fact]bool{}
		for _, r := range g.Relations {
			facts[key(r, names).noStatus()] = true
		}
		for _, r := range p.Relations {
			out = append(out, Telling{r.Confidence, facts[key(r, names).noStatus()]})
		}
	}
	return out
}

// A Bin is a part of what was told, by confidence: its range, its mean, and the share that was right.
type Bin struct {
	From  float64 `json:"from"`
	To    float64 `json:"to"`
	Mean  float64 `json:"mean"`
	Right float64 `json:"right"`
	N     int     `json:"n"`
}

// Reliability tells whether confidences mean what they say: of what is told with .8, eight of ten should be right.
type Reliability struct {
	Bins  []Bin   `json:"bins"`
	Error float64 `json:"error"` // expected calibration error (Naeini and others, 2015): the mean distance, by bins of equal count
}

// Reliable sorts tellings into at most n bins of equal count.
func Reliable(all []Telling, n int) (out Reliability) {
	all = slices.Clone(all)
	slices.SortFunc(all, func(x, y Telling) int {
		return cmp.Or(cmp.Compare(x.Confidence, y.Confidence), cmp.Compare(b2i(x.Right), b2i(y.Right)))
	})
	for k := range n {
		part := all[len(all)*k/n : len(all)*(k+1)/n]
		if len(part) == 0 {
			continue
		}
		b := Bin{From: part[0].Confidence, To: part[len(part)-1].Confidence, N: len(part)}
		for _, t := range part {
			b.Mean += t.Confidence
			b.Right += float64(b2i(t.Right))
		}
		out.Error += math.Abs(b.Mean-b.Right) / float64(len(all))
		b.Mean, b.Right = b.Mean/float64(b.N), b.Right/float64(b.N)
		out.Bins = append(out.Bins, b)
	}
	return out
}

// plotWidth is how many characters the plot of a bin takes.
const plotWidth = 40

// String plots the bins: a bar for the share that was right, and a mark where the confidence says it should end.
func (r Reliability) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "expected calibration error %.3f\n", r.Error)
	for _, bin := range r.Bins {
		bar := []rune(strings.Repeat("█", int(math.Round(bin.Right*plotWidth))) + strings.Repeat(" ", plotWidth+1))[:plotWidth+1]
		bar[int(math.Round(bin.Mean*plotWidth))] = '│'
		fmt.Fprintf(&b, "  told with %.2f to %.2f  %s  right %.2f of %d\n", bin.From, bin.To, string(bar), bin.Right, bin.N)
	}
	return b.String()
}

// Uncalibrated are the records on which no confidence was fitted: half of the tuning set, by a hash of the id, as
// train/calibrate.py takes it apart. Of other records it takes none: some of them may have been fitted on.
func Uncalibrated(records []Record) (out []Record) {
	for _, r := range records {
		if strings.HasPrefix(r.ID, "dev-") && crc32.ChecksumIEEE([]byte("calibration "+r.ID))%2 == 1 {
			out = append(out, r)
		}
	}
	return out
}
