package graphstore

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"unicode/utf8"
)

// problemsShown bounds the report on a broken store.
const problemsShown = 20

// Check reads the whole store and tests every promise: keys and records can be
// read, operations are numbered without gaps, facts have both ends and their
// evidence, spans lie inside their line, no fact is there twice, counts and
// marks are right, and every index says what the records say, no more and no
// less. The error names what is wrong and matches ErrDamaged.
func (s *Store) Check() error { return s.check(false) }

// CheckRebuild is Check, and then replays the log into fresh projections and
// compares them with the stored ones byte for byte.
func (s *Store) CheckRebuild() error { return s.check(true) }

func (s *Store) check(rebuild bool) error {
	c := checker{want: map[byte]int{}, have: map[byte]int{}, marks: map[Seq]string{}}
	err := s.view(func(t *tx) error {
		c.t = t
		c.all()
		if rebuild && len(c.problems) == 0 {
			c.rebuild()
		}
		return nil
	})
	if errors.Is(err, ErrDamaged) {
		return fmt.Errorf("check store %q: %w; %s", s.dir, err, wayBack)
	}
	if err != nil {
		return fmt.Errorf("check store %q: %w", s.dir, err)
	}
	if len(c.problems) > 0 {
		return fmt.Errorf("check store %q: %w:\n%w\n%s", s.dir, ErrDamaged, errors.Join(c.problems...), wayBack)
	}
	return nil
}

type checker struct {
	t        *tx
	problems []error
	want     map[byte]int // index entries that the records call for
	have     map[byte]int // index entries that are there
	marks    map[Seq]string
	last     Seq
	stats    Stats
}

func (c *checker) wrong(what string, args ...any) {
	if len(c.problems) < problemsShown {
		c.problems = append(c.problems, fmt.Errorf(what, args...))
	}
}

func (c *checker) all() {
	c.t.each("", false, func(k string, v []byte) bool {
		if _, _, err := parseKey([]byte(k)); err != nil {
			c.wrong("key: %w", err)
			return true
		}
		if layout[k[0]].index {
			c.have[k[0]]++
			return true
		}
		if err := c.record(k, v); err != nil {
			c.wrong("record %q: %w", k, err)
		}
		return c.t.err == nil
	})
	for _, prefix := range sortedKeys(layout) {
		if layout[prefix].index && c.have[prefix] != c.want[prefix] {
			c.wrong("index %q: %d entries, the records call for %d", prefix, c.have[prefix], c.want[prefix])
		}
	}
	for seq, m := range c.marks {
		if have, _ := load[string](c.t, key(keyMark, num(seq))); have != m {
			c.wrong("correction %d: marked %q, the log says %q", seq, have, m)
		}
	}
	if have, _ := load[Stats](c.t, key(keyStats)); have != c.stats {
		c.wrong("totals: %+v, counted %+v", have, c.stats)
	}
}

// entry expects one index entry.
func (c *checker) entry(k string, v []byte) {
	c.want[k[0]]++
	if have := c.t.get(k); have == nil || !bytes.Equal(have, v) {
		c.wrong("index %q: %q, the record calls for %q", k, have, v)
	}
}

func (c *checker) record(k string, v []byte) error {
	switch k[0] {
	case keyOp:
		return checkRecord(v, func(op Operation) { c.operation(k, op) })
	case keySession:
		return checkRecord(v, func(s sessionRec) { c.session(k, s) })
	case keyLine:
		return checkRecord(v, func(l Line) { c.line(k, l) })
	case keyNode:
		return checkRecord(v, func(n nodeRec) { c.node(k, n) })
	case keyEdge:
		return checkRecord(v, func(e edgeRec) { c.edge(k, e) })
	case keyEvidence:
		return checkRecord(v, func(ev evidenceRec) { c.evidence(k, ev) })
	case keyMark:
		if op, _ := load[Operation](c.t, key(keyOp, num(lastNum(k)))); op.Kind != KindCorrect {
			c.wrong("mark of %d: not a correction", lastNum(k))
		}
	case keyPending:
		c.wrong("a large operation is half written; close the store and open it again")
	}
	return nil
}

func checkRecord[T any](v []byte, check func(T)) error {
	var rec T
	if err := decode(v, &rec); err != nil {
		return err
	}
	check(rec)
	return nil
}

func (c *checker) operation(k string, op Operation) {
	if op.Seq != c.last+1 || uint64(op.Seq) != lastNum(k) {
		c.wrong("operation %d: follows %d", lastNum(k), c.last)
	}
	c.last = Seq(lastNum(k))
	if op.Kind == KindLine && op.Line == nil || op.Kind == KindCorrect && op.Correction == nil {
		c.wrong("operation %d: empty", op.Seq)
	}
	if (op.Kind == KindUndo || op.Kind == KindRedo) && c.marks[op.Target] == "" {
		c.wrong("operation %d: its correction %d is not in the log", op.Seq, op.Target)
	}
	remark(c.marks, op)
}

func (c *checker) session(k string, s sessionRec) {
	c.stats.Sessions++
	lines := len(c.t.scan(key(keyOfSession, num(s.ID))))
	if uint64(s.ID) != lastNum(k) || s.Lines != lines {
		c.wrong("session %d: id %d, %d lines, counted %d", lastNum(k), s.ID, s.Lines, lines)
	}
}

