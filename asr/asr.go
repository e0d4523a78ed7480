// Package asr turns utterances into text.
//
// A [Recognizer] hears one utterance and returns its words with their times; package whisper, below this one, is the
// real one. [Spoken] drops what a recogniser writes about sounds that are not speech, and [Join] makes a line of text.
// What comes out for an utterance is a [Segment]: replaced by the next one as long as it is not final, never afterwards.
//
// [WordErrors] counts how far a text is from what was said.
//
// The package is plain Go, starts no goroutines and keeps nothing.
package asr

import (
	"context"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Word is one written word with the punctuation that belongs to it.
type Word struct {
	Text       string
	Start, End time.Duration // from the start of the utterance
	P          float32       // how sure the recogniser is, from 0 to 1
}

// Recognizer hears one utterance: mono sound at 16 kHz. The prompt, which may be empty, holds words that the speaker is
// likely to say, such as names; it is not part of the result. Cancelling ctx ends a running call.
type Recognizer interface {
	Recognize(ctx context.Context, pcm []float32, prompt string) ([]Word, error)
	Close() error
}

// Segment is the text of one utterance.
type Segment struct {
	Utterance  int // the number that the segmenter gave it
	Start, End time.Duration
	Text       string
	Words      []Word
	Final      bool // false: the speaker goes on, and a later segment of the same utterance replaces this one
}

// Join writes the words as one line.
func Join(words []Word) string {
	var b strings.Builder
	for i, w := range words {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(w.Text)
	}
	return b.String()
}

// remarkWords is the longest remark that Spoken drops. Recognisers write short ones, "(speaking in foreign language)";
// a longer bracket is more likely speech.
const remarkWords = 5

// Spoken returns the words without remarks such as "[BLANK_AUDIO]", "(soft music)" or "♪ la la ♪", and without marks that
// stand alone. The slice is new.
func Spoken(words []Word) []Word {
	spoken := make([]Word, 0, len(words))
	for i := 0; i < len(words); i++ {
		if n := remark(words[i:]); n > 0 {
			i += n - 1
			continue
		}
		if strings.ContainsFunc(words[i].Text, speaks) {
			spoken = append(spoken, words[i])
		}
	}
	return spoken
}

// speaks tells whether a character stands for something said.
func speaks(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.Is(unicode.Sc, r) || strings.ContainsRune("&@%+", r)
}

// remark returns how many words the remark has that opens with the first word; 0 if none does.
func remark(words []Word) int {
	open, size := utf8.DecodeRuneInString(words[0].Text)
	closing, ok := map[rune]rune{'[': ']', '(': ')', '*': '*', '♪': '♪'}[open]
	if !ok {
		return 0
	}
	for i := range min(len(words), remarkWords) {
		text := words[i].Text
		if i == 0 {
			text = text[size:]
		}
		if strings.HasSuffix(strings.TrimRight(text, ".,!?;:"), string(closing)) {
			return i + 1
		}
	}
	return 0
}
