package asr

import (
	"strings"
	"unicode"
)

// WordErrors counts how many words must be replaced, put in or taken out to make the reference of the text, and how many
// words the reference has; their quotient is the word error rate. Case, punctuation and hyphens do not count.
func WordErrors(reference, text string) (errors, words int) {
	ref, got := normalise(reference), normalise(text)
	// row[j] is the distance between the reference so far and the first j words of the text.
	row := make([]int, len(got)+1)
	for j := range row {
		row[j] = j
	}
	for i, want := range ref {
		diagonal := row[0]
		row[0] = i + 1
		for j, word := range got {
			replace := diagonal
			if word != want {
				replace++
			}
			diagonal = row[j+1]
			row[j+1] = min(replace, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(got)], len(ref)
}

// normalise returns the words in lower case, without punctuation but for apostrophes inside a word.
func normalise(text string) []string {
	text = strings.ToLower(strings.ReplaceAll(text, "’", "'"))
	words := strings.FieldsFunc(text, func(r rune) bool {
		return r != '\'' && !unicode.IsLetter(r) && !unicode.IsNumber(r)
	})
	kept := words[:0]
	for _, w := range words {
		if w = strings.Trim(w, "'"); w != "" {
			kept = append(kept, w)
		}
	}
	return kept
}
