package extract

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"unicode/utf8"
)

// A Record is what one utterance said, in the form of GUIDE.md section 1. Confidences are the
// model's own and stand only where they are above zero.
type Record struct {
	ID               string     `json:"id"`
	Domain           string     `json:"domain"`
	Context          []string   `json:"context"`
	Text             string     `json:"text"`
	Act              string     `json:"act"`
	Entities         []Entity   `json:"entities"`
	Coref            []Mention  `json:"coref"`
	Relations        []Relation `json:"relations"`
	Query            []Relation `json:"query,omitempty"` // the asked fact; its unknown is "?"
	Sentences        []Sentence `json:"sentences"`
	Links            []Link     `json:"links"`
	ContextSentences []int      `json:"context_sentences,omitempty"`
	Complex          bool       `json:"complex,omitempty"`
	ASR              bool       `json:"asr,omitempty"`

	// InContext are the entities that the model saw in the context; only Text and Type count. The
	// guide's form has no place for them, but Claims needs their types.
	InContext []Entity `json:"-"`

	// Believed is the confidence from which on a relation of this record should be believed; what lies below is a doubt
	// to ask about. It is higher in domains where a wrong fact does harm. 0 is no opinion.
	Believed float64 `json:"-"`

	// Vector is what the text means: VectorWidth floats of length one, near each other where texts mean alike. Nil for
	// a text without words.
	Vector []float32 `json:"-"`
}

// An Entity is a thing that the utterance names. Offsets are code points, end exclusive.
type Entity struct {
	Text       string  `json:"text"`
	Start      int     `json:"start"`
	End        int     `json:"end"`
	Type       string  `json:"type"`
	Confidence float64 `json:"confidence,omitempty"`
}

// A Mention is a pronoun or definite noun and the name of what it points to.
type Mention struct {
	Text       string  `json:"text"`
	Start      int     `json:"start"`
	End        int     `json:"end"`
	RefersTo   string  `json:"refers_to"`
	Confidence float64 `json:"confidence,omitempty"`
}

// A Relation is one fact: the text of an entity, or USER, at either end.
type Relation struct {
	Subject    string  `json:"subject"`
	Relation   string  `json:"relation"`
	Object     string  `json:"object"`
	Negated    bool    `json:"negated,omitempty"`
	Status     string  `json:"status,omitempty"`    // "" is current; else past or planned
	When       string  `json:"when,omitempty"`      // the text of a TIME entity
	Predicate  string  `json:"predicate,omitempty"` // the verb of an "open" relation
	Confidence float64 `json:"confidence,omitempty"`
}

// A Sentence is one sentence of the text and its role in the argument.
type Sentence struct {
	Start      int    `json:"start"`
	End        int    `json:"end"`
	Role       string `json:"role"`
	TopicShift bool   `json:"topic_shift"`
}

// A Link joins two sentences, counted from 0 through context and text.
type Link struct {
	From int    `json:"from"`
	To   int    `json:"to"`
	Kind string `json:"kind"`
}

// Limits of what a line of JSON may hold. A spoken utterance is far below: the longest of the
// teacher corpus has 700 characters. They keep a broken or hostile file from eating the memory.
const (
	MaxLine    = 1 << 20 // bytes of one line
	MaxText    = 10_000  // code points of the text, and of each utterance of the context
	MaxContext = 3
	maxItems   = 2_000 // entities, mentions, relations, sentences or links of one record
)

