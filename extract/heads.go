package extract

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"strconv"
)

// headsFormat is the version of the heads file that this program reads.
const headsFormat = "2"

// heads are the small matrices behind the encoder; a field is the tensor of the heads file that has its
// name in small letters with an underscore (linkO is link, whole is span). Shapes are checked on load, so nothing later can run out of range.
type heads struct {
	hidden  int // width of the encoder
	vocab   int // pieces of the vocabulary that the encoder was trained with
	encoder string
	opt     options

	tag, men, end, act two    // tag.0 tag.2 …: word tags, third-person mentions, sentence ends, speech act
	whole              two    // first word, last word and mean of a span → its type, or (the last) nothing
	kind               table  // embedding of what a mention is
	mention            linear // first and last word and kind of a mention → its vector
	asked              []float32

	subj, obj, subjX, objX linear // the two ends of a pair, added and multiplied
	dist                   table
	btw, btwW, btwOut      linear // the words between the ends: projection, weight, output
	pair, rel              linear
	neg, ask, be, status   linear
	verbQ, verbK           linear // pointers from a pair to its verb, its particle and its time
	partQ, partK           linear
	whenQ, whenK           linear

	pro, ant, proX, antX linear // a pronoun and its candidate antecedent
	cdist                table
	coref                linear

	domain, vec                linear // [CLS] and the mean of the text → its domain, its meaning
	sent, role, shift          linear
	linkA, linkB, linkX, linkO linear
}

// A two is a head of two layers with a GELU between them.
type two struct{ a, b linear }

func (t two) rows(x []float32, n int) []float32 { return t.b.rows(gelu(t.a.rows(x, n)), n) }

// A table is an embedding: rows of one width.
type table struct {
	width int
	w     []float32
}

func (t table) row(i int) []float32 { return t.w[i*t.width : (i+1)*t.width] }

// options are the decoding thresholds of the heads file: train/tune.py chooses them on held-out records of the corpus,
// train/calibrate.py the last two.
type options struct {
	Relation float64 `json:"relation"` // a fact is told from this probability on
	Open     float64 `json:"open"`     // the same for open relations, which are rarer right and rarer told
	Second   float64 `json:"second"`   // a second relation of the same pair
	Context  float64 `json:"context"`  // bonus for finding names in the context
	Coref    float64 `json:"coref"`
	Plural   float64 `json:"plural"`
	Asked    float64 `json:"asked"`
	Entity   float64 `json:"entity"`
	None     float64 `json:"none"`
	Nothing  float64 `json:"nothing"` // a span that names nothing, as a whole, from this probability on is dropped
	Partial  float64 `json:"partial"` // see Caution

	Lone float64 `json:"lone"` // what an entity needs that no fact and no pronoun is about

	Calibration calibration        `json:"calibration"`
	Believed    map[string]float64 `json:"believed"` // by domain
}

// A loader reads the tensors of a heads file and keeps the first thing that is wrong.
type loader struct {
	file *Safetensors
	path string
	with Multiplier
	err  error
}

func (l *loader) fail(format string, args ...any) {
	if l.err == nil {
		l.err = fmt.Errorf("heads file %s: %s; get the model files again (./build.sh models)", l.path,
			fmt.Sprintf(format, args...))
	}
}

// tensor returns a tensor; a dimension of -1 may be anything.
func (l *loader) tensor(name string, shape ...int) ([]float32, []int) {
	v, got, err := l.file.Float32(name)
	if err != nil {
		l.fail("%v", err)
		return nil, make([]int, len(shape))
	}
	ok := len(got) == len(shape)
	for i := 0; ok && i < len(shape); i++ {
		ok = shape[i] < 0 || shape[i] == got[i]
	}
	if !ok {
		l.fail("tensor %q has shape %v, not %v", name, got, shape)
		return nil, make([]int, len(shape))
	}
	for _, x := range v {
		if math.IsNaN(float64(x)) || math.IsInf(float64(x), 0) {
			l.fail("tensor %q holds a value that is no number", name)
			break
		}
	}
	return v, got
}

func (l *loader) linear(name string, in, out int) linear {
	w, shape := l.tensor(name+".weight", out, in)
	b, _ := l.tensor(name+".bias", out)
	if out < 0 && len(b) != shape[0] {
		l.fail("tensor %q has %d values, not %d", name+".bias", len(b), shape[0])
	}
	return linear{in: shape[1], out: shape[0], w: w, b: b, with: l.with}
}

func (l *loader) two(name string, in, out int) two {
	a := l.linear(name+".0", in, -1)
	return two{a: a, b: l.linear(name+".2", a.out, out)}
}

func (l *loader) table(name string, rows, width int) table {
	w, shape := l.tensor(name+".weight", rows, width)
	return table{width: shape[1], w: w}
}

