package audio

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"
)

func TestWAVPlaysEveryDepthRateAndChannelCount(t *testing.T) {
	for _, kind := range []struct {
		tag, bits int
		noise     float64 // what rounding to so many bits may add
	}{{tagPCM, 8, -40}, {tagPCM, 16, -85}, {tagPCM, 24, -85}, {tagPCM, 32, -85}, {tagFloat, 32, -85}, {tagFloat, 64, -85}} {
		for _, rate := range []int{4000, 8000, 11025, 16000, 22050, 44100, 44101, 48000, 96000, 192000, 384000} {
			for _, channels := range []int{1, 2, 6, 32} {
				if (channels > 2 || kind.bits != 16) && rate != 16000 && rate != 48000 {
					continue // these parts know nothing of each other: all pairs would only take time
				}
				t.Run(fmt.Sprintf("%d-%dbit-%d-%dch", kind.tag, kind.bits, rate, channels), func(t *testing.T) {
					n := rate/4 + 7
					sine := tone(1000, rate, n)
					rows := make([][]float64, channels)
					for c := range rows {
						rows[c] = sine
					}
					w := open(t, wavFile{tag: kind.tag, bits: kind.bits, rate: rate, channels: channels,
						extensible: channels%2 == 0, samples: rows}.bytes())
					if in := w.Info(); in.Rate != rate || in.Channels != channels || in.Bits != kind.bits ||
						in.Float != (kind.tag == tagFloat) || (in.Duration-250*time.Millisecond).Abs() > 3*time.Millisecond {
						t.Errorf("info %+v", in)
					}
					pcm := readAll(t, w)
					if want := math.Round(float64(n) * Rate / float64(rate)); float64(len(pcm)) != want {
						t.Errorf("%d samples, want %v", len(pcm), want)
					}
					got, rest := level(pcm[320:3680], 1000) // whole periods, away from the edges
					if math.Abs(got) > .1 || rest > kind.noise {
						t.Errorf("the tone is at %.2f dB and the rest at %.1f dB", got, rest)
					}
				})
			}
		}
	}
}

func TestChannelsAreMixedToTheirMean(t *testing.T) {
	w := open(t, wavFile{tag: tagFloat, bits: 32, rate: Rate, channels: 3,
		samples: [][]float64{{.9, 1, .5}, {0, 1, -.5}, {-.3, 1, 0}}}.bytes())
	got := readAll(t, w)
	for i, want := range []float32{.2, 1, 0} {
		if math.Abs(float64(got[i]-want)) > 1e-6 {
			t.Errorf("sample %d is %v, want %v", i, got[i], want)
		}
	}
}

func TestSamplesBeyondFullScaleAreClippedAndNonNumbersSilent(t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	for _, bits := range []int{32, 64} {
		w := open(t, wavFile{tag: tagFloat, bits: bits, rate: Rate, channels: 1, samples: [][]float64{{1e30, -1e30, inf, -inf, nan, .25}}}.bytes())
		got := fmt.Sprint(readAll(t, w))
		if got != "[1 -1 1 -1 0 0.25]" {
			t.Errorf("%d bits: %s", bits, got)
		}
	}
}

func TestWAVThroughAPipe(t *testing.T) {
	b := wavFile{tag: tagPCM, bits: 16, rate: 8000, channels: 2, claim: 0xFFFFFFFF,
		samples: [][]float64{tone(440, 8000, 1000), tone(440, 8000, 1000)}}.bytes()
	w, err := newWAV("a pipe", iotest.OneByteReader(bytes.NewReader(b)), -1)
	if err != nil {
		t.Fatal(err)
	}
	if w.Info().Duration != 0 {
		t.Errorf("the length of a pipe is unknown, not %v", w.Info().Duration)
	}
	if got := len(readAll(t, w)); got != 2000 {
		t.Errorf("%d samples, want 2000", got)
	}
}

func TestFileThatShrinksWhileItPlaysEndsWithAnError(t *testing.T) {
	path := save(t, "talk.wav", wavFile{tag: tagPCM, bits: 16, rate: Rate, channels: 1, samples: [][]float64{tone(440, Rate, 200_000)}}.bytes())
	w, err := OpenWAV(path, false)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	if err := os.Truncate(path, 100_044); err != nil {
		t.Fatal(err)
	}
	var f Frame
	n := 0
	for err == nil {
		if err = w.Read(context.Background(), &f); err == nil {
			n += len(f.PCM)
		}
	}
	if n != 50_000 {
		t.Errorf("%d samples came before the error, 50000 were there", n)
	}
	if !strings.Contains(err.Error(), "9.375s of sound are missing") {
		t.Errorf("error %v", err)
	}
}

