package audio

import (
	"math"
	"math/rand/v2"
	"testing"
)

// noise returns a frame of noise with a loudness of db below full scale.
func noise(r *rand.Rand, db float64) []float32 {
	pcm := make([]float32, FrameSize)
	amp := math.Pow(10, db/20) * math.Sqrt(3) // of even distribution
	for i := range pcm {
		pcm[i] = float32(amp * (2*r.Float64() - 1))
	}
	return pcm
}

func TestEnergyFindsSpeechAboveAnyBackground(t *testing.T) {
	for _, background := range []float64{-90, -60, -50, -40} {
		r := rand.New(rand.NewPCG(1, 2))
		var e Energy
		for i := range 600 {
			speech := i/60%2 == 1 // two seconds each
			db := background
			if speech {
				db = -15
			}
			p, err := e.Speech(noise(r, db))
			if err != nil {
				t.Fatal(err)
			}
			if speech != (p > .5) {
				t.Fatalf("background %v dB, frame %d: probability %.2f, speech is %v", background, i, p, speech)
			}
		}
	}
}

func TestEnergyGetsUsedToANewBackground(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	var e Energy
	var p float32
	for range 100 {
		p, _ = e.Speech(noise(r, -60))
	}
	first, _ := e.Speech(noise(r, -40)) // a fan starts
	for range 300 {
		p, _ = e.Speech(noise(r, -40))
	}
	if first < .5 || p > .1 {
		t.Errorf("the fan has %.2f at first and %.2f after ten seconds", first, p)
	}
	if p, _ := e.Speech(noise(r, -15)); p < .9 {
		t.Errorf("speech beside the fan has %.2f", p)
	}
}

func TestEnergyHearsLowVoicesOnceTheBackgroundIsGone(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	var e Energy
	for range 100 {
		e.Speech(noise(r, -40))
	}
	if p, _ := e.Speech(noise(r, -38)); p > .1 {
		t.Errorf("a low voice beside the fan has %.2f", p)
	}
	for range 30 {
		e.Speech(noise(r, -60)) // the fan stops
	}
	if p, _ := e.Speech(noise(r, -38)); p < .9 {
		t.Errorf("a low voice a second after the fan has %.2f", p)
	}
}

func TestEnergyHearsNothingInSilence(t *testing.T) {
	var e Energy
	for range 100 {
		if p, err := e.Speech(make([]float32, FrameSize)); p > .01 || err != nil {
			t.Fatalf("silence has %.2f (%v)", p, err)
		}
	}
	if p, err := e.Speech(nil); p != 0 || err != nil {
		t.Errorf("an empty frame has %v (%v)", p, err)
	}
}

func TestResetMakesEnergyForget(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	var used, fresh Energy
	for range 50 {
		if _, err := used.Speech(noise(r, -70)); err != nil {
			t.Fatal(err)
		}
	}
	used.Reset()
	for range 50 {
		pcm := noise(r, -45)
		a, _ := used.Speech(pcm)
		b, _ := fresh.Speech(pcm)
		if a != b {
			t.Fatalf("%v after Reset, %v from a new one", a, b)
		}
	}
}
