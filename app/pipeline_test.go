package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"hotmem/asr"
	"hotmem/audio"
	"hotmem/graphstore"
	"hotmem/ui"
)

// These tests prove the wiring on a clock that stands still while anybody works, so they take no time and race nobody.
// The talker, the recogniser and the learner are scripts with the speeds of a slow machine; the inbox, the segmenter and
// the pipeline are the real ones. The real recogniser, extractor and store play in e2e_test.go.

// A talker says one utterance after the other, 1.2 s of speech and 0.8 s of silence each, at the speed of speech. The
// samples of an utterance hold its number.
type talker struct {
	utterances int
	at         time.Duration
	pcm        [audio.FrameSize]float32
	fail       error // in place of io.EOF
	reading    int   // frames delivered
}

const turn = 2 * time.Second

func (t *talker) Read(ctx context.Context, f *audio.Frame) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(audio.Duration(audio.FrameSize)):
	}
	n := int(t.at/turn) + 1
	if n > t.utterances {
		return cmp.Or(t.fail, io.EOF)
	}
	for i := range t.pcm {
		t.pcm[i] = 0
		if t.at%turn < 1200*time.Millisecond {
			t.pcm[i] = float32(n) / 100
		}
	}
	*f = audio.Frame{At: t.at, PCM: t.pcm[:]}
	t.at += audio.Duration(audio.FrameSize)
	t.reading++
	return nil
}

func (t *talker) Close() error { return nil }

// loud takes every sound for speech.
type loud struct{}

func (loud) Speech(pcm []float32) (float32, error) {
	if pcm[0] != 0 {
		return 1, nil
	}
	return 0, nil
}

func (loud) Reset() {}

// A writer takes its time to write down the number of an utterance.
type writer struct {
	takes  time.Duration
	errs   map[string]error // by what it would have written
	begun  int
	called int // looks that were called off
}

func (w *writer) Recognize(ctx context.Context, pcm []float32, prompt string) ([]asr.Word, error) {
	w.begun++
	select {
	case <-ctx.Done():
		w.called++
		return nil, ctx.Err()
	case <-time.After(w.takes):
	}
	text := fmt.Sprintf("utterance %.0f", slices.Max(pcm)*100)
	return []asr.Word{{Text: text, P: 1}}, w.errs[text]
}

func (w *writer) Close() error { return nil }

// A scene is a pipeline of scripts, and what came out of it.
type scene struct {
	pipeline
	talker   *talker
	writer   *writer
	learns   time.Duration
	stored   []string
	learned  []string
	looks    int
	storeErr func() error
	learnErr error
	hitches  []error // nil: it works again
	cleared  int     // captions emptied
}

func newScene(utterances int, decode, learns time.Duration) *scene {
	s := &scene{talker: &talker{utterances: utterances}, writer: &writer{takes: decode}, learns: learns}
	s.pipeline = pipeline{
		source: s.talker, detector: loud{}, recogn: s.writer, clock: new(Clocks), level: func(float32, int) {},
		segment: audio.Segmenter{Tentative: 320 * time.Millisecond},
		keep: func(seg asr.Segment) (graphstore.Line, error) {
			if s.storeErr != nil {
				if err := s.storeErr(); err != nil {
					return graphstore.Line{}, err
				}
			}
			s.stored = append(s.stored, seg.Text)
			return graphstore.Line{ID: graphstore.LineID(len(s.stored)), Text: seg.Text}, nil
		},
		learn: func(ctx context.Context, line graphstore.Line) error {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(s.learns):
			}
			if s.learnErr != nil {
				return s.learnErr
			}
			s.learned = append(s.learned, line.Text)
			return nil
		},
		show: func(e ui.Event) {
			if e.Caption != nil && e.Caption.Tentative != "" {
				s.looks++
			}
			if e.Caption != nil && *e.Caption == (ui.Caption{}) {
				s.cleared++
			}
		},
	}
	var mu sync.Mutex // two stages may stumble at once
	s.hitch = func(err error) {
		mu.Lock()
		defer mu.Unlock()
		s.hitches = append(s.hitches, err)
	}
	return s
}

func utterances(from, to int) (all []string) {
	for n := from; n <= to; n++ {
		all = append(all, fmt.Sprintf("utterance %d", n))
	}
	return all
}

