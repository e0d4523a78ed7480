package extract

import (
	"cmp"
	"context"
	"unicode"
)

// A Caution tells when a fact of a text that is still being spoken may be shown.
//
// The last words of such a text are not to be trusted: the name may go on ("New" York), the verb may be denied, the
// recogniser may have misheard. So a fact is shown when the text told it already without its last words: a fact that
// touches them cannot have been. That also makes up for the full stop that recognisers write wherever they are cut off.
type Caution struct {
	Readings int     // of the text, of the text without its last word, and so on, that must all tell the fact
	Sure     float64 // the mean confidence that they must have in it
}

const (
	// PartialWords is how many words a text must have before anything of it is shown.
	PartialWords = 3

	// agreeing and partialSure were chosen on held-out records of the corpus by the table of ./build.sh partial.
	// A heads file with the option "partial" has a confidence of its own.
	agreeing    = 3
	partialSure = 0.7
)

// Caution is the extractor's own.
func (x *Extractor) Caution() Caution {
	return Caution{Readings: agreeing, Sure: cmp.Or(x.heads.opt.Partial, partialSure)}
}

// Partial reads a text that is still being spoken. The relations of the record are those that the end will seldom take
// back; sentences, links and questions are left out, since all of them hang on the end. It costs one pass a word
// that is new since the last call, at most three; when the text stays as it is, Extract then costs none.
func (x *Extractor) Partial(ctx context.Context, in Input) (Record, error) {
	heads := Prefixes(in.Text)
	c := x.Caution()
	readings := make([]Record, 0, c.Readings)
	for _, text := range heads[max(0, len(heads)-c.Readings):] {
		part := in
		part.Text = text
		rec, err := x.Extract(ctx, part)
		if err != nil {
			return Record{}, err
		}
		readings = append(readings, rec)
	}
	if len(readings) == 0 { // not a word yet
		return x.Extract(ctx, in)
	}
	rec := readings[len(readings)-1]
	rec.Text = in.Text
	rec.Relations = nil
	if len(heads) >= PartialWords {
		rec.Relations = c.Settled(readings)
	}
	rec.Query, rec.Sentences, rec.Links, rec.ContextSentences = nil, nil, nil, nil
	return rec, nil
}

// Settled are the relations of the last reading that may be shown. The readings are of the text without more and more of
// its last words, the whole text last.
func (c Caution) Settled(readings []Record) []Relation {
	if len(readings) == 0 || len(readings) < c.Readings {
		return nil
	}
	readings = readings[len(readings)-max(1, c.Readings):]
	sure := map[fact]float64{}
	told := map[fact]int{}
	for i, rec := range readings {
		for _, r := range rec.Relations {
			k := key(r, nil).noStatus()
			if told[k] == i { // not the same fact twice in one reading
				told[k], sure[k] = i+1, sure[k]+r.Confidence
			}
		}
	}
	var out []Relation
	for _, r := range readings[len(readings)-1].Relations {
		if k := key(r, nil).noStatus(); told[k] == len(readings) && sure[k] >= c.Sure*float64(len(readings)) {
			out = append(out, r)
		}
	}
	return out
}

// Prefixes are what was heard of a text after each of its words; the last one is the text itself.
func Prefixes(text string) []string {
	var out []string
	word := false
	for i, r := range text {
		if blank := unicode.IsSpace(r); blank && word {
			out = append(out, text[:i])
			word = false
		} else if !blank {
			word = true
		}
	}
	switch {
	case word:
		out = append(out, text)
	case len(out) > 0:
		out[len(out)-1] = text
	}
	return out
}
