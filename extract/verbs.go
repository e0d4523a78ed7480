package extract

import (
	_ "embed" // the verb tables
	"strings"
	"sync"
	"unicode/utf8"
)

// The verb tables are data for people and for the training kit alike: verbs.tsv has the irregular
// forms (base, then its forms), verbs.txt the known base forms.
var (
	//go:embed verbs.tsv
	irregularTable string
	//go:embed verbs.txt
	baseTable string
)

type verbTables struct {
	irregular map[string]string // form → base
	base      map[string]bool
}

var verbs = sync.OnceValue(func() verbTables {
	v := verbTables{irregular: map[string]string{}, base: map[string]bool{}}
	for _, w := range strings.Fields(baseTable) {
		v.base[w] = true
	}
	for line := range strings.Lines(irregularTable) {
		base, forms, _ := strings.Cut(strings.TrimSpace(line), "\t")
		v.base[base] = true
		for _, form := range strings.Fields(forms) {
			if _, taken := v.irregular[form]; !taken {
				v.irregular[form] = base
			}
		}
	}
	return v
})

// prefixes change nothing in how a verb is inflected: reheated, outgrew, unmade.
var prefixes = []string{"re", "un", "over", "under", "out", "mis", "pre", "co", "dis", "de"}

// Lemma returns the base form of one verb form, as it stands in the predicate of an "open" relation:
// "went" is "go", "planned" is "plan", "'m" is "be". A word that is no verb comes back in lower case.
// The training kit has the same algorithm (train/verbs.py); a test holds both to the same forms.
func Lemma(form string) string {
	v := verbs()
	w := strings.Trim(strings.ReplaceAll(strings.ToLower(form), "’", "'"), "'")
	w = strings.TrimSuffix(w, "n't")
	if !ascii(w) || strings.Contains(w, "'") {
		return w
	}
	if base, ok := v.irregular[w]; ok {
		return base
	}
	if v.base[w] {
		return w
	}
	if base := v.known(w); base != "" {
		return base
	}
	for _, p := range prefixes {
		rest, ok := strings.CutPrefix(w, p)
		if !ok {
			continue
		}
		rest = strings.TrimPrefix(rest, "-")
		base, ok := v.irregular[rest]
		if !ok {
			base = v.known(rest)
		}
		if len(rest) > 2 && base != "" {
			return w[:len(w)-len(rest)] + base
		}
	}
	return guess(w)
}

func ascii(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r >= utf8.RuneSelf })
}

// known returns the verb that w is a regular form of, if it is in the table.
func (v verbTables) known(w string) string {
	for _, s := range stems(w) {
		if v.base[s] {
			return s
		}
	}
	return ""
}

// stems lists what w may be an inflected form of, the likeliest first.
func stems(w string) []string {
	n := len(w)
	var stem string
	switch {
	case strings.HasSuffix(w, "ies") && n > 4:
		return []string{w[:n-3] + "y", w[:n-1]}
	case strings.HasSuffix(w, "s") && !strings.HasSuffix(w, "ss") && n > 3:
		if strings.HasSuffix(w, "es") {
			return []string{w[:n-1], w[:n-2]}
		}
		return []string{w[:n-1]}
	case strings.HasSuffix(w, "ied") && n > 4:
		return []string{w[:n-3] + "y", w[:n-1], w[:n-2]}
	case strings.HasSuffix(w, "ed") && n > 3:
		stem = w[:n-2]
	case strings.HasSuffix(w, "ing") && n > 4:
		stem = w[:n-3]
	default:
		return nil
	}
	out := []string{stem + "e", stem}
	if doubled(stem) || strings.HasSuffix(stem, "ck") {
		out = append(out, stem[:len(stem)-1])
	}
	return out
}

func doubled(stem string) bool {
	n := len(stem)
	return n > 2 && stem[n-1] == stem[n-2]
}

// guess returns the base form of a regular form whose verb is not known, by its spelling.
func guess(w string) string {
	options := stems(w)
	switch {
	case len(options) == 0:
		return w
	case strings.HasSuffix(w, "s"):
		if anySuffix(w, "shes", "ches", "sses", "xes", "zzes", "oes") {
			return options[1]
		}
		return options[0]
	case strings.HasSuffix(w, "ied"):
		return options[0]
	}
	stem := options[1]
	last := stem[len(stem)-1:]
	switch {
	case !strings.ContainsAny(stem, "aeiouy"), strings.HasSuffix(w, "eed"):
		return w
	case len(options) > 2 && doubled(stem) && !strings.Contains("lsfz", last):
		return options[2]
	case strings.Contains("cvzu", last), len(stem) > 3 && anySuffix(stem, "at", "iz", "ys", "rs", "ns", "dg", "rg", "ng"):
		return options[0]
	case last == "l" && len(stem) > 1 && strings.Contains("bcdfgkpstz", stem[len(stem)-2:len(stem)-1]):
		return options[0] // mumble, google
	}
	return stem
}

func anySuffix(s string, suffixes ...string) bool {
	for _, x := range suffixes {
		if strings.HasSuffix(s, x) {
			return true
		}
	}
	return false
}
