package graphstore

import (
	"cmp"
	"errors"
	"maps"
	"slices"
)

// Marks of a correction.
const (
	done   = "done"
	undone = "undone" // Redo can bring it back
	passed = "passed" // undone, and then something else was corrected
)

// ErrNothing says that there is nothing left to undo or redo.
var ErrNothing = errors.New("nothing left to undo or redo")

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }

func (t *tx) mark(seq Seq, mark string) { t.put(key(keyMark, num(seq)), mark) }

func (t *tx) passOver() {
	for _, p := range t.scan(key(keyMark)) {
		if string(p.val) == `"`+undone+`"` {
			t.mark(Seq(lastNum(p.key)), passed)
		}
	}
}

func (t *tx) keepBefore(op Operation) {}

func (s *Store) Undo() (Change, error) { return Change{}, ErrNothing }
func (s *Store) Redo() (Change, error) { return Change{}, ErrNothing }