func TestFinalsAreNeverLostWhileLooksAreReplaced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		// Learning is slower than talking: everything queues, and nothing may go missing.
		s := newScene(40, 900*time.Millisecond, 3*time.Second)
		if err := s.run(t.Context(), t.Context()); err != nil {
			t.Fatal(err)
		}
		if want := utterances(1, 40); !slices.Equal(s.stored, want) || !slices.Equal(s.learned, want) {
			t.Errorf("stored %v\nlearned %v\nwant %v", s.stored, s.learned, want)
		}
		if s.looks == 0 {
			t.Error("no look at an unfinished utterance was shown")
		}
		if looks := s.writer.begun - 40; looks >= 40*4 {
			t.Errorf("%d looks were decoded: none was replaced by a newer one", looks)
		}
		if n := s.waiting.Load(); n != 0 {
			t.Errorf("%d utterances are counted as waiting after the end", n)
		}
	})
}

func TestAFinalCallsOffTheLookThatItMakesWorthless(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScene(5, 700*time.Millisecond, 0)
		if err := s.run(t.Context(), t.Context()); err != nil {
			t.Fatal(err)
		}
		if s.writer.called == 0 {
			t.Error("every look was decoded to its end while a final waited")
		}
		if want := utterances(1, 5); !slices.Equal(s.learned, want) {
			t.Errorf("learned %v", s.learned)
		}
	})
}

func TestClocksRunFromTheLastSoundAndTheLastWord(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScene(3, 100*time.Millisecond, 20*time.Millisecond)
		s.segment.Tentative = 0
		if err := s.run(t.Context(), t.Context()); err != nil {
			t.Fatal(err)
		}
		text, sound := s.clock.Read()
		if text.N != 3 || text.P50 != 20 || text.Max != 20 {
			t.Errorf("text → graph %+v, want 3 times 20 ms", text)
		}
		// 500 ms of silence end an utterance, in whole frames; then 100 ms of decoding and 20 ms of learning.
		if sound.N != 3 || sound.P50 < 620 || sound.Max > 620+64 {
			t.Errorf("sound → graph %+v, want 620 ms to 684 ms", sound)
		}
	})
}

func TestDrainFinishesWhatWasHeard(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScene(100, 900*time.Millisecond, 2*time.Second)
		listen, stop := context.WithCancel(t.Context())
		time.AfterFunc(2*turn+600*time.Millisecond, stop) // in the middle of the third utterance
		if err := s.run(t.Context(), listen); err != nil {
			t.Fatal(err)
		}
		if want := utterances(1, 3); !slices.Equal(s.learned, want) {
			t.Errorf("learned %v, want %v: the open utterance counts too", s.learned, want)
		}
	})
}

func TestAbortLeavesAtOnceAndKeepsWhatIsStored(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScene(100, 100*time.Millisecond, time.Hour)
		ctx, abort := context.WithCancel(t.Context())
		began := time.Now()
		time.AfterFunc(3*turn, abort)
		err := s.run(ctx, ctx)
		if !errors.Is(err, context.Canceled) {
			t.Errorf("run = %v, want context.Canceled", err)
		}
		if took := time.Since(began); took > 3*turn {
			t.Errorf("left after %v, %v after the abort", took, took-3*turn)
		}
		if len(s.stored) < 2 || len(s.learned) != 0 {
			t.Errorf("stored %v, learned %v: what was heard must wait in the store", s.stored, s.learned)
		}
	})
}

func TestAnUtteranceThatIsNotUnderstoodIsTheOnlyOneLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScene(6, 900*time.Millisecond, 0)
		broken := errors.New("broken on purpose")
		s.writer.errs = map[string]error{"utterance 3": broken}
		if err := s.run(t.Context(), t.Context()); err != nil {
			t.Fatal(err)
		}
		if want := slices.Delete(utterances(1, 6), 2, 3); !slices.Equal(s.learned, want) {
			t.Errorf("learned %v, want %v", s.learned, want)
		}
		told := slices.DeleteFunc(s.hitches, func(err error) bool { return err == nil })
		if len(told) != 1 || !errors.Is(told[0], errUnheard) || !errors.Is(told[0], broken) || *troubleOf(told[0]) != ui.Unheard {
			t.Errorf("told %v, want the one utterance", told)
		}
		if s.cleared != 1 || s.waiting.Load() != 0 {
			t.Errorf("the caption was emptied %d times, %d utterances count as waiting", s.cleared, s.waiting.Load())
		}
	})
}

func TestAFullDiskIsWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScene(6, 100*time.Millisecond, 0)
		room := time.Now().Add(9 * time.Second)
		s.storeErr = func() error {
			if time.Now().Before(room) {
				return fmt.Errorf("7 MB left: %w", graphstore.ErrFull)
			}
			return nil
		}
		if err := s.run(t.Context(), t.Context()); err != nil {
			t.Fatal(err)
		}
		if want := utterances(1, 6); !slices.Equal(s.learned, want) {
			t.Errorf("learned %v, want %v", s.learned, want)
		}
		if len(s.hitches) < 2 || !errors.Is(s.hitches[0], graphstore.ErrFull) || slices.ContainsFunc(s.hitches[1:], func(err error) bool { return err != nil }) {
			t.Errorf("told %v, want the full disk once, and then that it works again", s.hitches)
		}
	})
}

func TestAnAbortDoesNotWaitForTheFullDisk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScene(6, 100*time.Millisecond, 0)
		s.storeErr = func() error { return graphstore.ErrFull }
		ctx, abort := context.WithCancel(t.Context())
		time.AfterFunc(20*time.Second, abort)
		if err := s.run(ctx, ctx); !errors.Is(err, context.Canceled) || len(s.stored) != 0 {
			t.Errorf("run = %v, stored %v", err, s.stored)
		}
	})
}

func TestWhatCannotBeLearnedDoesNotEndTheListening(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScene(6, 100*time.Millisecond, 100*time.Millisecond)
		s.learnErr = errors.New("broken on purpose")
		if err := s.run(t.Context(), t.Context()); err != nil {
			t.Fatal(err)
		}
		if want := utterances(1, 6); !slices.Equal(s.stored, want) || s.waiting.Load() != 0 {
			t.Errorf("stored %v, want %v; %d count as waiting", s.stored, want, s.waiting.Load())
		}
		told := slices.DeleteFunc(s.hitches, func(err error) bool { return err == nil })
		if text, _ := s.clock.Read(); len(told) != 6 || text.N != 0 {
			t.Errorf("told %v; the clock counts %d lines", told, text.N)
		}
	})
}

// mute finds no speech but an error, from the third second on.
type mute struct{ loud }

func (m mute) Speech(pcm []float32) (float32, error) {
	if pcm[0] >= .02 {
		return 0, errors.New("broken on purpose")
	}
	return m.loud.Speech(pcm)
}

func TestTheEndOfHearingIsNotTheEndOfWhatWasHeard(t *testing.T) {
	for _, test := range []struct {
		name  string
		spoil func(*scene)
		want  string
	}{
		{"source", func(s *scene) { s.talker.utterances, s.talker.fail = 1, errors.New("broken on purpose") }, "hear: broken on purpose"},
		{"detector", func(s *scene) { s.detector = mute{} }, "find speech: broken on purpose"},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newScene(50, 900*time.Millisecond, time.Second)
				test.spoil(s)
				if err := s.run(t.Context(), t.Context()); err == nil || err.Error() != test.want {
					t.Errorf("run = %v, want %s", err, test.want)
				}
				if want := utterances(1, 1); !slices.Equal(s.learned, want) {
					t.Errorf("learned %v, want %v", s.learned, want)
				}
			})
		})
	}
}

func TestAStoreThatTakesNothingMoreStopsAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScene(50, 100*time.Millisecond, 100*time.Millisecond)
		s.storeErr = func() error { return graphstore.ErrClosed }
		if err := s.run(t.Context(), t.Context()); !errors.Is(err, graphstore.ErrClosed) || !strings.HasPrefix(err.Error(), "store what was said: ") {
			t.Errorf("run = %v", err)
		}
	})
}

func TestTextTakesTheSameWayAsSound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScene(0, 0, time.Second)
		n := 0
		next := func(context.Context) (graphstore.Line, error) {
			if n++; n > 100 {
				return graphstore.Line{}, io.EOF
			}
			return graphstore.Line{ID: graphstore.LineID(n), Text: fmt.Sprintf("utterance %d", n)}, nil
		}
		if err := s.runText(t.Context(), t.Context(), next); err != nil {
			t.Fatal(err)
		}
		if want := utterances(1, 100); !slices.Equal(s.learned, want) {
			t.Errorf("learned %v", s.learned)
		}
		if _, sound := s.clock.Read(); sound.N != 0 {
			t.Errorf("sound → graph counts %d lines that had no sound", sound.N)
		}
	})
}