func TestReadAfterCloseFails(t *testing.T) {
	w, err := OpenWAV(save(t, "talk.wav", wavFile{tag: tagPCM, bits: 16, rate: Rate, channels: 1, samples: [][]float64{tone(440, Rate, 9000)}}.bytes()), false)
	if err != nil {
		t.Fatal(err)
	}
	var f Frame
	if err := w.Read(context.Background(), &f); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(w.Close(), w.Close()); err != nil {
		t.Error(err)
	}
	if err := w.Read(context.Background(), &f); !errors.Is(err, fs.ErrClosed) {
		t.Errorf("read after close: %v", err)
	}
}

func TestPacedFilePlaysInRealTimeWithoutDrift(t *testing.T) {
	path := save(t, "talk.wav", wavFile{tag: tagPCM, bits: 16, rate: 8000, channels: 1, samples: [][]float64{tone(440, 8000, 80_000)}}.bytes())
	synctest.Test(t, func(t *testing.T) { // its clock only moves while everything waits
		w, err := OpenWAV(path, true)
		if err != nil {
			t.Fatal(err)
		}
		defer w.Close()
		start, n := time.Now(), int64(0)
		for f := (Frame{}); w.Read(context.Background(), &f) == nil; {
			n += int64(len(f.PCM))
			if got := time.Since(start); got != max(Duration(n), got.Truncate(time.Second)) {
				t.Fatalf("sound up to %v came after %v", Duration(n), got)
			}
			if n == 50*FrameSize {
				time.Sleep(time.Until(start.Add(3 * time.Second))) // a slow reader catches up
			}
		}
		if got := time.Since(start); got != 10*time.Second {
			t.Errorf("10 s of sound took %v", got)
		}
	})
}

func TestPacedReadEndsWithItsContextAndLosesNothing(t *testing.T) {
	path := save(t, "talk.wav", wavFile{tag: tagPCM, bits: 16, rate: Rate, channels: 1, samples: [][]float64{tone(440, Rate, 2000)}}.bytes())
	synctest.Test(t, func(t *testing.T) {
		w, err := OpenWAV(path, true)
		if err != nil {
			t.Fatal(err)
		}
		defer w.Close()
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
		defer cancel()
		var f Frame
		if err := w.Read(ctx, &f); !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("read under a context that ends: %v", err)
		}
		if got := len(readAll(t, w)); got != 2000 {
			t.Errorf("%d samples after that, want 2000", got)
		}
	})
}

func TestLongFileIsNotLoadedAtOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "long.wav")
	b := wavFile{tag: tagPCM, bits: 16, rate: 48000, channels: 2, samples: nil, claim: 2_764_800_000, riff: 2_764_800_036}.bytes()
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path, 44+2_764_800_000); err != nil { // four hours; the hole takes no disk
		t.Skip("no sparse files here: ", err)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	w, err := OpenWAV(path, false)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	if d := w.Info().Duration; d != 4*time.Hour {
		t.Errorf("it lasts %v", d)
	}
	var f Frame
	for f.At < 20*time.Second {
		if err := w.Read(context.Background(), &f); err != nil {
			t.Fatal(err)
		}
	}
	runtime.ReadMemStats(&after)
	if got := after.TotalAlloc - before.TotalAlloc; got > 1<<20 {
		t.Errorf("%d bytes were allocated for the first 20 s", got)
	}
}

func TestWriteWAVIsReadBack(t *testing.T) {
	in := []float32{0, .5, -.5, 1, -1, 2, -2, float32(math.NaN()), 1. / 32768}
	path := filepath.Join(t.TempDir(), "out.wav")
	if err := WriteWAV(path, in); err != nil {
		t.Fatal(err)
	}
	w, err := OpenWAV(path, false)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	got := readAll(t, w)
	want := []float32{0, .5, -.5, 32767. / 32768, -1, 32767. / 32768, -1, 0, 1. / 32768}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if err := WriteWAV(filepath.Join(path, "below-a-file.wav"), in); err == nil {
		t.Error("written into a file as if it were a folder")
	}
}

func BenchmarkWAV(b *testing.B) {
	for _, rate := range []int{16000, 44100, 48000} {
		b.Run(fmt.Sprint(rate), func(b *testing.B) {
			sine := tone(440, rate, 10*rate)
			file := wavFile{tag: tagPCM, bits: 16, rate: rate, channels: 2, samples: [][]float64{sine, sine}}.bytes()
			for b.Loop() {
				w, err := newWAV("", bytes.NewReader(file), int64(len(file)))
				if err != nil {
					b.Fatal(err)
				}
				for f := (Frame{}); err == nil; {
					err = w.Read(context.Background(), &f)
				}
			}
			b.ReportMetric(10*float64(b.N)/b.Elapsed().Seconds(), "x-real-time")
		})
	}
}
