package graphstore

import (
	"fmt"
	"slices"
	"strings"
)

// Correct changes something by hand. It is one operation and one transaction;
// what would change nothing is not logged and gives an empty Change.
func (s *Store) Correct(c Correction) (Change, error) {
	op := Operation{At: s.now(), Author: Person, Kind: KindCorrect}
	change, _, err := s.commit(op, func(_ *tx, op *Operation) error {
		var err error
		c, err = cleanCorrection(c)
		op.Correction = &c
		return err
	})
	if err != nil {
		return Change{}, fmt.Errorf("correct (%s): %w", c.Op, err)
	}
	return change, nil
}

// cleanCorrection checks what can be checked without the store.
func cleanCorrection(c Correction) (Correction, error) {
	c.Text, c.When = strings.TrimSpace(clean(c.Text)), strings.TrimSpace(clean(c.When))
	if len(c.Text) > maxText || len(c.When) > maxText {
		return c, fmt.Errorf("text too long: %w", ErrInvalid)
	}
	var err error
	switch c.Op {
	case RenameNode:
		if c.Text == "" {
			err = fmt.Errorf("empty name: %w", ErrInvalid)
		}
	case RetypeNode:
		if !slices.Contains(Types, c.Type) {
			err = fmt.Errorf("type %q: %w", c.Type, ErrInvalid)
		}
	case ChangeRelation:
		c.Predicate, err = cleanRelation(c.Relation, c.Predicate)
	case SetStatus:
		err = checkStatus(c.Status)
	case ChangeSubject:
		c.Subject, err = cleanEnd(c.Into, c.Subject)
	case ChangeObject:
		c.Object, err = cleanEnd(c.Into, c.Object)
	case AddFact:
		c, err = cleanFact(c)
	case MergeNodes, SetNegated, SetWhen, RejectFact, ConfirmFact, EditLine:
	default:
		err = fmt.Errorf("unknown correction: %w", ErrInvalid)
	}
	return c, err
}

func cleanEnd(id NodeID, m Term) (Term, error) {
	if id != 0 {
		return Term{}, nil
	}
	return cleanTerm(m)
}

func checkStatus(status string) error {
	if !slices.Contains(Statuses, status) {
		return fmt.Errorf("status %q: %w", status, ErrInvalid)
	}
	return nil
}

func cleanFact(c Correction) (Correction, error) {
	var err error
	if c.Subject, err = cleanTerm(c.Subject); err != nil {
		return c, fmt.Errorf("subject: %w", err)
	}
	if c.Object, err = cleanTerm(c.Object); err != nil {
		return c, fmt.Errorf("object: %w", err)
	}
	if c.Status == "" {
		c.Status = Statuses[0]
	}
	if err := checkStatus(c.Status); err != nil {
		return c, err
	}
	c.Predicate, err = cleanRelation(c.Relation, c.Predicate)
	return c, err
}

// correct projects a correction.
func (t *tx) correct(op Operation) error {
	c := *op.Correction
	switch c.Op {
	case RenameNode, RetypeNode:
		return t.correctNode(c)
	case MergeNodes:
		return t.merge(c.Node, c.Into)
	case EditLine:
		return t.editLine(c)
	case AddFact:
		return t.addFact(op)
	}
	e, ok := t.edge(c.Edge)
	if !ok {
		return fmt.Errorf("fact %d: %w", c.Edge, ErrNotFound)
	}
	was := e
	k, err := t.judge(&e, c)
	if err != nil {
		return err
	}
	if k.S == k.O {
		return fmt.Errorf("a fact between a node and itself: %w", ErrInvalid)
	}
	if k == was.Key && !e.differs(was) {
		return nil
	}
	e.Decided, e.DecidedAt, e.Author = t.seq, op.At, Person
	t.move(e, k)
	return nil
}

// differs reports whether a person's word on a fact is another one now.
func (e edgeRec) differs(was edgeRec) bool {
	sameWhen := e.FixedWhen == was.FixedWhen ||
		e.FixedWhen != nil && was.FixedWhen != nil && *e.FixedWhen == *was.FixedWhen
	return e.Verdict != was.Verdict || e.FixedStatus != was.FixedStatus || !sameWhen
}

// judge writes a person's word into a fact and returns the key it has then.
// Whoever changes a fact says that it is true as changed.
func (t *tx) judge(e *edgeRec, c Correction) (factKey, error) {
	k := e.Key
	e.Verdict = confirmed
	switch c.Op {
	case RejectFact:
		e.Verdict = rejected
	case ConfirmFact:
	case SetStatus:
		e.FixedStatus = c.Status
	case SetWhen:
		e.FixedWhen = &c.When
	case SetNegated:
		k.N = c.Negated
	case ChangeRelation:
		k.R, k.P = c.Relation, c.Predicate
	case ChangeSubject, ChangeObject:
		m := c.Subject
		if c.Op == ChangeObject {
			m = c.Object
		}
		n, err := t.end(c.Into, m)
		if err != nil {
			return k, err
		}
		if c.Op == ChangeSubject {
			k.S = n.ID
		} else {
			k.O = n.ID
		}
	}
	return k.canonical(), nil
}

