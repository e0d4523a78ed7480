package asr

import "strings"

// A Draft is the text of an utterance that is still being spoken. Each time the recogniser hears the utterance again it may
// write other words; what two hearings after each other agree on is stable, and stable words never change again (local
// agreement: Liu and others, 2020; Macháček and others, 2023). The last word of a hearing may be cut off in its middle, so it
// waits for one behind it. The zero value is the draft of nothing heard yet.
type Draft struct {
	stable, rest []Word
}

// Hear takes what the recogniser makes of the utterance so far, and returns the words that stay and those that may change.
func (d *Draft) Hear(words []Word) (stable, tentative []Word) {
	rest := words[d.known(words):]
	n := 0
	for n < len(d.rest) && n+1 < len(rest) && same(d.rest[n], rest[n]) {
		n++
	}
	d.stable = append(d.stable, rest[:n]...)
	d.rest = append([]Word(nil), rest[n:]...)
	return d.stable[:len(d.stable):len(d.stable)], d.rest
}

// Close takes what the recogniser makes of the whole utterance and returns its words: the stable ones as they were shown, and
// the others as they are heard now.
func (d *Draft) Close(words []Word) []Word {
	rest := words[d.known(words):]
	return append(d.stable[:len(d.stable):len(d.stable)], rest...)
}

// known is how many of the words say what is stable already: the head of them that takes the fewest edits to become the
// stable words, by whole words; of two such heads the one that ends nearer to their end in the sound.
func (d *Draft) known(words []Word) int {
	if len(d.stable) == 0 {
		return 0
	}
	// row[j] is the distance between the stable words so far and the first j words.
	row := make([]int, len(words)+1)
	for j := range row {
		row[j] = j
	}
	for i, want := range d.stable {
		diagonal := row[0]
		row[0] = i + 1
		for j, w := range words {
			replace := diagonal
			if !same(want, w) {
				replace++
			}
			diagonal = row[j+1]
			row[j+1] = min(replace, row[j]+1, row[j+1]+1)
		}
	}
	end := d.stable[len(d.stable)-1].End
	best := 0
	for j := 1; j < len(row); j++ {
		near, nearest := words[j-1].End-end, end
		if best > 0 {
			nearest = words[best-1].End - end
		}
		if row[j] < row[best] || row[j] == row[best] && max(near, -near) < max(nearest, -nearest) {
			best = j
		}
	}
	return best
}

// same compares words as they sound: case and punctuation, which change with what follows, do not count.
func same(a, b Word) bool { return sound(a) == sound(b) }

func sound(w Word) string {
	if s := strings.Join(normalise(w.Text), " "); s != "" {
		return s
	}
	return w.Text // a mark that stands for something said
}
