package extract

import "math"

// A Multiplier computes dense layers faster than Go does; an [Encoder] may be one.
type Multiplier interface {
	// Multiply computes n rows of out values from n rows of in values, dst = x Wᵀ + b, with w row-major [out][in].
	Multiply(dst, x, w, b []float32, n, in, out int)
}

// A linear is one dense layer, y = W x + b, with W row-major [out][in].
type linear struct {
	in, out int
	w, b    []float32
	with    Multiplier // nil: in Go
}

// rows computes n rows of l.out values from n rows of l.in values.
func (l linear) rows(x []float32, n int) []float32 {
	dst := make([]float32, n*l.out)
	if l.with != nil && n > 0 {
		l.with.Multiply(dst, x[:n*l.in], l.w, l.b, n, l.in, l.out)
	} else {
		l.apply(dst, x, n)
	}
	return dst
}

// apply is rows in Go. Four inputs and two outputs are
// taken at once, so that each loaded weight serves four rows: the scalar code of the Go compiler is
// bound by loads, not by products. Where fewer than four rows are left, the last one stands for those that are
// missing; only a single one is cheaper alone.
func (l linear) apply(dst, x []float32, n int) {
	in, out := l.in, l.out
	r := 0
	for ; r+2 <= n; r += 4 {
		r1, r2, r3 := r+1, min(r+2, n-1), min(r+3, n-1)
		x0, x1 := x[r*in:(r+1)*in:(r+1)*in], x[r1*in:(r1+1)*in:(r1+1)*in]
		x2, x3 := x[r2*in:(r2+1)*in:(r2+1)*in], x[r3*in:(r3+1)*in:(r3+1)*in]
		x1, x2, x3 = x1[:len(x0)], x2[:len(x0)], x3[:len(x0)]
		d0, d1 := dst[r*out:(r+1)*out], dst[r1*out:(r1+1)*out]
		d2, d3 := dst[r2*out:(r2+1)*out], dst[r3*out:(r3+1)*out]
		o := 0
		for ; o+2 <= out; o += 2 {
			w0 := l.w[o*in : (o+1)*in][:len(x0)]
			w1 := l.w[(o+1)*in : (o+2)*in][:len(x0)]
			var a0, a1, a2, a3, b0, b1, b2, b3 float32
			for i := range x0 {
				u, v := w0[i], w1[i]
				a0 += u * x0[i]
				a1 += u * x1[i]
				a2 += u * x2[i]
				a3 += u * x3[i]
				b0 += v * x0[i]
				b1 += v * x1[i]
				b2 += v * x2[i]
				b3 += v * x3[i]
			}
			p, q := l.b[o], l.b[o+1]
			d0[o], d0[o+1] = a0+p, b0+q
			d1[o], d1[o+1] = a1+p, b1+q
			d2[o], d2[o+1] = a2+p, b2+q
			d3[o], d3[o+1] = a3+p, b3+q
		}
		for ; o < out; o++ {
			w, p := l.w[o*in:(o+1)*in], l.b[o]
			d0[o], d1[o], d2[o], d3[o] = dot(w, x0)+p, dot(w, x1)+p, dot(w, x2)+p, dot(w, x3)+p
		}
	}
	for ; r < n; r++ {
		row := x[r*in : (r+1)*in]
		for o := range out {
			dst[r*out+o] = dot(l.w[o*in:(o+1)*in], row) + l.b[o]
		}
	}
}

func dot(a, b []float32) float32 {
	b = b[:len(a)]
	var s0, s1, s2, s3 float32
	i := 0
	for ; i+4 <= len(a); i += 4 {
		s0 += a[i] * b[i]
		s1 += a[i+1] * b[i+1]
		s2 += a[i+2] * b[i+2]
		s3 += a[i+3] * b[i+3]
	}
	for ; i < len(a); i++ {
		s0 += a[i] * b[i]
	}
	return s0 + s1 + s2 + s3
}

// geluEdge is from where on x·Φ(x) is x, and below its negative 0, to the last digit of a float32.
const geluEdge = 8

// geluAt holds x·Φ(x) with the error function, as in training, at steps of 1/geluSteps.
var geluAt = func() (t [2*geluEdge*geluSteps + 2]float32) {
	for i := range t {
		x := float64(i)/geluSteps - geluEdge
		t[i] = float32(x * 0.5 * (1 + math.Erf(x*(math.Sqrt2/2))))
	}
	return t
}()

// geluSteps makes straight lines between the steps wrong by less than 4e-7, and the table 32 KB, which a core holds near.
const geluSteps = 512

// gelu is x·Φ(x) in place, from a table: the error function itself took a quarter of the time of all heads.
func gelu(x []float32) []float32 {
	for i, v := range x {
		if v > -geluEdge && v < geluEdge {
			at := (v + geluEdge) * geluSteps
			k := int(at)
			y := geluAt[k]
			x[i] = y + (at-float32(k))*(geluAt[k+1]-y)
		} else if v <= -geluEdge {
			x[i] = 0
		}
	}
	return x
}

// softmax turns scores into probabilities in place.
func softmax(x []float32) []float32 {
	top := x[argmax(x)]
	var sum float64
	for i, v := range x {
		e := math.Exp(float64(v - top))
		x[i] = float32(e)
		sum += e
	}
	for i := range x {
		x[i] = float32(float64(x[i]) / sum)
	}
	return x
}

// unit scales a vector to length one in place; nothing stays nothing.
func unit(x []float32) []float32 {
	if n := math.Sqrt(float64(dot(x, x))); n > 0 {
		for i := range x {
			x[i] = float32(float64(x[i]) / n)
		}
	}
	return x
}

func sigmoid(x float32) float64 { return 1 / (1 + math.Exp(-float64(x))) }

func argmax(x []float32) int {
	best := 0
	for i, v := range x {
		if v > x[best] {
			best = i
		}
	}
	return best
}
