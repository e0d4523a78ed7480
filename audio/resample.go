package audio

import "github.com/oov/audio/resampler"

// Converter brings a stream of mono sound to Rate, piece by piece. The filter is Speex's,
// in a port to Go: no cgo, nothing allocated on the way, and at this quality a tone that
// would fold back into speech comes out more than 100 dB down, hundreds of times faster
// than anyone speaks. Of the other libraries looked at, one has no such filter, one needs
// cgo, and one has a licence that a single binary cannot meet.
type Converter struct {
	rate int
	r    *resampler.Resampler // nil: the rate is right already
	in   [1024]float64        // of the library's two kinds of numbers, this is the one that allocates nothing
	out  [1024]float64
	took int64 // samples
	gave int64
}

const quality = 6

// NewConverter returns a converter from a rate between 4 and 384 kHz.
func NewConverter(rate int) *Converter {
	c := &Converter{rate: rate}
	if rate != Rate {
		c.r = resampler.NewWithSkipZeros(1, rate, Rate, quality) // the filter's delay is taken off
	}
	return c
}

// Add converts pcm and appends to dst what is ready.
func (c *Converter) Add(dst, pcm []float32) []float32 {
	c.took += int64(len(pcm))
	if c.r == nil {
		return append(dst, pcm...)
	}
	return c.run(dst, pcm)
}

// Flush appends the end of the stream, which is still in the filter: all of the sound is
// as long after conversion as before, to the sample.
func (c *Converter) Flush(dst []float32) []float32 {
	if c.r == nil {
		return dst
	}
	total := (c.took*Rate + int64(c.rate)/2) / int64(c.rate)
	silence := make([]float32, 64)
	for c.gave < total {
		dst = c.run(dst, silence)
	}
	return dst[:int64(len(dst))-(c.gave-total)]
}

func (c *Converter) run(dst, pcm []float32) []float32 {
	for len(pcm) > 0 {
		n := min(len(pcm), len(c.in))
		for i, v := range pcm[:n] {
			c.in[i] = float64(v)
		}
		read, written := c.r.ProcessFloat64(0, c.in[:n], c.out[:])
		for _, v := range c.out[:written] {
			dst = append(dst, float32(min(max(v, -1), 1))) // the filter overshoots at edges
		}
		pcm = pcm[read:]
		c.gave += int64(written)
	}
	return dst
}
