package llama

import (
	"context"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"

	"hotmem/extract"
)

// A counter counts the passes of an encoder.
type counter struct {
	*Encoder
	passes int
}

func (c *counter) Encode(ctx context.Context, tokens []int32, first int) ([]float32, error) {
	c.passes++
	return c.Encoder.Encode(ctx, tokens, first)
}

func counting(tb testing.TB) (*counter, *extract.Extractor) {
	tb.Helper()
	c := &counter{Encoder: open(tb, models+".gguf", Options{})}
	x, err := extract.New(c, models+".heads.safetensors")
	if err != nil {
		tb.Fatal(err)
	}
	return c, x
}

// several joins n words that next makes, as far as a text may go.
func several(n int, between string, next func() string) string {
	var b strings.Builder
	for range n {
		b.WriteString(next() + between)
	}
	return extract.Cut(b.String(), 0, extract.MaxText)
}

// nonsense are texts that tell nothing, or nothing in a language that the model was taught.
func nonsense() map[string]string {
	r := rand.New(rand.NewPCG(1, 2))
	letter := func() string { return string(rune('a' + r.IntN(26))) }
	return map[string]string{
		"emoji":   strings.Repeat("🙂👍🏽 ", 80),
		"Arabic":  "أختي مارتا تعيش في لشبونة وتعمل ممرضة في المستشفى القريب من البيت",
		"Hebrew":  "אחותי מרתה גרה בליסבון ועובדת כאחות בבית החולים",
		"Chinese": "我的姐姐玛尔塔住在里斯本，她有两只猫。她是一名护士。",
		"Russian": "Моя сестра Марта живёт в Лиссабоне, и у неё две кошки.",
		"digits": several(200, " ", func() string {
			return several(1+r.IntN(12), "", func() string { return string(rune('0' + r.IntN(10))) })
		}),
		"random bytes":      strings.ToValidUTF8(several(2000, "", func() string { return string([]byte{byte(r.IntN(256))}) }), "\uFFFD"),
		"random characters": several(2000, "", func() string { return string(rune(r.IntN(0x110000))) }),
		"random letters":    several(300, " ", func() string { return several(1+r.IntN(8), "", letter) }),
		"single letters":    several(1000, " ", letter),
		"3,000 names":       several(3000, " ", func() string { return strings.ToUpper(letter()) + letter() }),
		"a list of names":   several(200, ", ", func() string { return "Anna" + several(4, "", letter) }),
		"one long word":     strings.Repeat("a", 9_999),
		"accents":           "e" + strings.Repeat("\u0301", 9_000),
		"marks":             several(3000, "", func() string { return string(".,;:!?-()\"'"[r.IntN(11)]) }),
		"one sentence end":  "a. " + several(1000, " ", letter),
		"sentence ends":     several(600, ". ", letter),
	}
}

// A window of the text holds 250 pieces, and of two windows at least one is full: so 10,000 characters cost at most 81 passes, and
// the pair heads look at 60 mentions in each. No text takes longer than that.
const mostPasses = 2*extract.MaxText/250 + 1

func TestNonsenseTellsNothingSurelyAndCostsABoundedNumberOfPasses(t *testing.T) {
	enc, x := counting(t)
	for name, text := range nonsense() {
		enc.passes = 0
		rec, err := x.Extract(t.Context(), extract.Input{Text: text})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if err := rec.Check(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if enc.passes > mostPasses {
			t.Errorf("%s: %d passes, more than %d", name, enc.passes, mostPasses)
		}
		sure := 0
		for _, r := range rec.Relations {
			if r.Confidence > .9 {
				sure++
			}
		}
		if sure > 1 {
			t.Errorf("%s: %d facts of %d are told as sure, %v the first of all", name, sure, len(rec.Relations), rec.Relations[0])
		}
	}
}

// FuzzShipped: whatever is said before and now, the model that ships reads it, and what it names stands where it says.
func FuzzShipped(f *testing.F) {
	_, x := counting(f)
	f.Add("My sister Marta lives in Lisbon, and she's got two cats.", "I saw my family.")
	for _, text := range nonsense() {
		f.Add(extract.Cut(text, 0, 400), extract.Cut(text, 400, 600))
	}
	f.Fuzz(func(t *testing.T, text, before string) {
		in := extract.Input{Text: text, Context: []string{before}}
		rec, err := x.Extract(t.Context(), in)
		if errors.Is(err, extract.ErrTooLong) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range rec.Entities {
			if got := extract.Cut(text, e.Start, e.End); utf8.ValidString(text) && got != e.Text {
				t.Errorf("%q is said to stand at %q", e.Text, got)
			}
		}
		for _, r := range rec.Relations {
			if !(r.Confidence > 0 && r.Confidence <= 1) {
				t.Errorf("%v has no confidence", r)
			}
		}
		if _, err := x.Partial(t.Context(), in); err != nil {
			t.Error(err)
		}
	})
}
