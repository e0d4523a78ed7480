package extract

import (
	"cmp"
	"slices"
)

// A candidate is a relation that the pair heads found: ends, label, probability and the pair it was read off.
type candidate struct {
	a, b, rel int
	p         float64
	pair      int
}

// relations fills the record's relations and query: the pair heads score every ordered pair of
// mentions of which one stands in the text, an entity pair takes the best of its mention pairs, and
// two entities are joined by their surest relation only.
func (r *reading) relations(ms []mention) {
	var pairs [][2]int
	told := func(m mention) bool { return m.first < 0 || m.first >= r.from }
	for i, x := range ms {
		for j, y := range ms {
			if x.entity != y.entity && (told(x) || told(y)) {
				pairs = append(pairs, [2]int{i, j})
			}
		}
	}
	if len(pairs) == 0 {
		return
	}
	v := r.mentionVectors(r.scene, ms)
	z := r.pairing(r.scene, v, len(ms)).rows(ms, pairs)
	taken := map[[2]int][2]int{}
	for _, c := range r.candidates(ms, pairs, z) {
		key := [2]int{min(c.a, c.b), max(c.a, c.b)}
		if first, ok := taken[key]; ok && (c.p < r.opt.Second || first != [2]int{c.a, c.b}) {
			continue
		}
		if _, ok := taken[key]; !ok {
			taken[key] = [2]int{c.a, c.b}
		}
		r.fact(c, ms, v, z[c.pair*r.pair.out:(c.pair+1)*r.pair.out])
	}
}

// candidates are the relations above the threshold, the surest first, one for two entities and label.
func (r *reading) candidates(ms []mention, pairs [][2]int, z []float32) []candidate {
	scores := r.rel.rows(z, len(pairs))
	best := map[[3]int]candidate{}
	for k, ij := range pairs {
		for rel := range Relations {
			p := sigmoid(scores[k*len(Relations)+rel])
			floor := r.opt.Relation
			if Relations[rel] == relOpen {
				floor = r.opt.Open
			}
			if p < floor {
				continue
			}
			a, b := ms[ij[0]].entity, ms[ij[1]].entity
			if symmetric[Relations[rel]] && !r.forward(a, b) {
				a, b = b, a
			}
			if key := [3]int{a, b, rel}; p > best[key].p {
				best[key] = candidate{a, b, rel, p, k}
			}
		}
	}
	out := make([]candidate, 0, len(best))
	for _, c := range best {
		out = append(out, c)
	}
	slices.SortFunc(out, func(x, y candidate) int {
		return cmp.Or(cmp.Compare(y.p, x.p), cmp.Compare(x.a, y.a), cmp.Compare(x.b, y.b), cmp.Compare(x.rel, y.rel))
	})
	return out
}

// forward tells whether a symmetric fact of a and b is told in this order: the speaker first, else in
// order of mention.
func (r *reading) forward(a, b int) bool {
	user := len(r.types)
	return a == user || b != user && a < b
}

// fact reads the attributes of a relation off its pair vector and adds it to the record.
func (r *reading) fact(c candidate, ms []mention, v, z []float32) {
	t := Relation{Subject: r.names[c.a], Relation: Relations[c.rel], Object: r.names[c.b], Confidence: c.p}
	t.Negated = r.neg.rows(z, 1)[0] > 0
	if s := argmax(r.status.rows(z, 1)); s > 0 {
		t.Status = Statuses[s]
	}
	if t.Relation != relHappens {
		t.When = r.when(c, ms, v, z)
	}
	if t.Relation == relOpen {
		t.Predicate = r.predicate(z)
	}
	unknown := len(r.types) + 1
	asked := r.rec.Act == "question" && sigmoid(r.ask.rows(z, 1)[0]) > r.opt.Asked
	if c.a == unknown || c.b == unknown || asked {
		r.rec.Query = append(r.rec.Query, t)
	} else {
		r.rec.Relations = append(r.rec.Relations, t)
	}
}

// when is the name of the TIME that dates a fact, or "".
func (r *reading) when(c candidate, ms []mention, v, z []float32) string {
	q := r.whenQ.rows(z, 1)
	best, name := float32(0), ""
	for i, m := range ms {
		if m.kind != kindTime || m.entity == c.a || m.entity == c.b {
			continue
		}
		d := r.whenK.in
		if s := dot(q, r.whenK.rows(v[i*d:(i+1)*d], 1)); s > best {
			best, name = s, r.names[m.entity]
		}
	}
	return name
}

// predicate is the verb of an open relation in its base form, with its particle.
func (r *reading) predicate(z []float32) string {
	said := r.vectors[r.from*r.width:]
	n := len(r.words) - r.from
	verb, _ := point(r.verbQ.rows(z, 1), r.verbK.rows(said, n), n)
	text := Lemma(r.words[r.from+verb].Text)
	if r.be.rows(z, 1)[0] > 0 {
		text = "be " + r.words[r.from+verb].Text
	}
	if part, score := point(r.partQ.rows(z, 1), r.partK.rows(said, n), n); score > 0 && part != verb {
		text += " " + r.words[r.from+part].Text
	}
	return text
}

// point is the word, of n, whose key answers the query best, and its score.
func point(q, keys []float32, n int) (int, float32) {
	scores := make([]float32, n)
	for i := range scores {
		scores[i] = dot(q, keys[i*len(q):(i+1)*len(q)])
	}
	best := argmax(scores)
	return best, scores[best]
}
