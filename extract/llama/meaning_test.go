package llama

import (
	"math"
	"testing"

	"hotmem/extract"
)

func meaning(t *testing.T, x *extract.Extractor, text string) []float32 {
	t.Helper()
	rec, err := x.Extract(t.Context(), extract.Input{Text: text})
	if err != nil {
		t.Fatal(err)
	}
	return rec.Vector
}

func alike(a, b []float32) (dot float64) {
	for i := range a {
		dot += float64(a[i]) * float64(b[i])
	}
	return dot
}

func TestTextsThatMeanAlikeLieNearEachOther(t *testing.T) {
	x := shipped(t)
	for _, c := range []struct{ text, near, far string }{
		{"My sister works as a nurse in Leeds.", "my sister is a hospital nurse up in leeds", "The server crashed again last night."},
		{"We are flying to Lisbon in May.", "in may we take the plane to lisbon", "My knee hurts when I climb stairs."},
		{"The cat is allergic to chicken.", "our cat can't have any chicken she is allergic", "The deadline for the report is Friday."},
		{"He quit his job at the bank.", "he no longer works at the bank he resigned", "She baked a lemon cake for the party."},
	} {
		v, near, far := meaning(t, x, c.text), meaning(t, x, c.near), meaning(t, x, c.far)
		if alike(v, near) <= alike(v, far) {
			t.Errorf("%q is as near to %q (%.3f) as to %q (%.3f)", c.text, c.far, alike(v, far), c.near, alike(v, near))
		}
	}
}

func TestMeaningIsAVectorOfLengthOne(t *testing.T) {
	x := shipped(t)
	v := meaning(t, x, "My dog Potola is five years old.")
	if len(v) != extract.VectorWidth || math.Abs(alike(v, v)-1) > 1e-5 {
		t.Errorf("%d numbers of length %v", len(v), math.Sqrt(alike(v, v)))
	}
	if v := meaning(t, x, " "); v != nil {
		t.Errorf("a text without words means %d numbers", len(v))
	}
}

func TestDomainIsGuessedOnlyWhereItIsNotGiven(t *testing.T) {
	x := shipped(t)
	text := "The patient presents with acute chest pain and was put on aspirin and heparin."
	guessed, err := x.Extract(t.Context(), extract.Input{Text: text})
	if err != nil {
		t.Fatal(err)
	}
	given, err := x.Extract(t.Context(), extract.Input{Text: text, Domain: "news"})
	if err != nil {
		t.Fatal(err)
	}
	if guessed.Domain != "medical" || given.Domain != "news" {
		t.Errorf("guessed %q, and with news given %q", guessed.Domain, given.Domain)
	}
	if guessed.Believed <= given.Believed || given.Believed < 0.5 {
		t.Errorf("a medical fact needs %.2f, one of the news %.2f", guessed.Believed, given.Believed)
	}
}
