package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"golang.org/x/sync/errgroup"

	"hotmem/asr"
	"hotmem/audio"
	"hotmem/graphstore"
	"hotmem/ui"
)

// Who sends what to whom. Each box is one goroutine; nothing else on the way from a sound to the graph starts any.
//
//	source ─frames→ ┌────────┐ ─utterances→ ┌────────────┐ ─lines→ ┌───────┐
//	                │ listen │    (inbox)    │ transcribe │         │ learn │
//	                └────────┘               └────────────┘         └───────┘
//	                 VAD, cut                 words; finals are      facts, one
//	                                          stored, then sent      transaction
//
// Two contexts with two meanings: when listen ends, the pipeline drains (the open utterance is finished and becomes facts,
// then run returns); when ctx ends, it aborts. The sender closes its channel, and every send gives up with ctx. The queue
// of lines is only a wake-up: the store knows which lines are not learned, and a crash loses nothing.
type pipeline struct {
	source   audio.Source
	detector audio.Detector
	segment  audio.Segmenter
	recogn   asr.Recognizer

	keep  func(asr.Segment) (graphstore.Line, error) // stores a final line
	learn func(context.Context, graphstore.Line) error
	guess func(context.Context, string) // shows the facts of an unfinished utterance; nil: nobody looks
	show  func(ui.Event)
	level func(loudness float32, dropped int) // about ten times a second
	hitch func(error)                         // something went wrong while the rest goes on; nil: it works again
	clock *Clocks

	broken  error        // what ended the source, if not its end
	waiting atomic.Int32 // finals and lines on their way
}

// A line on its way to the graph, with the moments its clocks run from.
type said struct {
	line  graphstore.Line
	sound time.Time // last sound; zero for lines that came as text
	text  time.Time // last word known; zero for them too: they come faster than anybody speaks, so it starts at their turn
}

// run plays the source to its end, or until one of the contexts ends.
func (p *pipeline) run(ctx, listen context.Context) error {
	in, lines := newInbox(), make(chan said, 64)
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { defer in.close(); return p.listen(ctx, listen, in) })
	g.Go(func() error { defer close(lines); return p.transcribe(ctx, in, lines) })
	g.Go(func() error { return p.learnAll(ctx, lines) })
	err := g.Wait() // first: it waits for the one who sets broken
	return errors.Join(err, p.broken)
}

// start is run in the background; what run and then end return goes to ended.
func (p *pipeline) start(ctx, listen context.Context, end func() error, ended chan<- error) {
	go func() { ended <- errors.Join(p.run(ctx, listen), end()) }()
}

// Conduct carries out orders and learns what is left, beside each other: a person does not wait behind a night's backlog.
// It ends when listen ends and what was heard by then is learned, or when ctx ends.
func (a *App) Conduct(ctx, listen context.Context) error {
	a.corrected() // begin with what a crash left
	var g errgroup.Group
	g.Go(func() error { defer close(a.idle); return a.obey(ctx, listen) })
	g.Go(func() error { return a.relearn(ctx, listen) })
	return g.Wait()
}

// beside starts parts of the program beside each other. The context that they get ends when one of them fails; wait
// returns when all have ended.
func beside(ctx context.Context, parts ...func(context.Context) error) (wait func() error) {
	g, ctx := errgroup.WithContext(ctx)
	for _, part := range parts {
		g.Go(func() error { return part(ctx) })
	}
	return g.Wait
}

// runText is run for lines that come as text: next returns one after the other, and io.EOF after the last.
func (p *pipeline) runText(ctx, listen context.Context, next func(context.Context) (graphstore.Line, error)) error {
	lines := make(chan said, 64)
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error {
		defer close(lines)
		for {
			line, err := next(listen)
			if errors.Is(err, io.EOF) || err != nil && listen.Err() != nil {
				return nil
			}
			if err != nil {
				return err
			}
			p.waiting.Add(1)
			if err := send(ctx, lines, said{line: line}); err != nil {
				return err
			}
		}
	})
	g.Go(func() error { return p.learnAll(ctx, lines) })
	return g.Wait()
}

// listen reads frames, finds the utterances in them and hands them over.
func (p *pipeline) listen(ctx, listen context.Context, in *inbox) error {
	stop, cancel := context.WithCancel(listen)
	defer cancel()
	defer context.AfterFunc(ctx, cancel)()
	var f audio.Frame
	var trace trace
	for {
		err := p.source.Read(stop, &f)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if errors.Is(err, io.EOF) || err != nil && listen.Err() != nil {
			return p.put(ctx, in, p.segment.Flush(), &trace)
		}
		if err != nil {
			p.broken = fmt.Errorf("hear: %w", err) // an unplugged microphone is an end like any other for what was heard
			return p.put(ctx, in, p.segment.Flush(), &trace)
		}
		speech, err := p.detector.Speech(f.PCM)
		if err != nil {
			p.broken = fmt.Errorf("find speech: %w", err)
			return p.put(ctx, in, p.segment.Flush(), &trace)
		}
		if trace.add(f, speech) {
			p.level(trace.loudness(), in.lost())
		}
		if err := p.put(ctx, in, p.segment.Feed(f, speech), &trace); err != nil {
			return err
		}
	}
}

func (p *pipeline) put(ctx context.Context, in *inbox, us []audio.Utterance, trace *trace) error {
	for _, u := range us {
		if u.Final {
			p.waiting.Add(1)
		}
		if err := in.put(ctx, heard{u, trace.lastSound(u.End)}); err != nil {
			return err
		}
	}
	return nil
}

