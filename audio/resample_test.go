package audio

import (
	"math"
	"testing"
)

func TestConversionKeepsSpeechAndRemovesWhatWouldFoldIntoIt(t *testing.T) {
	for _, rate := range []int{22050, 32000, 44100, 48000, 96000} {
		play := func(hz float64) []float32 {
			return readAll(t, open(t, wavFile{tag: tagPCM, bits: 24, rate: rate, channels: 1, samples: [][]float64{tone(hz, rate, rate)}}.bytes()))
		}
		for _, hz := range []float64{100, 1000, 3400, 6500} {
			if got, _ := level(play(hz)[1600:14400], hz); math.Abs(got) > .5 {
				t.Errorf("%d Hz: a tone of %v Hz changed by %.2f dB", rate, hz, got)
			}
		}
		for _, hz := range []float64{8800, 10000} {
			pcm := play(hz)[1600:14400]
			if _, all := level(pcm, 0); all > -80 {
				t.Errorf("%d Hz: a tone of %v Hz, above what 16 kHz can hold, is still at %.1f dB", rate, hz, all)
			}
		}
	}
}

func TestConversionKeepsTheMomentOfASound(t *testing.T) {
	for _, rate := range []int{8000, 44100, 48000} {
		click := make([]float64, rate)
		click[rate/2] = .9
		pcm := readAll(t, open(t, wavFile{tag: tagFloat, bits: 32, rate: rate, channels: 1, samples: [][]float64{click}}.bytes()))
		best := 0
		for i, v := range pcm {
			if v > pcm[best] {
				best = i
			}
		}
		if d := best - Rate/2; d < -1 || d > 1 {
			t.Errorf("%d Hz: the click moved by %d samples", rate, d)
		}
	}
}

func TestConversionInPiecesEqualsConversionAtOnce(t *testing.T) {
	in := make([]float32, 30_000)
	for i := range in {
		in[i] = float32(math.Sin(float64(i*i) / 1e6))
	}
	for _, rate := range []int{4001, 8000, 44100, 48000, 383_999} {
		whole := NewConverter(rate)
		want := whole.Flush(whole.Add(nil, in))
		parts := NewConverter(rate)
		var got []float32
		for rest, n := in, 1; len(rest) > 0; n = n*7%997 + 1 {
			n = min(n, len(rest))
			got = parts.Add(got, rest[:n])
			rest = rest[n:]
		}
		got = parts.Flush(got)
		if len(got) != len(want) {
			t.Fatalf("%d Hz: %d samples in pieces, %d at once", rate, len(got), len(want))
		}
		for i := range got {
			if got[i] != want[i] {
				t.Fatalf("%d Hz: sample %d is %v in pieces, %v at once", rate, i, got[i], want[i])
			}
		}
	}
}
