package extract

import (
	"fmt"
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
	for _, shape := range [][3]int{{1, 1, 1}, {3, 5, 2}, {4, 32, 7}, {5, 33, 8}, {9, 384, 3}, {0, 8, 8}, {1, 7, 19}, {6, 16, 8}} {
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

func TestGELUIsTheExactOneToTheSixthDigit(t *testing.T) {
	for x := float32(-9); x < 9; x += 0.00037 {
		want := float64(x) * 0.5 * (1 + math.Erf(float64(x)/math.Sqrt2))
		if got := gelu([]float32{x})[0]; math.Abs(float64(got)-want) > 1e-6 {
			t.Fatalf("gelu %v is %v, not %v", x, got, want)
		}
	}
	inf := float32(math.Inf(1))
	got := gelu([]float32{-8, 8, inf, -inf, float32(math.NaN()), math.MaxFloat32, math.Nextafter32(8, 0)})
	if got[0] != 0 || got[1] != 8 || got[2] != inf || got[3] != 0 || got[4] == got[4] || got[5] != math.MaxFloat32 || got[6] < 7.99 {
		t.Errorf("at the edges gelu is %v", got)
	}
}

func BenchmarkLayer256(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 2))
	l := linear{in: 256, out: 256, w: random(r, 256*256), b: random(r, 256)}
	for _, n := range []int{1, 3, 128} {
		x, dst := random(r, n*256), make([]float32, n*256)
		b.Run(fmt.Sprintf("rows=%d", n), func(b *testing.B) {
			for b.Loop() {
				l.apply(dst, x, n)
			}
			b.ReportMetric(float64(b.N*n)*256*256/b.Elapsed().Seconds()/1e9, "Gmac/s")
		})
	}
}

func BenchmarkGELU(b *testing.B) {
	x := random(rand.New(rand.NewPCG(1, 2)), 1000)
	y := make([]float32, len(x))
	for b.Loop() {
		copy(y, x)
		gelu(y)
	}
}
