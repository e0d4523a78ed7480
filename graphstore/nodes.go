package graphstore

import (
	"fmt"
	"slices"
)

// correctNode renames or retypes a node. The old name stays as an alias and
// the old type is remembered, so that later mentions still find the node.
func (t *tx) correctNode(c Correction) error {
	n, ok := t.node(c.Node)
	if !ok {
		return fmt.Errorf("node %d: %w", c.Node, ErrNotFound)
	}
	if c.Op == RetypeNode {
		return t.retype(n, c.Type)
	}
	if n.name() == c.Text {
		return nil
	}
	n.Touched = true
	first := nameRec{Text: c.Text, Seq: t.seq, Person: true}
	n.Names = slices.DeleteFunc(slices.Clone(n.Names), func(r nameRec) bool { return r.Text == c.Text && r.Edge == 0 })
	n.Names = append([]nameRec{first}, n.Names...)
	t.saveNode(n)
	t.lendAgain(n.ID)
	return nil
}

func (t *tx) retype(n nodeRec, typ string) error {
	if n.ID == UserNode {
		return fmt.Errorf("the user stays the user: %w", ErrInvalid)
	}
	if n.Type == typ {
		return nil
	}
	if !slices.Contains(n.Was, n.Type) {
		n.Was = append(slices.Clone(n.Was), n.Type)
	}
	n.Type, n.Typed, n.Touched = typ, true, true
	t.saveNode(n)
	return nil
}

// lendAgain repeats the names that also_called facts take from a node.
func (t *tx) lendAgain(id NodeID) {
	for _, p := range t.scan(key(keyMention, num(id))) {
		if e, ok := t.edge(EdgeID(lastNum(p.key))); ok && e.Key.O == id {
			t.lendName(e, e)
		}
	}
}

// merge makes two nodes one: all facts of from are told of into, facts that
// become equal are joined, facts between the two vanish, and from stays as a
// signpost for whoever still holds its id.
func (t *tx) merge(from, into NodeID) error {
	a, okA := t.node(from)
	b, okB := t.node(into)
	switch {
	case !okA:
		return fmt.Errorf("node %d: %w", from, ErrNotFound)
	case !okB:
		return fmt.Errorf("node %d: %w", into, ErrNotFound)
	case a.ID == b.ID:
		return nil
	case a.ID == UserNode:
		return fmt.Errorf("the user stays; merge the other way round: %w", ErrInvalid)
	}
	t.joinNames(a, b)
	for _, p := range t.scan(key(keyMention, num(a.ID))) {
		if e, ok := t.edge(EdgeID(lastNum(p.key))); ok {
			t.rewrite(e, a.ID, b.ID)
		}
	}
	t.lendAgain(b.ID)
	return nil
}

// joinNames turns a into a signpost and gives its names and types to b.
func (t *tx) joinNames(a, b nodeRec) {
	own := slices.DeleteFunc(slices.Clone(a.Names), func(r nameRec) bool { return r.Edge != 0 })
	for i := range own {
		own[i].Seq, own[i].Person = t.seq, true
	}
	b.Names = append(slices.Clone(b.Names), own...)
	b.Was = slices.Clone(b.Was)
	for _, typ := range append([]string{a.Type}, a.Was...) {
		if typ != b.Type && !slices.Contains(b.Was, typ) {
			b.Was = append(b.Was, typ)
		}
	}
	b.Touched, b.Leaf = true, false
	a.Into, a.Touched, a.Names = b.ID, true, a.Names[:1]
	t.saveNode(a)
	t.saveNode(b)
}

// rewrite moves one fact, and what it was once called, from a node to another.
func (t *tx) rewrite(e edgeRec, from, into NodeID) {
	old, k := e.Key, e.Key.moved(from, into)
	also := make([]factKey, 0, len(e.Also))
	for _, a := range e.Also {
		if a = a.moved(from, into); a != k && !slices.Contains(also, a) {
			also = append(also, a)
		}
	}
	if k.S == k.O {
		t.deleteEdge(e.ID)
		return
	}
	e.Key, e.Also = k, also
	t.takeKey(e)
	t.settle(old)
	t.settle(k)
}
