package audio

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"time"
)

// WAV is a [Source] that plays a file. Samples may be integers of 8 to 32 bits or
// floating point numbers, at any rate from 4 to 384 kHz, in up to 32 channels (their mean
// is taken). It holds a few thousand samples at a time, however long the file is.
type WAV struct {
	riff
	file    io.Closer
	paced   bool
	started time.Time // when a paced file began to play
	pos     int64     // samples delivered
	res     *Converter
	raw     []byte    // a block of the file
	mono    []float32 // its samples
	ready   []float32 // at Rate, not delivered yet
	out     []float32 // the frame of the last Read
	end     error     // why there is no more to decode
}

// block is how many samples of all channels are decoded at once.
const block = 4096

// OpenWAV opens a file and reads its header. A paced file is delivered at the speed of
// speech, as a microphone would; otherwise Read never waits. Errors of kind [WAVError]
// say what is wrong with the file and what to do.
func OpenWAV(path string, paced bool) (*WAV, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("%w; check the name and that you may read the file", err) // it names the path
	}
	size := int64(-1)
	st, err := f.Stat()
	if err == nil && st.IsDir() {
		err = &WAVError{Path: path, Found: "this is a folder", Next: "name a WAV file in it"}
	}
	if err == nil && st.Mode().IsRegular() {
		size = st.Size()
	}
	var w *WAV
	if err == nil {
		w, err = newWAV(path, f, size)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	w.file, w.paced = f, paced
	return w, nil
}

// newWAV reads the header from r, which holds size bytes, or an unknown number if size is -1.
func newWAV(name string, r io.Reader, size int64) (*WAV, error) {
	w := &WAV{riff: riff{name: name, r: bufio.NewReaderSize(r, 1<<16), size: size}}
	if err := w.header(); err != nil {
		return nil, err
	}
	w.raw = make([]byte, block*w.unit)
	w.mono = make([]float32, block)
	w.out = make([]float32, FrameSize)
	w.res = NewConverter(w.info.Rate)
	return w, nil
}

// Info says what the file holds.
func (w *WAV) Info() WAVInfo { return w.info }

// Read fills f with the next frame and returns io.EOF after the last one.
func (w *WAV) Read(ctx context.Context, f *Frame) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	for len(w.ready) < FrameSize && w.end == nil {
		if err := w.decode(); err != nil {
			w.end = err
		}
	}
	n := copy(w.out, w.ready)
	if n == 0 {
		return w.end
	}
	if err := w.pace(ctx, w.pos+int64(n)); err != nil {
		return err
	}
	w.ready = w.ready[:copy(w.ready, w.ready[n:])]
	f.At, f.PCM = Duration(w.pos), w.out[:n]
	w.pos += int64(n)
	return nil
}

// pace waits until the sample at pos would have been spoken. The clock starts with the
// first Read, and every deadline is counted from there, so that nothing drifts.
func (w *WAV) pace(ctx context.Context, pos int64) error {
	if !w.paced {
		return nil
	}
	if w.started.IsZero() {
		w.started = time.Now()
	}
	t := time.NewTimer(time.Until(w.started.Add(Duration(pos))))
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Close closes the file. Read must not be called after it.
func (w *WAV) Close() error {
	w.ready, w.end = nil, fmt.Errorf("read %s: %w", w.name, fs.ErrClosed)
	if w.file == nil {
		return nil
	}
	f := w.file
	w.file = nil
	return f.Close()
}

// decode appends the next block of the file to ready, at Rate. It returns io.EOF at the
// end of the sound.
func (w *WAV) decode() error {
	want := int64(len(w.raw))
	if w.data >= 0 {
		want = min(want, w.data)
	}
	n, err := w.full(w.raw[:want])
	if w.data >= 0 {
		w.data -= int64(n)
	}
	k := n / w.unit // a last part of a sample is dropped
	w.info.mono(w.mono[:k], w.raw)
	w.ready = w.res.Add(w.ready, w.mono[:k])
	switch {
	case err == nil && w.data != 0:
		return nil
	case w.data == 0, w.data < 0 && w.fail == nil:
		w.ready = w.res.Flush(w.ready)
		return io.EOF
	default: // shorter than when it was opened, or the disk failed
		return w.broken("the file is cut short: %v of sound are missing at its end", w.lasts(w.data))
	}
}

// mono fills out with the mean of the channels in raw.
func (in *WAVInfo) mono(out []float32, raw []byte) {
	size := in.Bits / 8
	scale := 1 / float64(in.Channels)
	for i := range out {
		var sum float64
		for range in.Channels {
			sum += in.sample(raw)
			raw = raw[size:]
		}
		out[i] = float32(sum * scale)
	}
}

// sample decodes the first sample in b to [-1, 1]. Floating point files may hold anything;
// what is no number becomes silence, what is too loud is clipped as a sound card would.
func (in *WAVInfo) sample(b []byte) float64 {
	if in.Float {
		v := 0.0
		if in.Bits == 32 {
			v = float64(math.Float32frombits(binary.LittleEndian.Uint32(b)))
		} else {
			v = math.Float64frombits(binary.LittleEndian.Uint64(b))
		}
		if v != v {
			return 0
		}
		return min(max(v, -1), 1)
	}
	switch in.Bits {
	case 8:
		return (float64(b[0]) - 128) / (1 << 7) // the only unsigned one
	case 16:
		return float64(int16(binary.LittleEndian.Uint16(b))) / (1 << 15)
	case 24:
		return float64(int32(b[0])<<8|int32(b[1])<<16|int32(b[2])<<24) / (1 << 31)
	default:
		return float64(int32(binary.LittleEndian.Uint32(b))) / (1 << 31)
	}
}

// WriteWAV writes pcm as a 16-bit mono file at Rate.
func WriteWAV(path string, pcm []float32) error {
	size := 2 * int64(len(pcm))
	if size > math.MaxUint32-36 {
		return fmt.Errorf("write %s: %d samples do not fit into a WAV file", path, len(pcm))
	}
	b := make([]byte, 44, 44+size)
	copy(b, "RIFF____WAVEfmt ")
	binary.LittleEndian.PutUint32(b[4:], uint32(36+size))
	binary.LittleEndian.PutUint32(b[16:], 16)
	binary.LittleEndian.PutUint16(b[20:], tagPCM)
	binary.LittleEndian.PutUint16(b[22:], 1)
	binary.LittleEndian.PutUint32(b[24:], Rate)
	binary.LittleEndian.PutUint32(b[28:], 2*Rate)
	binary.LittleEndian.PutUint16(b[32:], 2)
	binary.LittleEndian.PutUint16(b[34:], 16)
	copy(b[36:], "data")
	binary.LittleEndian.PutUint32(b[40:], uint32(size))
	for _, v := range pcm {
		s := math.Round(float64(v) * (1 << 15))
		if s != s {
			s = 0
		}
		b = binary.LittleEndian.AppendUint16(b, uint16(int16(min(max(s, math.MinInt16), math.MaxInt16))))
	}
	return os.WriteFile(path, b, 0o600) // recordings are private
}
