package graphstore

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
)

// Marks of a correction. Undo takes the newest that is done, Redo the oldest
// that is undone; a new correction passes over what could have been redone.
const (
	done   = "done"
	undone = "undone"
	passed = "passed"
)

// ErrNothing says that there is nothing left to undo or redo.
var ErrNothing = errors.New("nothing left to undo or redo")

// maxBefore bounds what is kept of a correction for its quick undo. What was
// larger is undone by replay.
const maxBefore = 256 << 10

// Undo takes back the newest correction that counts, to any depth. Afterwards
// the store is as if it had never been made, whatever was heard since.
//
// When nothing was extracted since the correction, what it overwrote is put
// back. Otherwise the log is replayed without it and the difference written:
// about 60 µs for each operation ever made.
func (s *Store) Undo() (Change, error) { return s.wind(KindUndo) }

// Redo makes the correction again that was undone last.
func (s *Store) Redo() (Change, error) { return s.wind(KindRedo) }

func (s *Store) wind(kind Kind) (Change, error) {
	change, _, err := s.commit(Operation{At: s.now(), Author: Person, Kind: kind}, func(t *tx, op *Operation) error {
		if op.Target = t.target(kind); op.Target == 0 {
			return ErrNothing
		}
		return nil
	})
	return change, err
}

// target is the correction that an undo or redo is about, 0 if there is none.
func (t *tx) target(kind Kind) (seq Seq) {
	t.each(key(keyMark), true, func(k string, v []byte) bool {
		var m string
		t.fail(decode(v, &m))
		if kind == KindUndo && m == done {
			seq = Seq(lastNum(k))
			return false
		}
		if kind == KindRedo && m == undone {
			seq = Seq(lastNum(k)) // the last one seen is the oldest
		}
		return m != done
	})
	return seq
}

// rewind projects an undo or redo.
func (t *tx) rewind(op Operation) error {
	target, ok := load[Operation](t, key(keyOp, num(op.Target)))
	if !ok {
		return fmt.Errorf("operation %d: %w", op.Target, ErrNotFound)
	}
	if !t.quiet(op.Target) {
		return t.replaceBy(op)
	}
	if op.Kind == KindRedo {
		t.seq = target.Seq
		if err := t.correct(target); err != nil {
			return err
		}
		t.mark(target.Seq, done)
		return t.err
	}
	before, ok := load[[]kept](t, key(keyBefore, num(op.Target)))
	if !ok {
		return t.replaceBy(op)
	}
	for _, b := range before {
		t.set(string(b.Key), b.Val)
	}
	t.mark(target.Seq, undone)
	return t.err
}

// quiet reports whether no line was learned since an operation. Only learning
// reads what corrections write: lines and sessions go elsewhere, and later
// corrections were undone first.
func (t *tx) quiet(since Seq) bool {
	quiet := true
	t.each(key(keyOp), true, func(k string, v []byte) bool {
		var op Operation
		t.fail(decode(v, &op))
		quiet = op.Kind != KindExtract
		return quiet && op.Seq > since
	})
	return quiet
}

// kept is one record that a correction overwrote.
type kept struct {
	Key []byte `json:"k"`
	Val []byte `json:"v"` // null for none: an empty value is one
}

// keepBefore stores what a correction overwrites.
func (t *tx) keepBefore(op Operation) {
	if op.Kind != KindCorrect {
		return
	}
	var before []kept
	size := 0
	t.dirty.Scan(func(k string, _ []byte) bool {
		if k[0] != keyMark && k[0] != keyStats { // these go on from where they are
			before = append(before, kept{[]byte(k), t.old[k]})
			size += len(k) + len(t.old[k])
		}
		return true
	})
	if size <= maxBefore {
		t.put(key(keyBefore, num(op.Seq)), before)
	}
}

// passOver gives up what could have been redone.
func (t *tx) passOver() {
	var over []Seq
	t.each(key(keyMark), true, func(k string, v []byte) bool {
		var m string
		t.fail(decode(v, &m))
		if m == undone {
			over = append(over, Seq(lastNum(k)))
		}
		return m != done
	})
	for _, seq := range over {
		t.mark(seq, passed)
	}
}

