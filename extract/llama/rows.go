package llama

// #include "rows.h"
import "C"

// Multiply implements [extract.Multiplier] in C, whose compiler takes eight numbers at a time where Go's takes one: in Go the
// heads took a third of all time.
func (e *Encoder) Multiply(dst, x, w, b []float32, n, in, out int) {
	if n == 0 || in == 0 || out == 0 {
		return
	}
	_, _, _, _ = dst[n*out-1], x[n*in-1], w[in*out-1], b[out-1] // C does not look where it reads
	C.hm_rows((*C.float)(&dst[0]), (*C.float)(&x[0]), (*C.float)(&w[0]), (*C.float)(&b[0]), C.long(n), C.long(in), C.long(out))
}