func (c *checker) line(k string, l Line) {
	c.stats.Lines++
	if !l.Learned {
		c.stats.Unlearned++
	}
	if uint64(l.ID) != lastNum(k) || !utf8.ValidString(l.Text) {
		c.wrong("line %d: id %d, or text that is not UTF-8", lastNum(k), l.ID)
	}
	if _, ok := c.t.session(l.Session); !ok {
		c.wrong("line %d: no session %d", l.ID, l.Session)
	}
	if op, _ := load[Operation](c.t, key(keyOp, num(l.ID))); op.Kind != KindLine {
		c.wrong("line %d: never heard", l.ID)
	}
	for _, k := range lineIndex(l) {
		c.entry(k, []byte{})
	}
}

func (c *checker) node(k string, n nodeRec) {
	if uint64(n.ID) != lastNum(k) || len(n.Names) == 0 || n.Names[0].Edge != 0 {
		c.wrong("node %d: id %d, or no name of its own", lastNum(k), n.ID)
		return
	}
	if n.Into == 0 {
		c.stats.Nodes++
	} else if _, ok := c.t.node(n.ID); !ok || n.Into == n.ID {
		c.wrong("node %d: merged into %d, which is not there", n.ID, n.Into)
	}
	if n.Type != userType && !slices.Contains(Types, n.Type) || (n.ID == UserNode) != (n.Type == userType) {
		c.wrong("node %d: type %q", n.ID, n.Type)
	}
	for k, rank := range n.index() {
		b, err := encode(rank)
		c.t.fail(err)
		c.entry(k, b)
	}
	facts := 0
	c.t.each(key(keyEnd, num(n.ID)), false, func(_ string, v []byte) bool { facts += int(v[0]); return true })
	if facts != n.Facts {
		c.wrong("node %d: %d facts, counted %d", n.ID, n.Facts, facts)
	}
	for _, name := range n.Names {
		if e, ok := c.t.edge(name.Edge); name.Edge != 0 && (!ok || e.Key.S != n.ID || e.Key.R != alsoCalled) {
			c.wrong("node %d: a name lent by fact %d, which does not", n.ID, name.Edge)
		}
	}
}

func (c *checker) edge(k string, e edgeRec) {
	c.stats.countEdge(e, 1)
	if uint64(e.ID) != lastNum(k) || e.Key != e.Key.canonical() || e.Key.S == e.Key.O || !slices.Contains(Relations, e.Key.R) {
		c.wrong("fact %d: id %d, relation %q from %d to %d", lastNum(k), e.ID, e.Key.R, e.Key.S, e.Key.O)
	}
	for _, id := range []NodeID{e.Key.S, e.Key.O} {
		if n, ok := load[nodeRec](c.t, key(keyNode, num(id))); !ok || n.Into != 0 {
			c.wrong("fact %d: no node %d at its end", e.ID, id)
		}
	}
	for _, k := range append([]factKey{e.Key}, e.Also...) {
		c.want[keyFact]++
		if other, ok := c.t.find(k); !ok || other.ID != e.ID {
			c.wrong("fact %d: there twice, as %d, or not found by its key", e.ID, other.ID)
		}
	}
	for k, v := range e.index() {
		c.entry(k, v)
	}
	all := c.t.evidence(e.ID)
	again := e
	again.hearAll(all)
	if e.Count != len(all) || again.Doubt != e.Doubt || again.Needed != e.Needed || again.LastLine != e.LastLine || !again.First.Equal(e.First) {
		c.wrong("fact %d: told %d times, evidence of %d", e.ID, e.Count, len(all))
	}
	if e.Count == 0 && e.Author != Person {
		c.wrong("fact %d: nobody told it", e.ID)
	}
	other, ok := c.t.find(e.Key.opposite())
	r := against(e, other, ok && other.Key == e.Key.opposite())
	if r.retiredBy != e.RetiredBy || r.against != e.Against || !r.ended.Equal(e.Ended) {
		c.wrong("fact %d: retired by %d, against %d; should be %d, %d", e.ID, e.RetiredBy, e.Against, r.retiredBy, r.against)
	}
}

func (c *checker) evidence(k string, ev evidenceRec) {
	if ev.key() != k {
		c.wrong("evidence %q: of fact %d, line %d", k, ev.Edge, ev.Line)
	}
	if _, ok := c.t.edge(ev.Edge); !ok {
		c.wrong("evidence of fact %d: there is no such fact", ev.Edge)
	}
	l, ok := c.t.line(ev.Line)
	if !ok || l.Session != ev.Session || !l.At.Equal(ev.At) {
		c.wrong("evidence of fact %d: line %d is not there, or of another session or time", ev.Edge, ev.Line)
	}
	if length := utf8.RuneCountInString(l.Text); l.Rev == ev.Rev && (ev.From < 0 || ev.To < ev.From || ev.To > length) {
		c.wrong("evidence of fact %d: %d to %d of line %d, which has %d", ev.Edge, ev.From, ev.To, ev.Line, length)
	}
	if l.Rev != ev.Rev && l.Learned {
		c.wrong("evidence of fact %d: from an older text of line %d", ev.Edge, ev.Line)
	}
	for _, k := range ev.index() {
		c.entry(k, []byte{})
	}
}

// rebuild replays the log and compares.
func (c *checker) rebuild() {
	fresh, err := replay(c.t, nil)
	if err == nil {
		err = fresh.compare(c.t, func(k string, have, want []byte) {
			c.wrong("record %q: %q, a replay of the log gives %q", k, have, want)
		})
	}
	if err != nil {
		c.wrong("%w", err)
	}
}
