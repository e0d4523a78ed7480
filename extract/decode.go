package extract

import (
	"cmp"
	"math"
	"slices"
	"strings"
)

// A reading turns the scores of one scene into a record. train/decode.py does the same, step by step;
// a test holds both to the same records.
type reading struct {
	*heads
	*scene
	rec   Record
	names []string // of every entity; then the speaker and the unknown
	types []int
}

func (h *heads) decode(s *scene) Record {
	r := &reading{heads: h, scene: s, rec: Record{ID: s.in.ID, Domain: s.in.Domain, Context: s.in.Context,
		Text: s.in.Text, Act: "social"}}
	if s.from == len(s.words) {
		r.rec.Domain = cmp.Or(r.rec.Domain, Domains[0])
		return r.rec
	}
	whole := append(slices.Clone(s.cls), s.mean(s.from, len(s.words))...)
	r.rec.Act = Acts[argmax(h.act.rows(whole, 1))]
	r.rec.Domain = cmp.Or(r.rec.Domain, Domains[argmax(h.domain.rows(whole, 1))])
	r.rec.Vector = unit(h.vec.rows(whole, 1))
	r.sentences()
	if r.rec.Act == "social" {
		return r.rec
	}
	spans := r.entities()
	user := len(r.names)
	r.names = append(r.names, "USER", "?")
	ms := append(slices.Clone(spans), r.coref(spans)...)
	ms = append(ms, mention{-1, -1, kindUser, user})
	for i := s.from; i < len(s.words); i++ {
		if firstPerson[s.words[i].Text] {
			ms = append(ms, mention{i, i, kindUser, user})
		}
	}
	if r.rec.Act == "question" {
		ms = append(ms, mention{-2, -2, kindAsked, user + 1})
	}
	r.relations(ms)
	r.thin(ms)
	r.calibrate()
	return r.rec
}

// thin drops entities that nothing is told of, to which no pronoun points and that are not sure.
func (r *reading) thin(ms []mention) {
	told := map[string]bool{}
	for _, m := range ms {
		if m.kind == kindPronoun {
			told[r.names[m.entity]] = true
		}
	}
	for _, ts := range [][]Relation{r.rec.Relations, r.rec.Query} {
		for _, t := range ts {
			told[t.Subject], told[t.Object], told[t.When] = true, true, true
		}
	}
	r.rec.Entities = slices.DeleteFunc(r.rec.Entities, func(e Entity) bool { return !told[e.Text] && e.Confidence < r.opt.Lone })
}

// mean is the mean vector of words lo..hi (exclusive).
func (s *scene) mean(lo, hi int) []float32 {
	m := make([]float32, s.width)
	for i := lo; i < hi; i++ {
		for j, v := range s.at(i) {
			m[j] += v
		}
	}
	for j := range m {
		m[j] /= float32(hi - lo)
	}
	return m
}

// maxMentions bounds the pair work, which grows with its square: a list of a hundred things, or noise,
// must not hold up the line. The corpus names things at most 19 times in a record, context included.
const maxMentions = 60

// A found is a span of words that the tagger calls a thing.
type found struct {
	a, b, kind int
	conf       float64
	name       string
}

