package graphstore

import (
	"bytes"
	"errors"
	"fmt"
	"slices"

	"github.com/dgraph-io/badger/v4"
	"github.com/tidwall/btree"
)

// A tx is what one operation reads and writes. Writes stay in dirty until they
// are flushed at once, so a failed operation leaves nothing behind. Without a
// base it starts from nothing: that is how the log is replayed.
type tx struct {
	base      *badger.Txn
	dirty     btree.Map[string, []byte] // nil value: deleted
	old       map[string][]byte         // what base held under each dirty key; nil: nothing
	seq       Seq                       // the operation that is projected
	madeNodes NodeID                    // nodes made by it
	madeEdges EdgeID                    // facts made by it
	err       error                     // the first failure; later calls do nothing
}

func newTx(base *badger.Txn) *tx { return &tx{base: base, old: map[string][]byte{}} }

func (t *tx) fail(err error) {
	if t.err == nil && err != nil {
		t.err = err
	}
}

// get returns the value under a key, nil if there is none.
func (t *tx) get(k string) []byte {
	if v, ok := t.dirty.Get(k); ok {
		return v
	}
	return t.stored(k)
}

func (t *tx) stored(k string) []byte {
	if t.base == nil || t.err != nil {
		return nil
	}
	item, err := t.base.Get([]byte(k))
	if errors.Is(err, badger.ErrKeyNotFound) {
		return nil
	}
	if err != nil {
		t.fail(readError(err))
		return nil
	}
	v, err := item.ValueCopy(nil)
	if err != nil {
		t.fail(readError(err))
		return nil
	}
	if v == nil {
		v = []byte{}
	}
	return v
}

func (t *tx) set(k string, v []byte) {
	have, changed := t.dirty.Get(k)
	if !changed {
		have = t.stored(k)
	}
	if t.err != nil || (have == nil) == (v == nil) && bytes.Equal(have, v) {
		return
	}
	if !changed {
		t.old[k] = have
	}
	t.dirty.Set(k, v)
}

func (t *tx) del(k string) { t.set(k, nil) }

// load reads the record under a key; ok is false where there is none.
func load[T any](t *tx, k string) (rec T, ok bool) {
	b := t.get(k)
	if b == nil {
		return rec, false
	}
	if err := decode(b, &rec); err != nil {
		t.fail(fmt.Errorf("record %q: %w", k, err))
		return rec, false
	}
	return rec, t.err == nil
}

func (t *tx) put(k string, rec any) {
	b, err := encode(rec)
	t.fail(err)
	t.set(k, b)
}

// A pair is one key with its value.
type pair struct {
	key string
	val []byte
}

// scan returns everything under a prefix in order, dirty writes included.
func (t *tx) scan(prefix string) []pair {
	var out []pair
	t.each(prefix, false, func(k string, v []byte) bool {
		out = append(out, pair{k, v})
		return true
	})
	if t.dirty.Len() == 0 {
		return out
	}
	out = slices.DeleteFunc(out, func(p pair) bool { _, ok := t.dirty.Get(p.key); return ok })
	n := len(out)
	t.dirty.Ascend(prefix, func(k string, v []byte) bool {
		if len(k) < len(prefix) || k[:len(prefix)] != prefix {
			return false
		}
		if v != nil {
			out = append(out, pair{k, v})
		}
		return true
	})
	if n > 0 && n < len(out) {
		slices.SortFunc(out, func(a, b pair) int { return bytes.Compare([]byte(a.key), []byte(b.key)) })
	}
	return out
}

// each visits what the base holds under a prefix, newest first if backwards.
func (t *tx) each(prefix string, backwards bool, visit func(k string, v []byte) bool) {
	t.from(prefix, prefix, backwards, visit)
}

// from is each, beginning at a key (which a backwards walk leaves out).
func (t *tx) from(prefix, start string, backwards bool, visit func(k string, v []byte) bool) {
	if t.base == nil || t.err != nil {
		return
	}
	opt := badger.DefaultIteratorOptions
	opt.PrefetchSize = 16
	opt.Prefix = []byte(prefix)
	opt.Reverse = backwards
	it := t.base.NewIterator(opt)
	defer it.Close()
	seek := []byte(start)
	if backwards && start == prefix {
		seek = append(seek, bytes.Repeat([]byte{0xff}, 40)...)
	}
	for it.Seek(seek); it.ValidForPrefix(opt.Prefix); it.Next() {
		k := string(it.Item().KeyCopy(nil))
		if backwards && k == start {
			continue
		}
		v, err := it.Item().ValueCopy(nil)
		if err != nil {
			t.fail(readError(err))
			return
		}
		if v == nil {
			v = []byte{}
		}
		if !visit(k, v) {
			return
		}
	}
}

// readError tells a block that cannot be trusted from one that the system did
// not give.
func readError(err error) error {
	if system := systemError(err); system != nil {
		return system
	}
	return errors.Join(ErrDamaged, err)
}
