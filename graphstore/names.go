package graphstore

import (
	"regexp"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// leading is what a name may be said with and is the same name without.
var leading = regexp.MustCompile(`^(?:the|a|an|my|our|your|his|her|its|their|this|that|these|those) `)

// normalName is the form in which names are compared: NFKC, lower case, white
// space folded, one leading article, possessive or demonstrative dropped, then
// outer punctuation and a final 's. A name that would vanish ("The The" does
// not, "A" would) keeps what it has.
func normalName(s string) string {
	s = fold(s)
	n := strings.Trim(s, `.,;:!?"“”()`)
	n = leading.ReplaceAllString(strings.TrimSpace(n), "")
	n = strings.TrimSpace(strings.TrimSuffix(n, "'s"))
	if n == "" {
		return s
	}
	return n
}

// fold is NFKC, lower case, straight apostrophes and single spaces.
func fold(s string) string {
	s = strings.ToLower(norm.NFKC.String(strings.ToValidUTF8(s, "�")))
	s = strings.ReplaceAll(s, "’", "'")
	return strings.Join(strings.Fields(s), " ")
}

// clean makes text safe to store: valid UTF-8, so that code points counted
// now are the code points read back.
func clean(s string) string { return strings.ToValidUTF8(s, "�") }
