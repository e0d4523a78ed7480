package extract

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"hotmem/graphstore"
)

// User is the constant that stands for the speaker in a record.
const User = "USER"

// unknown is the type of a name that neither text nor relation tells: it fits whatever the store
// already knows by that name.
const unknown = "CONCEPT"

// subjectType and objectType are the ends whose type the relation alone tells; in the teacher corpus
// at least 97 of 100 such ends have it. They serve names of the context, which a record does not type.
// An animal may like, own and live in things, so most subjects stay open.
var (
	subjectType = map[string]string{"colleague_of": "PERSON", "founded": "PERSON", "manages": "PERSON", "studies": "PERSON",
		"studies_at": "PERSON", "works_as": "PERSON", "works_at": "PERSON", "works_on": "PERSON"}
	objectType = map[string]string{"age": "QUANTITY", "attends": "EVENT", "birthday": "TIME", "colleague_of": "PERSON", "contact": "CONTACT",
		"does": "ACTIVITY", "from_place": "PLACE", "happens_at": "TIME", "has_condition": "HEALTH", "has_pet": "ANIMAL",
		"has_value": "QUANTITY", "lives_in": "PLACE", "takes": "HEALTH", "works_as": "ROLE"}
)

// Claims gives the facts of a record as the store takes them. Each points to the shortest part of the
// text that holds both of its ends, by name, by a pronoun that stands for them or, for the speaker, by
// I, me, my or we; a claim with neither end in the text points to all of it. A relation without a
// confidence was written by a person and counts as certain.
func Claims(r Record) []graphstore.Claim {
	length := utf8.RuneCountInString(r.Text)
	speaker := spokenOf(r.Text)
	out := make([]graphstore.Claim, 0, len(r.Relations))
	for _, t := range r.Relations {
		if !storable(t) {
			continue
		}
		from, to := evidence(places(r, t.Subject, speaker), places(r, t.Object, speaker))
		if from == to {
			from, to = 0, length
		}
		out = append(out, graphstore.Claim{
			Subject: graphstore.Term{Name: t.Subject, Type: typeOf(r, t.Subject, subjectType[t.Relation])},
			Object:  graphstore.Term{Name: t.Object, Type: typeOf(r, t.Object, objectType[t.Relation])},

			Relation: t.Relation, Predicate: t.Predicate, Negated: t.Negated, Status: t.Status, When: t.When,
			From: max(0, from), To: min(to, length), Confidence: float32(cmp.Or(t.Confidence, 1)), Needed: float32(r.Believed),
		})
	}
	return out
}

// storable tells a fact from what only a record may hold: an asked or empty end, a label that the
// guide does not have.
func storable(t Relation) bool {
	for _, end := range []string{t.Subject, t.Object} {
		if strings.TrimSpace(end) == "" || end == "?" {
			return false
		}
	}
	return t.Subject != t.Object && slices.Contains(graphstore.Relations, t.Relation) &&
		(t.Relation == "open") == (strings.TrimSpace(t.Predicate) != "")
}

func typeOf(r Record, name, hint string) string {
	if name == User {
		return User
	}
	for _, es := range [][]Entity{r.Entities, r.InContext} {
		for _, same := range []func(string) bool{
			func(s string) bool { return s == name },
			func(s string) bool { return normal(s) == normal(name) },
		} {
			if i := slices.IndexFunc(es, func(e Entity) bool { return same(e.Text) }); i >= 0 && slices.Contains(graphstore.Types, es[i].Type) {
				return es[i].Type
			}
		}
	}
	return cmp.Or(hint, unknown)
}

// places lists where the text speaks of a name.
func places(r Record, name string, speaker []Span) []Span {
	if name == User {
		return speaker
	}
	var out []Span
	for _, e := range r.Entities {
		if e.Text == name {
			out = append(out, Span{e.Start, e.End})
		}
	}
	for _, m := range r.Coref {
		if m.RefersTo == name || slices.Contains(strings.Split(strings.ReplaceAll(m.RefersTo, ", ", " and "), " and "), name) {
			out = append(out, Span{m.Start, m.End})
		}
	}
	return out
}

// evidence is the shortest span that holds one of subjects and one of objects, or the first of
// either where the text has only one end; from == to where it has none. A subject behind its object
// counts double: "long walks, but she" is not where it was said that she loves long walks.
func evidence(subjects, objects []Span) (from, to int) {
	best := 0
	for _, s := range subjects {
		for _, o := range objects {
			a, b := min(s.Start, o.Start), max(s.End, o.End)
			cost := b - a
			if s.Start > o.Start {
				cost *= 2
			}
			if from == to || cost < best {
				from, to, best = a, b, cost
			}
		}
	}
	if from == to {
		for _, s := range slices.Concat(subjects, objects) {
			return s.Start, s.End
		}
	}
	return from, to
}

// spokenOf finds the words in which the speaker speaks of himself.
func spokenOf(text string) []Span {
	var out []Span
	var word strings.Builder
	at, start := 0, 0
	end := func() {
		if firstPerson[word.String()] {
			out = append(out, Span{start, at})
		}
		word.Reset()
	}
	for _, r := range text {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			if word.Len() == 0 {
				start = at
			}
			word.WriteRune(unicode.ToLower(r))
		} else {
			end()
		}
		at++
	}
	end()
	return out
}