// MarshalJSON writes the guide's form: lists are never null, defaults are left out, confidences
// have four digits.
func (r Record) MarshalJSON() ([]byte, error) {
	type plain Record // the same without this method
	r.Context, r.Sentences, r.Links = list(r.Context), list(r.Sentences), list(r.Links)
	r.Entities, r.Coref = list(r.Entities), list(r.Coref)
	for i := range r.Entities {
		r.Entities[i].Confidence = fourDigits(r.Entities[i].Confidence)
	}
	for i := range r.Coref {
		r.Coref[i].Confidence = fourDigits(r.Coref[i].Confidence)
	}
	r.Relations, r.Query = list(r.Relations), list(r.Query)
	for _, facts := range [][]Relation{r.Relations, r.Query} {
		for i := range facts {
			facts[i].Confidence = fourDigits(facts[i].Confidence)
			if facts[i].Status == "current" {
				facts[i].Status = ""
			}
		}
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(plain(r))
	return b.Bytes(), err
}

// list copies s; a nil slice becomes an empty one, which JSON writes as [].
func list[T any](s []T) []T { return append([]T{}, s...) }

func fourDigits(x float64) float64 { return math.Round(x*1e4) / 1e4 }

// Check tells the first thing in the record that cannot be: a span outside the text, a list without
// bounds. It does not judge the annotation. Offsets are checked only where the record has a text.
func (r *Record) Check() error {
	if err := checkInput(r.Context, r.Text); err != nil {
		return err
	}
	for what, n := range map[string]int{"entities": len(r.Entities), "coref": len(r.Coref), "relations": len(r.Relations),
		"query": len(r.Query), "sentences": len(r.Sentences), "links": len(r.Links), "context_sentences": len(r.ContextSentences)} {
		if n > maxItems {
			return fmt.Errorf("%d %s; one utterance holds at most %d", n, what, maxItems)
		}
	}
	length := math.MaxInt
	if r.Text != "" {
		length = utf8.RuneCountInString(r.Text)
	}
	span := func(what, text string, start, end int) error {
		if start < 0 || start > end || end > length {
			return fmt.Errorf("%s %q: span %d to %d does not lie in the text of %d code points", what, text, start, end, length)
		}
		return nil
	}
	var errs []error
	for _, e := range r.Entities {
		errs = append(errs, span("entity", e.Text, e.Start, e.End))
	}
	for _, m := range r.Coref {
		errs = append(errs, span("mention", m.Text, m.Start, m.End))
	}
	for _, s := range r.Sentences {
		errs = append(errs, span("sentence", s.Role, s.Start, s.End))
	}
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func checkInput(context []string, text string) error {
	if len(context) > MaxContext {
		return fmt.Errorf("%d utterances of context; give the last %d", len(context), MaxContext)
	}
	for _, s := range append([]string{text}, context...) {
		if n := utf8.RuneCountInString(s); n > MaxText {
			return fmt.Errorf("text of %d code points; cut it into utterances of at most %d", n, MaxText)
		}
	}
	return nil
}

// ReadRecords reads JSON Lines, one record each. Unknown keys are passed over and empty lines
// skipped; an error names the line. The records before it come back with it.
func ReadRecords(r io.Reader) ([]Record, error) {
	var out []Record
	err := lines(r, func(_ int, line []byte) error {
		var rec Record
		if err := json.Unmarshal(line, &rec); err != nil {
			return notRecord(err)
		}
		for _, facts := range [][]Relation{rec.Relations, rec.Query} {
			for i := range facts {
				if facts[i].Status == "current" {
					facts[i].Status = ""
				}
			}
		}
		if err := rec.Check(); err != nil {
			return err
		}
		out = append(out, rec)
		return nil
	})
	return out, err
}

// EachInput reads JSON Lines of utterances and calls do with each as soon as its line is there, so
// that a program at the other end of a pipe gets its answer. A line that is no utterance is passed over,
// and all such lines are named in the error at the end; an error of do stops it.
func EachInput(r io.Reader, do func(Input) error) error {
	var bad []error
	err := lines(r, func(n int, line []byte) error {
		in, err := readInput(line)
		if err != nil {
			if bad = append(bad, fmt.Errorf("line %d: %w", n, err)); len(bad) > maxBad {
				return errors.New("too many lines that are no utterances; is this the right file?")
			}
			return nil
		}
		return do(in)
	})
	return errors.Join(append(bad, err)...)
}

// maxBad is how many bad lines are named before the file is given up.
const maxBad = 20

func readInput(line []byte) (Input, error) {
	var in struct {
		Input
		Text *string `json:"text"`
	}
	if err := json.Unmarshal(line, &in); err != nil {
		return Input{}, notRecord(err)
	}
	if in.Text == nil {
		return Input{}, errors.New("no text: an utterance needs the key \"text\"")
	}
	in.Input.Text = *in.Text
	in.Context = in.Context[max(0, len(in.Context)-MaxContext):]
	return in.Input, checkInput(in.Context, *in.Text)
}

// notRecord keeps the words that were heard out of the error: it may end in a log.
func notRecord(err error) error {
	if wrong := (*json.UnmarshalTypeError)(nil); errors.As(err, &wrong) {
		return fmt.Errorf("key %q: a %s where GUIDE.md wants a %s", wrong.Field, wrong.Value, wrong.Type)
	}
	return fmt.Errorf("not a JSON object: %w", err)
}

// lines calls do with every line of r that is not blank, and its number.
func lines(r io.Reader, do func(n int, line []byte) error) error {
	sc := bufio.NewScanner(r)
	sc.Buffer(make([]byte, 0, 1<<16), MaxLine)
	n := 0
	for sc.Scan() {
		n++
		line := bytes.TrimSpace(bytes.TrimPrefix(sc.Bytes(), []byte("\ufeff")))
		if len(line) == 0 {
			continue
		}
		if err := do(n, line); err != nil {
			return fmt.Errorf("line %d: %w", n, err)
		}
	}
	switch err := sc.Err(); {
	case errors.Is(err, bufio.ErrTooLong):
		return fmt.Errorf("line %d: longer than %d bytes: not a record", n+1, MaxLine)
	case err != nil:
		return fmt.Errorf("line %d: %w", n+1, err)
	}
	return nil
}

// WriteRecord writes one line of JSON, with the keys in the guide's order.
func WriteRecord(w io.Writer, r Record) error {
	b, err := r.MarshalJSON()
	if err != nil {
		return err
	}
	_, err = w.Write(b) // it ends with a line break
	return err
}

// Cut returns the code points of text from start to end; what lies outside the text is left out.
func Cut(text string, start, end int) string {
	from, to := ByteSpan(text, start, end)
	return text[from:to]
}

// ByteSpan turns a span of code points into one of bytes, kept inside the text.
func ByteSpan(text string, start, end int) (from, to int) {
	start, end = max(start, 0), max(start, end, 0)
	from, to = len(text), len(text)
	n := 0
	for i := range text {
		if n == start {
			from = i
		}
		if n == end {
			to = i
			break
		}
		n++
	}
	return from, to
}

// CodePoints returns the number of code points in the first n bytes of text.
func CodePoints(text string, n int) int {
	return utf8.RuneCountInString(text[:max(0, min(n, len(text)))])
}
