package graphstore

import (
	"errors"
	"fmt"
	"time"
)

// errNothing ends an operation that would change nothing: none is logged.
var errNothing = errors.New("nothing to do")

// commit runs one operation: prepare checks it against the store as it stands,
// project derives, and log entry and projections are written together.
func (s *Store) commit(op Operation, prepare func(*tx, *Operation) error) (Change, Seq, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return Change{}, 0, ErrClosed
	}
	if err := s.room(); err != nil {
		return Change{}, 0, err
	}
	if err := s.mend(); err != nil {
		return Change{}, 0, err
	}
	txn := s.db.NewTransaction(false)
	defer txn.Discard()
	t := newTx(txn)
	op.Seq, op.At = s.seq+1, stamp(op.At)
	t.seq = op.Seq
	err := prepare(t, &op)
	if err == nil && t.err == nil {
		err = t.project(op)
	}
	if err == nil {
		err = t.err
	}
	if errors.Is(err, errNothing) {
		return Change{Seq: s.seq}, 0, nil
	}
	if err != nil {
		return Change{}, 0, err
	}
	t.count()
	change := t.change(op.Seq)
	t.keepBefore(op)
	t.put(key(keyOp, num(op.Seq)), op)
	if t.err != nil {
		return Change{}, 0, t.err
	}
	if err := s.flush(t, op); err != nil {
		return Change{}, 0, err
	}
	s.seq = op.Seq
	return change, op.Seq, nil
}

// stamp is a time as the log keeps it: in UTC and without a monotonic part.
func stamp(t time.Time) time.Time { return t.Round(0).UTC() }

// project derives everything from one operation. It reads no clock and no
// state but t, so the log alone gives the same bytes again.
func (t *tx) project(op Operation) error {
	t.seq, t.madeNodes, t.madeEdges = op.Seq, 0, 0
	switch op.Kind {
	case KindSession:
		t.put(key(keySession, num(op.Seq)), sessionRec{ID: SessionID(op.Seq), Began: op.At})
	case KindSessionEnd:
		if rec, ok := t.session(op.Session); ok {
			rec.Ended = op.At
			t.put(key(keySession, num(op.Session)), rec)
		}
	case KindLine:
		t.hear(op)
	case KindExtract:
		t.extract(op)
	case KindCorrect:
		if err := t.correct(op); err != nil {
			return err
		}
		if t.err == nil && t.base != nil && t.dirty.Len() == 0 {
			return errNothing
		}
		if t.base != nil { // a replay sets the marks at its end
			t.passOver()
			t.mark(op.Seq, done)
		}
	case KindUndo, KindRedo:
		if t.base != nil { // a replay knows beforehand what is undone
			return t.rewind(op)
		}
	default:
		return fmt.Errorf("operation %d of unknown kind %q: %w", op.Seq, op.Kind, ErrDamaged)
	}
	return t.err
}

func (t *tx) hear(op Operation) {
	l := *op.Line
	l.ID, l.Rev, l.Learned = LineID(op.Seq), 0, false
	t.saveLine(l)
	if rec, ok := t.session(l.Session); ok {
		rec.Lines++
		t.put(key(keySession, num(l.Session)), rec)
	}
}

// count keeps the totals in step with what the operation wrote.
func (t *tx) count() {
	stats, _ := load[Stats](t, key(keyStats))
	for k, old := range t.old {
		now, _ := t.dirty.Get(k)
		t.countOne(&stats, k[0], old, -1)
		t.countOne(&stats, k[0], now, 1)
	}
	t.put(key(keyStats), stats)
}

func (t *tx) countOne(stats *Stats, prefix byte, val []byte, by int) {
	if val == nil {
		return
	}
	switch prefix {
	case keySession:
		stats.Sessions += by
	case keyLine:
		stats.Lines += by
	case keyUnlearned:
		stats.Unlearned += by
	case keyNode:
		var n nodeRec
		t.fail(decode(val, &n))
		if n.Into == 0 {
			stats.Nodes += by
		}
	case keyEdge:
		var e edgeRec
		t.fail(decode(val, &e))
		stats.countEdge(e, by)
	}
}

func (s *Stats) countEdge(e edgeRec, by int) {
	s.Facts += by
	if e.Verdict == confirmed {
		s.Confirmed += by
	}
	switch e.state() {
	case Believed:
		s.Believed += by
	case Doubtful:
		s.Doubtful += by
	case Rejected:
		s.Rejected += by
	case Retired:
		s.Retired += by
	}
}

