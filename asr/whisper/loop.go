package whisper

import (
	"strings"
	"unicode"

	"hotmem/asr"
)

// astray tells whether the decoder lost the thread, so that a second try is worth its time.
func astray(words []asr.Word) bool { return looping(words) || shouting(words) }

// shouting tells whether the decoder writes in capitals, as it does when it takes speech for a title or for subtitles; most
// of it is misheard then. Four words in a row are more than any row of abbreviations.
func shouting(words []asr.Word) bool {
	run := 0
	for _, w := range words {
		letters := strings.Map(func(r rune) rune {
			if unicode.IsLetter(r) {
				return r
			}
			return -1
		}, w.Text)
		switch {
		case letters != strings.ToUpper(letters):
			run = 0
		case len(letters) > 1: // I and A say nothing
			run++
		}
		if run >= 4 {
			return true
		}
	}
	return false
}

// looping tells whether the decoder fell into repeating itself, which it does on sound that it cannot make out and when
// too little of the encoder's context is left. People repeat a word three or four times in a row ("no, no, no, no"), and
// a phrase twice; a loop goes on.
func looping(words []asr.Word) bool {
	text := make([]string, len(words))
	for i, w := range words {
		text[i] = strings.ToLower(strings.Trim(w.Text, ".,!?;:-\"'"))
	}
	for size := 1; size <= 12; size++ {
		allowed := 3
		switch size {
		case 1:
			allowed = 5
		case 2:
			allowed = 4
		}
		// run counts how many words in a row equal the word one phrase earlier.
		run := 0
		for i := size; i < len(text); i++ {
			if text[i] != text[i-size] {
				run = 0
				continue
			}
			if run++; run >= size*allowed {
				return true
			}
		}
	}
	return false
}
