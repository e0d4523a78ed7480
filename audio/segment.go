package audio

import (
	"slices"
	"time"
)

// Segmenter cuts a row of frames into utterances. An utterance begins when Onset frames
// in a row reach Threshold, and ends when no frame has reached Release for Hangover.
// Frames belong to at most one utterance, and every frame between the first and the last
// speech frame of an utterance is in it.
//
// The zero value works with the defaults below; a negative value switches a part off.
// Fields must not change after the first Feed. The defaults follow Silero's own
// (thresholds) and common practice (times); they are not measured on speech yet.
type Segmenter struct {
	Threshold float32 // probability that begins an utterance; 0 means .5
	Release   float32 // probability that keeps it going; 0 means Threshold - .15
	Onset     int     // frames in a row that begin an utterance; 0 means 2 (64 ms): one frame is a click

	PreRoll   time.Duration // sound kept before the onset; 0 means 300 ms: soft beginnings stay below Threshold
	Hangover  time.Duration // silence that ends an utterance; 0 means 500 ms: shorter pauses lie within sentences
	Tail      time.Duration // how much of that silence is kept; 0 means 200 ms: endings fade, but silence costs decoding time
	MinSpeech time.Duration // an utterance with less speech is left out and counted; 0 means 100 ms: a short "no" has more
	MaxLength time.Duration // longer utterances are cut in two; 0 means 28 s: Whisper reads 30 s at once
	Tentative time.Duration // how often Feed gives a look at the utterance in progress; 0 means never

	set     bool
	onset   int
	length  struct{ preRoll, hangover, tail, minSpeech, max, tentative int64 } // in samples
	enter   float32
	keep    float32
	at      time.Duration // of pcm[0]
	pcm     []float32     // the utterance in progress; before it begins, the last sound heard
	marks   []mark        // one for each frame in pcm
	run     int           // frames at or above enter, at the end of marks, before the onset
	talking bool
	rest    bool  // what is in progress was cut off a longer utterance
	speech  int64 // samples of speech frames in progress
	silence int64 // samples since the last of them
	looked  int64 // len(pcm) at the last tentative look
	last    int   // ID of the last utterance
	stats   SegmenterStats
}

// SegmenterStats counts what a Segmenter did.
type SegmenterStats struct {
	Frames     int64 // fed
	Speech     int64 // of them taken as speech
	Utterances int64 // final ones
	Short      int64 // left out: less speech than MinSpeech
	Cuts       int64 // utterances cut because of MaxLength
	Gaps       int64 // jumps of the sample clock: sound was lost before it came here
}

// mark remembers what the detector said about one frame.
type mark struct {
	n      int // samples
	p      float32
	speech bool
}

// Stats returns the counts so far. Call it from the goroutine that calls Feed.
func (s *Segmenter) Stats() SegmenterStats { return s.stats }

// Feed takes the next frame and the probability that it holds speech. It returns the
// utterances that this frame completes, mostly none. When the frame does not follow the
// one before on the sample clock, the utterance in progress ends there: sound with a hole
// in it would give wrong words and wrong times.
func (s *Segmenter) Feed(f Frame, p float32) []Utterance {
	if len(f.PCM) == 0 {
		return nil
	}
	s.configure()
	s.stats.Frames++
	if !(p >= 0) { // also NaN
		p = 0
	}
	var out []Utterance
	if end := s.end(); len(s.pcm) > 0 && (f.At-end).Abs() >= time.Millisecond {
		s.stats.Gaps++
		out = s.Flush()
	}
	if s.talking && int64(len(s.pcm)+len(f.PCM)) > s.length.max {
		out = s.cut(out)
	}
	if len(s.pcm) == 0 {
		s.at = f.At
	}
	s.pcm = append(s.pcm, f.PCM...)
	s.marks = append(s.marks, mark{n: len(f.PCM), p: p})
	if s.talking {
		return s.goOn(out)
	}
	return s.wait(out)
}

// Flush ends the utterance in progress and returns it, and forgets all sound: what comes
// next is not joined to what came before. IDs go on.
func (s *Segmenter) Flush() []Utterance {
	var out []Utterance
	if s.talking {
		out = s.finish(out)
	}
	s.drop(len(s.marks))
	s.run = 0
	return out
}

// configure puts in the defaults, once.
func (s *Segmenter) configure() {
	if s.set {
		return
	}
	s.set = true
	pick := func(d, def time.Duration) int64 {
		if d == 0 {
			d = def
		}
		return Samples(max(d, 0))
	}
	s.enter, s.keep, s.onset = s.Threshold, s.Release, s.Onset
	if s.enter == 0 {
		s.enter = .5
	}
	if s.keep == 0 {
		s.keep = s.enter - .15
	}
	if s.onset == 0 {
		s.onset = 2
	}
	s.onset, s.keep = max(s.onset, 1), min(s.keep, s.enter)
	s.length.preRoll = pick(s.PreRoll, 300*time.Millisecond)
	s.length.hangover = pick(s.Hangover, 500*time.Millisecond)
	s.length.tail = pick(s.Tail, 200*time.Millisecond)
	s.length.minSpeech = pick(s.MinSpeech, 100*time.Millisecond)
	s.length.max = max(pick(s.MaxLength, 28*time.Second), 2*FrameSize)
	if s.MaxLength < 0 {
		s.length.max = Samples(24 * time.Hour)
	}
	s.length.tentative = pick(s.Tentative, 0)
}

