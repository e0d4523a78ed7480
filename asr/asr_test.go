package asr_test

import (
	"fmt"
	"strings"
	"testing"

	"hotmem/asr"
)

func words(line string) []asr.Word {
	var ws []asr.Word
	for _, f := range strings.Fields(line) {
		ws = append(ws, asr.Word{Text: f})
	}
	return ws
}

func TestSpokenDropsRemarksAndKeepsSpeech(t *testing.T) {
	for _, c := range []struct{ heard, want string }{
		{"", ""},
		{"I live in Lisbon.", "I live in Lisbon."},
		{"[BLANK_AUDIO]", ""},
		{"[BLANK_AUDIO] I see. [ Silence ]", "I see."},
		{"(soft music) My name is Ana.", "My name is Ana."},
		{"(speaking in foreign language) Yes.", "Yes."},
		{"*sighs* No.", "No."},
		{"♪ la la ♪ Done.", "Done."},
		{"♪ ♪", ""},
		{">> Hello. -", "Hello."},
		{"She (my sister who lives in Porto with two cats) is ill.", "She (my sister who lives in Porto with two cats) is ill."},
		{"I (never finished", "I (never finished"},
		{"It costs $ 5 & more, 10 %.", "It costs $ 5 & more, 10 %."},
		{"(laughs). Well", "Well"},
	} {
		if got := asr.Join(asr.Spoken(words(c.heard))); got != c.want {
			t.Errorf("Spoken(%q) = %q, want %q", c.heard, got, c.want)
		}
	}
}

func TestSpokenLeavesItsInputAlone(t *testing.T) {
	heard := words("[x] one two")
	asr.Spoken(heard)
	if got := asr.Join(heard); got != "[x] one two" {
		t.Errorf("the input became %q", got)
	}
}

func TestWordErrorsCountsEdits(t *testing.T) {
	for _, c := range []struct {
		reference, text string
		errors, words   int
	}{
		{"", "", 0, 0},
		{"one two three", "One, two: three!", 0, 3},
		{"one two three", "", 3, 3},
		{"", "one two", 2, 0},
		{"one two three", "one three", 1, 3},
		{"one two three", "one two and three", 1, 3},
		{"one two three", "one too three", 1, 3},
		{"cold hearted man", "cold-hearted man", 0, 3},
		{"the nation's vote", "the nation’s vote", 0, 3},
		{"'tis said", "tis said", 0, 2},
		{"a b c d", "b c d e", 2, 4},
	} {
		if e, n := asr.WordErrors(c.reference, c.text); e != c.errors || n != c.words {
			t.Errorf("WordErrors(%q, %q) = %d of %d, want %d of %d", c.reference, c.text, e, n, c.errors, c.words)
		}
	}
}

func FuzzSpoken(f *testing.F) {
	f.Add("(a b) c [d ♪ e ♪")
	f.Fuzz(func(t *testing.T, line string) {
		heard := words(line)
		spoken := asr.Spoken(heard)
		next := 0
		for _, w := range spoken {
			for next < len(heard) && heard[next].Text != w.Text {
				next++
			}
			if next++; next > len(heard) {
				t.Fatalf("Spoken(%q) made up or moved the word %q", line, w.Text)
			}
		}
	})
}

func FuzzWordErrors(f *testing.F) {
	f.Add("one two", "two one three")
	f.Fuzz(func(t *testing.T, a, b string) {
		ab, n := asr.WordErrors(a, b)
		ba, m := asr.WordErrors(b, a)
		if ab != ba || ab > max(n, m) || ab < max(n, m)-min(n, m) {
			t.Errorf("WordErrors(%q, %q) = %d, the other way %d, of %d and %d words", a, b, ab, ba, n, m)
		}
	})
}

func ExampleSpoken() {
	heard := []asr.Word{{Text: "(door"}, {Text: "closes)"}, {Text: "I'm"}, {Text: "home."}}
	fmt.Println(asr.Join(asr.Spoken(heard)))
	// Output: I'm home.
}
