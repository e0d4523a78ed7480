package audio

import "math"

// Energy is a [Detector] that compares the loudness of a frame with the background. It
// takes any sound for speech that stands out, so a model is better where there is one.
// The zero value works.
type Energy struct {
	// Margin is how many decibels above the background make a probability of one half;
	// 0 means 12: speech at a desk is 20 to 40 above it, breathing some 6.
	Margin float64

	floor float64 // the background in dB; 0 before the first frame
}

const (
	quietest = -65. // dB of full scale; below is digital silence or the noise of a converter
	loudest  = -35. // a background louder than this is not believed: someone may be talking
	rise     = .1   // dB a frame, 3 a second: a sentence hardly lifts the floor, a fan that starts does in seconds
	fall     = .3   // share of the way down that one quieter frame moves the floor
	slope    = 2.   // dB for the odds to change by a factor of e
)

// Speech returns a probability that grows with how far the frame stands out.
func (e *Energy) Speech(pcm []float32) (float32, error) {
	if len(pcm) == 0 {
		return 0, nil
	}
	var sum float64
	for _, v := range pcm {
		sum += float64(v) * float64(v)
	}
	db := max(10*math.Log10(sum/float64(len(pcm))), quietest)
	switch {
	case e.floor == 0:
		e.floor = min(db, loudest)
	case db < e.floor:
		e.floor += fall * (db - e.floor)
	default:
		e.floor = min(e.floor+rise, db, loudest)
	}
	margin := e.Margin
	if margin == 0 {
		margin = 12
	}
	return float32(1 / (1 + math.Exp((e.floor+margin-db)/slope))), nil
}

// Reset forgets the background.
func (e *Energy) Reset() { e.floor = 0 }