func (t *tx) mark(seq Seq, mark string) { t.put(key(keyMark, num(seq)), mark) }

// replaceBy makes t hold what a replay of the log, and one operation more, gives.
func (t *tx) replaceBy(op Operation) error {
	fresh, err := replay(t, &op)
	if err != nil {
		return err
	}
	return fresh.compare(t, func(k string, _, want []byte) {
		if k[0] != keyStats { // counted after every operation
			t.set(k, want)
		}
	})
}

// replay projects the whole log, and one operation more if there is one, from
// nothing. Undone corrections are left out as if they had never been made.
func replay(log *tx, more *Operation) (*tx, error) {
	marks := map[Seq]string{}
	err := log.operations(more, func(op Operation) error { remark(marks, op); return nil })
	if err != nil {
		return nil, err
	}
	fresh := newTx(nil)
	err = log.operations(more, func(op Operation) error {
		if op.Kind == KindCorrect && marks[op.Seq] != done {
			return nil
		}
		err := fresh.project(op)
		if op.Kind == KindCorrect && (errors.Is(err, ErrNotFound) || errors.Is(err, ErrInvalid)) {
			return nil // made under older rules, and pointless under these
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("replay the log: %w", err)
	}
	for seq, m := range marks {
		fresh.mark(seq, m)
	}
	fresh.count()
	return fresh, fresh.err
}

// remark is what an operation does to the marks.
func remark(marks map[Seq]string, op Operation) {
	switch op.Kind {
	case KindCorrect:
		for seq, m := range marks {
			if m == undone {
				marks[seq] = passed
			}
		}
		marks[op.Seq] = done
	case KindUndo:
		marks[op.Target] = undone
	case KindRedo:
		marks[op.Target] = done
	}
}

// operations visits the log in order.
func (t *tx) operations(more *Operation, visit func(Operation) error) error {
	var err error
	t.each(key(keyOp), false, func(_ string, v []byte) bool {
		var op Operation
		if err = decode(v, &op); err == nil {
			err = visit(op)
		}
		return err == nil
	})
	if err == nil && more != nil {
		err = visit(*more)
	}
	return cmp.Or(err, t.err)
}

// compare walks the derived records of a replay and of a store side by side
// and reports each that differs; nil stands for a missing one.
func (t *tx) compare(stored *tx, differs func(k string, have, want []byte)) error {
	for prefix, l := range layout {
		if !l.derived {
			continue
		}
		stored.each(string(prefix), false, func(k string, have []byte) bool {
			if want, _ := t.dirty.Get(k); want == nil || !bytes.Equal(have, want) {
				differs(k, have, want)
			}
			return true
		})
	}
	t.dirty.Scan(func(k string, want []byte) bool {
		if want != nil && stored.stored(k) == nil {
			differs(k, nil, want)
		}
		return true
	})
	return cmp.Or(stored.err, t.err)
}

// History lists operations, newest first: those before a Seq (0: all), at most
// so many (0: all). It holds nothing that was said.
func (s *Store) History(before Seq, most int) ([]Entry, error) {
	out := []Entry{}
	err := s.view(func(t *tx) error {
		prefix := key(keyOp)
		start := prefix
		if before != 0 {
			start = key(keyOp, num(before))
		}
		t.from(prefix, start, true, func(_ string, v []byte) bool {
			var op Operation
			t.fail(decode(v, &op))
			out = append(out, t.entry(op))
			return most == 0 || len(out) < most
		})
		return nil
	})
	return out, err
}

func (t *tx) entry(op Operation) Entry {
	e := Entry{
		Seq: op.Seq, At: op.At, Author: op.Author, Kind: op.Kind,
		Session: op.Session, Line: op.Learned, Claims: len(op.Claims), Target: op.Target,
	}
	switch op.Kind {
	case KindSession:
		e.Session = SessionID(op.Seq)
	case KindLine:
		e.Line, e.Session = LineID(op.Seq), op.Line.Session
	case KindCorrect:
		c := op.Correction
		e.Op, e.Node, e.Into, e.Edge, e.Line, e.Session = c.Op, c.Node, c.Into, c.Edge, c.Line, c.Session
		m, _ := load[string](t, key(keyMark, num(op.Seq)))
		e.Undone = m != done
	}
	return e
}

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }
