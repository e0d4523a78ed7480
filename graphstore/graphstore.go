// Package graphstore keeps what was said and what is known from it.
//
// # What goes in, what comes out
//
// [Store.NewSession] begins a stretch of listening, [Store.AddLine] stores one
// final utterance, [Store.Apply] stores the claims that were extracted from it.
// [Store.Correct], [Store.Undo] and [Store.Redo] are what a person does by hand.
// Each returns a [Change]: what a screen must redraw. [Store.Facts],
// [Store.Snapshot], [Store.Known] and their like read; [Store.Export] writes
// everything as one JSON document.
//
// # Promises
//
// Nothing said is lost. A line is on disk when AddLine returns, before anything
// is made of it; a line that no extraction has marked is given by
// [Store.Unlearned], so that a crash anywhere costs nothing. Every write is
// synced. Each operation is one transaction: it happens wholly or not at all.
//
// Operations are the truth. The log of operations is only appended to; nodes,
// facts, evidence, names and all indexes are derived from it, in the same
// transaction, without a look at a clock or at anything outside. [Store.CheckRebuild]
// replays the log and compares byte for byte. Ids come from the log too, and
// no id is used twice.
//
// The human wins. What lines tell and what a person decided are kept in
// separate fields of a fact, and the person's are shown. No telling moves an
// end, a relation, a sense or a verdict that a person set: a rejected fact told
// again stays rejected (its count grows); a claim whose fact was changed means
// the changed fact; a renamed node keeps its name and is found by the old one
// too. Whoever changes a fact in any way also confirms it as changed.
//
// Undo goes to any depth, newest correction first, and leaves the store as if
// the correction had never been made, whatever was heard since.
//
// # Facts
//
// A fact is a subject, a relation (with a predicate where it is "open"), an
// object, and whether it is negated; that is its identity. Status, time and
// confidence belong to its tellings. The same fact told again adds evidence and
// never a second edge; status is that of the latest telling, time the latest one
// named. A line counts once for a fact, with the surest of its claims. Symmetric
// relations are stored in one direction, the older node first. A claim of a node
// about itself tells nothing and is left in the log alone.
//
// Confidence is 1 - ∏(1 - min(c, 0.95)) over the tellings, at most 0.99, as if
// each were an independent witness; 1 when a person confirmed it.
//
// States: [Rejected] if a person said no; else [Believed] when confirmed or from
// the confidence on that a claim of it needs (its Needed, the least of them; else
// [Threshold]); else [Doubtful]. Of a believable fact and its plain negation
// the later telling is believed and the other is [Retired]; one that a person
// confirmed is never retired by a telling, the telling is doubted instead; what
// one line tells both ways is doubted both ways.
//
// Every fact belongs to the session graph of each session that told it. It is
// in the memory graph exactly while it is believed.
//
// # Nodes
//
// A mention means the node of the same normalised name (NFKC, lower case,
// without article, possessive, final 's and outer punctuation) and of the same
// type, or else of a type that is often mixed up with it. Of several the one
// named by hand, then the one named last. USER is one node. An also_called fact,
// while it is believed, lends its object's name to its subject: after "my sister
// is called Marta", Marta means the sister. The object stays as a leaf that only
// carries the name. When both names already were nodes with facts of their own,
// they are not merged: a person may do that.
//
// # Trouble
//
// A store is for one process ([ErrInUse]). A damaged, newer, or wrongly keyed
// one is not opened, and the error says what to do. When less than 48 MB are
// left on the disk, writes give [ErrFull] and reads go on: Badger's mapped files
// could not report it later. A damage to the very end of Badger's write-ahead
// log cannot be told from a write that was never finished, and is cut off.
// [ErrDamaged] is for checksums and formats alone: what the system refuses, such
// as a missing permission, comes as the system's own error.
//
// Where a large change could neither be written to its end nor be taken from the
// log again, reads give [ErrHalf] until a write succeeds or the store is opened anew.
//
// # Deliberately absent
//
// No model, no web, no logging: Badger's logger is off because its keys hold
// names. No resolution of time words into dates (Edge.ValidFrom, ValidTo and
// Grain are kept for it), no retirement but by plain negation, no import, no
// erasure, no search but a walk with [Filter].Text, no splitting of nodes.
package graphstore

import (
	"errors"
	"fmt"
	"math"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/dgraph-io/badger/v4"
	"github.com/dgraph-io/badger/v4/options"
)

// Threshold is the confidence from which a fact is believed whose claims name none of their own.
const Threshold = 0.6

// format is the version of keys and records; a store with a higher one is
// refused. rules is the version of what is derived from the log (Threshold
// included); a store with another one is derived anew when it is opened. Raise
// it with every change that makes a replay give other bytes.
const (
	format = 1
	rules  = 3
)

type formatRec struct {
	Format int `json:"format"`
	Rules  int `json:"rules"`
}

// Errors that a caller may branch on.
var (
	ErrInUse    = errors.New("the store is in use by another HotMem; close that one, or choose another directory with --data")
	ErrNewer    = errors.New("the store was written by a newer HotMem; update this program to open it")
	ErrDamaged  = errors.New("the store is damaged")
	ErrKey      = errors.New("the store cannot be read with this key; give the key it was made with, or put back a copy from a backup")
	ErrFull     = errors.New("the disk is full; make room and go on")
	ErrHalf     = errors.New("a large change is written in part; the next write finishes it, and so does closing and opening the store")
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
	torn   sync.RWMutex // held against readers while a large operation is written in parts, and to close
	seq    Seq          // of the last operation
	half   bool         // a large operation is in the log, and not wholly in what is derived from it; written under both locks
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
	if !o.InMemory {
		if err := checkTables(o); err != nil {
			return nil, err
		}
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
	case errors.Is(err, ErrNewer):
		return fmt.Errorf("open store %q: %w", dir, err)
	}
	if system := systemError(err); system != nil {
		return fmt.Errorf("open store %q: %w; see to that and open it again, nothing says that the store is damaged", dir, system)
	}
	return fmt.Errorf("open store %q: %w (%v); %s", dir, ErrDamaged, err, wayBack)
}

// wayBack is what a person can do about a damaged store.
const wayBack = "move the directory aside, then put back a copy from a backup or import your last export into a new store"

// begin reads the format and the last operation, and finishes or renews what
// is derived where that is needed.
func (s *Store) begin() error {
	var have formatRec
	torn := false
	err := s.view(func(t *tx) error {
		have, _ = load[formatRec](t, key(keyFormat))
		torn = t.get(key(keyPending)) != nil
		t.each(key(keyOp), true, func(k string, _ []byte) bool {
			s.seq = Seq(lastNum(k))
			return false
		})
		return nil
	})
	switch {
	case err != nil:
		return err
	case have.Format > format:
		return fmt.Errorf("format %d, this program reads up to %d: %w", have.Format, format, ErrNewer)
	case have.Format == 0 && s.seq > 0:
		return fmt.Errorf("no format record: %w", ErrDamaged)
	case torn || have != formatRec{format, rules}:
		return s.derive()
	}
	return nil
}

// Close ends the store. A second Close does nothing.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.torn.Lock() // Badger panics when it is closed under a reader
	defer s.torn.Unlock()
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
	s.torn.RLock()
	defer s.torn.RUnlock()
	switch {
	case s.closed:
		return ErrClosed
	case s.half:
		return ErrHalf
	}
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
