package ui

import (
	"strconv"
	"time"

	"hotmem/graphstore"
)

// The types here are the contract with the page; the other side is panel/src/wire.ts. They are not the store's own types because the
// page needs the words with each fact, and because ids travel as strings: JavaScript has no 64-bit whole numbers.

type wireNode struct {
	ID    string   `json:"id"`
	Name  string   `json:"name"`
	Type  string   `json:"type"`
	Names []string `json:"names"`
	Facts int      `json:"facts"`
	By    string   `json:"by"`
}

type wireQuote struct {
	Line    string    `json:"line"`
	Session string    `json:"session"`
	At      time.Time `json:"at"`
	Text    string    `json:"text"`
	From    int       `json:"from"`
	To      int       `json:"to"`
}

type wireEdge struct {
	ID         string     `json:"id"`
	From       string     `json:"from"`
	To         string     `json:"to"`
	Relation   string     `json:"relation"`
	Predicate  string     `json:"predicate"`
	Says       string     `json:"says"`
	Negated    bool       `json:"negated"`
	Status     string     `json:"status"`
	When       string     `json:"when"`
	Confidence float32    `json:"confidence"`
	Count      int        `json:"count"`
	By         string     `json:"by"`
	State      string     `json:"state"`
	Confirmed  bool       `json:"confirmed"`
	Memory     bool       `json:"memory"`
	Session    string     `json:"session"`
	Told       uint64     `json:"told"` // place in time: larger is newer
	Heard      time.Time  `json:"heard"`
	Last       time.Time  `json:"last"`
	Quote      *wireQuote `json:"quote"`
}

// wireGuess is a fact of an unfinished utterance: it has names, and no ids yet.
type wireGuess struct {
	Subject  graphstore.Term `json:"subject"`
	Object   graphstore.Term `json:"object"`
	Relation string          `json:"relation"`
	Says     string          `json:"says"`
	Negated  bool            `json:"negated"`
	Status   string          `json:"status"`
}

type wireLine struct {
	ID      string    `json:"id"`
	Session string    `json:"session"`
	At      time.Time `json:"at"`
	Text    string    `json:"text"`
}

type wireStatus struct {
	Status
	CanListen bool `json:"can_listen"`
}

type wireSnapshot struct {
	Seq       uint64      `json:"seq"`
	Session   string      `json:"session"`
	Nodes     []wireNode  `json:"nodes"`
	Edges     []wireEdge  `json:"edges"`
	More      int         `json:"more"`
	Lines     []wireLine  `json:"lines"`
	Status    wireStatus  `json:"status"`
	Caption   Caption     `json:"caption"`
	Tentative []wireGuess `json:"tentative"`
}

type wireChange struct {
	Seq       uint64     `json:"seq"`
	Session   string     `json:"session"`
	Nodes     []wireNode `json:"nodes"`
	Edges     []wireEdge `json:"edges"`
	GoneNodes []string   `json:"gone_nodes"`
	GoneEdges []string   `json:"gone_edges"`
	Lines     []wireLine `json:"lines"` // that may read otherwise now
}

// nameLimit bounds what a name costs the page, in bytes; the export has every name whole.
const nameLimit = 2000

func id[T ~uint64](v T) string { return strconv.FormatUint(uint64(v), 10) }

func clip(s string) string {
	if len(s) <= nameLimit {
		return s
	}
	cut := nameLimit
	for cut > 0 && s[cut]&0xC0 == 0x80 { // not inside a character
		cut--
	}
	return s[:cut] + "…"
}

func by(a graphstore.Author) string {
	if a == graphstore.Person {
		return "you"
	}
	return string(a)
}

func newWireNode(n graphstore.Node) wireNode {
	names := make([]string, len(n.Aliases))
	for i, a := range n.Aliases {
		names[i] = clip(a)
	}
	return wireNode{ID: id(n.ID), Name: clip(n.Name), Type: n.Type, Names: names, Facts: n.Facts, By: by(n.Author)}
}

func newWireNodes(nodes []graphstore.Node) []wireNode {
	out := make([]wireNode, 0, len(nodes))
	for _, n := range nodes {
		if n.Into == 0 { // a merged node is only a signpost
			out = append(out, newWireNode(n))
		}
	}
	return out
}

// newWireEdge shows a fact with the newest of its evidence, if there is any.
func newWireEdge(e graphstore.Edge, newest *graphstore.Evidence) wireEdge {
	w := wireEdge{
		ID: id(e.ID), From: id(e.Subject), To: id(e.Object), Relation: e.Relation, Predicate: clip(e.Predicate),
		Says:    clip(Saying(e.Relation, e.Predicate, e.Negated, e.Status, e.Subject == graphstore.UserNode)),
		Negated: e.Negated, Status: e.Status, When: clip(e.When), Confidence: e.Confidence, Count: e.Count, By: by(e.Author),
		State: string(e.State), Confirmed: e.Confirmed, Memory: e.Memory, Session: id(e.Session), Told: uint64(e.Told), Heard: e.Heard, Last: e.Last,
	}
	if newest != nil {
		q := newWireQuote(*newest)
		w.Quote = &q
	}
	return w
}

func newWireQuote(e graphstore.Evidence) wireQuote {
	q := wireQuote{Line: id(e.Line), Session: id(e.Session), At: e.At}
	q.Text, q.From, q.To = excerpt(e.Text, e.From, e.To)
	return q
}

// quoteAround is how many characters a quote keeps on each side of the words that count: a snapshot holds hundreds of quotes, and some
// people talk for minutes without a full stop.
const quoteAround = 300

// excerpt cuts a line around a span; all counts are code points.
func excerpt(text string, from, to int) (string, int, int) {
	if len(text) <= 2*quoteAround {
		return text, from, to
	}
	points := []rune(text)
	from = min(max(from, 0), len(points))
	to = min(max(to, from), len(points))
	start, end := max(0, from-quoteAround), min(len(points), to+quoteAround)
	cut := string(points[start:end])
	from, to = from-start, to-start
	if start > 0 {
		cut, from, to = "…"+cut, from+1, to+1
	}
	if end < len(points) {
		cut += "…"
	}
	return cut, from, to
}

func newWireFacts(facts []graphstore.Fact) (edges []wireEdge, nodes []wireNode) {
	edges = make([]wireEdge, 0, len(facts))
	nodes = make([]wireNode, 0, len(facts))
	seen := make(map[graphstore.NodeID]bool)
	for _, f := range facts {
		var newest *graphstore.Evidence
		if len(f.Evidence) > 0 {
			newest = &f.Evidence[0]
		}
		edges = append(edges, newWireEdge(f.Edge, newest))
		for _, n := range []graphstore.Node{f.SubjectNode, f.ObjectNode} {
			if !seen[n.ID] {
				seen[n.ID] = true
				nodes = append(nodes, newWireNode(n))
			}
		}
	}
	return edges, nodes
}

func newWireLine(l graphstore.Line) wireLine {
	return wireLine{ID: id(l.ID), Session: id(l.Session), At: l.At, Text: l.Text}
}

func newWireLines(lines []graphstore.Line) []wireLine {
	out := make([]wireLine, len(lines))
	for i, l := range lines {
		out[i] = newWireLine(l)
	}
	return out
}

func newWireTentative(claims []graphstore.Claim) []wireGuess {
	out := make([]wireGuess, 0, len(claims))
	for _, c := range claims {
		out = append(out, wireGuess{
			Subject:  graphstore.Term{Name: clip(c.Subject.Name), Type: c.Subject.Type},
			Object:   graphstore.Term{Name: clip(c.Object.Name), Type: c.Object.Type},
			Relation: c.Relation, Negated: c.Negated, Status: c.Status,
			Says: clip(Saying(c.Relation, c.Predicate, c.Negated, c.Status, c.Subject.Type == userType)),
		})
	}
	return out
}

func (p *Panel) wireStatus(s Status) wireStatus {
	return wireStatus{Status: s, CanListen: p.opt.Listen != nil}
}

// wireEdges puts the words they came from beside facts of the store. A fact that is gone by now has none; its change follows.
func (p *Panel) wireEdges(edges []graphstore.Edge) []wireEdge {
	ids := make([]graphstore.EdgeID, len(edges))
	for i, e := range edges {
		ids[i] = e.ID
	}
	quotes, err := p.store.Newest(ids)
	if err != nil {
		p.log.Error("panel quotes", "error", err)
	}
	out := make([]wireEdge, 0, len(edges))
	for _, e := range edges {
		var newest *graphstore.Evidence
		if ev, ok := quotes[e.ID]; ok {
			newest = &ev
		}
		out = append(out, newWireEdge(e, newest))
	}
	return out
}

// newWireChange adds to each changed fact the words it came from, and to each line its own. Facts that are no longer believed leave the page, whatever became of them.
func (p *Panel) newWireChange(c graphstore.Change) wireChange {
	w := wireChange{
		Seq: uint64(c.Seq), Session: id(p.session()), Nodes: newWireNodes(c.Nodes),
		GoneNodes: make([]string, 0, len(c.GoneNodes)), GoneEdges: make([]string, 0, len(c.GoneEdges)), Lines: make([]wireLine, 0, len(c.Lines)),
	}
	for _, n := range c.Nodes {
		if n.Into != 0 {
			w.GoneNodes = append(w.GoneNodes, id(n.ID))
		}
	}
	for _, n := range c.GoneNodes {
		w.GoneNodes = append(w.GoneNodes, id(n))
	}
	for _, e := range c.GoneEdges {
		w.GoneEdges = append(w.GoneEdges, id(e))
	}
	shown := make([]graphstore.Edge, 0, len(c.Edges))
	for _, e := range c.Edges {
		if e.State == graphstore.Rejected || e.State == graphstore.Retired {
			w.GoneEdges = append(w.GoneEdges, id(e.ID))
			continue
		}
		shown = append(shown, e)
	}
	w.Edges = p.wireEdges(shown)
	for _, l := range c.Lines {
		if line, err := p.store.Line(l); err == nil {
			w.Lines = append(w.Lines, newWireLine(line))
		}
	}
	return w
}