// entities fills the record's entities and returns the mentions of all, those of the context included.
// A name said twice is one entity, as surely as its surest mention in the text.
func (r *reading) entities() []mention {
	all := r.tagged()
	slices.SortStableFunc(all, func(x, y found) int { // the text before the context
		return cmp.Compare(b2i(x.a < r.from), b2i(y.a < r.from))
	})
	index, conf := map[string]int{}, []float64{}
	var spans []mention
	for _, f := range all {
		key := normal(f.name)
		e, known := index[key]
		if !known {
			e = len(r.names)
			index[key] = e
			r.names, r.types, conf = append(r.names, f.name), append(r.types, f.kind), append(conf, f.conf)
			if f.a >= r.from {
				r.rec.Entities = append(r.rec.Entities, Entity{Text: f.name, Start: r.words[f.a].Start, End: r.words[f.b].End})
			}
		} else if f.a >= r.from && f.conf > conf[e] {
			conf[e], r.types[e] = f.conf, f.kind
		}
		spans = append(spans, mention{f.a, f.b, f.kind, e})
	}
	for i := range spans {
		spans[i].kind = r.types[spans[i].entity]
	}
	for i := range r.rec.Entities { // entities of the text come first, in order
		r.rec.Entities[i].Type, r.rec.Entities[i].Confidence = Types[r.types[i]], conf[i]
	}
	for i := len(r.rec.Entities); i < len(r.names); i++ {
		r.rec.InContext = append(r.rec.InContext, Entity{Text: r.names[i], Type: Types[r.types[i]], Confidence: conf[i]})
	}
	return spans[:min(len(spans), maxMentions)]
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// joinFrom is the probability of going on from which a word that opens a span joins a neighbour of its type.
const joinFrom = 0.1

// tagged are the spans of the word tags. A word is out, opens a span or goes on with one by the sums
// over all types, and the type of a span is its likeliest: so a name whose words lean to different
// types stays one name.
func (r *reading) tagged() (out []found) {
	k := r.tag.b.out
	p := r.tag.rows(r.vectors, len(r.words))
	before := -1 // the type of the word before
	for i := range r.words {
		row := p[i*k : (i+1)*k]
		if i < r.from {
			row[0] -= float32(r.opt.Context)
		} else {
			row[0] -= float32(r.opt.None)
		}
		softmax(row)
		opens, on, kind := tagSums(row)
		if row[0] < max(opens, on) {
			last := len(out) - 1
			if last >= 0 && out[last].b == i-1 && (on > opens || kind == before && on > joinFrom) {
				out[last].b = i
			} else {
				out = append(out, found{a: i, b: i})
			}
		}
		before = kind
	}
	out = slices.DeleteFunc(out, func(f found) bool { return r.words[f.a].part != r.words[f.b].part })
	whole := r.wholes(out)
	kept := out[:0]
	for i, f := range out {
		if r.named(&f, p, k, whole[i*r.whole.b.out:][:r.whole.b.out]) {
			kept = append(kept, f)
		}
	}
	return kept
}

// wholes are the probabilities of each span as a whole to be of each type or, the last one, nothing.
func (r *reading) wholes(spans []found) []float32 {
	x := make([]float32, 0, len(spans)*3*r.width)
	for _, f := range spans {
		x = append(append(append(x, r.at(f.a)...), r.at(f.b)...), r.mean(f.a, f.b+1)...)
	}
	p := r.whole.rows(x, len(spans))
	for row := range slices.Chunk(p, r.whole.b.out) {
		softmax(row)
	}
	return p
}

// tagSums adds up the probabilities of one word to open a span and to go on with one, and tells its
// likeliest type.
func tagSums(row []float32) (opens, on float32, kind int) {
	best := float32(-1)
	for t := range Types {
		b, i := row[1+2*t], row[2+2*t]
		opens, on = opens+b, on+i
		if b+i > best {
			best, kind = b+i, t
		}
	}
	return opens, on, kind
}

// named fills in the name, type and confidence of a span; false if it is none. The type is what the words say one by
// one, times what the span says as a whole.
func (r *reading) named(f *found, p []float32, k int, whole []float32) bool {
	f.name = r.span(f.a, f.b)
	var both [16]float32
	var sum float32
	for t := range both {
		for i := f.a; i <= f.b; i++ {
			both[t] += p[i*k+1+2*t] + p[i*k+2+2*t]
		}
		both[t] *= whole[t]
		sum += both[t]
	}
	nothing := float64(whole[len(both)])
	f.kind = argmax(both[:])
	f.conf = float64(both[f.kind]/max(sum, math.SmallestNonzeroFloat32)) * (1 - nothing)
	return normal(f.name) != "" && (f.a < r.from || f.conf >= r.opt.Entity && nothing < r.opt.Nothing)
}

// A pronoun is a third-person mention; end is its code point end, which in a run-together word
// ("theyre") lies inside the word.
type pronoun struct {
	a, b, end int
}

func (r *reading) pronouns(spans []mention) (out []pronoun) {
	used := map[int]bool{}
	for _, m := range spans {
		for i := m.first; i <= m.last; i++ {
			used[i] = true
		}
	}
	n := len(r.words) - r.from
	scores := r.men.rows(r.vectors[r.from*r.width:], n)
	for k := range n {
		i := r.from + k
		w := r.words[i]
		tag := argmax(scores[k*len(mentionTags) : (k+1)*len(mentionTags)])
		switch {
		case tag == 0 || used[i] || firstPerson[w.Text]:
		case tag == 2:
			if last := len(out) - 1; last >= 0 && out[last].b == i-1 {
				out[last].b, out[last].end = i, w.End
			}
		default:
			p := pronoun{i, i, w.End}
			if head, ok := headOf[w.Text]; ok && tag == 3 {
				p.end = w.Start + len(head)
			}
			out = append(out, p)
		}
	}
	return out
}

// coref fills the record's pronouns and returns them as mentions of what they point to.
func (r *reading) coref(spans []mention) (out []mention) {
	pros := r.pronouns(spans)
	if len(spans) == 0 || len(pros) == 0 {
		return nil
	}
	ps := make([]mention, len(pros))
	for i, p := range pros {
		ps[i] = mention{p.a, p.b, kindPronoun, -1}
	}
	p := r.antecedents(r.mentionVectors(r.scene, spans), r.mentionVectors(r.scene, ps), spans, ps, r.from)
	for k, pro := range pros {
		total := make([]float64, len(r.types))
		for i, m := range spans {
			total[m.entity] += float64(p[k*len(spans)+i])
		}
		best := 0
		for e, v := range total {
			if v > total[best] {
				best = e
			}
		}
		if total[best] < r.opt.Coref {
			continue
		}
		said := Cut(r.in.Text, r.words[pro.a].Start, pro.end)
		if strings.EqualFold(said, "the") { // the noun behind it was read as a name
			continue
		}
		var names []string
		var sum float64
		for e, v := range total {
			if e == best || plural[strings.ToLower(said)] && v >= r.opt.Plural {
				names, sum = append(names, r.names[e]), sum+v
				out = append(out, mention{pro.a, pro.b, kindPronoun, e})
			}
		}
		r.rec.Coref = append(r.rec.Coref, Mention{Text: said, Start: r.words[pro.a].Start, End: pro.end,
			RefersTo: strings.Join(names, " and "), Confidence: min(1, sum)})
	}
	return out
}

// sentences fills the sentences with their roles, topic shifts and links.
func (r *reading) sentences() {
	n := len(r.words)
	ends := r.end.rows(r.vectors, n)
	counts := make([]int, len(r.in.Context))
	var spans [][2]int
	start, before := 0, 0
	for i, w := range r.words {
		if i+1 < n && r.words[i+1].part == w.part && ends[i] <= 0 {
			continue
		}
		spans = append(spans, [2]int{start, i + 1})
		if w.part >= 0 {
			counts[w.part]++
			before++
		}
		start = i + 1
	}
	x := make([]float32, 0, len(spans)*3*r.width)
	for _, s := range spans {
		x = append(append(append(x, r.mean(s[0], s[1])...), r.at(s[0])...), r.cls...)
	}
	v := gelu(r.sent.rows(x, len(spans)))
	role, shift := r.role.rows(v, len(spans)), r.shift.rows(v, len(spans))
	for k := before; k < len(spans); k++ {
		r.rec.Sentences = append(r.rec.Sentences, Sentence{
			Start: r.words[spans[k][0]].Start, End: r.words[spans[k][1]-1].End,
			Role:       Roles[argmax(role[k*len(Roles):(k+1)*len(Roles)])],
			TopicShift: shift[k] > 0 && (k > before || len(r.in.Context) > 0)})
	}
	r.link(v, len(spans), before)
	if len(r.rec.Links) > 0 {
		r.rec.ContextSentences = counts
	}
}

// link joins sentences of which at least one stands in the text.
func (r *reading) link(v []float32, n, before int) {
	a, b, x := r.linkA.rows(v, n), r.linkB.rows(v, n), r.linkX.rows(v, n)
	d := r.linkA.out
	z := make([]float32, d)
	for i := range n {
		for j := range n {
			if i == j || max(i, j) < before {
				continue
			}
			for k := range z {
				z[k] = a[i*d+k] + b[j*d+k] + x[i*d+k]*v[j*d+k]
			}
			if k := argmax(r.linkO.rows(gelu(z), 1)); k > 0 {
				r.rec.Links = append(r.rec.Links, Link{From: i, To: j, Kind: Links[k]})
			}
		}
	}
}
