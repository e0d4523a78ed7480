// Package audio turns sound into utterances: stretches of speech, cut so that a
// recogniser can read each of them in one pass.
//
// Sound comes from a [Source] as a row of [Frame] values. There are two sources: [WAV]
// (a file, at the speed of speech or as fast as the reader asks) and the microphone in
// package mic. Whatever a file or a device delivers, frames are mono at [Rate]. A
// [Detector] says for each frame how likely it is that someone speaks in it; [Energy] is
// the plain one here, for tests and for machines without a model. A [Segmenter] takes
// both and gives back each [Utterance] once it has ended:
//
//	src, err := audio.OpenWAV("talk.wav", false)
//	...
//	var f audio.Frame
//	for src.Read(ctx, &f) == nil {
//		p, err := det.Speech(f.PCM)
//		...
//		for _, u := range seg.Feed(f, p) {
//			use(u)
//		}
//	}
//	for _, u := range seg.Flush() {
//		use(u)
//	}
//
// All times are on the sample clock: the number of samples before a moment, as a
// duration. It stands still when the machine sleeps and jumps over sound that was lost,
// so that a time always names a place in the recording.
//
// The package starts no goroutines, holds no device and logs nothing. Whatever can be
// lost or left out is counted: see [Ring.Dropped] and [Segmenter.Stats].
package audio

import (
	"context"
	"time"
)

// Rate is the number of samples in a second of sound, the only rate inside the program.
// Whisper and Silero are both made for it; sources convert.
const Rate = 16000

// FrameSize is the number of samples in a frame: 32 ms, the window of Silero.
const FrameSize = 512

// Frame is a short piece of sound, FrameSize samples unless it is the last of its source.
type Frame struct {
	At  time.Duration // of the first sample, on the sample clock
	PCM []float32     // mono at Rate, within [-1, 1]; valid until the next Read
}

// Source delivers sound frame by frame. Read fills f, waits where sound comes in real
// time, and returns io.EOF when there is no more. Read and Close belong to one goroutine;
// another one ends a waiting Read through ctx.
type Source interface {
	Read(ctx context.Context, f *Frame) error
	Close() error
}

// Detector tells speech from other sound. Speech gets one frame, and returns the
// probability, from 0 to 1, that someone speaks in it. It remembers earlier frames;
// Reset makes it forget them.
type Detector interface {
	Speech(pcm []float32) (p float32, err error)
	Reset()
}

// Utterance is a stretch of speech with a little of the silence around it.
type Utterance struct {
	ID         int // 1, 2, 3, ... from one Segmenter
	Start, End time.Duration
	PCM        []float32 // owned by the receiver
	Final      bool      // false: a look at an utterance that is still being spoken
}

// Duration returns how long n samples last. It is exact: a sample lasts 62,500 ns.
func Duration(n int64) time.Duration { return time.Duration(n) * (time.Second / Rate) }

// Samples returns how many whole samples fit into d.
func Samples(d time.Duration) int64 { return int64(d / (time.Second / Rate)) }
