package extract

import "testing"

func at(first, last int) mention { return mention{first: first, last: last} }

func TestDistanceBuckets(t *testing.T) {
	for _, c := range []struct {
		name string
		a, b mention
		want int
	}{
		{"the same word", at(5, 5), at(5, 6), 0},
		{"the next word", at(5, 5), at(6, 6), 1},
		{"the word before", at(6, 6), at(5, 5), 9},
		{"three words on", at(5, 5), at(8, 8), 3},
		{"six words on", at(5, 5), at(11, 11), 4},
		{"far behind", at(40, 40), at(5, 5), 15},
		{"the speaker who has no place", at(-1, -1), at(5, 5), 16},
		{"the unknown", at(5, 5), at(-2, -2), 16},
		{"one in the context", at(1, 1), at(5, 5), 17},
		{"both in the context", at(1, 1), at(2, 2), 1},
	} {
		if got := distance(c.a, c.b, 4); got != c.want {
			t.Errorf("%s: bucket %d, not %d", c.name, got, c.want)
		}
	}
}

func TestWordsBetweenTwoMentions(t *testing.T) {
	for _, c := range []struct {
		name   string
		a, b   mention
		lo, hi int
	}{
		{"in order", at(5, 6), at(9, 9), 7, 9},
		{"in reverse order", at(9, 9), at(5, 6), 7, 9},
		{"side by side", at(5, 6), at(7, 7), 7, 7},
		{"inside each other", at(5, 9), at(6, 6), 10, 10},
		{"from the context: only words of the text", at(1, 2), at(7, 7), 4, 7},
		{"from the context to the first word", at(1, 2), at(4, 4), 4, 4},
		{"the speaker: from the start of the text", at(-1, -1), at(7, 7), 4, 7},
		{"the speaker and a name of the context: none", at(-1, -1), at(1, 1), 4, 4},
		{"the unknown: the whole text", at(7, 7), at(-2, -2), 4, 12},
	} {
		if lo, hi := between(c.a, c.b, 4, 12); lo != c.lo || hi != c.hi {
			t.Errorf("%s: words %d..%d, not %d..%d", c.name, lo, hi, c.lo, c.hi)
		}
	}
}
