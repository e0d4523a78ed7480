package graphstore

import (
	"fmt"
	"testing"

	"github.com/dgraph-io/badger/v4"
)

// crowded is a store with two nodes of so many facts that their merge does not
// fit one transaction.
func crowded(t *testing.T, dir string) *story {
	s := beginIn(t, dir, Options{InMemory: dir == ""})
	for i := range 15 {
		var claims []Claim
		for j := range 100 {
			o := place(fmt.Sprint(i*100 + j))
			claims = append(claims, sure(person("Marta"), "visited", o), sure(person("Martha"), "visited", o))
		}
		s.hear("many places", claims...)
	}
	return s
}

func TestMergeLargerThanATransactionIsWhole(t *testing.T) {
	s := crowded(t, "")
	before := s.projections()
	c := s.correct(Correction{Op: MergeNodes, Node: s.named("Martha").ID, Into: s.named("Marta").ID})
	if stats, err := s.Stats(); err != nil || stats.Facts != 1500 || len(c.GoneEdges) != 1500 {
		t.Errorf("%+v, %v, %d gone", stats, err, len(c.GoneEdges))
	}
	if err := s.CheckRebuild(); err != nil {
		t.Fatal(err)
	}
	s.undo()
	s.same(before, "undo")
}

func TestOpenFinishesWhatACrashLeftHalfWritten(t *testing.T) {
	dir := t.TempDir()
	s := crowded(t, dir)
	s.correct(Correction{Op: MergeNodes, Node: s.named("Martha").ID, Into: s.named("Marta").ID})
	whole := s.projections()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	tear(t, dir)
	s = beginIn(t, dir, Options{})
	for _, k := range []string{key(keySession, num(s.session)), key(keyStats)} {
		delete(whole, k) // the session that has just begun
	}
	now := s.projections()
	for k, v := range whole {
		if now[k] != v {
			t.Errorf("%q is %q, was %q", k, now[k], v)
		}
	}
}

// tear removes half of what the last operation wrote.
func tear(t *testing.T, dir string) {
	t.Helper()
	db, err := badger.Open(badgerOptions(dir, Options{}))
	if err != nil {
		t.Fatal(err)
	}
	err = db.Update(func(txn *badger.Txn) error {
		if err := txn.Set([]byte(key(keyPending)), []byte{}); err != nil {
			return err
		}
		it := txn.NewIterator(badger.DefaultIteratorOptions)
		defer it.Close()
		var torn [][]byte
		for it.Seek([]byte(key(keyEdge))); it.ValidForPrefix([]byte(key(keyEdge))); it.Next() {
			torn = append(torn, it.Item().KeyCopy(nil))
		}
		for _, k := range torn[len(torn)/2:] {
			if err := txn.Delete(k); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}
