package main

import (
	"context"
	"sync"
	"time"

	"hotmem/audio"
)

// A heard utterance waits for its words.
type heard struct {
	audio.Utterance
	last time.Time // when its last sound arrived, on the wall clock
}

// An inbox stands between the listener and the recogniser. Finals keep their order and are never lost; of the looks at
// an unfinished utterance only the newest counts. The two must not share a queue: stale looks would fill it, a final
// would wait, and behind the waiting final the microphone would lose sound.
type inbox struct {
	finals  chan heard
	partial chan heard // holds the newest look, or nothing

	mu        sync.Mutex
	interrupt context.CancelFunc // ends the decoding of a look
	replaced  int                // looks that nobody saw
}

// 16 finals: some four minutes of speech at the worst rate of decoding, before the listener has to wait.
func newInbox() *inbox {
	return &inbox{finals: make(chan heard, 16), partial: make(chan heard, 1), interrupt: func() {}}
}

// put hands over u. A final waits until there is room, and ends the decoding of a look, which it makes worthless; a look
// never waits. There is one caller.
func (b *inbox) put(ctx context.Context, u heard) error {
	select {
	case <-b.partial:
		b.mu.Lock()
		b.replaced++
		b.mu.Unlock()
	default:
	}
	if !u.Final {
		b.partial <- u // there is room: it was emptied above, and nobody else fills it
		return nil
	}
	err := send(ctx, b.finals, u)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.interrupt() // after the send: either take sees the final, or this call ends the look that take has just begun
	return err
}

// close says that nothing follows. Finals that wait can still be taken.
func (b *inbox) close() { close(b.finals) }

// take returns the next final, or the newest look when no final waits. The context it returns ends when ctx does, and for
// a look also when a final arrives; done must be called. ok is false when the inbox is closed and empty.
func (b *inbox) take(ctx context.Context) (u heard, within context.Context, done context.CancelFunc, ok bool, err error) {
	select {
	case u, ok = <-b.finals:
	default:
		select {
		case u, ok = <-b.finals:
		case u, ok = <-b.partial:
		case <-ctx.Done():
			return u, ctx, func() {}, false, ctx.Err()
		}
	}
	within, done = context.WithCancel(ctx)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.interrupt = func() {}
	if ok && !u.Final {
		b.interrupt = done
		if len(b.finals) > 0 {
			done()
		}
	}
	return u, within, done, ok, nil
}

// lost returns how many looks were replaced before anybody saw them.
func (b *inbox) lost() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.replaced
}

// send is the only way into a channel of the pipeline: it gives up when ctx ends.
func send[T any](ctx context.Context, to chan<- T, v T) error {
	select {
	case to <- v:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
