package graphstore

import (
	"fmt"
	"testing"

	"github.com/dgraph-io/badger/v4"
)

// A merge of two nodes with so many facts does not fit one transaction. It is
// whole all the same, and stays so when a crash cuts it in two.
func TestMergeLargerThanATransactionIsWhole(t *testing.T) {
	dir := t.TempDir()
	s := beginIn(t, dir, Options{})
	const facts = 1350
	for i := range facts / 150 {
		var claims []Claim
		for j := range 150 {
			o := place(fmt.Sprint(i*150 + j))
			claims = append(claims, sure(person("Marta"), "visited", o), sure(person("Martha"), "visited", o))
		}
		s.hear("many places", claims...)
	}
	before := s.projections()
	c := s.correct(Correction{Op: MergeNodes, Node: s.named("Martha").ID, Into: s.named("Marta").ID})
	if stats, err := s.Stats(); err != nil || stats.Facts != facts || len(c.GoneEdges) != facts {
		t.Errorf("%+v, %v, %d gone", stats, err, len(c.GoneEdges))
	}
	whole := s.projections()
	if n := changed(before, whole); n < int(s.db.MaxBatchCount()) {
		t.Fatalf("%d records changed: that fits", n)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	tear(t, dir)
	s = beginIn(t, dir, Options{}) // checks and replays when the test ends
	now := s.projections()
	for _, k := range []string{key(keySession, num(s.session)), key(keyStats)} {
		delete(now, k) // the session that has just begun
		delete(whole, k)
	}
	if n := changed(whole, now); n != 0 {
		t.Errorf("%d records differ after the crash", n)
	}
}

func changed(a, b map[string]string) int {
	n := 0
	for k, v := range a {
		if w, ok := b[k]; !ok || w != v {
			n++
		}
	}
	for k := range b {
		if _, ok := a[k]; !ok {
			n++
		}
	}
	return n
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