// openHeads reads and checks a heads file and the vocabulary in it; with, if not nil, multiplies for the heads.
func openHeads(path string, with Multiplier) (*heads, *Tokenizer, error) {
	file, err := OpenSafetensors(path)
	if err != nil {
		return nil, nil, err
	}
	l := &loader{file: file, path: path, with: with}
	h := &heads{}
	l.metadata(h)
	if l.err != nil {
		return nil, nil, l.err
	}
	h.read(l)
	return h, l.vocabulary(h.vocab), l.err
}

// vocabulary reads the pieces, one a line, that lie in the heads file as bytes.
func (l *loader) vocabulary(n int) *Tokenizer {
	pieces, _, err := l.file.Uint8("vocab")
	if err != nil {
		l.fail("%v", err)
		return nil
	}
	tok, err := NewTokenizer(bytes.NewReader(pieces))
	if err != nil {
		l.fail("%v", err)
		return nil
	}
	if got := len(tok.first) + len(tok.inner); got != n {
		l.fail("its vocabulary has %d pieces, not %d", got, n)
	}
	return tok
}

func (l *loader) metadata(h *heads) {
	meta := l.file.Metadata
	if meta["format"] != headsFormat {
		l.fail("format %q, but this program reads format %q", meta["format"], headsFormat)
		return
	}
	var err1, err2 error
	h.hidden, err1 = strconv.Atoi(meta["width"])
	h.vocab, err2 = strconv.Atoi(meta["vocab"])
	if err1 != nil || err2 != nil || h.hidden < 1 || h.hidden > 4096 {
		l.fail("width %q and vocabulary %q are no sizes", meta["width"], meta["vocab"])
	}
	h.encoder = meta["encoder"]
	var labels map[string][]string
	if err := json.Unmarshal([]byte(meta["labels"]), &labels); err != nil {
		l.fail("labels cannot be read: %v", err)
	}
	ours := map[string][]string{"types": Types, "relations": Relations, "acts": Acts, "roles": Roles, "links": Links,
		"status": Statuses, "mention": mentionTags, "domains": Domains}
	for name, want := range ours {
		if !reflect.DeepEqual(labels[name], want) {
			l.fail("its %s are not those of this program", name)
		}
	}
	if err := json.Unmarshal([]byte(meta["options"]), &h.opt); err != nil {
		l.fail("options cannot be read: %v", err)
	}
}

func (h *heads) read(l *loader) {
	w := h.hidden
	h.tag, h.men = l.two("tag", w, 1+2*len(Types)), l.two("men", w, len(mentionTags))
	h.end, h.act = l.two("end", w, 1), l.two("act", 2*w, len(Acts))
	h.whole = l.two("span", 3*w, len(Types)+1)
	h.domain, h.vec = l.linear("domain", 2*w, len(Domains)), l.linear("vec", 2*w, VectorWidth)
	h.kind = l.table("kind", kindAsked+1, -1)
	h.mention = l.linear("mention", 2*w+h.kind.width, -1)
	m := h.mention.out
	h.asked, _ = l.tensor("asked", m)
	h.subj, h.obj = l.linear("subj", m, -1), l.linear("obj", m, -1)
	p := h.subj.out
	h.subjX, h.objX = l.linear("subj_x", m, p), l.linear("obj_x", m, p)
	h.dist = l.table("dist", distances, p)
	h.btw, h.btwW = l.linear("btw", w, -1), l.linear("btw_w", w, 1)
	h.btwOut = l.linear("btw_out", h.btw.out, p)
	h.pair, h.rel = l.linear("pair", p, p), l.linear("rel", p, len(Relations))
	h.neg, h.ask, h.be = l.linear("neg", p, 1), l.linear("ask", p, 1), l.linear("be", p, 1)
	h.status = l.linear("status", p, len(Statuses))
	h.verbQ, h.verbK = l.linear("verb_q", p, -1), l.linear("verb_k", w, -1)
	h.partQ, h.partK = l.linear("part_q", p, -1), l.linear("part_k", w, -1)
	h.whenQ, h.whenK = l.linear("when_q", p, -1), l.linear("when_k", m, -1)
	for _, x := range [][2]linear{{h.verbQ, h.verbK}, {h.partQ, h.partK}, {h.whenQ, h.whenK}} {
		if x[0].out != x[1].out {
			l.fail("the two sides of a pointer differ in width")
		}
	}
	h.pro = l.linear("pro", m, -1)
	c := h.pro.out
	h.ant, h.proX, h.antX = l.linear("ant", m, c), l.linear("pro_x", m, c), l.linear("ant_x", m, c)
	h.cdist, h.coref = l.table("cdist", distances, c), l.linear("coref", c, 1)
	h.sent = l.linear("sent", 3*w, -1)
	s := h.sent.out
	h.role, h.shift = l.linear("role", s, len(Roles)), l.linear("shift", s, 1)
	h.linkA, h.linkB, h.linkX = l.linear("link_a", s, s), l.linear("link_b", s, s), l.linear("link_x", s, s)
	h.linkO = l.linear("link", s, len(Links))
}
