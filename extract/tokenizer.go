package extract

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// A Word is one unit of BERT's uncased basic tokenizer: a run of letters and digits, one punctuation
// mark, or one Chinese character.
type Word struct {
	Start, End int    // code points of the original text
	Text       string // lower case, accents stripped
	Pieces     []int32
	Spans      []Span // of each piece in the original text
}

// A Span is a range of code points of a text, end exclusive.
type Span struct{ Start, End int }

// A Tokenizer cuts text into words and word pieces exactly as the model's own tokenizer (Hugging
// Face's, uncased BERT) does, with two differences on purpose: the names of special tokens in the
// text are plain text, so nobody can say "[SEP]" to the model; and a word's End takes in combining
// accents that were stripped from its last letter, so a span never cuts a letter in two. Characters
// of rare scripts that came to Unicode after version 8 may be split otherwise.
//
// It does not change after NewTokenizer: any number of goroutines may use it.
type Tokenizer struct {
	CLS, SEP, UNK, PAD int32

	first map[string]int32 // pieces that open a word
	inner map[string]int32 // pieces that go on with one, without their ##
}

const (
	maxWord  = 100     // letters; a longer word is unknown, as in BERT
	maxVocab = 1 << 20 // pieces; BERT's largest vocabulary has 120,000
)

// NewTokenizer reads a vocabulary: one piece a line, its id the number of lines before it.
func NewTokenizer(vocab io.Reader) (*Tokenizer, error) {
	t := &Tokenizer{first: make(map[string]int32, 1<<15), inner: make(map[string]int32, 1<<13)}
	seen := 0
	sc := bufio.NewScanner(vocab)
	for ; sc.Scan(); seen++ {
		if seen == maxVocab {
			return nil, fmt.Errorf("vocabulary: more than %d pieces: not a WordPiece vocabulary", maxVocab)
		}
		piece, table := sc.Text(), t.first
		if len(piece) > 2 && piece[:2] == "##" {
			piece, table = piece[2:], t.inner
		}
		if _, twice := table[piece]; twice || piece == "" {
			return nil, fmt.Errorf("vocabulary: line %d: %q is empty or stands there twice", seen+1, sc.Text())
		}
		table[piece] = int32(seen)
	}
	if err := sc.Err(); err != nil {
		return nil, fmt.Errorf("vocabulary: line %d: %w", seen+1, err)
	}
	for name, id := range map[string]*int32{"[CLS]": &t.CLS, "[SEP]": &t.SEP, "[UNK]": &t.UNK, "[PAD]": &t.PAD} {
		var ok bool
		if *id, ok = t.first[name]; !ok {
			return nil, errors.New("vocabulary: no " + name + ": not the vocabulary of a BERT model")
		}
	}
	return t, nil
}

// Words cuts text. Every word has at least one piece; offsets rise.
func (t *Tokenizer) Words(text string) []Word {
	c := cutter{words: make([]Word, 0, len(text)/4+1)}
	var buf []byte
	at := -1
	for _, r := range text {
		at++
		switch {
		case r < utf8.RuneSelf:
			c.ascii(r, at)
			continue
		case dropped(r):
			continue
		case unicode.IsSpace(r):
			c.end()
			continue
		}
		alone := chinese(r)
		if alone {
			c.end()
		}
		buf = norm.NFD.AppendString(buf[:0], string(r))
		c.letters(buf, at)
		if alone {
			c.end()
		}
	}
	c.end()
	for i := range c.words {
		t.pieces(&c.words[i], c.at[c.from[i]:])
	}
	return c.words
}

// A cutter collects normalised letters into words.
type cutter struct {
	words []Word
	at    []int // for every letter of every word, where it stands in the original text
	from  []int // for every word, its first index in at
	word  []byte
	last  bool // the letter before belongs to the last word: a stripped accent may follow it
}

