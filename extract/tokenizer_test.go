package extract

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"
)

// The golden files come from train/golden.py, which runs the training kit's own tokenizer.

var loadTokenizer = sync.OnceValues(func() (*Tokenizer, error) {
	f, err := os.Open("../assets/models/vocab.txt")
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return NewTokenizer(f)
})

func tokenizer(tb testing.TB) *Tokenizer {
	tb.Helper()
	tok, err := loadTokenizer()
	if err != nil {
		tb.Fatal(err)
	}
	return tok
}

// flat lists id, start and end of every piece.
func flat(words []Word) [][3]int {
	out := [][3]int{}
	for _, w := range words {
		for i, id := range w.Pieces {
			out = append(out, [3]int{int(id), w.Spans[i].Start, w.Spans[i].End})
		}
	}
	return out
}

func TestTokenizerCutsSamplesAsTheTrainingTokenizer(t *testing.T) {
	tok := tokenizer(t)
	f, err := os.Open("testdata/tokens-samples.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	n := 0
	for sc := bufio.NewScanner(f); sc.Scan(); n++ {
		var want struct {
			Text   string
			Pieces [][3]int
		}
		if err := json.Unmarshal(sc.Bytes(), &want); err != nil {
			t.Fatal(err)
		}
		if got := flat(tok.Words(want.Text)); !slices.Equal(got, want.Pieces) {
			t.Errorf("%q:\n got  %v\n want %v", want.Text, got, want.Pieces)
		}
	}
	if n < 80 {
		t.Errorf("only %d samples", n)
	}
}

func TestTokenizerCutsTheWholeCorpusAsTheTrainingTokenizer(t *testing.T) {
	tok := tokenizer(t)
	golden, err := os.ReadFile("testdata/tokens.tsv")
	if err != nil {
		t.Fatal(err)
	}
	files := strings.Split(strings.TrimSpace(string(golden)), "\n")
	for _, row := range files {
		col := strings.Split(row, "\t")
		t.Run(col[0], func(t *testing.T) {
			n, sum := corpusHash(t, tok, filepath.Join("train", filepath.FromSlash(col[0])))
			if strconv.Itoa(n) != col[1] || sum != col[2] {
				t.Errorf("%d texts with hash %.12s, golden has %s with %.12s; if the corpus changed, run train/golden.py", n, sum, col[1], col[2])
			}
		})
	}
	onDisk, err := filepath.Glob("train/corpus*/*.txt")
	if err != nil || len(onDisk) == 0 || len(files) < len(onDisk) {
		t.Errorf("%d golden rows for %d corpus files (%v); run train/golden.py", len(files), len(onDisk), err)
	}
}

// corpusHash hashes the pieces of every text line of a corpus file, as golden.py does.
func corpusHash(t *testing.T, tok *Tokenizer, path string) (n int, sum string) {
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	h := sha256.New()
	for line := range strings.SplitSeq(string(data), "\n") {
		if !strings.HasPrefix(line, "T:") && !strings.HasPrefix(line, "C:") {
			continue
		}
		n++
		for i, p := range flat(tok.Words(strings.Trim(line[2:], " "))) {
			if i > 0 {
				h.Write([]byte{' '})
			}
			fmt.Fprintf(h, "%d:%d:%d", p[0], p[1], p[2])
		}
		h.Write([]byte{'\n'})
	}
	return n, hex.EncodeToString(h.Sum(nil))
}

func TestWordsStandWhereTheyWereSaid(t *testing.T) {
	tok := tokenizer(t)
	for _, c := range []struct {
		name, text string
		want       []string // the text cut by each word's span
		normal     []string
	}{
		{"plain", "My dog, Potola.", []string{"My", "dog", ",", "Potola", "."}, []string{"my", "dog", ",", "potola", "."}},
		{"apostrophe", "She's five", []string{"She", "'", "s", "five"}, []string{"she", "'", "s", "five"}},
		{"composed accent", "in Málaga!", []string{"in", "Málaga", "!"}, []string{"in", "malaga", "!"}},
		{"combining accent at the end", "cafe\u0301 bar", []string{"cafe\u0301", "bar"}, []string{"cafe", "bar"}},
		{"zero width inside a word", "a\u200bb c", []string{"a\u200bb", "c"}, []string{"ab", "c"}},
		{"emoji before", "👍🏽 ok", []string{"👍🏽", "ok"}, []string{"👍🏽", "ok"}},
		{"chinese", "去Rome了", []string{"去", "Rome", "了"}, []string{"去", "rome", "了"}},
		{"bytes that are no text", "a\xff\xfeb c", []string{"a\xff\xfeb", "c"}, []string{"ab", "c"}},
		{"only silence", " \t\n\u200b", []string{}, []string{}},
		{"special token as text", "[SEP]", []string{"[", "SEP", "]"}, []string{"[", "sep", "]"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			spans, normal := []string{}, []string{}
			for _, w := range tok.Words(c.text) {
				spans, normal = append(spans, Cut(c.text, w.Start, w.End)), append(normal, w.Text)
			}
			if !slices.Equal(spans, c.want) || !slices.Equal(normal, c.normal) {
				t.Errorf("spans %q, words %q; want %q, %q", spans, normal, c.want, c.normal)
			}
		})
	}
}

func TestVocabularyOfAnotherKindIsRefused(t *testing.T) {
	for name, c := range map[string]struct{ vocab, want string }{
		"empty":         {"", "not the vocabulary of a BERT model"},
		"no unknown":    {"[PAD]\n[CLS]\n[SEP]\na\n", "no [UNK]"},
		"piece twice":   {"[PAD]\n[UNK]\n[CLS]\n[SEP]\na\na\n", `line 6: "a"`},
		"empty line":    {"[PAD]\n\n[UNK]\n", "line 2"},
		"endless line":  {"[PAD]\n" + strings.Repeat("x", 1<<17), "line 2"},
		"endless list":  {endless(), "not a WordPiece vocabulary"},
		"binary rubble": {"GGUF\x03\x00\x00", "not the vocabulary of a BERT model"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := NewTokenizer(strings.NewReader(c.vocab))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want %q", err, c.want)
			}
		})
	}
}

