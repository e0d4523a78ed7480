package whisper

import (
	"strings"

	"hotmem/asr"
)

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
