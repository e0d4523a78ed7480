package extract

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Score compares predicted records with gold ones, matched by id; of two with one id the later
// counts. Predictions without a gold record are passed over.
func Score(gold, pred []Record) Report {
	rep := Report{ByRelation: map[string]Count{}, ByDomain: map[string]Count{}}
	predicted := make(map[string]*Record, len(pred))
	for i := range pred {
		predicted[pred[i].ID] = &pred[i]
	}
	last := make(map[string]int, len(gold))
	for i := range gold {
		last[gold[i].ID] = i
	}
	var acts, roles []labels
	for i := range gold {
		g := &gold[i]
		if last[g.ID] != i {
			continue
		}
		rep.Records++
		p := predicted[g.ID]
		if p == nil {
			rep.Missing++
			p = &Record{}
		}
		names := aliases(g.Relations)
		rep.entities(g, p)
		rep.relations(g, p, names)
		rep.Coreference.add(overlap(mentions(g.Coref, names), mentions(p.Coref, names)))
		rep.Links.add(overlap(bag(g.Links), bag(p.Links)))
		roles = append(roles, rep.sentences(g, p)...)
		acts = append(acts, labels{g.Act, cmp.Or(p.Act, "-")})
	}
	rep.RoleF1, rep.ActF1 = macroF1(roles), macroF1(acts)
	right := 0
	for _, a := range acts {
		if a.gold == a.pred {
			right++
		}
	}
	rep.ActAccuracy = share(right, len(acts))
	return rep
}

func (rep *Report) entities(g, p *Record) {
	type typed struct{ text, kind string }
	keys := func(es []Entity) (map[typed]int, map[string]int) {
		with, without := map[typed]int{}, map[string]int{}
		for _, e := range es {
			t := normal(e.Text)
			with[typed{t, e.Type}], without[t] = 1, 1
		}
		return with, without
	}
	gt, gn := keys(g.Entities)
	pt, pn := keys(p.Entities)
	rep.Entity.add(overlap(gt, pt))
	rep.EntityNoType.add(overlap(gn, pn))
}

// A fact is a relation as it is compared.
type fact struct {
	subject, object string
	negated         bool
	relation, verb  string
	status          string
}

func (rep *Report) relations(g, p *Record, names map[string]string) {
	labelled, withStatus, pairs := map[fact]int{}, map[fact]int{}, map[fact]int{}
	pl, ps, pp := map[fact]int{}, map[fact]int{}, map[fact]int{}
	for _, r := range g.Relations {
		withStatus[key(r, names)], labelled[key(r, names).noStatus()], pairs[key(r, names).ends()] = 1, 1, 1
	}
	for _, r := range p.Relations {
		k := key(r, names)
		ps[k], pl[k.noStatus()], pp[k.ends()] = 1, 1, 1
		if pairs[k.ends()] == 0 {
			rep.PairNotInGold++
		}
	}
	hit := overlap(labelled, pl)
	rep.Relation.add(hit)
	rep.RelationStatus.add(overlap(withStatus, ps))
	rep.RelationPair.add(overlap(pairs, pp))
	rep.Predicted += len(pl)
	if g.Complex {
		rep.RelationComplex.add(hit)
	}
	if g.ASR {
		rep.RelationRawSpeech.add(hit)
	} else {
		rep.RelationClean.add(hit)
	}
	if len(g.Relations) == 0 {
		rep.FalseTriples += len(pl)
	}
	grow(rep.ByDomain, g.Domain, hit)
	for k := range labelled {
		grow(rep.ByRelation, k.relation, Count{Right: pl[k], Predicted: pl[k], Gold: 1})
	}
	for k := range pl {
		if labelled[k] == 0 {
			grow(rep.ByRelation, k.relation, Count{Predicted: 1})
		}
	}
}

func grow(m map[string]Count, name string, by Count) {
	c := m[name]
	c.add(by)
	m[name] = c
}

