package extract

import (
	"bytes"
	"context"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
)

const shippedHeads = "../assets/models/extractor-small.heads.safetensors"

// noise is an encoder of random vectors: it makes the heads see what no training shows them.
type noise struct{ seed uint64 }

func (n noise) Dim() int     { return 384 }
func (n noise) Close() error { return nil }
func (n noise) Hash() string { return shippedHash() }

// shippedHash is the hash of the encoder that the shipped heads belong to.
var shippedHash = sync.OnceValue(func() string {
	h, _, err := openHeads(shippedHeads, nil)
	if err != nil {
		return ""
	}
	return h.encoder
})

// A stranger is an encoder of the right width that the heads were not trained with.
type stranger struct{ noise }

func (stranger) Hash() string { return strings.Repeat("0", 64) }

func TestHeadsOfAnotherEncoderAreRefused(t *testing.T) {
	_, err := New(stranger{}, shippedHeads)
	if err == nil || !strings.Contains(err.Error(), "another encoder") {
		t.Errorf("heads and encoder of different trainings were put together: %v", err)
	}
}
func (n noise) Encode(_ context.Context, tokens []int32, _ int) ([]float32, error) {
	r := rand.New(rand.NewPCG(n.seed, uint64(len(tokens))))
	return random(r, len(tokens)*384), nil
}

func (n noise) EncodeAll(ctx context.Context, all []Sequence) (out [][]float32, _ error) {
	for _, q := range all {
		rows, _ := n.Encode(ctx, q.Tokens, q.First)
		out = append(out, rows)
	}
	return out, nil
}

func TestHeadsFilesThatDoNotFitAreRefusedByName(t *testing.T) {
	whole, err := os.ReadFile(shippedHeads)
	if err != nil {
		t.Fatal(err)
	}
	swap := func(old, new string) []byte {
		if len(old) != len(new) || !bytes.Contains(whole, []byte(old)) {
			t.Fatalf("%q is not in the file or %q is not as long", old, new)
		}
		return bytes.Replace(whole, []byte(old), []byte(new), 1)
	}
	for _, c := range []struct {
		name string
		data []byte
		says string
	}{
		{"empty", nil, ""},
		{"truncated", whole[:len(whole)/2], ""},
		{"of another kind", []byte("GGUF" + strings.Repeat("x", 5000)), ""},
		{"of a later format", swap(`"format":"2"`, `"format":"9"`), `format "9"`},
		{"with other labels", swap(`sibling_of`, `sobling_of`), "relations"},
		{"with a tensor missing", swap(`"verb_q.weight"`, `"verb_z.weight"`), "verb_q.weight"},
		{"with another vocabulary", swap("\nmonday\n", "\nmonda\n\n"), "vocabulary"},
	} {
		path := filepath.Join(t.TempDir(), "broken.heads.safetensors")
		if err := os.WriteFile(path, c.data, 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := New(noise{}, path)
		if err == nil {
			t.Errorf("a file %s was taken", c.name)
			continue
		}
		if !strings.Contains(err.Error(), "broken.heads.safetensors") || !strings.Contains(err.Error(), c.says) {
			t.Errorf("a file %s: the error does not name it and %q: %v", c.name, c.says, err)
		}
	}
	if _, err := New(noise{}, filepath.Join(t.TempDir(), "none")); err == nil {
		t.Error("a missing file was taken")
	}
}

func FuzzExtract(f *testing.F) {
	x := make([]*Extractor, 4)
	for i := range x {
		var err error
		if x[i], err = New(noise{uint64(i)}, shippedHeads); err != nil {
			f.Fatal(err)
		}
	}
	f.Add("My sister Marta lives in Lisbon, and she's got two cats.", "I saw my family.", uint8(0))
	f.Add("theyre late 🙂 أنا أحب السمك 12345", "", uint8(1))
	f.Add(strings.Repeat("so and then he said hes tired. ", 12), "Who?", uint8(2))
	f.Add("  \x00\xff ", "\xfe", uint8(3))
	f.Fuzz(func(t *testing.T, text, before string, seed uint8) {
		if len(text) > 20_000 || len(before) > 20_000 {
			return
		}
		in := Input{Text: strings.ToValidUTF8(text, "?"), Context: []string{strings.ToValidUTF8(before, "?")}}
		rec, err := x[int(seed)%len(x)].Extract(t.Context(), in)
		if err != nil {
			if !strings.Contains(err.Error(), ErrTooLong.Error()) {
				t.Fatal(err)
			}
			return
		}
		if rec.Text != in.Text {
			t.Fatalf("the text came back changed")
		}
		if again, err := x[int(seed)%len(x)].Extract(t.Context(), in); err != nil || !reflect.DeepEqual(rec, again) {
			t.Fatalf("the remembered record is another (error %v)", err)
		}
		if strings.TrimSpace(in.Text) == "" || strings.TrimSpace(before) == "" {
			return // Check asks for a text and context that say something
		}
		if err := rec.Check(); err != nil && !strings.Contains(err.Error(), "empty") {
			t.Fatalf("%v in %+v", err, rec)
		}
	})
}

func TestOffsetsOfALongTextCountFromItsStart(t *testing.T) {
	x, err := New(noise{}, shippedHeads)
	if err != nil {
		t.Fatal(err)
	}
	text := "     " + strings.Repeat("My brother Ben drives a lorry for a dairy near Cork. ", 30)
	rec, err := x.Extract(t.Context(), Input{Text: text})
	if err != nil {
		t.Fatal(err)
	}
	if len(rec.Entities) == 0 || len(rec.Sentences) == 0 {
		t.Fatal("nothing was found")
	}
	for _, e := range rec.Entities {
		if got := Cut(text, e.Start, e.End); got != e.Text {
			t.Errorf("entity %q is at %q", e.Text, got)
		}
	}
}

func TestLongContextIsCutAndComesBackWhole(t *testing.T) {
	x, err := New(noise{}, shippedHeads)
	if err != nil {
		t.Fatal(err)
	}
	before := strings.Repeat("And then she said that it was late. ", 600)
	rec, err := x.Extract(t.Context(), Input{Text: "She left.", Context: []string{before}})
	if err != nil {
		t.Fatal(err)
	}
	if len(rec.Context) != 1 || rec.Context[0] != before {
		t.Error("the record does not carry the context that was given")
	}
}
