package graphstore

import (
	"slices"
)

func (t *tx) line(id LineID) (Line, bool) { return load[Line](t, key(keyLine, num(id))) }
func (t *tx) session(id SessionID) (sessionRec, bool) {
	return load[sessionRec](t, key(keySession, num(id)))
}
func (t *tx) edge(id EdgeID) (edgeRec, bool) { return load[edgeRec](t, key(keyEdge, num(id))) }

// node follows merges to the node that stands for an id now.
func (t *tx) node(id NodeID) (nodeRec, bool) {
	n, ok := load[nodeRec](t, key(keyNode, num(id)))
	for ok && n.Into != 0 {
		n, ok = load[nodeRec](t, key(keyNode, num(n.Into)))
	}
	return n, ok
}

func (t *tx) evidence(id EdgeID) []evidenceRec {
	var out []evidenceRec
	for _, p := range t.scan(key(keyEvidence, num(id))) {
		var ev evidenceRec
		t.fail(decode(p.val, &ev))
		out = append(out, ev)
	}
	return out
}

func (t *tx) saveLine(l Line) {
	if old, ok := t.line(l.ID); ok {
		for _, k := range lineIndex(old) {
			if !slices.Contains(lineIndex(l), k) {
				t.del(k)
			}
		}
	}
	t.put(key(keyLine, num(l.ID)), l)
	for _, k := range lineIndex(l) {
		t.set(k, []byte{})
	}
}

// dropStale deletes the index entries that a record had and has no more.
func dropStale[V any](t *tx, old, next map[string]V) {
	for k := range old {
		if _, ok := next[k]; !ok {
			t.del(k)
		}
	}
}

func (t *tx) saveNode(n nodeRec) {
	old, _ := load[nodeRec](t, key(keyNode, num(n.ID)))
	next := n.index()
	dropStale(t, old.index(), next)
	for k, rank := range next {
		t.put(k, rank)
	}
	t.put(key(keyNode, num(n.ID)), n)
}

func (t *tx) deleteNode(n nodeRec) {
	for k := range n.index() {
		t.del(k)
	}
	t.del(key(keyNode, num(n.ID)))
}

// find returns the fact that a key means: its own, or one that a person
// changed from it.
func (t *tx) find(k factKey) (edgeRec, bool) {
	b := t.get(k.key())
	if len(b) != 8 {
		return edgeRec{}, false
	}
	return t.edge(EdgeID(lastNum(string(b))))
}

// saveEdge writes a fact, all its index entries, and the name it lends.
func (t *tx) saveEdge(e edgeRec) {
	old, had := t.edge(e.ID)
	// An earlier wording that has become a fact of its own is no longer ours.
	e.Also = slices.DeleteFunc(slices.Clone(e.Also), func(k factKey) bool {
		other, ok := t.find(k)
		return k == e.Key || k.S == k.O || ok && other.ID != e.ID
	})
	if len(e.Also) == 0 {
		e.Also = nil
	}
	if had {
		for _, k := range append([]factKey{old.Key}, old.Also...) {
			if k != e.Key && !slices.Contains(e.Also, k) {
				t.del(k.key())
			}
		}
	}
	for _, k := range append([]factKey{e.Key}, e.Also...) {
		t.set(k.key(), num(e.ID).appendTo(nil))
	}
	next := e.index()
	dropStale(t, old.index(), next)
	for k, v := range next {
		t.set(k, v)
	}
	t.put(key(keyEdge, num(e.ID)), e)
	t.countEnds(old, e)
	t.lendName(old, e)
}

// countEnds keeps the number of facts of each node in step.
func (t *tx) countEnds(old, e edgeRec) {
	by := map[NodeID]int{}
	if old.ID != 0 && old.stands() {
		by[old.Key.S]--
		by[old.Key.O]--
	}
	if e.ID != 0 && e.stands() {
		by[e.Key.S]++
		by[e.Key.O]++
	}
	for id, n := range by {
		rec, ok := load[nodeRec](t, key(keyNode, num(id)))
		if ok && n != 0 {
			rec.Facts += n
			t.put(key(keyNode, num(id)), rec)
		}
	}
}

// deleteEdge removes a fact, as it is stored, with its evidence.
func (t *tx) deleteEdge(id EdgeID) {
	e, ok := t.edge(id)
	if !ok {
		return
	}
	for _, ev := range t.evidence(e.ID) {
		t.deleteEvidence(ev)
	}
	for _, k := range append([]factKey{e.Key}, e.Also...) {
		t.del(k.key())
	}
	for k := range e.index() {
		t.del(k)
	}
	t.del(key(keyEdge, num(e.ID)))
	t.countEnds(e, edgeRec{})
	t.lendName(e, edgeRec{})
	t.settle(e.Key)
}

func (t *tx) saveEvidence(ev evidenceRec) {
	t.put(ev.key(), ev)
	for _, k := range ev.index() {
		t.set(k, []byte{})
	}
}

func (t *tx) deleteEvidence(ev evidenceRec) {
	t.del(ev.key())
	for _, k := range ev.index() {
		t.del(k)
	}
}