// errUnheard marks an utterance whose words are lost.
var errUnheard = errors.New("not understood")

// transcribe turns utterances into words. A final line is stored before anything else happens to it.
func (p *pipeline) transcribe(ctx context.Context, in *inbox, lines chan<- said) error {
	var draft asr.Draft
	for {
		u, within, done, ok, err := in.take(ctx)
		if err != nil || !ok {
			done()
			return err
		}
		words, err := p.recogn.Recognize(within, u.PCM, "")
		if !u.Final {
			if err == nil && within.Err() == nil { // else the final follows, and tells what is wrong
				p.overhear(within, &draft, words)
			}
			done()
			continue
		}
		done()
		segment := segmentOf(u.Utterance, draft.Close(words))
		draft = asr.Draft{}
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil || segment.Text == "": // an utterance lost, or a cough; the ones behind it are not lost
			p.waiting.Add(-1)
			p.show(ui.Event{Caption: &ui.Caption{}, Tentative: &ui.Tentative{}})
			if err != nil {
				p.hitch(fmt.Errorf("utterance at %v %w: %w", u.Start.Round(time.Second), errUnheard, err))
			}
		default:
			if err := p.write(ctx, segment, u.last, lines); err != nil {
				return err
			}
		}
	}
}

// overhear shows what is known of an utterance that is still being spoken.
func (p *pipeline) overhear(within context.Context, draft *asr.Draft, words []asr.Word) {
	stable, rest := draft.Hear(words)
	caption := ui.Caption{Stable: asr.Join(stable), Tentative: asr.Join(rest)}
	p.show(ui.Event{Caption: &caption})
	if p.guess != nil {
		p.guess(within, asr.Join(append(stable, rest...)))
	}
}

// write stores a final line and sends it on. Until it is stored, what was said is nowhere else, so a full disk is waited
// for.
func (p *pipeline) write(ctx context.Context, segment asr.Segment, sound time.Time, lines chan<- said) error {
	known := time.Now()
	line, err := p.keep(segment)
	if noRoom(err) {
		p.hitch(fmt.Errorf("store what was said: %w", err))
	}
	for noRoom(err) {
		select {
		case <-time.After(patience):
			line, err = p.keep(segment)
		case <-ctx.Done():
			return errors.Join(ctx.Err(), err)
		}
	}
	if err != nil {
		return fmt.Errorf("store what was said: %w", err)
	}
	p.hitch(nil)
	p.show(ui.Event{Caption: &ui.Caption{Stable: segment.Text}, Line: &line})
	return send(ctx, lines, said{line: line, sound: sound, text: known})
}

// segmentOf is what an utterance says.
func segmentOf(u audio.Utterance, words []asr.Word) asr.Segment {
	return asr.Segment{Utterance: u.ID, Start: u.Start, End: u.End, Text: asr.Join(words), Words: words, Final: u.Final}
}

// placed says where in the text and in the sound of the session each word stands.
func placed(s asr.Segment) []graphstore.Word {
	words := make([]graphstore.Word, 0, len(s.Words))
	from := 0
	for _, w := range s.Words {
		to := from + utf8.RuneCountInString(w.Text)
		words = append(words, graphstore.Word{From: from, To: to, Start: s.Start + w.Start, End: s.Start + w.End})
		from = to + 1 // the blank that Join writes
	}
	return words
}

// learnAll turns lines into facts, in the order in which they were said. One that cannot be learned is in the store, and
// shall not end the listening.
func (p *pipeline) learnAll(ctx context.Context, lines <-chan said) error {
	for s := range lines {
		if err := ctx.Err(); err != nil {
			return err
		}
		if s.text.IsZero() {
			s.text = time.Now()
		}
		err := p.learn(ctx, s.line)
		p.waiting.Add(-1)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			p.hitch(err)
			continue
		}
		now := time.Now()
		var sound time.Duration
		if !s.sound.IsZero() {
			sound = now.Sub(s.sound)
		}
		p.clock.add(now.Sub(s.text), sound)
	}
	return ctx.Err()
}

// trace remembers when the last half minute of frames arrived and how likely each was speech, so that the clock of an
// utterance starts at its last sound and not at the silence that ended it.
type trace struct {
	frames [1024]struct {
		end    time.Duration
		wall   time.Time
		speech bool
	}
	n      int
	square float64 // of the samples since the last loudness
	count  int
}

// add returns true about ten times a second.
func (t *trace) add(f audio.Frame, speech float32) bool {
	slot := &t.frames[t.n%len(t.frames)]
	slot.end, slot.wall, slot.speech = f.At+audio.Duration(int64(len(f.PCM))), time.Now(), speech >= .35
	t.n++
	for _, x := range f.PCM {
		t.square += float64(x) * float64(x)
	}
	t.count += len(f.PCM)
	return t.count >= audio.Rate/10
}

// loudness is 0 for silence below -60 dB and 1 for full scale, even steps to the ear between them.
func (t *trace) loudness() float32 {
	db := 10 * math.Log10(t.square/float64(max(t.count, 1))+1e-12)
	t.square, t.count = 0, 0
	return float32(min(max(1+db/60, 0), 1))
}

// lastSound returns when the last speech before end arrived.
func (t *trace) lastSound(end time.Duration) time.Time {
	newest := time.Now()
	for i := t.n - 1; i >= 0 && i > t.n-len(t.frames); i-- {
		switch slot := t.frames[i%len(t.frames)]; {
		case slot.end > end:
		case slot.speech:
			return slot.wall
		default:
			newest = slot.wall
		}
	}
	return newest
}
