package extract

import "slices"

// remembered is how many readings an Extractor keeps: the last partial text is read again as the final one, an
// edited line often as it was. One is a few kilobytes, since no window is longer than one pass of the encoder.
const remembered = 1000

// A question is all that decides how a window of text is read. The id does not.
type question struct {
	domain, text string
	context      [MaxContext]string
	before       int // utterances of context: an empty one is not the same as none
}

func asked(in Input) question {
	q := question{domain: in.Domain, text: in.Text, before: len(in.Context)}
	copy(q.context[:], in.Context)
	return q
}

// recall is what was read before in the same words and context, if it is remembered.
func (x *Extractor) recall(in Input) (Record, bool) {
	rec, known := x.seen.Get(asked(in))
	if !known {
		return Record{}, false
	}
	rec = rec.clone()
	rec.ID = in.ID
	return rec, true
}

// clone shares no memory with r, so that a caller who changes what he got changes nothing that is remembered.
func (r Record) clone() Record {
	r.Context, r.ContextSentences = slices.Clone(r.Context), slices.Clone(r.ContextSentences)
	r.Entities, r.InContext, r.Coref = slices.Clone(r.Entities), slices.Clone(r.InContext), slices.Clone(r.Coref)
	r.Relations, r.Query = slices.Clone(r.Relations), slices.Clone(r.Query)
	r.Sentences, r.Links = slices.Clone(r.Sentences), slices.Clone(r.Links)
	r.Vector = slices.Clone(r.Vector)
	return r
}

// Forget drops what the extractor remembers of the texts that it read.
func (x *Extractor) Forget() { x.seen.Purge() }
