package graphstore

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
)

// Prefixes of all keys, one byte each. What is derived can be rebuilt from the
// log byte for byte; what is not is the log itself, or only saves time.
const (
	keyFormat    = 'v' // {} → format version
	keyOp        = 'o' // {seq} → Operation
	keyBefore    = 'b' // {seq} → what a correction overwrote, for a quick undo
	keyPending   = 'w' // {} → an operation larger than a transaction is being written
	keyMark      = 'c' // {seq} → whether a correction is done, undone or passed over
	keySession   = 's' // {session} → sessionRec
	keyLine      = 'l' // {line} → Line
	keyNode      = 'n' // {node} → nodeRec
	keyEdge      = 'e' // {edge} → edgeRec
	keyEvidence  = 'p' // {edge, line} → evidenceRec
	keyStats     = 'z' // {} → Stats
	keyOfSession = 'm' // {session, line}: lines of a session
	keyUnlearned = 'u' // {line}: lines that wait for extraction
	keyName      = 'a' // {name, node} → nameRank
	keyFact      = 'f' // {subject, relation, predicate, object, negated} → edge
	keyEnd       = 'j' // {node, told, edge} → 1 if it stands: facts about a node
	keyMention   = 'k' // {node, edge}: facts that were once told of a node
	keyOfLine    = 'q' // {line, edge}: facts told by a line
	keyInSession = 'r' // {session, edge, line}: facts told in a session
	keyRecent    = 't' // {told, edge}: all facts by time
)

// layout lists the fields after each prefix: u is a number, s a text, b a flag.
var layout = map[byte]struct {
	fields  string
	derived bool // rebuilt from the log
	index   bool // derived from one other record alone
}{
	keyFormat:    {"", false, false},
	keyOp:        {"u", false, false},
	keyBefore:    {"u", false, false},
	keyPending:   {"", false, false},
	keyMark:      {"u", true, false},
	keySession:   {"u", true, false},
	keyLine:      {"u", true, false},
	keyNode:      {"u", true, false},
	keyEdge:      {"u", true, false},
	keyEvidence:  {"uu", true, false},
	keyStats:     {"", true, false},
	keyOfSession: {"uu", true, true},
	keyUnlearned: {"u", true, true},
	keyName:      {"su", true, true},
	keyFact:      {"ussub", true, true},
	keyEnd:       {"uuu", true, true},
	keyMention:   {"uu", true, true},
	keyOfLine:    {"uu", true, true},
	keyInSession: {"uuu", true, true},
	keyRecent:    {"uu", true, true},
}

// A field is one part of a key: a number, a text or a flag.
type field interface{ appendTo([]byte) []byte }

type (
	num  uint64
	text string
	flag bool
)

// Numbers are big-endian, so that bytes sort as numbers do.
func (n num) appendTo(b []byte) []byte { return binary.BigEndian.AppendUint64(b, uint64(n)) }

// Texts end with 0 1 and write a zero byte as 0 255, so that a text sorts
// before every longer one and no field runs into the next.
func (t text) appendTo(b []byte) []byte {
	for i := range len(t) {
		if b = append(b, t[i]); t[i] == 0 {
			b = append(b, 0xff)
		}
	}
	return append(b, 0, 1)
}

func (f flag) appendTo(b []byte) []byte {
	if f {
		return append(b, 1)
	}
	return append(b, 0)
}

// key builds a key, or with fewer fields than the layout has, a prefix of keys.
func key(prefix byte, fields ...field) string {
	b := make([]byte, 1, 1+9*len(fields))
	b[0] = prefix
	for _, f := range fields {
		b = f.appendTo(b)
	}
	return string(b)
}

var errKey = errors.New("not a key of this store")

// parseKey is the inverse of key for whole keys.
func parseKey(k []byte) (prefix byte, fields []field, err error) {
	if len(k) == 0 {
		return 0, nil, errKey
	}
	l, ok := layout[k[0]]
	if !ok {
		return 0, nil, fmt.Errorf("prefix %q: %w", k[0], errKey)
	}
	rest := k[1:]
	for _, kind := range l.fields {
		var f field
		switch {
		case kind == 'u' && len(rest) >= 8:
			f, rest = num(binary.BigEndian.Uint64(rest)), rest[8:]
		case kind == 'b' && len(rest) >= 1 && rest[0] <= 1:
			f, rest = flag(rest[0] == 1), rest[1:]
		case kind == 's':
			if f, rest, ok = parseText(rest); !ok {
				return 0, nil, fmt.Errorf("%q: %w", k, errKey)
			}
		default:
			return 0, nil, fmt.Errorf("%q: %w", k, errKey)
		}
		fields = append(fields, f)
	}
	if len(rest) > 0 {
		return 0, nil, fmt.Errorf("%q: %w", k, errKey)
	}
	return k[0], fields, nil
}

func parseText(b []byte) (field, []byte, bool) {
	var t []byte
	for {
		i := bytes.IndexByte(b, 0)
		if i < 0 || i+1 >= len(b) {
			return nil, nil, false
		}
		t = append(t, b[:i]...)
		end, next := b[i+1], b[i+2:]
		switch end {
		case 1:
			return text(t), next, true
		case 0xff:
			t, b = append(t, 0), next
		default:
			return nil, nil, false
		}
	}
}

// lastNum is the last number of a key whose last field is one.
func lastNum(k string) uint64 { return binary.BigEndian.Uint64([]byte(k[len(k)-8:])) }

// shortened is a text that fits a key whatever its length: Badger's keys end
// at 65,000 bytes, and a hostile name has more.
func shortened(s string) text {
	if len(s) <= 512 {
		return text(s)
	}
	sum := sha256.Sum256([]byte(s))
	return text(fmt.Sprintf("%s%x", s[:448], sum))
}