// wait looks for an onset in the newest frame; until there is one, only the pre-roll and
// the frames of a possible onset are kept.
func (s *Segmenter) wait(out []Utterance) []Utterance {
	if s.marks[len(s.marks)-1].p < s.enter {
		s.run = 0
		s.trim(s.length.preRoll)
		return out
	}
	s.run++
	if s.run < s.onset {
		return out
	}
	first := len(s.marks) - s.run
	s.drop(s.back(first, s.length.preRoll))
	s.talking, s.rest, s.looked = true, false, 0
	s.speech, s.silence = 0, 0
	for i := range s.marks {
		s.marks[i].speech = false // of something left out as too short
		if i >= len(s.marks)-s.run {
			s.say(i)
		}
	}
	s.run = 0
	return s.look(out)
}

// goOn judges the newest frame of the utterance in progress.
func (s *Segmenter) goOn(out []Utterance) []Utterance {
	i := len(s.marks) - 1
	if s.marks[i].p >= s.keep {
		s.silence = 0
		s.say(i)
		return s.look(out)
	}
	s.silence += int64(s.marks[i].n)
	if s.silence >= s.length.hangover {
		return s.finish(out)
	}
	return out // silence adds nothing to look at
}

// say counts frame i as speech.
func (s *Segmenter) say(i int) {
	s.marks[i].speech = true
	s.speech += int64(s.marks[i].n)
	s.stats.Speech++
}

// look appends a tentative view of the utterance in progress when one is due. A view is
// given only of what will become an utterance.
func (s *Segmenter) look(out []Utterance) []Utterance {
	n := int64(len(s.pcm))
	if s.length.tentative == 0 || n-s.looked < s.length.tentative || s.speech < s.length.minSpeech {
		return out
	}
	s.looked = n
	return append(out, Utterance{ID: s.last + 1, Start: s.at, End: s.end(), PCM: slices.Clone(s.pcm)})
}

// finish ends the utterance in progress after its last speech frame and the tail. The
// silence behind it stays, as pre-roll of the next one.
func (s *Segmenter) finish(out []Utterance) []Utterance {
	i, tail := len(s.marks), int64(0)
	for i > 0 && !s.marks[i-1].speech {
		i--
	}
	for i < len(s.marks) && tail+int64(s.marks[i].n) <= s.length.tail {
		tail += int64(s.marks[i].n)
		i++
	}
	s.talking, s.run = false, 0
	if s.speech < s.length.minSpeech && !s.rest {
		// Kept as pre-roll: it may be the first sound of a word.
		s.stats.Short++
		s.trim(s.length.preRoll)
		return out
	}
	out = s.emit(out, i)
	s.trim(s.length.preRoll)
	return out
}

// emit appends the first i frames as a final utterance and drops them.
func (s *Segmenter) emit(out []Utterance, i int) []Utterance {
	n := 0
	for _, m := range s.marks[:i] {
		n += m.n
	}
	s.last++
	s.stats.Utterances++
	out = append(out, Utterance{
		ID: s.last, Start: s.at, End: s.at + Duration(int64(n)), PCM: slices.Clone(s.pcm[:n]), Final: true,
	})
	s.drop(i)
	return out
}

// cut emits the utterance in progress up to its best pause and goes on with the rest,
// which is part of what was said, however short it is.
func (s *Segmenter) cut(out []Utterance) []Utterance {
	s.stats.Cuts++
	out = s.emit(out, s.pause())
	s.rest, s.looked = true, 0
	s.speech, s.silence = 0, 0
	for _, m := range s.marks {
		s.silence += int64(m.n)
		if m.speech {
			s.speech += int64(m.n)
			s.silence = 0
		}
	}
	if s.speech == 0 { // the speaker had already stopped
		s.talking = false
		s.trim(s.length.preRoll)
	}
	return out
}

// pause returns the number of frames before the quietest moment of the last 5 s (or of
// the second half, when the maximum is short). A moment is five frames, so that a real
// pause wins over one doubtful frame; of equally quiet ones the middle is taken, so that
// both sides keep a margin.
func (s *Segmenter) pause() int {
	const side = 2
	from := max(s.back(len(s.marks), min(Samples(5*time.Second), s.length.max/2)), 1)
	least, first, last := float32(0), from, from
	for i := from + side; i < len(s.marks)-side; i++ {
		var sum float32
		for _, m := range s.marks[i-side : i+side+1] {
			sum += m.p
		}
		switch {
		case i == from+side || sum < least:
			least, first, last = sum, i, i
		case sum == least && last == i-1:
			last = i
		}
	}
	centre := (first + last) / 2
	quiet := centre
	for i := max(centre-side, from); i < min(centre+side+1, len(s.marks)); i++ {
		if s.marks[i].p < s.marks[quiet].p {
			quiet = i
		}
	}
	return quiet
}

// back returns the first of the frames before frame i that together last at most n samples.
func (s *Segmenter) back(i int, n int64) int {
	for i > 0 && int64(s.marks[i-1].n) <= n {
		i--
		n -= int64(s.marks[i].n)
	}
	return i
}

// trim drops sound at the front until about n samples are left. It waits until half a
// second has gathered, so that moving memory costs little per frame.
func (s *Segmenter) trim(n int64) {
	if int64(len(s.pcm)) > n+Rate/2 {
		s.drop(s.back(len(s.marks), n))
	}
}

// drop forgets the first i frames.
func (s *Segmenter) drop(i int) {
	n := 0
	for _, m := range s.marks[:i] {
		n += m.n
	}
	s.at += Duration(int64(n))
	s.pcm = s.pcm[:copy(s.pcm, s.pcm[n:])]
	s.marks = s.marks[:copy(s.marks, s.marks[i:])]
}

// end is the time after the last sample held.
func (s *Segmenter) end() time.Duration { return s.at + Duration(int64(len(s.pcm))) }
