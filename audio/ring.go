package audio

import (
	"context"
	"io"
	"sync"
	"time"
)

// Hop is about how much sound gathers before a reader of a [Ring] is woken: speech comes
// to the detector in steps of a tenth of a second, and an idle program sleeps in between.
// Three quarters of it are enough, because the blocks of a device are rarely whole parts
// of it (CoreAudio's greatest has 85 ms).
const Hop = 100 * time.Millisecond

// Ring passes sound from a device to one reader and holds at most two seconds of it. The
// device must never wait: when the reader is late, the oldest sound makes room and is
// counted. Frames are numbered by what the device delivered, so that the sample clock
// stays right and a reader sees where sound is missing.
//
// Make it with [NewRing]. Write may be called from any thread; it locks for the time of a
// copy and allocates nothing. Read belongs to one goroutine.
type Ring struct {
	mu      sync.Mutex
	buf     []float32
	first   int64 // number of the oldest sample in buf; its place is its number modulo the size
	next    int64 // number of the next sample to be written
	awake   int64 // the reader is woken when next reaches this
	dropped int64
	end     error         // set by Close
	wake    chan struct{} // holds one token
	out     [FrameSize]float32
}

// NewRing returns an empty ring for two seconds of sound.
func NewRing() *Ring {
	return &Ring{buf: make([]float32, 2*Rate), wake: make(chan struct{}, 1), awake: Samples(Hop * 3 / 4)}
}

// Write appends pcm and drops the oldest samples when there is no room.
func (r *Ring) Write(pcm []float32) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.end != nil {
		return
	}
	size := int64(len(r.buf))
	r.next += int64(len(pcm))
	pcm = pcm[max(len(pcm)-len(r.buf), 0):]
	at := (r.next - int64(len(pcm))) % size
	copy(r.buf, pcm[copy(r.buf[at:], pcm):])
	if over := r.next - size - r.first; over > 0 {
		r.first += over
		r.dropped += over
	}
	if r.next >= r.awake {
		r.awake = r.next + Samples(Hop*3/4)
		r.signal()
	}
}

// Close ends the stream with err, or with io.EOF if err is nil. The reader still gets
// what the ring holds. Only the first Close counts.
func (r *Ring) Close(err error) {
	if err == nil {
		err = io.EOF
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.end == nil {
		r.end = err
	}
	r.signal()
}

// signal wakes the reader. A token that is already there is enough.
func (r *Ring) signal() {
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// Read waits for a frame and fills f with it. After Close it returns what is left, the
// last frame shorter if need be, and then the error of Close.
func (r *Ring) Read(ctx context.Context, f *Frame) error {
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		if ok, err := r.take(f); ok || err != nil {
			return err
		}
		select {
		case <-r.wake:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// take fills f if there is a whole frame, or the last one.
func (r *Ring) take(f *Frame) (bool, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := min(r.next-r.first, FrameSize)
	if n < FrameSize && r.end == nil {
		return false, nil
	}
	if n == 0 {
		return false, r.end
	}
	at := r.first % int64(len(r.buf))
	copy(r.out[copy(r.out[:n], r.buf[at:]):n], r.buf)
	f.At, f.PCM = Duration(r.first), r.out[:n]
	r.first += n
	return true, nil
}

// Dropped returns how many samples were lost because the reader was late.
func (r *Ring) Dropped() int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.dropped
}

// Written returns how many samples the device delivered.
func (r *Ring) Written() int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.next
}
