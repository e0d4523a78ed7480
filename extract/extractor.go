package extract

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	lru "github.com/hashicorp/golang-lru/v2"
)

// An Extractor reads facts out of utterances. One goroutine may use it at a time if its encoder says
// so. It remembers its last readings, in memory only, until [Extractor.Forget].
type Extractor struct {
	enc   Encoder
	tok   *Tokenizer
	heads *heads
	seen  *lru.Cache[question, Record]
}

// New puts an encoder and its heads file together; the heads file carries the vocabulary. The two
// belong to one training: what does not fit is refused with the name of the file.
func New(enc Encoder, heads string) (*Extractor, error) {
	with, _ := enc.(Multiplier)
	h, tok, err := openHeads(heads, with)
	if err != nil {
		return nil, err
	}
	if h.hidden != enc.Dim() {
		return nil, fmt.Errorf("heads file %s is for an encoder of width %d, not %d; get the model files again (./build.sh models)",
			heads, h.hidden, enc.Dim())
	}
	if enc.Hash() != h.encoder {
		return nil, fmt.Errorf("heads file %s belongs to another encoder (%.12s, not %.12s); get the model files again (./build.sh models)",
			heads, h.encoder, enc.Hash())
	}
	seen, err := lru.New[question, Record](remembered)
	return &Extractor{enc: enc, tok: tok, heads: h, seen: seen}, err
}

// ErrTooLong is returned for a text above MaxText code points.
var ErrTooLong = errors.New("text is too long")

// Extract reads one utterance. A text too long for one pass of the encoder is read in windows of whole
// sentences, each with the one before it as context.
func (x *Extractor) Extract(ctx context.Context, in Input) (Record, error) {
	in.Context = in.Context[max(0, len(in.Context)-MaxContext):]
	given := in.Context
	in, err := prepare(in)
	if err != nil {
		return Record{}, err
	}
	if rec, known := x.recall(in); known { // before the text is cut into words, which takes longer
		rec.Context = given
		return rec, nil
	}
	windows := x.tok.windows(in.Text)
	if len(windows) == 1 {
		rec, err := x.window(ctx, in)
		rec.Context = given
		return rec, err
	}
	whole := Record{ID: in.ID, Domain: in.Domain, Context: given, Text: in.Text, Act: "social"}
	part := in
	for _, w := range windows {
		part.Text = Cut(in.Text, w[0], w[1])
		rec, err := x.window(ctx, part)
		if err != nil {
			return Record{}, err
		}
		part.Context = ends([]string{part.Text})
		whole.join(rec, w[0])
	}
	return whole, nil
}

// prepare leaves of an input what is looked at.
func prepare(in Input) (Input, error) {
	if utf8.RuneCountInString(in.Text) > MaxText {
		return in, fmt.Errorf("%w: more than %d characters; cut it into utterances", ErrTooLong, MaxText)
	}
	in.Context = ends(in.Context[max(0, len(in.Context)-MaxContext):])
	return in, nil
}

// lastContext is how many code points of a context utterance are looked at, its last ones: the encoder has
// room for no more, and a long line must not push out all context.
const lastContext = 700

// ends cuts context utterances to their last words.
func ends(context []string) []string {
	out := make([]string, len(context))
	for i, c := range context {
		n := utf8.RuneCountInString(c)
		if out[i] = c; n <= lastContext {
			continue
		}
		tail := Cut(c, n-lastContext, n)
		if at := strings.IndexAny(tail, " \t\n"); at >= 0 { // not from the middle of a word
			tail = tail[at:]
		}
		out[i] = strings.TrimSpace(tail)
	}
	return out
}

// window reads a text that fits into one pass, or remembers how it read it.
func (x *Extractor) window(ctx context.Context, in Input) (Record, error) {
	if rec, known := x.recall(in); known {
		return rec, nil
	}
	s, err := x.see(ctx, in)
	if err != nil {
		return Record{}, err
	}
	rec := x.heads.decode(s)
	x.seen.Add(asked(in), rec.clone())
	return rec, nil
}

// join adds the record of a window of the text, which starts at code point at. Links between windows are
// not known.
func (r *Record) join(o Record, at int) {
	named := map[string]bool{}
	for _, e := range r.Entities {
		named[normal(e.Text)] = true
	}
	for _, e := range o.Entities {
		if !named[normal(e.Text)] {
			e.Start, e.End = e.Start+at, e.End+at
			r.Entities = append(r.Entities, e)
		}
	}
	for _, c := range o.Coref {
		c.Start, c.End = c.Start+at, c.End+at
		r.Coref = append(r.Coref, c)
	}
	for _, s := range o.Sentences {
		s.Start, s.End = s.Start+at, s.End+at
		r.Sentences = append(r.Sentences, s)
	}
	told := map[Relation]bool{}
	bare := func(t Relation) Relation { t.Confidence = 0; return t }
	for _, t := range r.Relations {
		told[bare(t)] = true
	}
	for _, t := range o.Relations {
		if !told[bare(t)] {
			r.Relations = append(r.Relations, t)
		}
	}
	r.Query = append(r.Query, o.Query...)
	r.Domain = cmp.Or(r.Domain, o.Domain)
	r.Believed = max(r.Believed, o.Believed)
	if r.Vector == nil { // the opening tells what a long text is about
		r.Vector = o.Vector
	}
	if r.Act == "social" {
		r.Act = o.Act
	}
	r.Links, r.ContextSentences = nil, nil
}
