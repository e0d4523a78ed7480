package graphstore

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// maxClaims bounds what one line can tell, so that ids made by one operation
// never run into those of the next.
const maxClaims = 400

// maxText bounds a line, a name and a predicate in bytes: one transaction must hold them.
const maxText = 64 << 10

// Apply stores what was extracted from a line and marks it learned, in one
// transaction. A learned line is left as it is, so Apply may be repeated.
func (s *Store) Apply(line LineID, claims []Claim) (Change, error) {
	return s.apply(line, nil, claims)
}

// Learn is Apply for one who read the line a while ago: if its text was edited
// meanwhile, nothing is stored and the error is ErrStale.
func (s *Store) Learn(line Line, claims []Claim) (Change, error) {
	return s.apply(line.ID, &line.Rev, claims)
}

func (s *Store) apply(id LineID, rev *Seq, claims []Claim) (Change, error) {
	op := Operation{At: s.now(), Author: Model, Kind: KindExtract, Learned: id}
	change, _, err := s.commit(op, func(t *tx, op *Operation) error {
		line, ok := t.line(id)
		switch {
		case !ok:
			return fmt.Errorf("apply to line %d: %w", id, ErrNotFound)
		case rev != nil && *rev != line.Rev:
			return fmt.Errorf("apply to line %d: %w", id, ErrStale)
		case line.Learned:
			return errNothing
		}
		op.Rev = line.Rev
		var err error
		op.Claims, err = cleanClaims(line, claims)
		return err
	})
	return change, err
}

// cleanClaims checks claims against the line and brings them into stored form.
func cleanClaims(line Line, claims []Claim) ([]Claim, error) {
	if len(claims) > maxClaims {
		return nil, fmt.Errorf("line %d: %d claims, at most %d: %w", line.ID, len(claims), maxClaims, ErrInvalid)
	}
	length := utf8.RuneCountInString(line.Text)
	out := make([]Claim, 0, len(claims))
	for i, c := range claims {
		c, err := cleanClaim(c)
		if err == nil && (c.From < 0 || c.To < c.From || c.To > length) {
			err = fmt.Errorf("span %d to %d of %d: %w", c.From, c.To, length, ErrInvalid)
		}
		if err != nil {
			return nil, fmt.Errorf("line %d, claim %d: %w", line.ID, i, err)
		}
		out = append(out, c)
	}
	return out, nil
}

func cleanClaim(c Claim) (Claim, error) {
	var err error
	if c.Subject, err = cleanTerm(c.Subject); err != nil {
		return c, fmt.Errorf("subject: %w", err)
	}
	if c.Object, err = cleanTerm(c.Object); err != nil {
		return c, fmt.Errorf("object: %w", err)
	}
	if c.Predicate, err = cleanRelation(c.Relation, c.Predicate); err != nil {
		return c, err
	}
	if c.Status == "" {
		c.Status = Statuses[0]
	}
	if !slices.Contains(Statuses, c.Status) {
		return c, fmt.Errorf("status %q: %w", c.Status, ErrInvalid)
	}
	if c.When = clean(c.When); len(c.When) > maxText {
		return c, fmt.Errorf("time of %d bytes: %w", len(c.When), ErrInvalid)
	}
	switch c.By {
	case "":
		c.By = Model
	case Model, Rule:
	default:
		return c, fmt.Errorf("author %q of a claim: %w", c.By, ErrInvalid)
	}
	c.Confidence, c.Needed = finite(c.Confidence), finite(c.Needed)
	return c, nil
}

func cleanTerm(t Term) (Term, error) {
	if t.Type == userType {
		return Term{Name: userType, Type: userType}, nil
	}
	t.Name = strings.TrimSpace(clean(t.Name))
	if t.Name == "" || normalName(t.Name) == "" {
		return t, fmt.Errorf("empty name: %w", ErrInvalid)
	}
	if len(t.Name) > maxText {
		return t, fmt.Errorf("name of %d bytes: %w", len(t.Name), ErrInvalid)
	}
	if !slices.Contains(Types, t.Type) {
		return t, fmt.Errorf("type %q: %w", t.Type, ErrInvalid)
	}
	return t, nil
}

// cleanRelation checks a relation and returns its predicate in stored form.
func cleanRelation(relation, predicate string) (string, error) {
	if !slices.Contains(Relations, relation) {
		return "", fmt.Errorf("relation %q: %w", relation, ErrInvalid)
	}
	if relation != open {
		return "", nil
	}
	p := fold(predicate)
	if p == "" || len(p) > maxText {
		return "", fmt.Errorf("relation open needs a predicate: %w", ErrInvalid)
	}
	return p, nil
}

// extract projects the claims of a line. It first takes the names that the
// line gives, so that "her name is Potola and she loves walks" is told of one
// node. What an earlier text of the line told and this one does not, goes.
func (t *tx) extract(op Operation) {
	line, ok := t.line(op.Learned)
	if !ok || line.Rev != op.Rev {
		return // read from a text that an undone edit took away
	}
	before := t.scan(key(keyOfLine, num(line.ID)))
	told := map[EdgeID]bool{}
	for _, naming := range []bool{true, false} {
		for _, c := range op.Claims {
			if (c.Relation == alsoCalled) != naming {
				continue
			}
			if e, ok := t.place(c); ok {
				told[e.ID] = true
				t.tell(e, evidenceOf(line, c, op.Seq))
			}
		}
	}
	for _, p := range before {
		if id := EdgeID(lastNum(p.key)); !told[id] {
			t.untell(id, line.ID)
		}
	}
	line.Learned = true
	t.saveLine(line)
}