func (c *cutter) ascii(r rune, at int) {
	switch {
	case r == ' ' || r == '\t' || r == '\n' || r == '\r':
		c.end()
	case r < ' ' || r == 0x7f:
	case 'A' <= r && r <= 'Z':
		c.letter(r+'a'-'A', at)
	case punctuation(r):
		c.mark(r, at)
	default:
		c.letter(r, at)
	}
}

// letters takes one original character in its decomposed form.
func (c *cutter) letters(decomposed []byte, at int) {
	for len(decomposed) > 0 {
		r, n := utf8.DecodeRune(decomposed)
		decomposed = decomposed[n:]
		switch {
		case unicode.Is(unicode.Mn, r):
			c.accent(at)
		case unicode.IsSpace(r):
			c.end()
		case punctuation(r):
			c.mark(r, at)
		default:
			c.letter(unicode.ToLower(r), at)
		}
	}
}

func (c *cutter) letter(r rune, at int) {
	if len(c.word) == 0 {
		c.from = append(c.from, len(c.at))
		c.words = append(c.words, Word{Start: at})
	}
	c.word = utf8.AppendRune(c.word, r)
	c.at = append(c.at, at)
	c.words[len(c.words)-1].End = at + 1
	c.last = true
}

func (c *cutter) mark(r rune, at int) {
	c.end()
	c.letter(r, at)
	c.end()
	c.last = true
}

func (c *cutter) accent(at int) {
	if n := len(c.words); c.last && n > 0 && c.words[n-1].End == at {
		c.words[n-1].End = at + 1
	}
}

func (c *cutter) end() {
	if len(c.word) > 0 {
		c.words[len(c.words)-1].Text = string(c.word)
		c.word = c.word[:0]
	}
	c.last = false
}

// pieces cuts a word into the longest pieces that the vocabulary has, from the left; at tells where
// its letters stand. A word with a rest that no piece fits is unknown as a whole.
func (t *Tokenizer) pieces(w *Word, at []int) {
	letters := utf8.RuneCountInString(w.Text)
	if letters <= maxWord {
		table, rest, done := t.first, w.Text, 0
		for rest != "" {
			id, n := longest(table, rest)
			if n == 0 {
				break
			}
			k := utf8.RuneCountInString(rest[:n])
			w.Pieces = append(w.Pieces, id)
			w.Spans = append(w.Spans, Span{at[done], at[done+k-1] + 1})
			table, rest, done = t.inner, rest[n:], done+k
		}
		if rest == "" {
			return
		}
	}
	w.Pieces = []int32{t.UNK}
	w.Spans = []Span{{w.Start, at[letters-1] + 1}}
}

// longest returns the longest piece of table that s begins with, and its length in bytes.
func longest(table map[string]int32, s string) (id int32, n int) {
	for n = len(s); n > 0; n-- {
		if n < len(s) && !utf8.RuneStart(s[n]) {
			continue
		}
		if id, ok := table[s[:n]]; ok {
			return id, n
		}
	}
	return 0, 0
}

// dropped tells what BERT's cleaning takes out without a trace: control and format characters,
// private use, and what stands for bytes that are no text.
func dropped(r rune) bool {
	return r == utf8.RuneError || unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co)
}

// punctuation is BERT's own notion: every ASCII mark, also those that Unicode calls symbols.
func punctuation(r rune) bool {
	if r < utf8.RuneSelf {
		return r > ' ' && r < 0x7f && (r < '0' || r > '9' && r < 'A' || r > 'Z' && r < 'a' || r > 'z')
	}
	return unicode.Is(unicode.P, r)
}

// chinese tells the characters that are words of their own: the CJK ideographs, as BERT lists them.
func chinese(r rune) bool {
	return r >= 0x3400 && r <= 0x4dbf || r >= 0x4e00 && r <= 0x9fff || r >= 0xf900 && r <= 0xfaff ||
		r >= 0x20000 && r <= 0x2a6df || r >= 0x2a700 && r <= 0x2b81f || r >= 0x2b920 && r <= 0x2ceaf ||
		r >= 0x2f800 && r <= 0x2fa1f
}
