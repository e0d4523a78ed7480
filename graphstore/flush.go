package graphstore

import (
	"errors"
	"fmt"

	"github.com/dgraph-io/badger/v4"
)

// flush writes all that a tx changed, or nothing.
func (s *Store) flush(t *tx, op Operation) error {
	err := s.writeAll(t)
	if errors.Is(err, badger.ErrTxnTooBig) {
		err = s.flushLarge(t, op)
	}
	if err == nil {
		return nil
	}
	if system := systemError(err); system != nil {
		err = system
	}
	return fmt.Errorf("write to the store: %w", err)
}

func (s *Store) writeAll(t *tx) error {
	txn := s.db.NewTransaction(true)
	defer txn.Discard()
	var err error
	t.dirty.Scan(func(k string, v []byte) bool {
		err = write(txn, k, v)
		return err == nil
	})
	if err != nil {
		return err
	}
	return txn.Commit()
}

func write(txn *badger.Txn, k string, v []byte) error {
	if v == nil {
		return txn.Delete([]byte(k))
	}
	return txn.Set([]byte(k), v)
}

// flushLarge writes what is too much for one transaction, such as the merge of
// two nodes with thousands of facts. The log entry goes first, with a mark that
// lets Open finish from the log what a crash left half written. What fails half
// way is finished from the log at once, or by mend.
func (s *Store) flushLarge(t *tx, op Operation) error {
	s.torn.Lock()
	defer s.torn.Unlock()
	b, err := encode(op)
	if err != nil {
		return err
	}
	err = s.db.Update(func(txn *badger.Txn) error {
		if err := txn.Set([]byte(key(keyPending)), []byte{}); err != nil {
			return err
		}
		return txn.Set([]byte(key(keyOp, num(op.Seq))), b)
	})
	if err != nil {
		return err
	}
	s.seq = op.Seq // the operation counts from here on, whatever happens
	if err := s.writeParts(t); err != nil {
		return s.finish(err)
	}
	return nil
}

// finish derives a half written operation from the log after something failed
// (nil: earlier). The caller holds both locks.
func (s *Store) finish(failed error) error {
	err := s.derive()
	if s.half = err != nil; s.half {
		return errors.Join(ErrHalf, failed, err)
	}
	return nil
}

// mend finishes what is half written, before the next write: parts of two
// operations on top of each other would be beyond repair if the second one
// ended the mark.
func (s *Store) mend() error {
	if !s.half {
		return nil
	}
	s.torn.Lock()
	defer s.torn.Unlock()
	err := s.finish(nil)
	if err == nil {
		return nil
	}
	if system := systemError(err); system != nil {
		return system
	}
	return err
}

// writeParts writes a tx in as many transactions as it takes, then the end of
// the mark.
func (s *Store) writeParts(t *tx) error {
	batch := s.db.NewWriteBatch()
	defer batch.Cancel()
	var err error
	t.dirty.Scan(func(k string, v []byte) bool {
		switch {
		case v == nil:
			err = batch.Delete([]byte(k))
		default:
			err = batch.Set([]byte(k), v)
		}
		return err == nil
	})
	if err == nil {
		err = batch.Flush()
	}
	if err != nil {
		return err
	}
	return s.db.Update(func(txn *badger.Txn) error { return txn.Delete([]byte(key(keyPending))) })
}

// derive makes everything that is derived anew from the log: in a new store,
// after a crash amid a large operation, and where the rules have changed. What
// was kept for a quick undo goes: it is what older rules made.
func (s *Store) derive() error {
	txn := s.db.NewTransaction(false)
	defer txn.Discard()
	t := newTx(txn)
	fresh, err := replay(t, nil)
	if err != nil {
		return err
	}
	if err := fresh.compare(t, func(k string, _, want []byte) { t.set(k, want) }); err != nil {
		return err
	}
	t.each(key(keyBefore), false, func(k string, _ []byte) bool {
		t.dirty.Set(k, nil) // not del, which would hold all the old values
		return true
	})
	t.put(key(keyFormat), formatRec{format, rules})
	if t.err != nil {
		return t.err
	}
	err = s.db.Update(func(txn *badger.Txn) error { return txn.Set([]byte(key(keyPending)), []byte{}) })
	if err != nil {
		return err
	}
	return s.writeParts(t)
}
