package extract

import (
	"encoding/json"
	"fmt"
	"slices"
)

// A StreamReport says how the facts of utterances came up while they were spoken.
type StreamReport struct {
	Utterances int
	Shown      int // different facts that were shown at any time
	ShownRight int // of them in gold
	Flickers   int // of them not in the final record
	Blinks     int // times that a fact of the final record was shown and then not
	Right      int // facts of final records that are right
	Early      int // of them shown before the end

	first []float64 // for each right fact, the share of the utterance after which it was first shown; 1: at its end
}

// Add counts one utterance. Shown are the facts that were to be seen after each of its words, the last among them after
// all; final is the record of the whole. Facts are compared as Score does it, without their status.
func (s *StreamReport) Add(gold, final Record, shown [][]Relation) {
	names := aliases(gold.Relations)
	set := func(facts []Relation) map[fact]bool {
		out := make(map[fact]bool, len(facts))
		for _, r := range facts {
			out[key(r, names).noStatus()] = true
		}
		return out
	}
	right, end := set(gold.Relations), set(final.Relations)
	first := map[fact]int{}
	var before map[fact]bool
	for i, facts := range shown {
		now := set(facts)
		for k := range now {
			if _, known := first[k]; !known {
				first[k] = i + 1
			}
		}
		for k := range before {
			s.Blinks += one(end[k] && !now[k])
		}
		before = now
	}
	s.Utterances++
	s.Shown += len(first)
	for k := range first {
		s.Flickers += one(!end[k])
		s.ShownRight += one(right[k])
	}
	for k := range end {
		if !right[k] {
			continue
		}
		s.Right++
		share := 1.0
		if at, ok := first[k]; ok && at < len(shown) {
			s.Early++
			share = float64(at) / float64(len(shown))
		}
		s.first = append(s.first, share)
	}
}

// PerUtterance is how many facts were shown, on average, that the final record does not have.
func (s StreamReport) PerUtterance() float64 { return share(s.Flickers, s.Utterances) }

// Median is the share of its utterance after which a right fact was first shown, in the middle of all; facts that came
// with the final record only count as 1.
func (s StreamReport) Median() float64 {
	if len(s.first) == 0 {
		return 0
	}
	return slices.Sorted(slices.Values(s.first))[(len(s.first)-1)/2]
}

func (s StreamReport) String() string {
	return fmt.Sprintf("while spoken: flickers per utterance %.3f (%d), blinks %.3f (%d); a right fact first seen after %.2f of its utterance (median), "+
		"%.3f of them before its end (%d of %d); right of all shown %.3f (%d)",
		s.PerUtterance(), s.Flickers, share(s.Blinks, s.Utterances), s.Blinks, s.Median(),
		share(s.Early, s.Right), s.Early, s.Right, share(s.ShownRight, s.Shown), s.Shown)
}

// MarshalJSON writes the shares beside the counts.
func (s StreamReport) MarshalJSON() ([]byte, error) {
	return json.Marshal(map[string]any{"utterances": s.Utterances, "shown": s.Shown, "shown_right": s.ShownRight, "flickers": s.Flickers,
		"blinks": s.Blinks, "right": s.Right, "early": s.Early, "flickers_per_utterance": fourDigits(s.PerUtterance()),
		"first_seen_median": fourDigits(s.Median())})
}
