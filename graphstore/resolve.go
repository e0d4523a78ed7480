package graphstore

import (
	"slices"
)

// ends finds or makes the nodes of a claim. A naming claim gives its object to
// the subject as a name: "sister is called Marta" makes Marta a leaf, and the
// next mention of Marta means the sister.
func (t *tx) ends(subject Term, relation string, object Term) (s, o nodeRec) {
	if relation != alsoCalled {
		return t.resolve(subject), t.resolve(object)
	}
	s, known := t.known(subject)
	if !known {
		// "Bobby is called Robert", and Robert is known: Bobby is his other name.
		if o, ok := t.known(object); ok && o.ID != UserNode {
			return o, t.leaf(o, subject)
		}
		s = t.resolve(subject)
	}
	return s, t.leaf(s, object)
}

// leaf finds or makes the node that stands for a name of s.
func (t *tx) leaf(s nodeRec, name Term) nodeRec {
	if name.Type == userType || normalName(name.Name) == normalName(s.name()) {
		return s // no news; place drops it
	}
	n := normalName(name.Name)
	for _, p := range t.scan(key(keyFact, num(s.ID), text(alsoCalled))) {
		e, ok := t.edge(EdgeID(lastNum(string(p.val))))
		if !ok || e.Key.R != alsoCalled || e.Key.S != s.ID {
			continue
		}
		o, ok := t.node(e.Key.O)
		if ok && slices.ContainsFunc(o.Names, func(r nameRec) bool { return normalName(r.Text) == n }) {
			return o
		}
	}
	return t.newNode(name, true)
}

// resolve finds the node a mention means, or makes one.
func (t *tx) resolve(m Term) nodeRec {
	n, ok := t.known(m)
	if !ok {
		return t.newNode(m, false)
	}
	if n.Type == "CONCEPT" && m.Type != "CONCEPT" && !n.Typed {
		// A kind that turns out to be a thing: the closer type is the better one.
		n.Was, n.Type = append(n.Was, n.Type), m.Type
		t.saveNode(n)
	}
	return n
}

// known finds the node a mention means: same normalised name and a compatible
// type. The same type goes before a compatible one, a name given by hand before
// a heard one, a newer naming before an older.
func (t *tx) known(m Term) (best nodeRec, found bool) {
	if m.Type == userType {
		n, ok := t.node(UserNode)
		return n, ok
	}
	var bestScore [3]uint64
	for _, p := range t.scan(key(keyName, shortened(normalName(m.Name)))) {
		n, ok := t.node(NodeID(lastNum(p.key)))
		var rank nameRank
		t.fail(decode(p.val, &rank))
		exact := n.Type == m.Type || slices.Contains(n.Was, m.Type)
		if !ok || !exact && !compatible(n.Type, m.Type) {
			continue
		}
		score := [3]uint64{0, 0, uint64(rank.Seq)}
		if exact {
			score[0] = 1
		}
		if rank.Person {
			score[1] = 1
		}
		if !found || slices.Compare(score[:], bestScore[:]) > 0 {
			best, bestScore, found = n, score, true
		}
	}
	return best, found
}

func (t *tx) newNode(m Term, leaf bool) nodeRec {
	n := nodeRec{Type: m.Type, Names: []nameRec{{Text: m.Name, Seq: t.seq}}, Leaf: leaf}
	if m.Type == userType {
		n.ID = UserNode
	} else {
		t.madeNodes++
		n.ID = NodeID(t.seq)*1000 + t.madeNodes
	}
	t.saveNode(n)
	return n
}

// lendName keeps the aliases that an also_called fact gives its subject in
// step with the fact: there while it is believed, gone with it.
func (t *tx) lendName(old, e edgeRec) {
	if old.ID != 0 && old.Key.R == alsoCalled && (e.ID == 0 || e.Key.R != alsoCalled || old.Key.S != e.Key.S) {
		t.lend(old.Key.S, old.ID, nil)
	}
	if e.ID == 0 || e.Key.R != alsoCalled {
		return
	}
	var names []nameRec
	given := max(e.told(), e.Decided) // said again, it is the newer naming again
	if o, ok := t.node(e.Key.O); ok && e.state() == Believed && !e.Key.N {
		for _, n := range o.Names {
			if n.Edge == 0 { // names are lent once, not on and on
				names = append(names, nameRec{Text: n.Text, Seq: given, Person: n.Person, Edge: e.ID})
			}
		}
	}
	t.lend(e.Key.S, e.ID, names)
}

func (t *tx) lend(to NodeID, edge EdgeID, names []nameRec) {
	n, ok := load[nodeRec](t, key(keyNode, num(to)))
	if !ok {
		return
	}
	n.Names = slices.DeleteFunc(slices.Clone(n.Names), func(r nameRec) bool { return r.Edge == edge })
	n.Names = append(n.Names, names...)
	t.saveNode(n)
}
