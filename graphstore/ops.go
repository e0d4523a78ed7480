package graphstore

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// Kind names what an operation did.
type Kind string

// Kinds of operations.
const (
	KindSession    Kind = "session"     // a session began
	KindSessionEnd Kind = "session_end" // a session ended
	KindLine       Kind = "line"        // a line was heard
	KindExtract    Kind = "extract"     // a line's claims were extracted
	KindCorrect    Kind = "correct"     // a person corrected something
	KindUndo       Kind = "undo"        // a correction was undone
	KindRedo       Kind = "redo"        // an undone correction was done again
)

// Operation is one entry of the log, the truth of the store. Everything that a
// projection needs stands in it, times included.
type Operation struct {
	Seq        Seq         `json:"seq"`
	At         time.Time   `json:"at"`
	Author     Author      `json:"author"`
	Kind       Kind        `json:"kind"`
	Session    SessionID   `json:"session,omitempty"`    // session_end
	Line       *Line       `json:"line,omitempty"`       // line
	Learned    LineID      `json:"learned,omitempty"`    // extract
	Rev        Seq         `json:"rev,omitempty"`        // extract: the edit of the line that was read
	Claims     []Claim     `json:"claims,omitempty"`     // extract
	Correction *Correction `json:"correction,omitempty"` // correct
	Target     Seq         `json:"target,omitempty"`     // undo, redo: the correction
}

// CorrectionOp names what a correction does.
type CorrectionOp string

// What a person can correct, and the fields of Correction that each reads.
const (
	RenameNode     CorrectionOp = "rename"    // Node, Text
	RetypeNode     CorrectionOp = "retype"    // Node, Type
	MergeNodes     CorrectionOp = "merge"     // Node disappears in Into
	ChangeRelation CorrectionOp = "relation"  // Edge, Relation, Predicate
	ChangeSubject  CorrectionOp = "subject"   // Edge, Into or Subject
	ChangeObject   CorrectionOp = "object"    // Edge, Into or Object
	SetNegated     CorrectionOp = "negated"   // Edge, Negated
	SetStatus      CorrectionOp = "status"    // Edge, Status
	SetWhen        CorrectionOp = "when"      // Edge, When
	RejectFact     CorrectionOp = "reject"    // Edge
	ConfirmFact    CorrectionOp = "confirm"   // Edge
	AddFact        CorrectionOp = "add"       // Subject, Relation, Predicate, Object, Negated, Status, When, Session
	EditLine       CorrectionOp = "edit_line" // Line, Text
)

// Correction is what a person changes by hand. Subject and Object name a node
// as speech would; where a node's id is known (Node, Into) it is used instead.
type Correction struct {
	Op        CorrectionOp `json:"op"`
	Node      NodeID       `json:"node,omitempty"`
	Into      NodeID       `json:"into,omitempty"`
	Edge      EdgeID       `json:"edge,omitempty"`
	Line      LineID       `json:"line,omitempty"`
	Session   SessionID    `json:"session,omitempty"`
	Text      string       `json:"text,omitempty"`
	Type      string       `json:"type,omitempty"`
	Subject   Term         `json:"subject,omitzero"`
	Relation  string       `json:"relation,omitempty"`
	Predicate string       `json:"predicate,omitempty"`
	Object    Term         `json:"object,omitzero"`
	Negated   bool         `json:"negated,omitempty"`
	Status    string       `json:"status,omitempty"`
	When      string       `json:"when,omitempty"`
}

// Entry is one line of the history, without anything that was said.
type Entry struct {
	Seq     Seq          `json:"seq"`
	At      time.Time    `json:"at"`
	Author  Author       `json:"author"`
	Kind    Kind         `json:"kind"`
	Op      CorrectionOp `json:"op,omitempty"`
	Node    NodeID       `json:"node,omitempty"`
	Into    NodeID       `json:"into,omitempty"`
	Edge    EdgeID       `json:"edge,omitempty"`
	Line    LineID       `json:"line,omitempty"`
	Session SessionID    `json:"session,omitempty"`
	Claims  int          `json:"claims,omitempty"`
	Target  Seq          `json:"target,omitempty"`
	Undone  bool         `json:"undone,omitempty"` // a correction that does not count now
}

// encode gives the same bytes for the same record: struct fields in order.
func encode(v any) ([]byte, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("encode %T: %w", v, err)
	}
	return b, nil
}

// decode reads a record that encode wrote.
func decode(b []byte, v any) error {
	if err := json.Unmarshal(b, v); err != nil {
		return errors.Join(ErrDamaged, fmt.Errorf("decode %T: %w", v, err))
	}
	return nil
}
