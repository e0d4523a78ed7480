package graphstore

import (
	"fmt"
	"log/slog"
	"time"
)

// Seq numbers the operations of a store: 1, 2, 3 …
type Seq uint64

// Ids are made from the log: a line or a session has the Seq of the operation
// that brought it, a node or a fact has Seq·1000 + its place in that operation.
// So an id is never used twice, not even after undo, and stays below 2^53 (the
// largest whole number a browser counts to) for more operations than one hears.
type (
	LineID    uint64
	SessionID uint64
	NodeID    uint64
	EdgeID    uint64
)

// UserNode is the person who speaks, whatever the session.
const UserNode NodeID = 1

// Author says who brought a fact or an operation.
type Author string

// Authors.
const (
	Model  Author = "model"
	Rule   Author = "rule"
	Person Author = "person"
)

// State says how a fact stands now.
type State string

// States. A fact is in the memory graph exactly when it is believed.
const (
	Believed State = "believed" // confident enough, or confirmed by a person
	Doubtful State = "doubtful" // below what is needed, or against what a person confirmed
	Rejected State = "rejected" // a person said no
	Retired  State = "retired"  // its plain negation was told later
)

// Graph names one of the two graphs. Empty means both.
type Graph string

// Graphs.
const (
	SessionGraph Graph = "session"
	MemoryGraph  Graph = "memory"
)

// Line is one final utterance as text.
type Line struct {
	ID      LineID        `json:"id"`
	Session SessionID     `json:"session"`
	At      time.Time     `json:"at"` // when it was said; zero in AddLine means now
	Start   time.Duration `json:"start_ns"`
	End     time.Duration `json:"end_ns"`
	Text    string        `json:"text"`
	Words   []Word        `json:"words,omitempty"` // where each word sounds; may be empty
	Learned bool          `json:"learned"`
	Rev     Seq           `json:"rev,omitempty"` // the operation that last edited the text; 0 as heard
}

// Word ties a span of Line.Text (code points) to its place in the sound.
type Word struct {
	From  int           `json:"from"`
	To    int           `json:"to"`
	Start time.Duration `json:"start_ns"`
	End   time.Duration `json:"end_ns"`
}

// String never prints what was said: lines end up in logs.
func (l Line) String() string {
	return fmt.Sprintf("line %d (%d bytes)", l.ID, len(l.Text))
}

// GoString is String, so that %#v is as discreet.
func (l Line) GoString() string { return l.String() }

// LogValue never prints what was said.
func (l Line) LogValue() slog.Value {
	return slog.GroupValue(slog.Uint64("id", uint64(l.ID)), slog.Int("bytes", len(l.Text)))
}

// Session is one stretch of listening.
type Session struct {
	ID    SessionID `json:"id"`
	Began time.Time `json:"began"`
	Ended time.Time `json:"ended,omitzero"` // zero while it runs
	Lines int       `json:"lines"`
}

// Term is one end of a claim as it was said.
type Term struct {
	Name string `json:"name"`
	Type string `json:"type"` // one of Types, or "USER" with the name "USER"
}

// Claim is one fact as extracted from a line.
type Claim struct {
	Subject    Term    `json:"subject"`
	Relation   string  `json:"relation"`
	Predicate  string  `json:"predicate,omitempty"` // only and always with "open"
	Object     Term    `json:"object"`
	Negated    bool    `json:"negated,omitempty"`
	Status     string  `json:"status,omitempty"` // "current" (or empty), "past", "planned"
	When       string  `json:"when,omitempty"`
	From       int     `json:"from"` // span in Line.Text, code points, end exclusive
	To         int     `json:"to"`
	Confidence float32 `json:"confidence"`
	Needed     float32 `json:"needed,omitempty"` // the confidence from which it is believed; 0 means Threshold
	By         Author  `json:"by,omitempty"`     // empty means Model
}

// LogValue never prints what was said.
func (c Claim) LogValue() slog.Value { return slog.StringValue("claim " + c.Relation) }

// Node is a person, place, thing or idea that facts are about.
type Node struct {
	ID      NodeID   `json:"id"`
	Name    string   `json:"name"`
	Type    string   `json:"type"`
	Aliases []string `json:"aliases,omitempty"`
	Author  Author   `json:"author"`         // Person once a person renamed, retyped or merged it
	Into    NodeID   `json:"into,omitempty"` // merged into that node; then only a signpost
	Facts   int      `json:"facts"`          // believed and doubtful facts about it
}

