package extract

import "math"

// A linear is one dense layer, y = W x + b, with W row-major [out][in].
type linear struct {
	in, out int
	w, b    []float32
}

// apply computes n rows of l.out values from n rows of l.in values. Four inputs and two outputs are
// taken at once, so that each loaded weight serves four rows: the scalar code of the Go compiler is
// bound by loads, not by products.
func (l linear) apply(dst, x []float32, n int) {
	in := l.in
	r := 0
	for ; r+4 <= n; r += 4 {
		x0, x1 := x[r*in:(r+1)*in:(r+1)*in], x[(r+1)*in:(r+2)*in:(r+2)*in]
		x2, x3 := x[(r+2)*in:(r+3)*in:(r+3)*in], x[(r+3)*in:(r+4)*in:(r+4)*in]
		x1, x2, x3 = x1[:len(x0)], x2[:len(x0)], x3[:len(x0)]
		o := 0
		for ; o+2 <= l.out; o += 2 {
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
			d := dst[r*l.out+o:]
			d[0], d[1] = a0+p, b0+q
			d[l.out], d[l.out+1] = a1+p, b1+q
			d[2*l.out], d[2*l.out+1] = a2+p, b2+q
			d[3*l.out], d[3*l.out+1] = a3+p, b3+q
		}
		for ; o < l.out; o++ {
			w := l.w[o*in : (o+1)*in]
			for k := range 4 {
				dst[(r+k)*l.out+o] = dot(w, x[(r+k)*in:(r+k+1)*in]) + l.b[o]
			}
		}
	}
	for ; r < n; r++ {
		row := x[r*in : (r+1)*in]
		for o := range l.out {
			dst[r*l.out+o] = dot(l.w[o*in:(o+1)*in], row) + l.b[o]
		}
	}
}

// rows is apply into fresh memory.
func (l linear) rows(x []float32, n int) []float32 {
	dst := make([]float32, n*l.out)
	l.apply(dst, x, n)
	return dst
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

// gelu is x·Φ(x) in place, with the error function as in training.
func gelu(x []float32) []float32 {
	for i, v := range x {
		x[i] = v * 0.5 * float32(1+math.Erf(float64(v)*(math.Sqrt2/2)))
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
