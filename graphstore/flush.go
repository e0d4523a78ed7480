package graphstore

import (
	"errors"
	"fmt"
	"strings"

	"github.com/dgraph-io/badger/v4"
)

// flush writes all that a tx changed, or nothing.
func (s *Store) flush(t *tx, op Operation) error {
	err := s.writeAll(t)
	if errors.Is(err, badger.ErrTxnTooBig) {
		err = s.flushLarge(t, op)
	}
	if err != nil && strings.Contains(err.Error(), "no space left") { // Badger keeps no error value for it
		return errors.Join(ErrFull, err)
	}
	if err != nil {
		return fmt.Errorf("write to the store: %w", err)
	}
	return nil
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
// lets Open finish from the log what a crash left half written.
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
	return s.writeParts(t)
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
// after a crash amid a large operation, and where the rules have changed.
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