// Edge is a fact without the names of its ends.
type Edge struct {
	ID         EdgeID    `json:"id"`
	Subject    NodeID    `json:"subject"`
	Relation   string    `json:"relation"`
	Predicate  string    `json:"predicate,omitempty"`
	Object     NodeID    `json:"object"`
	Negated    bool      `json:"negated,omitempty"`
	Status     string    `json:"status"` // "current", "past", "planned"
	When       string    `json:"when,omitempty"`
	ValidFrom  time.Time `json:"valid_from,omitzero"` // valid time: empty until words are resolved
	ValidTo    time.Time `json:"valid_to,omitzero"`
	Grain      string    `json:"grain,omitempty"`
	Heard      time.Time `json:"heard"`          // first told
	Last       time.Time `json:"last"`           // last told
	Ended      time.Time `json:"ended,omitzero"` // no longer believed since
	RetiredBy  EdgeID    `json:"retired_by,omitempty"`
	Confidence float32   `json:"confidence"`
	Author     Author    `json:"author"` // Person once a person added, changed or judged it
	Count      int       `json:"count"`  // lines that told it
	State      State     `json:"state"`
	Confirmed  bool      `json:"confirmed,omitempty"` // by a person
	Memory     bool      `json:"memory"`              // in the memory graph
	Session    SessionID `json:"session,omitempty"`   // the last session that told it
	Told       Seq       `json:"told"`                // place in time: larger is newer
}

// Evidence is one line that told a fact.
type Evidence struct {
	Line       LineID        `json:"line"`
	Session    SessionID     `json:"session"`
	At         time.Time     `json:"at"`
	From       int           `json:"from"` // code points in Text, end exclusive; 0, 0 while an edited line is unlearned
	To         int           `json:"to"`
	Start      time.Duration `json:"start_ns"` // the span's place in the session's sound
	End        time.Duration `json:"end_ns"`
	Status     string        `json:"status"`
	When       string        `json:"when,omitempty"`
	Confidence float32       `json:"confidence"`
	Author     Author        `json:"author"`
	Text       string        `json:"text,omitempty"` // the whole line
}

// Fact is an Edge with everything a person wants to see of it.
type Fact struct {
	Edge
	SubjectNode Node       `json:"subject_node"`
	ObjectNode  Node       `json:"object_node"`
	Evidence    []Evidence `json:"evidence"` // newest first; lists show at most five, Fact all
}

// Change is what a screen must redraw after an operation.
type Change struct {
	Seq       Seq      `json:"seq"`
	Nodes     []Node   `json:"nodes,omitempty"`
	Edges     []Edge   `json:"edges,omitempty"` // also those whose evidence alone reads otherwise, as after an edit of its line
	GoneNodes []NodeID `json:"gone_nodes,omitempty"`
	GoneEdges []EdgeID `json:"gone_edges,omitempty"`
	Lines     []LineID `json:"lines,omitempty"` // lines whose text or learned mark changed
}

// Empty reports whether nothing changed.
func (c Change) Empty() bool {
	return len(c.Nodes)+len(c.Edges)+len(c.GoneNodes)+len(c.GoneEdges)+len(c.Lines) == 0
}

// Filter chooses facts. The zero value means all that is believed or doubtful.
type Filter struct {
	Session  SessionID // told in this session
	Graph    Graph     // MemoryGraph: believed only
	Node     NodeID    // about this node, at either end
	Relation string
	States   []State // empty: Believed and Doubtful
	Text     string  // found in a name, the relation, the predicate or a sentence
	After    EdgeID  // the next page: what comes after this fact
	Limit    int     // 0: no limit
}

// Scope chooses what a Snapshot shows.
type Scope struct {
	Graph   Graph     // empty: the session's facts, then the memory's facts about the same nodes, then other memory
	Session SessionID // 0: the newest session
	Focus   NodeID    // only this node and its neighbours
	Limit   int       // at most this many nodes; 0: 60
	Lines   int       // at most this many recent lines; 0: 50
}

// Snapshot is a picture of the graph at one Seq.
type Snapshot struct {
	Seq     Seq     `json:"seq"`
	Session Session `json:"session"`
	Lines   []Line  `json:"lines"` // oldest first
	Nodes   []Node  `json:"nodes"`
	Edges   []Edge  `json:"edges"` // newest first
	More    int     `json:"more"`  // facts of the scope that did not fit, counted up to 200
}

// Stats counts what the store holds.
type Stats struct {
	Sessions  int `json:"sessions"`
	Lines     int `json:"lines"`
	Unlearned int `json:"unlearned"`
	Nodes     int `json:"nodes"`
	Facts     int `json:"facts"`
	Believed  int `json:"believed"`
	Doubtful  int `json:"doubtful"`
	Rejected  int `json:"rejected"`
	Retired   int `json:"retired"`
	Confirmed int `json:"confirmed"`
}
