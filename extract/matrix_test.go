package extract

import (
	"math"
	"math/rand/v2"
	"testing"
)

func random(r *rand.Rand, n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(r.NormFloat64())
	}
	return x
}

func TestLayersMultiplyAsTheTextbookSays(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, shape := range [][3]int{{1, 1, 1}, {3, 5, 2}, {4, 32, 7}, {5, 33, 8}, {9, 384, 3}, {0, 8, 8}} {
		n, in, out := shape[0], shape[1], shape[2]
		l := linear{in: in, out: out, w: random(r, in*out), b: random(r, out)}
		x := random(r, n*in)
		got := l.rows(x, n)
		for i := range n {
			for o := range out {
				want := float64(l.b[o])
				for k := range in {
					want += float64(l.w[o*in+k]) * float64(x[i*in+k])
				}
				if diff := math.Abs(want - float64(got[i*out+o])); diff > 1e-4*(1+math.Abs(want)) {
					t.Fatalf("%d rows of %d→%d: row %d output %d is %v, not %v", n, in, out, i, o, got[i*out+o], want)
				}
			}
		}
	}
}

func TestSoftmaxSumsToOneEvenForHugeScores(t *testing.T) {
	x := softmax([]float32{1000, 999, -1000, 0})
	var sum float64
	for _, v := range x {
		sum += float64(v)
	}
	if math.Abs(sum-1) > 1e-6 || math.Abs(float64(x[0]/x[1])-math.E) > 1e-3 {
		t.Errorf("probabilities %v", x)
	}
}

func TestGELUAtKnownPoints(t *testing.T) {
	got := gelu([]float32{0, 1, -1, 10, -10})
	for i, want := range []float64{0, 0.841345, -0.158655, 10, 0} {
		if math.Abs(float64(got[i])-want) > 1e-5 {
			t.Errorf("gelu %d is %v, not %v", i, got[i], want)
		}
	}
}

func BenchmarkLayer256(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 2))
	l := linear{in: 256, out: 256, w: random(r, 256*256), b: random(r, 256)}
	x, dst := random(r, 128*256), make([]float32, 128*256)
	for b.Loop() {
		l.apply(dst, x, 128)
	}
	b.ReportMetric(float64(b.N)*128*256*256/b.Elapsed().Seconds()/1e9, "Gmac/s")
}
