package extract

import (
	"os"
	"strings"
	"testing"
)

func TestLemmaOfVerbsThatPeopleSay(t *testing.T) {
	for form, want := range map[string]string{
		"went": "go", "Goes": "go", "going": "go", "gave": "give", "bought": "buy", "left": "leave", "lay": "lay", "lying": "lie",
		"planned": "plan", "hoping": "hope", "hopping": "hop", "stopped": "stop", "studies": "study", "tried": "try", "watches": "watch",
		"agreed": "agree", "seeing": "see", "created": "create", "panicked": "panic", "kissed": "kiss", "using": "use", "makes": "make",
		"rewritten": "rewrite", "reheated": "reheat", "co-signed": "co-sign", "skied": "ski", "need": "need", "sing": "sing", "bed": "bed",
		"'s": "be", "’m": "be", "'re": "be", "'ve": "have", "'d": "have", "'ll": "will", "isn't": "be", "wanna": "want", "hes": "be",
		"googled": "google", "naïve": "naïve", "": "", "'": "", "Potola": "potola",
	} {
		if got := Lemma(form); got != want {
			t.Errorf("Lemma(%q) = %q, want %q", form, got, want)
		}
	}
}

// The golden column is what `python3 train/verbs.py --golden` prints.
func TestLemmaIsTheTrainingKitsLemma(t *testing.T) {
	data, err := os.ReadFile("testdata/verbs.tsv")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for row := range strings.Lines(string(data)) {
		form, want, ok := strings.Cut(strings.TrimSuffix(row, "\n"), "\t")
		if !ok {
			t.Fatalf("row %q has no tab", row)
		}
		if got := Lemma(form); got != want {
			t.Errorf("Lemma(%q) = %q, the kit says %q", form, got, want)
		}
		n++
	}
	if n < 1000 {
		t.Errorf("only %d forms", n)
	}
}

func TestEveryBaseFormIsItsOwnLemma(t *testing.T) {
	for _, w := range strings.Fields(baseTable) {
		if got := Lemma(w); got != w {
			t.Errorf("Lemma(%q) = %q", w, got)
		}
	}
}

// TestEveryPredicateOfTheCorpusIsABaseForm keeps what is learned and what is said at run time alike.
func TestEveryPredicateOfTheCorpusIsABaseForm(t *testing.T) {
	names := map[string]bool{"ground": true, "fell": true} // also past forms of other verbs, which are said more often
	files, err := os.ReadDir("train/corpus")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, f := range files {
		data, err := os.ReadFile("train/corpus/" + f.Name())
		if err != nil {
			t.Fatal(err)
		}
		for row := range strings.Lines(string(data)) {
			_, pred, ok := strings.Cut(row, "pred=")
			if !ok || !strings.HasPrefix(row, "R:") {
				continue
			}
			n++
			verb := strings.Fields(pred)[0]
			if got := Lemma(verb); got != strings.ToLower(verb) && !names[verb] {
				t.Errorf("%s: predicate %q has the lemma %q", f.Name(), verb, got)
			}
		}
	}
	if n < 5000 {
		t.Errorf("only %d predicates found", n)
	}
}