func evidenceOf(line Line, c Claim, seq Seq) evidenceRec {
	ev := evidenceRec{
		Line: line.ID, Session: line.Session, At: line.At, From: c.From, To: c.To, Start: line.Start, End: line.End,
		Status: c.Status, When: c.When, Confidence: c.Confidence, Needed: c.Needed, Author: c.By, Rev: line.Rev, Seq: seq,
	}
	if start, end, ok := sound(line.Words, c.From, c.To); ok {
		ev.Start, ev.End = start, end
	}
	return ev
}

// sound is the stretch of the words that a span touches.
func sound(words []Word, from, to int) (start, end time.Duration, ok bool) {
	for _, w := range words {
		if w.To <= from || w.From >= to {
			continue
		}
		if !ok {
			start = w.Start
		}
		end, ok = w.End, true
	}
	return start, end, ok
}

// place decides which fact a claim means. This is where the human wins: a
// fact that a person changed is found under its old wording too, and what is
// found keeps its id, ends, relation, sense and verdict, whatever is told.
func (t *tx) place(c Claim) (edgeRec, bool) {
	s, o := t.ends(c.Subject, c.Relation, c.Object)
	k := factKey{S: s.ID, R: c.Relation, P: c.Predicate, O: o.ID, N: c.Negated}.canonical()
	if k.S == k.O {
		t.prune(s.ID) // "Anna is called Anna" tells nothing
		return edgeRec{}, false
	}
	e, ok := t.find(k)
	if !ok {
		e = edgeRec{ID: t.newEdge(), Key: k, Author: c.By}
	}
	if e.Key == k {
		e.Heard = true
	}
	return e, t.err == nil
}

func (t *tx) newEdge() EdgeID { t.madeEdges++; return EdgeID(t.seq)*1000 + t.madeEdges }

// tell adds a line's evidence to a fact. A line counts once, with the surest
// of its claims.
func (t *tx) tell(e edgeRec, ev evidenceRec) {
	ev.Edge = e.ID
	old, had := load[evidenceRec](t, ev.key())
	if had && old.Seq == ev.Seq && old.Confidence >= ev.Confidence {
		return
	}
	t.saveEvidence(ev)
	if !had && ev.Line > e.LastLine {
		e.hear(ev)
	} else {
		e.hearAll(t.evidence(e.ID))
	}
	t.saveEdge(e)
	t.settle(e.Key)
}

// untell takes a line's evidence from a fact. A fact that nothing tells any
// more goes, unless a person had a hand in it.
func (t *tx) untell(id EdgeID, line LineID) {
	e, ok := t.edge(id)
	ev, told := load[evidenceRec](t, key(keyEvidence, num(id), num(line)))
	if !ok || !told {
		return
	}
	t.deleteEvidence(ev)
	e.hearAll(t.evidence(id))
	if e.Count > 0 || e.Author == Person {
		t.saveEdge(e)
		t.settle(e.Key)
		return
	}
	t.deleteEdge(id)
	for _, n := range []NodeID{e.Key.S, e.Key.O} {
		t.prune(n)
	}
}

// prune removes a node that no fact speaks of and no person touched.
func (t *tx) prune(id NodeID) {
	n, ok := load[nodeRec](t, key(keyNode, num(id)))
	if !ok || n.Touched || n.ID == UserNode || n.Into != 0 || len(t.scan(key(keyMention, num(id)))) > 0 {
		return
	}
	t.deleteNode(n)
}

// settle decides between a fact and its plain negation, from what both records
// say alone: of two believable ones the later decision or telling stands and
// retires the other; what contradicts a person's later word is only doubted;
// what one line tells both ways is doubted both ways.
func (t *tx) settle(k factKey) {
	a, okA := t.find(k)
	b, okB := t.find(k.opposite())
	okA, okB = okA && a.Key == k, okB && b.Key == k.opposite()
	if okA {
		t.saveSettled(a, against(a, b, okB))
	}
	if okB {
		t.saveSettled(b, against(b, a, okA))
	}
}

// A ruling is how a fact stands towards its negation.
type ruling struct {
	retiredBy, against EdgeID
	ended              time.Time
}

func against(e, other edgeRec, exists bool) ruling {
	if !exists || !e.strong() || !other.strong() {
		return ruling{}
	}
	mine, theirs := e.told(), other.told()
	switch {
	case e.Verdict == confirmed && other.Verdict == confirmed:
		mine, theirs = e.Decided, other.Decided
	case e.Verdict == confirmed:
		return ruling{}
	case other.Verdict == confirmed && mine > other.Decided:
		return ruling{against: other.ID}
	case other.Verdict == confirmed:
		return ruling{retiredBy: other.ID, ended: other.DecidedAt}
	}
	switch {
	case mine > theirs:
		return ruling{}
	case mine == theirs:
		return ruling{against: other.ID}
	case other.Verdict == confirmed:
		return ruling{retiredBy: other.ID, ended: other.DecidedAt}
	}
	return ruling{retiredBy: other.ID, ended: other.edge().Last}
}

func (t *tx) saveSettled(e edgeRec, r ruling) {
	if e.RetiredBy == r.retiredBy && e.Against == r.against && e.Ended.Equal(r.ended) {
		return
	}
	e.RetiredBy, e.Against, e.Ended = r.retiredBy, r.against, r.ended
	t.saveEdge(e)
}
