// Package graphstore keeps what was said and what is known.
package graphstore

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/dgraph-io/badger/v4"
	"github.com/dgraph-io/badger/v4/options"
)

// Threshold is the confidence from which a fact is believed.
const Threshold = 0.6

// format is the version of keys and records. A store with a higher one is refused.
const format = 1

// Errors that a caller may branch on.
var (
	ErrInUse    = errors.New("the store is in use by another HotMem; close that one, or choose another directory with --data")
	ErrNewer    = errors.New("the store was written by a newer HotMem; update this program to open it")
	ErrDamaged  = errors.New("the store is damaged")
	ErrKey      = errors.New("the store cannot be read with this key; give the key it was made with, or put back a copy from a backup")
	ErrFull     = errors.New("the disk is full; nothing was written, make room and go on")
	ErrNotFound = errors.New("not in the store")
	ErrInvalid  = errors.New("not valid")
	ErrStale    = errors.New("the line was edited meanwhile; extract it again")
	ErrClosed   = errors.New("the store is closed")
)

// Options choose how a store is opened. The zero value is a plain store on disk.
type Options struct {
	InMemory bool             // nothing on disk: for tests, and gone with Close
	Key      []byte           // 16, 24 or 32 bytes encrypt the store (AES); empty: plain
	Now      func() time.Time // clock for operations that carry no time; nil: time.Now
}

// Store is the memory. Its methods may be called from any goroutine.
type Store struct {
	db  *badger.DB
	dir string
	now func() time.Time

	mu     sync.Mutex   // held by the one writer
	torn   sync.RWMutex // held against readers while a large operation is written in parts
	seq    Seq          // of the last operation
	closed bool
}

// Open opens the store in dir, or makes one there.
func Open(dir string, opt Options) (*Store, error) {
	s := &Store{dir: dir, now: opt.Now}
	if s.now == nil {
		s.now = time.Now
	}
	switch len(opt.Key) {
	case 0, 16, 24, 32:
	default:
		return nil, fmt.Errorf("open store %q: a key of %d bytes, not 16, 24 or 32: %w", dir, len(opt.Key), ErrKey)
	}
	if !opt.InMemory {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, fmt.Errorf("make the store's directory: %w", err)
		}
		if err := s.room(); err != nil {
			return nil, fmt.Errorf("open store %q: %w", dir, err)
		}
	}
	db, err := openBadger(badgerOptions(dir, opt))
	if err != nil {
		return nil, openError(dir, err)
	}
	s.db = db
	if err := s.begin(); err != nil {
		return nil, errors.Join(openError(dir, err), db.Close())
	}
	return s, nil
}

// badgerOptions keep the store small in memory: a desktop writes a few facts a
// second. Two 8 MB memtables are the smallest that still take a line of 64 kB
// and a merge of a thousand facts in one transaction.
func badgerOptions(dir string, opt Options) badger.Options {
	if opt.InMemory {
		dir = ""
	}
	o := badger.DefaultOptions(dir).
		WithInMemory(opt.InMemory).
		WithLogger(nil). // Badger would log keys, and keys hold names
		WithSyncWrites(true).
		WithDetectConflicts(false). // one writer, behind a mutex
		WithMetricsEnabled(false).
		WithNumGoroutines(2).
		WithMemTableSize(8 << 20).
		WithNumMemtables(2).
		WithNumLevelZeroTables(2).
		WithNumLevelZeroTablesStall(6).
		WithNumCompactors(2).
		WithBaseTableSize(4 << 20).
		WithBlockCacheSize(8 << 20).
		WithIndexCacheSize(4 << 20).
		WithValueLogFileSize(16 << 20).
		WithCompression(options.Snappy).
		WithChecksumVerificationMode(options.OnBlockRead)
	if len(opt.Key) > 0 {
		o = o.WithEncryptionKey(opt.Key)
	}
	return o
}

// openBadger turns Badger's panics on damaged files into errors.
func openBadger(o badger.Options) (db *badger.DB, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("badger: %v", p)
		}
	}()
	if err := checkTables(o.Dir); err != nil && !o.InMemory {
		return nil, err
	}
	return badger.Open(o)
}

// openError says what a failed Open means and what to do next.
func openError(dir string, err error) error {
	switch {
	case strings.Contains(err.Error(), "directory lock"): // Badger keeps no error value for it
		return fmt.Errorf("open store %q: %w", dir, ErrInUse)
	case errors.Is(err, badger.ErrEncryptionKeyMismatch), errors.Is(err, badger.ErrInvalidEncryptionKey):
		return fmt.Errorf("open store %q: %w", dir, ErrKey)
	case errors.Is(err, ErrNewer), errors.Is(err, ErrFull), errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("open store %q: %w", dir, err)
	}
	return fmt.Errorf("open store %q: %w (%v); %s", dir, ErrDamaged, err, wayBack)
}

// wayBack is what a person can do about a damaged store.
const wayBack = "move the directory aside, then put back a copy from a backup or import your last export into a new store"

// begin reads the format and the last operation, and writes both into a new store.
func (s *Store) begin() error {
	var have struct{ Format int }
	err := s.db.View(func(txn *badger.Txn) error {
		t := newTx(txn)
		have, _ = load[struct{ Format int }](t, key(keyFormat))
		t.each(key(keyOp), true, func(k string, _ []byte) bool {
			s.seq = Seq(lastNum(k))
			return false
		})
		return t.err
	})
	switch {
	case err != nil:
		return err
	case have.Format > format:
		return fmt.Errorf("format %d, this program reads up to %d: %w", have.Format, format, ErrNewer)
	case have.Format == 0 && s.seq > 0:
		return fmt.Errorf("no format record: %w", ErrDamaged)
	case have.Format == 0:
		b, err := encode(struct{ Format int }{format})
		if err != nil {
			return err
		}
		return s.db.Update(func(txn *badger.Txn) error { return txn.Set([]byte(key(keyFormat)), b) })
	}
	return s.mend()
}

// Close ends the store. A second Close does nothing.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	if err := s.db.Close(); err != nil {
		return fmt.Errorf("close store %q: %w", s.dir, err)
	}
	return nil
}

// view runs a read on one consistent picture of the store.
func (s *Store) view(read func(t *tx) error) error {
	if s.db.IsClosed() {
		return ErrClosed
	}
	s.torn.RLock()
	defer s.torn.RUnlock()
	txn := s.db.NewTransaction(false)
	defer txn.Discard()
	t := newTx(txn)
	if err := read(t); err != nil {
		return err
	}
	return t.err
}

// finite keeps a confidence between 0 and 1, whatever a model says.
func finite(c float32) float32 {
	if c > 0 && !math.IsNaN(float64(c)) {
		return min(c, 1)
	}
	return 0
}
