package main

import (
	"math"
	"slices"
	"sync"
	"time"
)

// Clocks measures what a person waits for. Text → graph runs from the last word known to the change committed; sound →
// graph from the last sound of the utterance to the same moment. The second one is what a person feels only where sound
// arrives at the speed of speech: a file that is read faster queues before the recogniser.
type Clocks struct {
	mu          sync.Mutex
	text, sound []time.Duration
}

// Times sums up one clock.
type Times struct {
	N   int     `json:"n"`
	P50 float64 `json:"p50_ms"`
	P95 float64 `json:"p95_ms"`
	Max float64 `json:"max_ms"`
}

// keepTimes bounds the memory of a program that runs for months; the newest day of talk is enough to judge it by.
const keepTimes = 10_000

func (c *Clocks) add(text, sound time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.text) >= keepTimes {
		c.text = slices.Delete(c.text, 0, keepTimes/2)
	}
	if len(c.sound) >= keepTimes {
		c.sound = slices.Delete(c.sound, 0, keepTimes/2)
	}
	c.text = append(c.text, text)
	if sound > 0 { // lines that came as text have no sound
		c.sound = append(c.sound, sound)
	}
}

// Read sums up both clocks.
func (c *Clocks) Read() (text, sound Times) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return sumUp(c.text), sumUp(c.sound)
}

// last returns the newest time of both clocks.
func (c *Clocks) last() (text, sound time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if n := len(c.text); n > 0 {
		text = c.text[n-1]
	}
	if n := len(c.sound); n > 0 {
		sound = c.sound[n-1]
	}
	return text, sound
}

func sumUp(d []time.Duration) Times {
	if len(d) == 0 {
		return Times{}
	}
	d = slices.Sorted(slices.Values(d))
	at := func(q float64) float64 { return ms(d[int(math.Ceil(q*float64(len(d))))-1]) }
	return Times{N: len(d), P50: at(.50), P95: at(.95), Max: ms(d[len(d)-1])}
}

func ms(d time.Duration) float64 {
	return float64(d.Round(10*time.Microsecond)) / float64(time.Millisecond)
}