// end is the node that a person names, by id or as speech would.
func (t *tx) end(id NodeID, m Term) (nodeRec, error) {
	if id == 0 {
		return t.byHand(t.resolve(m), m), nil
	}
	n, ok := t.node(id)
	if !ok {
		return n, fmt.Errorf("node %d: %w", id, ErrNotFound)
	}
	return n, nil
}

// byHand marks a node that a person spoke of. A type that a person gave is as
// fixed as a name: without this, the next telling would find a closer one.
func (t *tx) byHand(n nodeRec, m Term) nodeRec {
	n, _ = t.node(n.ID) // as it is by now
	n.Touched, n.Typed = true, n.Typed || n.Type == m.Type && n.ID != UserNode
	t.saveNode(n)
	return n
}

// move saves a fact under a key that a person gave it. The key that lines told
// stays with it, so that the same claim, heard again, means the corrected fact.
func (t *tx) move(e edgeRec, k factKey) {
	old := e.Key
	if k != old {
		if e.Heard && !slices.Contains(e.Also, old) {
			e.Also = append(slices.Clone(e.Also), old)
		}
		e.Heard = slices.Contains(e.Also, k)
		e.Key = k
	}
	t.takeKey(e)
	if k != old {
		t.settle(old)
	}
	t.settle(k)
}

// takeKey saves a fact under its key. A fact that is there already takes it in;
// a fact that was only once called so gives the key away.
func (t *tx) takeKey(e edgeRec) {
	other, ok := t.find(e.Key)
	switch {
	case ok && other.ID != e.ID && other.Key == e.Key:
		t.combine(e, other)
		return
	case ok && other.ID != e.ID:
		other.Also = slices.DeleteFunc(slices.Clone(other.Also), func(k factKey) bool { return k == e.Key })
		t.saveEdge(other)
	}
	t.saveEdge(e)
}

// combine makes two facts one: into keeps its id, the evidence is joined, and
// of two decisions the later counts.
func (t *tx) combine(from, into edgeRec) {
	all := t.evidence(from.ID)
	also := from.Also
	t.deleteEdge(from.ID)
	into, _ = t.edge(into.ID) // as it is without its rival
	for _, ev := range all {
		ev.Edge = into.ID
		if old, ok := load[evidenceRec](t, ev.key()); !ok || old.Confidence < ev.Confidence {
			t.saveEvidence(ev)
		}
	}
	into.hearAll(t.evidence(into.ID))
	into.Heard = into.Heard || from.Heard
	into.Also = append(slices.Clone(into.Also), also...)
	if from.Author == Person {
		into.Author = Person
	}
	later := from.Decided > into.Decided
	if later {
		into.Verdict, into.Decided, into.DecidedAt = from.Verdict, from.Decided, from.DecidedAt
	}
	if from.FixedStatus != "" && (later || into.FixedStatus == "") {
		into.FixedStatus = from.FixedStatus
	}
	if from.FixedWhen != nil && (later || into.FixedWhen == nil) {
		into.FixedWhen = from.FixedWhen
	}
	if from.Added > into.Added {
		into.Added, into.AddedAt, into.AddedIn = from.Added, from.AddedAt, from.AddedIn
	}
	t.saveEdge(into)
}

// addFact puts in what a person says by hand.
func (t *tx) addFact(op Operation) error {
	c := *op.Correction
	s, o := t.ends(c.Subject, c.Relation, c.Object)
	if s.ID == o.ID {
		return fmt.Errorf("a fact between a node and itself: %w", ErrInvalid)
	}
	if _, ok := t.session(c.Session); c.Session != 0 && !ok {
		return fmt.Errorf("session %d: %w", c.Session, ErrNotFound)
	}
	t.byHand(s, c.Subject)
	t.byHand(o, c.Object)
	k := factKey{S: s.ID, R: c.Relation, P: c.Predicate, O: o.ID, N: c.Negated}.canonical()
	e, ok := t.find(k)
	if !ok || e.Key != k {
		e = edgeRec{ID: t.newEdge(), Key: k, Doubt: 1, Added: t.seq, AddedAt: op.At, AddedIn: c.Session}
	}
	if e.FixedStatus = c.Status; c.When != "" {
		e.FixedWhen = &c.When
	}
	e.Verdict, e.Decided, e.DecidedAt, e.Author = confirmed, t.seq, op.At, Person
	t.takeKey(e)
	t.settle(k)
	return nil
}

// editLine gives a line other words; it waits for extraction again. What the
// old words told stays until then, so that facts which both tell keep their id.
func (t *tx) editLine(c Correction) error {
	l, ok := t.line(c.Line)
	if !ok {
		return fmt.Errorf("line %d: %w", c.Line, ErrNotFound)
	}
	if l.Text == c.Text {
		return nil
	}
	l.Text, l.Words, l.Rev, l.Learned = c.Text, nil, t.seq, false
	t.saveLine(l)
	return nil
}