// change lists what a screen must redraw after what t wrote.
func (t *tx) change(seq Seq) Change {
	c := Change{Seq: seq}
	touched := map[NodeID]bool{}
	quoted := map[EdgeID]bool{} // whose evidence reads otherwise now
	t.dirty.Scan(func(k string, v []byte) bool {
		switch k[0] {
		case keyEdge:
			t.changeEdge(&c, touched, k, v)
		case keyEvidence:
			quoted[EdgeID(lastNum(k[:len(k)-8]))] = true
		case keyNode:
			touched[NodeID(lastNum(k))] = true
		case keyLine:
			if v != nil {
				c.Lines = append(c.Lines, LineID(lastNum(k)))
				t.requoted(quoted, k, v)
			}
		}
		return true
	})
	t.changeQuotes(&c, quoted)
	for _, id := range sortedKeys(touched) {
		n, ok := load[nodeRec](t, key(keyNode, num(id)))
		if !ok || n.Into != 0 {
			c.GoneNodes = append(c.GoneNodes, id)
			continue
		}
		c.Nodes = append(c.Nodes, t.publicNode(n))
	}
	return c
}

// requoted adds the facts of a line whose words are others now.
func (t *tx) requoted(quoted map[EdgeID]bool, k string, v []byte) {
	var was, is Line
	if t.old[k] != nil {
		t.fail(decode(t.old[k], &was))
	}
	t.fail(decode(v, &is))
	if was.Text == is.Text {
		return
	}
	for _, p := range t.scan(key(keyOfLine, num(is.ID))) {
		quoted[EdgeID(lastNum(p.key))] = true
	}
}

// changeQuotes adds facts that did not change themselves, but the sentences
// shown with them did.
func (t *tx) changeQuotes(c *Change, quoted map[EdgeID]bool) {
	for _, e := range c.Edges {
		delete(quoted, e.ID)
	}
	for _, id := range sortedKeys(quoted) {
		if e, ok := t.edge(id); ok {
			c.Edges = append(c.Edges, e.edge())
		}
	}
}

func (t *tx) changeEdge(c *Change, touched map[NodeID]bool, k string, v []byte) {
	for _, b := range [][]byte{t.old[k], v} {
		if b != nil {
			var e edgeRec
			t.fail(decode(b, &e))
			touched[e.Key.S], touched[e.Key.O] = true, true
		}
	}
	id := EdgeID(lastNum(k))
	if v == nil {
		c.GoneEdges = append(c.GoneEdges, id)
		return
	}
	e, _ := t.edge(id)
	c.Edges = append(c.Edges, e.edge())
}

// NewSession begins a session. A zero time means now.
func (s *Store) NewSession(at time.Time) (Session, error) {
	if at.IsZero() {
		at = s.now()
	}
	op := Operation{At: at, Author: Model, Kind: KindSession}
	_, seq, err := s.commit(op, func(_ *tx, op *Operation) error { return checkTime(op.At) })
	return Session{ID: SessionID(seq), Began: stamp(at)}, err
}

// EndSession ends a session. A session that has ended stays as it is.
func (s *Store) EndSession(id SessionID, at time.Time) error {
	if at.IsZero() {
		at = s.now()
	}
	op := Operation{At: at, Author: Model, Kind: KindSessionEnd, Session: id}
	_, _, err := s.commit(op, func(t *tx, op *Operation) error {
		rec, ok := t.session(id)
		if !ok {
			return fmt.Errorf("session %d: %w", id, ErrNotFound)
		}
		if !rec.Ended.IsZero() {
			return errNothing
		}
		return checkTime(op.At)
	})
	return err
}

// AddLine stores a line and gives it its id. When it returns, the line
// survives a crash and waits in Unlearned.
func (s *Store) AddLine(l Line) (Line, error) {
	if l.At.IsZero() {
		l.At = s.now()
	}
	l.At, l.Text, l.ID, l.Learned, l.Rev = stamp(l.At), clean(l.Text), 0, false, 0
	op := Operation{At: l.At, Author: Model, Kind: KindLine, Line: &l}
	_, seq, err := s.commit(op, func(t *tx, _ *Operation) error {
		if _, ok := t.session(l.Session); !ok {
			return fmt.Errorf("add a line to session %d: %w", l.Session, ErrNotFound)
		}
		if len(l.Text) > maxText {
			return fmt.Errorf("a line of %d bytes, at most %d: %w", len(l.Text), maxText, ErrInvalid)
		}
		if l.End < l.Start {
			return fmt.Errorf("a line that ends before it starts: %w", ErrInvalid)
		}
		return checkTime(l.At)
	})
	if err != nil {
		return Line{}, err
	}
	l.ID = LineID(seq)
	return l, nil
}

// checkTime refuses times that cannot be written down.
func checkTime(at time.Time) error {
	if y := at.Year(); y < 1 || y > 9999 {
		return fmt.Errorf("a time in the year %d: %w", y, ErrInvalid)
	}
	return nil
}