// sentences compares roles and topic shifts. A predicted sentence is found by its middle, so small
// differences of splitting do no harm.
func (rep *Report) sentences(g, p *Record) (roles []labels) {
	for _, s := range g.Sentences {
		var found Sentence
		for _, x := range p.Sentences {
			if 2*x.Start <= s.Start+s.End && s.Start+s.End < 2*x.End {
				found = x
				break
			}
		}
		roles = append(roles, labels{s.Role, cmp.Or(found.Role, "-")})
		rep.TopicShift.add(Count{Right: one(s.TopicShift && found.TopicShift), Predicted: one(found.TopicShift), Gold: one(s.TopicShift)})
	}
	return roles
}

func one(b bool) int {
	if b {
		return 1
	}
	return 0
}

func key(r Relation, names map[string]string) fact {
	s, o := normal(r.Subject), normal(r.Object)
	if r.Relation != "also_called" {
		s, o = alias(s, names), alias(o, names)
	}
	if symmetric[r.Relation] || r.Relation == "also_called" {
		s, o = min(s, o), max(s, o)
	}
	f := fact{subject: s, object: o, negated: r.Negated, relation: r.Relation, status: cmp.Or(r.Status, "current")}
	if r.Relation == "open" {
		f.verb = "?"
		if words := strings.Fields(strings.ToLower(r.Predicate)); len(words) > 0 {
			f.verb = words[0]
		}
	}
	return f
}

func (f fact) noStatus() fact {
	f.status = ""
	return f
}

// ends is the pair alone, in either order.
func (f fact) ends() fact {
	return fact{subject: min(f.subject, f.object), object: max(f.subject, f.object)}
}

// aliases gives all names that also_called joins one of them, so that each counts for the other.
func aliases(facts []Relation) map[string]string {
	group := map[string][]string{}
	for _, r := range facts {
		if r.Relation != "also_called" || r.Negated {
			continue
		}
		var all []string
		for _, x := range []string{normal(r.Subject), normal(r.Object)} {
			all = append(all, x)
			all = append(all, group[x]...)
		}
		for _, x := range all {
			group[x] = all
		}
	}
	out := make(map[string]string, len(group))
	for x, all := range group {
		out[x] = slices.Min(all)
	}
	return out
}

func alias(name string, names map[string]string) string {
	if other, ok := names[name]; ok {
		return other
	}
	return name
}

type mentionKey struct {
	start, end int
	name       string
}

func mentions(ms []Mention, names map[string]string) map[mentionKey]int {
	out := map[mentionKey]int{}
	for _, m := range ms {
		out[mentionKey{m.Start, m.End, alias(normal(m.RefersTo), names)}]++
	}
	return out
}

func bag[K comparable](all []K) map[K]int {
	out := make(map[K]int, len(all))
	for _, x := range all {
		out[x] = 1
	}
	return out
}

// overlap compares two bags.
func overlap[K comparable](gold, pred map[K]int) (c Count) {
	for k, n := range gold {
		c.Gold += n
		c.Right += min(n, pred[k])
	}
	for _, n := range pred {
		c.Predicted += n
	}
	return c
}

type labels struct{ gold, pred string }

func macroF1(pairs []labels) float64 {
	by := map[string]Count{}
	for _, p := range pairs {
		if p.gold == p.pred {
			grow(by, p.gold, Count{1, 1, 1})
			continue
		}
		grow(by, p.gold, Count{Gold: 1})
		grow(by, p.pred, Count{Predicted: 1})
	}
	sum := 0.0
	for _, label := range slices.Sorted(maps.Keys(by)) { // in order: sums of floats depend on it
		sum += by[label].F1()
	}
	if len(by) == 0 {
		return 0
	}
	return sum / float64(len(by))
}

// determiners are dropped at the head of a name before it is compared.
var determiners = set(strings.Fields("the a an my our your his her its their this that these those")...)

// normal is the form in which names are compared.
func normal(s string) string {
	s = strings.ReplaceAll(strings.ToLower(norm.NFKC.String(s)), "’", "'")
	s = strings.Join(strings.Fields(s), " ")
	s = strings.Trim(s, ".,;:!?\"“”()")
	if head, rest, ok := strings.Cut(s, " "); ok && determiners[head] {
		s = rest
	}
	return strings.TrimFunc(strings.TrimSuffix(s, "'s"), unicode.IsSpace)
}
