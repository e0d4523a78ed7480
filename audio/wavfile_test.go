package audio

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"testing"
)

// wavFile describes a file to be written byte by byte.
type wavFile struct {
	tag, channels, bits int
	rate                int
	extensible          bool
	extra               string // chunks before the sound
	tail                string // bytes behind it
	claim               int64  // the size of the sound in the header; 0 means the true one
	riff                int64  // the size of the file in the header; 0 means the true one
	align               int    // bytes of a sample of all channels; 0 means the true number
	samples             [][]float64
}

// bytes builds the file; samples has one row per channel.
func (w wavFile) bytes() []byte {
	le := binary.LittleEndian
	var data []byte
	for i := 0; len(w.samples) > 0 && i < len(w.samples[0]); i++ {
		for _, ch := range w.samples {
			data = append(data, encode(w.tag, w.bits, ch[i])...)
		}
	}
	if w.align == 0 {
		w.align = w.channels * w.bits / 8
	}
	tag := w.tag
	if w.extensible {
		tag = tagExtensible
	}
	f := le.AppendUint16(nil, uint16(tag))
	f = le.AppendUint16(f, uint16(w.channels))
	f = le.AppendUint32(f, uint32(w.rate))
	f = le.AppendUint32(f, uint32(w.rate*w.align))
	f = le.AppendUint16(f, uint16(w.align))
	f = le.AppendUint16(f, uint16(w.bits))
	if w.extensible {
		f = append(f, 22, 0, byte(w.bits), 0, 3, 0, 0, 0, byte(w.tag), 0)
		f = append(f, "\x00\x00\x00\x00\x10\x00\x80\x00\x00\xaa\x00\x38\x9b\x71"...)
	}
	out := append([]byte("RIFF____WAVEfmt "), le.AppendUint32(nil, uint32(len(f)))...)
	out = append(append(out, f...), w.extra...)
	size := w.claim
	if size == 0 {
		size = int64(len(data))
	}
	out = append(append(out, "data"...), le.AppendUint32(nil, uint32(size))...)
	out = append(append(out, data...), w.tail...)
	total := w.riff
	if total == 0 {
		total = int64(len(out) - 8)
	}
	le.PutUint32(out[4:], uint32(total))
	return out
}

func encode(tag, bits int, v float64) []byte {
	le := binary.LittleEndian
	switch {
	case tag == tagFloat && bits == 32:
		return le.AppendUint32(nil, math.Float32bits(float32(v)))
	case tag == tagFloat:
		return le.AppendUint64(nil, math.Float64bits(v))
	case bits == 8:
		return []byte{byte(math.Round(v*127) + 128)}
	}
	n := uint32(int32(math.Round(v * (1<<31 - 1))))
	return le.AppendUint32(nil, n)[4-bits/8:]
}

// tone returns n samples of a sine of half the full height.
func tone(hz float64, rate, n int) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = .5 * math.Sin(2*math.Pi*hz*float64(i)/float64(rate))
	}
	return out
}

// save writes b to a file in a temporary folder.
func save(t testing.TB, name string, b []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// readAll plays src to its end and checks the frames on the way.
func readAll(t testing.TB, src Source) []float32 {
	t.Helper()
	var pcm []float32
	var f Frame
	for {
		err := src.Read(context.Background(), &f)
		if errors.Is(err, io.EOF) {
			return pcm
		}
		if err != nil {
			t.Fatal(err)
		}
		if f.At != Duration(int64(len(pcm))) {
			t.Fatalf("a frame at %v after %d samples", f.At, len(pcm))
		}
		if len(pcm)%FrameSize != 0 || len(f.PCM) == 0 || len(f.PCM) > FrameSize {
			t.Fatalf("a frame of %d samples after %d", len(f.PCM), len(pcm))
		}
		pcm = append(pcm, f.PCM...)
	}
}

func open(t testing.TB, b []byte) *WAV {
	t.Helper()
	w, err := OpenWAV(save(t, "talk.wav", b), false)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	return w
}

// level returns the height of a tone of hz in pcm in decibels, where a sine of half the
// full height is 0, and how high everything else is.
func level(pcm []float32, hz float64) (tone, rest float64) {
	var re, im, all float64
	for i, v := range pcm {
		s, c := math.Sincos(2 * math.Pi * hz * float64(i) / Rate)
		re += float64(v) * c
		im += float64(v) * s
		all += float64(v) * float64(v)
	}
	n := float64(len(pcm))
	amp := 2 * math.Hypot(re, im) / n
	power := max(all/n-amp*amp/2, 1e-20)
	return 20 * math.Log10(amp/.5), 10 * math.Log10(power/.125)
}
