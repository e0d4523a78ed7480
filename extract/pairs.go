package extract

import "math"

// distances is the number of distance buckets: 0-15 by signed number of words, 16 where an end has no
// place in the text, 17 where one end stands in the context.
const distances = 18

// A mention is a span of words that names or points to an entity. First is -1 for the speaker who
// always exists (the [CLS] vector) and -2 for the unknown of a question.
type mention struct {
	first, last int
	kind        int // index into Types, or kindUser, kindPronoun, kindAsked
	entity      int
}

// distance is the bucket of the way from one mention to another in a text that starts at word from.
func distance(a, b mention, from int) int {
	if a.first < 0 || b.first < 0 {
		return 16
	}
	if (a.first < from) != (b.first < from) {
		return 17
	}
	d, back := b.first-a.first, 0
	if d < 0 {
		d, back = -d, 8
	}
	k := 0
	for _, x := range [...]int{1, 2, 3, 4, 7, 11, 16} {
		if d >= x {
			k++
		}
	}
	return k + back
}

// between are the words lo..hi (exclusive) that stand between two mentions; only words of the text,
// if one of them is not in it.
func between(a, b mention, from, n int) (lo, hi int) {
	switch {
	case a.first == -2 || b.first == -2:
		return from, n
	case a.first == -1 || b.first == -1:
		return from, max(from, max(a.first, b.first))
	}
	if a.first > b.first {
		a, b = b, a
	}
	lo = a.last + 1
	if a.first < from && from <= b.first {
		lo = from
	}
	return lo, max(lo, b.first)
}

// mentionVectors gives each mention its vector: first word, last word and kind through one layer.
func (h *heads) mentionVectors(s *scene, ms []mention) []float32 {
	w, in := h.hidden, h.mention.in
	x := make([]float32, len(ms)*in)
	for i, m := range ms {
		row := x[i*in : (i+1)*in]
		copy(row, s.at(m.first))
		copy(row[w:], s.at(m.last))
		copy(row[2*w:], h.kind.row(m.kind))
	}
	v := gelu(h.mention.rows(x, len(ms)))
	for i, m := range ms {
		if m.first == -2 {
			copy(v[i*h.mention.out:], h.asked)
		}
	}
	return v
}

// A pairing is the work of the pair heads on one utterance: what depends on one mention or one word
// is computed once, so that a pair costs three small products.
type pairing struct {
	h                      *heads
	from, n                int
	subj, obj, subjX, objX []float32
	sum                    []float32 // running sums of weighted words behind their output layer, n+1 rows
	weight                 []float32 // running sums of the weights
}

func (h *heads) pairing(s *scene, v []float32, n int) *pairing {
	p := &pairing{h: h, from: s.from, n: len(s.words),
		subj: h.subj.rows(v, n), obj: h.obj.rows(v, n), subjX: h.subjX.rows(v, n), objX: h.objX.rows(v, n)}
	// A mean of words through a layer is the mean of the words through it: there are fewer words than pairs.
	out := linear{in: h.btwOut.in, out: h.btwOut.out, w: h.btwOut.w, b: make([]float32, h.btwOut.out), with: h.btwOut.with}
	said := s.vectors[p.from*s.width:] // no word of the context stands between a pair that is asked about
	u := out.rows(gelu(h.btw.rows(said, p.n-p.from)), p.n-p.from)
	g := h.btwW.rows(said, p.n-p.from)
	k := out.out
	p.sum, p.weight = make([]float32, (p.n+1)*k), make([]float32, p.n+1)
	for i := p.from; i < p.n; i++ {
		e := float32(math.Exp(float64(min(8, max(-8, g[i-p.from])))))
		p.weight[i+1] = p.weight[i] + e
		word, before, after := u[(i-p.from)*k:][:k], p.sum[i*k:][:k], p.sum[(i+1)*k:][:k]
		for j, v := range word {
			after[j] = before[j] + e*v
		}
	}
	return p
}

// rows gives the hidden vectors of ordered mention pairs, one row a pair.
func (p *pairing) rows(ms []mention, pairs [][2]int) []float32 {
	h := p.h
	d := h.subj.out
	z := make([]float32, len(pairs)*d)
	for i, ij := range pairs {
		row := z[i*d : (i+1)*d]
		if lo, hi := between(ms[ij[0]], ms[ij[1]], p.from, p.n); hi > lo {
			scale := 1 / max(p.weight[hi]-p.weight[lo], 1e-6)
			from, to := p.sum[lo*d:(lo+1)*d], p.sum[hi*d:(hi+1)*d]
			for j := range row {
				row[j] = (to[j] - from[j]) * scale
			}
		}
		a, b := ij[0]*d, ij[1]*d
		subj, obj, subjX, objX := p.subj[a:a+d], p.obj[b:b+d], p.subjX[a:a+d], p.objX[b:b+d]
		dist := h.dist.row(distance(ms[ij[0]], ms[ij[1]], p.from))
		for j := range row {
			row[j] += h.btwOut.b[j] + subj[j] + obj[j] + subjX[j]*objX[j] + dist[j]
		}
	}
	return gelu(h.pair.rows(gelu(z), len(pairs)))
}

// antecedents gives the probability of each candidate mention to be what each pronoun points to:
// one row a pronoun.
func (h *heads) antecedents(candidates, pv []float32, ms, pronouns []mention, from int) []float32 {
	n, c := len(ms), h.pro.out
	ant, antX := h.ant.rows(candidates, n), h.antX.rows(candidates, n)
	pro, proX := h.pro.rows(pv, len(pronouns)), h.proX.rows(pv, len(pronouns))
	out := make([]float32, 0, len(pronouns)*n)
	z := make([]float32, n*c)
	for k, p := range pronouns {
		for i, m := range ms {
			dist := h.cdist.row(distance(p, m, from))
			for j := range c {
				z[i*c+j] = pro[k*c+j] + ant[i*c+j] + proX[k*c+j]*antX[i*c+j] + dist[j]
			}
		}
		out = append(out, softmax(h.coref.rows(gelu(z), n))...)
	}
	return out
}
