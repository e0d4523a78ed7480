package graphstore

import (
	"errors"
	"fmt"
	"strings"
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

// writeBadly writes an operation in parts, one of which Badger refuses: its
// key is too long.
func (s *story) writeBadly(op Operation) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	txn := s.db.NewTransaction(false)
	defer txn.Discard()
	t := newTx(txn)
	op.Seq, op.At = s.seq+1, noon
	if err := t.project(op); err != nil {
		s.Logf("projected as far as it goes: %v", err)
	}
	t.set("~"+strings.Repeat("x", 1<<16), []byte{})
	return s.flushLarge(t, op)
}

func TestLargeChangeThatFailsHalfWayIsFinishedAtOnce(t *testing.T) {
	s := begin(t)
	s.hear("I like Rome.", sure(user, "likes", place("Rome")))
	if err := s.writeBadly(Operation{Author: Model, Kind: KindSession}); err != nil {
		t.Fatal(err)
	}
	if sessions, err := s.RecentSessions(0); err != nil || len(sessions) != 2 {
		t.Errorf("%d sessions, %v", len(sessions), err)
	}
	s.hear("I like Oslo.", sure(user, "likes", place("Oslo")))
	s.knows("USER likes Rome", "USER likes Oslo")
}

func TestHalfWrittenStoreRefusesUseUntilItIsMended(t *testing.T) {
	s := begin(t)
	s.hear("I like Rome.", sure(user, "likes", place("Rome")))
	if err := s.writeBadly(Operation{Kind: "a kind that no replay knows"}); !errors.Is(err, ErrHalf) {
		t.Fatalf("error %v", err)
	}
	if _, err := s.Facts(Filter{}); !errors.Is(err, ErrHalf) {
		t.Errorf("read: %v", err)
	}
	if _, err := s.NewSession(noon); !errors.Is(err, ErrHalf) {
		t.Errorf("write: %v", err)
	}
	if err := s.Check(); !errors.Is(err, ErrHalf) || strings.Contains(err.Error(), wayBack) {
		t.Errorf("check: %v", err)
	}
	b, err := encode(Operation{Seq: s.seq, At: noon, Author: Model, Kind: KindSession})
	if err != nil {
		t.Fatal(err)
	}
	err = s.db.Update(func(txn *badger.Txn) error { return txn.Set([]byte(key(keyOp, num(s.seq))), b) })
	if err != nil {
		t.Fatal(err)
	}
	s.hear("I like Oslo.", sure(user, "likes", place("Oslo"))) // mends it first
	s.knows("USER likes Rome", "USER likes Oslo")
}

func TestUndoAfterNewRulesForgetsWhatOldRulesKept(t *testing.T) {
	dir := t.TempDir()
	s := beginIn(t, dir, Options{})
	s.hear("Martha likes Rome.", sure(person("Martha"), "likes", place("Rome")))
	node := s.named("Martha").ID
	seq := s.correct(Correction{Op: RenameNode, Node: node, Text: "Marta"}).Seq
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	old, err := encode([]kept{{[]byte(key(keyNode, num(node))), []byte(`{"id":1,"type":"as older rules had it"}`)}})
	if err != nil {
		t.Fatal(err)
	}
	rewrite(t, dir, key(keyBefore, num(seq)), string(old))
	rewrite(t, dir, key(keyFormat), `{"format":1,"rules":0}`)
	s = beginIn(t, dir, Options{}) // checks and replays when the test ends
	s.undo()
	s.knows("Martha likes Rome")
}
