package whisper

import (
	"math"
	"strings"
	"testing"
)

func openVAD(tb testing.TB) *VAD {
	tb.Helper()
	v, err := OpenVAD(vadPath)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := v.Close(); err != nil {
			tb.Error(err)
		}
	})
	return v
}

func speech(tb testing.TB, v *VAD, pcm []float32) []float32 {
	tb.Helper()
	var probabilities []float32
	for len(pcm) > 0 {
		n := min(frame, len(pcm))
		p, err := v.Speech(pcm[:n])
		if err != nil {
			tb.Fatal(err)
		}
		probabilities, pcm = append(probabilities, p), pcm[n:]
	}
	return probabilities
}

func share(probabilities []float32) float64 {
	n := 0
	for _, p := range probabilities {
		if p > 0.5 {
			n++
		}
	}
	return float64(n) / float64(len(probabilities))
}

func TestSpeechIsToldFromOtherSound(t *testing.T) {
	v := openVAD(t)
	if s := share(speech(t, v, clip(t))); s < 0.7 {
		t.Errorf("only %.0f %% of a reader's frames are speech", s*100)
	}
	v.Reset()
	if s := share(speech(t, v, make([]float32, seconds(3)))); s > 0 {
		t.Errorf("%.0f %% of silence is speech", s*100)
	}
	v.Reset()
	hum := make([]float32, seconds(3))
	for i := range hum {
		hum[i] = 0.3 * float32(math.Sin(2*math.Pi*50*float64(i)/16000))
	}
	if s := share(speech(t, v, hum)); s > 0.05 {
		t.Errorf("%.0f %% of a mains hum is speech", s*100)
	}
}

func TestDetectorRemembersUntilReset(t *testing.T) {
	v := openVAD(t)
	pcm := clip(t)[seconds(1):seconds(2)]
	first, second := speech(t, v, pcm), speech(t, v, pcm)
	if first[0] == second[0] {
		t.Error("the first frame is judged the same with and without a past")
	}
	v.Reset()
	for i, p := range speech(t, v, pcm) {
		if p != first[i] {
			t.Fatalf("after Reset frame %d has probability %g, at first it had %g", i, p, first[i])
		}
	}
}

func TestDetectorRefusesOtherFrames(t *testing.T) {
	v := openVAD(t)
	for _, n := range []int{0, frame + 1} {
		if _, err := v.Speech(make([]float32, n)); err == nil || !strings.Contains(err.Error(), "samples") {
			t.Errorf("%d samples: error %v", n, err)
		}
	}
	if err := v.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := v.Speech(make([]float32, frame)); err == nil || !strings.Contains(err.Error(), "closed") {
		t.Errorf("closed: error %v", err)
	}
	v.Reset() // does nothing, and does not crash
}

func BenchmarkVAD(b *testing.B) {
	v := openVAD(b)
	pcm := clip(b)
	at := 0
	for b.Loop() {
		if at+frame > len(pcm) {
			at = 0
		}
		if _, err := v.Speech(pcm[at : at+frame]); err != nil {
			b.Fatal(err)
		}
		at += frame
	}
	b.ReportMetric(b.Elapsed().Seconds()*1e3/float64(b.N)/32*100, "ms/100ms")
}