func endless() string {
	var b strings.Builder
	for i := range maxVocab + 1 {
		fmt.Fprintln(&b, i)
	}
	return b.String()
}

// checkWords holds for any text: words and pieces lie inside it, in order, and nothing is lost.
func checkWords(t *testing.T, tok *Tokenizer, text string) {
	length, at := utf8.RuneCountInString(text), 0
	for _, w := range tok.Words(text) {
		// One character may fall apart into several words ("…" is no such, but "½" may be), so
		// words may share their place; they never go back.
		if w.Start < at-1 || w.Start >= w.End || w.End > length {
			t.Fatalf("word %q at %d to %d after %d, in %d code points", w.Text, w.Start, w.End, at, length)
		}
		if w.Text == "" || len(w.Pieces) == 0 || len(w.Pieces) != len(w.Spans) {
			t.Fatalf("word %q with %d pieces and %d spans", w.Text, len(w.Pieces), len(w.Spans))
		}
		for _, s := range w.Spans {
			if s.Start < w.Start || s.Start >= s.End || s.End > w.End {
				t.Fatalf("piece at %v of the word at %d to %d", s, w.Start, w.End)
			}
		}
		at = w.End
	}
}

func FuzzTokenizer(f *testing.F) {
	for _, s := range []string{"", "Her name is Potola.", "cafe\u0301\u0301 x\u0301", "👩‍👩‍👧🇩🇪", "שלום, مرحبا", "a\xed\xa0\x80b\xff",
		"\u0301 \u0344\u0958", "한국어", strings.Repeat("a", 10_000), strings.Repeat("é!", 5_000), strings.Repeat("\u0301", 300)} {
		f.Add(s)
	}
	tok := tokenizer(f)
	f.Fuzz(func(t *testing.T, text string) {
		if utf8.RuneCountInString(text) > MaxText {
			t.Skip("longer than any utterance")
		}
		checkWords(t, tok, text)
	})
}

func BenchmarkWords(b *testing.B) {
	tok := tokenizer(b)
	for b.Loop() {
		tok.Words("Her name is Potola and she loves long walks, but she hates the vacuum cleaner.")
	}
}
