package audio

import (
	"context"
	"errors"
	"io"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// count returns the samples numbered from, from+1, ..., each with its number as value.
func count(from, n int) []float32 {
	pcm := make([]float32, n)
	for i := range pcm {
		pcm[i] = float32(from + i)
	}
	return pcm
}

// checkFrame fails unless the samples of f are the ones that belong at its time.
func checkFrame(t *testing.T, f Frame) {
	t.Helper()
	for i, v := range f.PCM {
		if want := float32(Samples(f.At) + int64(i)); v != want {
			t.Fatalf("the frame at %v has sample %v in place %d, want %v", f.At, v, i, want)
		}
	}
}

func TestRingDeliversFramesInOrder(t *testing.T) {
	r := NewRing()
	var f Frame
	written, read := 0, int64(0)
	for i := range 300 {
		n := i*37%1500 + 1
		r.Write(count(written, n))
		written += n
		for int64(written)-read >= FrameSize {
			if err := r.Read(t.Context(), &f); err != nil {
				t.Fatal(err)
			}
			if f.At != Duration(read) || len(f.PCM) != FrameSize {
				t.Fatalf("a frame of %d samples at %v, want one at %v", len(f.PCM), f.At, Duration(read))
			}
			checkFrame(t, f)
			read += FrameSize
		}
	}
	r.Close(nil)
	if err := r.Read(t.Context(), &f); err != nil || int64(len(f.PCM)) != int64(written)-read {
		t.Fatalf("the last frame has %d samples (%v), want %d", len(f.PCM), err, int64(written)-read)
	}
	checkFrame(t, f)
	if err := r.Read(t.Context(), &f); !errors.Is(err, io.EOF) {
		t.Errorf("after the end: %v", err)
	}
	if r.Dropped() != 0 || r.Written() != int64(written) {
		t.Errorf("%d dropped, %d written, want 0 and %d", r.Dropped(), r.Written(), written)
	}
}

func TestFullRingDropsTheOldestAndKeepsTheClock(t *testing.T) {
	for _, c := range []struct {
		name   string
		writes []int
		first  int64 // number of the first sample that is still there
	}{
		{"just full", []int{32000}, 0},
		{"one too many", []int{32000, 1}, 1},
		{"in small steps", []int{20000, 10000, 5000, 5000}, 8000},
		{"one write greater than the ring", []int{1000, 100_000}, 69_000},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := NewRing()
			at := 0
			for _, n := range c.writes {
				r.Write(count(at, n))
				at += n
			}
			r.Close(nil)
			var f Frame
			if err := r.Read(t.Context(), &f); err != nil {
				t.Fatal(err)
			}
			if f.At != Duration(c.first) || r.Dropped() != c.first {
				t.Errorf("the first frame is at %v and %d samples are dropped, want %v and %d", f.At, r.Dropped(), Duration(c.first), c.first)
			}
			n := 0
			for err := error(nil); err == nil; err = r.Read(t.Context(), &f) {
				checkFrame(t, f)
				n += len(f.PCM)
			}
			if n != at-int(c.first) {
				t.Errorf("%d samples came out, want %d", n, at-int(c.first))
			}
		})
	}
}

func TestLateReaderSeesTheGap(t *testing.T) {
	r := NewRing()
	var s Segmenter
	var f Frame
	var got []Utterance
	r.Write(count(0, 10*FrameSize))
	for range 10 {
		if err := r.Read(t.Context(), &f); err != nil {
			t.Fatal(err)
		}
		got = append(got, s.Feed(f, 1)...)
	}
	r.Write(count(10*FrameSize, 2*Rate+10*FrameSize)) // the reader sleeps: 10 frames are lost
	r.Close(nil)
	for r.Read(t.Context(), &f) == nil {
		got = append(got, s.Feed(f, 1)...)
	}
	got = append(got, s.Flush()...)
	if len(got) != 2 || got[0].End != frames(10) || got[1].Start != frames(20) || s.Stats().Gaps != 1 {
		t.Errorf("utterances %v, stats %+v", times(got), s.Stats())
	}
}

func TestRingWakesItsReaderOnceAHop(t *testing.T) {
	for _, c := range []struct{ block, want time.Duration }{
		{10 * time.Millisecond, 80 * time.Millisecond},
		{50 * time.Millisecond, 100 * time.Millisecond},
		{85 * time.Millisecond, 85 * time.Millisecond},
		{100 * time.Millisecond, 100 * time.Millisecond},
	} {
		synctest.Test(t, func(t *testing.T) {
			r := NewRing()
			start := time.Now()
			last, wakes := time.Duration(0), 0
			var wg sync.WaitGroup
			wg.Go(func() {
				var f Frame
				for r.Read(context.Background(), &f) == nil {
					if d := time.Since(start); d != last {
						if d-last != c.want {
							t.Errorf("blocks of %v: the reader was woken after %v, want %v", c.block, d-last, c.want)
						}
						last, wakes = d, wakes+1
					}
				}
			})
			for i := range 3 * int(c.want/c.block) {
				time.Sleep(c.block)
				n := int(Samples(c.block))
				r.Write(count(i*n, n))
				synctest.Wait()
			}
			r.Close(nil)
			wg.Wait()
			if wakes != 3 {
				t.Errorf("blocks of %v: the reader was woken %d times, want 3", c.block, wakes)
			}
		})
	}
}

func TestRingReadEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := NewRing()
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		var f Frame
		if err := r.Read(ctx, &f); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("read of an empty ring: %v", err)
		}
	})
}

func TestRingEndsWithTheErrorOfItsFirstClose(t *testing.T) {
	r := NewRing()
	bad := errors.New("the microphone was pulled out")
	r.Write(count(0, 100))
	r.Close(bad)
	r.Close(nil)
	r.Write(count(100, 100)) // a device that has not noticed yet
	var f Frame
	if err := r.Read(t.Context(), &f); err != nil || len(f.PCM) != 100 {
		t.Errorf("the sound before the end: %d samples, %v", len(f.PCM), err)
	}
	if err := r.Read(t.Context(), &f); !errors.Is(err, bad) {
		t.Errorf("got %v, want %v", err, bad)
	}
}

func TestRingWithAFastDeviceAndASlowReader(t *testing.T) {
	r := NewRing()
	const total = 4_000_000
	var wg sync.WaitGroup
	wg.Go(func() {
		block := make([]float32, 1600)
		for at := 0; at < total; at += len(block) {
			for i := range block {
				block[i] = float32(at + i)
			}
			r.Write(block)
		}
		r.Close(nil)
	})
	wg.Go(func() {
		for range 1000 {
			if r.Dropped() > r.Written() {
				t.Error("more dropped than written")
			}
		}
	})
	var f Frame
	var read int64
	last := time.Duration(-1)
	for r.Read(t.Context(), &f) == nil {
		if f.At <= last {
			t.Fatalf("a frame at %v after one at %v", f.At, last)
		}
		last = f.At
		checkFrame(t, f)
		read += int64(len(f.PCM))
	}
	wg.Wait()
	if read+r.Dropped() != total {
		t.Errorf("%d read and %d dropped of %d", read, r.Dropped(), total)
	}
}

func BenchmarkRing(b *testing.B) {
	r := NewRing()
	block := make([]float32, FrameSize)
	var f Frame
	b.ReportAllocs()
	for b.Loop() {
		r.Write(block)
		if err := r.Read(b.Context(), &f); err != nil {
			b.Fatal(err)
		}
	}
}
