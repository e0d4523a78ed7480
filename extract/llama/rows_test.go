package llama

import (
	"math"
	"math/rand/v2"
	"testing"

	"hotmem/extract"
)

var _ extract.Multiplier = (*Encoder)(nil)

func numbers(r *rand.Rand, n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(r.NormFloat64())
	}
	return x
}

func TestProductsAreThoseOfTheTextbook(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for _, shape := range [][3]int{{1, 1, 1}, {3, 5, 2}, {4, 32, 7}, {5, 33, 8}, {9, 384, 3}, {0, 8, 8}, {1, 7, 19}, {6, 16, 8}, {7, 800, 5}} {
		n, in, out := shape[0], shape[1], shape[2]
		x, w, b := numbers(r, n*in), numbers(r, in*out), numbers(r, out)
		dst := make([]float32, n*out)
		(&Encoder{}).Multiply(dst, x, w, b, n, in, out)
		for i := range n {
			for o := range out {
				want := float64(b[o])
				for k := range in {
					want += float64(w[o*in+k]) * float64(x[i*in+k])
				}
				if diff := math.Abs(want - float64(dst[i*out+o])); diff > 1e-4*(1+math.Abs(want)) {
					t.Fatalf("%d rows of %d→%d: row %d output %d is %v, not %v", n, in, out, i, o, dst[i*out+o], want)
				}
			}
		}
	}
}

func TestShortInputsPanicInGoAndAreNeverReadInC(t *testing.T) {
	for name, short := range map[string]func(e *Encoder, x []float32){
		"rows":    func(e *Encoder, x []float32) { e.Multiply(make([]float32, 8), x[:7], x, x, 2, 4, 4) },
		"weights": func(e *Encoder, x []float32) { e.Multiply(make([]float32, 8), x, x[:15], x, 2, 4, 4) },
		"shifts":  func(e *Encoder, x []float32) { e.Multiply(make([]float32, 8), x, x, x[:3], 2, 4, 4) },
		"results": func(e *Encoder, x []float32) { e.Multiply(make([]float32, 7), x, x, x, 2, 4, 4) },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			short(&Encoder{}, make([]float32, 64))
		})
	}
}

func BenchmarkMultiply256(b *testing.B) {
	r := rand.New(rand.NewPCG(5, 6))
	x, w, shift, dst := numbers(r, 90*256), numbers(r, 256*256), numbers(r, 256), make([]float32, 90*256)
	for b.Loop() {
		(&Encoder{}).Multiply(dst, x, w, shift, 90, 256, 256)
	}
}

// alone hides that an encoder can multiply.
type alone struct{ extract.Encoder }

func TestFactsAreTheSameWithAndWithoutC(t *testing.T) {
	enc, err := Open(models+".gguf", Options{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = enc.Close() })
	var readers [2]*extract.Extractor
	for i, e := range []extract.Encoder{enc, alone{enc}} {
		if readers[i], err = extract.New(e, models+".heads.safetensors"); err != nil {
			t.Fatal(err)
		}
	}
	for _, gold := range read(t, "testdata/reference.jsonl")[:30] {
		var records [2]extract.Record
		for i, x := range readers {
			if records[i], err = x.Extract(t.Context(), extract.Input{Context: gold.Context, Text: gold.Text}); err != nil {
				t.Fatal(err)
			}
		}
		a, b := records[0].Relations, records[1].Relations
		if len(a) != len(b) {
			t.Fatalf("%q: %d facts in C, %d in Go", gold.Text, len(a), len(b))
		}
		for i := range a {
			if math.Abs(a[i].Confidence-b[i].Confidence) > 1e-3 {
				t.Errorf("%q: %+v in C, %+v in Go", gold.Text, a[i], b[i])
			}
			if a[i].Confidence = b[i].Confidence; a[i] != b[i] {
				t.Errorf("%q: %+v in C, %+v in Go", gold.Text, a[i], b[i])
			}
		}
	}
}
