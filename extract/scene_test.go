package extract

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestLayoutPutsTheContextBeforeTheText(t *testing.T) {
	tok := tokenizer(t)
	pieces, words, cls := tok.layout(Input{Context: []string{"I got a puppy.", "Oh nice"}, Text: "Her name is Potola."})
	if pieces[cls] != tok.CLS || pieces[len(pieces)-1] != tok.SEP || pieces[cls-1] != tok.SEP {
		t.Fatalf("pieces %v with [CLS] at %d", pieces, cls)
	}
	var said []string
	for _, w := range words {
		said = append(said, w.Text)
		if pieces[w.piece] != w.Pieces[0] {
			t.Errorf("word %q does not stand at its piece", w.Text)
		}
		if (w.part < 0) != (w.piece > cls) {
			t.Errorf("word %q of part %d stands on the wrong side of [CLS]", w.Text, w.part)
		}
	}
	if got := strings.Join(said, " "); got != "i got a puppy . oh nice her name is potola ." {
		t.Errorf("words are %q", got)
	}
}

func TestOldestContextGivesWay(t *testing.T) {
	tok := tokenizer(t)
	long := strings.Repeat("word ", maxBefore-6)
	_, words, cls := tok.layout(Input{Context: []string{"the oldest one", long, "the newest one"}, Text: "yes"})
	for _, w := range words {
		if w.part == 0 {
			t.Fatalf("%q of the oldest context is still there", w.Text)
		}
	}
	if cls > textAt-1 {
		t.Errorf("[CLS] at piece %d: the positions before it do not reach", cls)
	}
}

func TestLastWordsOfALongContextStay(t *testing.T) {
	tok := tokenizer(t)
	long := strings.Repeat("word ", 400) + "and then Marta came"
	_, words, cls := tok.layout(Input{Context: []string{"before", long}, Text: "she sat down"})
	if cls > textAt-1 {
		t.Errorf("[CLS] at piece %d: the positions before it do not reach", cls)
	}
	var last []string
	for _, w := range words {
		if w.part == 1 {
			last = append(last, w.Text)
		}
	}
	if n := len(last); n < 100 || last[n-2] != "marta" {
		t.Errorf("%d words of the context are seen: %v", n, last)
	}
}

func TestLongTextsAreReadInWindowsOfWholeSentences(t *testing.T) {
	tok := tokenizer(t)
	for name, text := range map[string]string{
		"sentences":     strings.Repeat("My sister Marta lives in Lisbon with her dog. ", 60),
		"no full stops": strings.Repeat("and then we went to the market ", 120),
		"one word":      strings.Repeat("a", 10_000),
		"digits":        strings.Repeat("1234567890", 900),
		"emoji":         strings.Repeat("🙂", 3000),
	} {
		windows, at := tok.windows(text), 0
		for _, w := range windows {
			if w[0] < at || w[1] <= w[0] {
				t.Fatalf("%s: windows %v overlap or are empty", name, windows)
			}
			if gap := Cut(text, at, w[0]); strings.TrimSpace(gap) != "" {
				t.Errorf("%s: %q is in no window", name, gap)
			}
			part := Cut(text, w[0], w[1])
			if n := count(tok.Words(part)); n > maxPieces && len(tok.Words(part)) > 1 {
				t.Errorf("%s: a window has %d pieces", name, n)
			}
			if name == "sentences" && !strings.HasSuffix(part, ".") {
				t.Errorf("a window ends inside a sentence: %q", part)
			}
			at = w[1]
		}
		if rest := Cut(text, at, utf8.RuneCountInString(text)); strings.TrimSpace(rest) != "" {
			t.Errorf("%s: %q is in no window", name, rest)
		}
	}
}
