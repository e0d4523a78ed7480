package graphstore

import (
	"bufio"
	"fmt"
	"io"
)

// ExportVersion is the version of the document that Export writes.
const ExportVersion = 1

// Export writes the whole store as one JSON document, in a stable order, one
// record a line:
//
//	{"format": "hotmem", "version": 1, "seq": …,   the last operation
//	 "sessions":   [Session …],                    by id, as are all lists
//	 "lines":      [Line …],
//	 "nodes":      [Node …],
//	 "facts":      [Edge with "evidence": [Evidence …, oldest first, without text] …],
//	 "operations": [Operation …]}
//
// Times are RFC 3339 in UTC, durations nanoseconds, spans code points, end
// exclusive. The operations alone are enough to make the same store again; the
// lists before them are for readers. A reader must refuse a higher version and
// ignore fields that it does not know.
func (s *Store) Export(w io.Writer) error {
	out := &exporter{w: bufio.NewWriterSize(w, 64<<10)}
	err := s.view(func(t *tx) error {
		var last Seq
		t.each(key(keyOp), true, func(k string, _ []byte) bool { last = Seq(lastNum(k)); return false })
		out.print("{\"format\": \"hotmem\", \"version\": %d, \"seq\": %d", ExportVersion, last)
		exportList(t, out, "sessions", keySession, func(s Session) any { return s })
		exportList(t, out, "lines", keyLine, func(l Line) any { return l })
		exportList(t, out, "nodes", keyNode, func(n nodeRec) any { return t.publicNode(n) })
		exportList(t, out, "facts", keyEdge, func(e edgeRec) any { return t.exportFact(e) })
		exportList(t, out, "operations", keyOp, func(op Operation) any { return op })
		out.print("}\n")
		return nil
	})
	if err == nil {
		err = out.err
	}
	if err == nil {
		err = out.w.Flush()
	}
	if err != nil {
		return fmt.Errorf("export: %w", err)
	}
	return nil
}

type exporter struct {
	w   *bufio.Writer
	err error
}

func (x *exporter) print(text string, args ...any) {
	if x.err == nil {
		_, x.err = fmt.Fprintf(x.w, text, args...)
	}
}

func exportList[T any](t *tx, x *exporter, name string, prefix byte, public func(T) any) {
	x.print(",\n\"%s\": [", name)
	separator := "\n"
	t.each(key(prefix), false, func(_ string, v []byte) bool {
		var rec T
		t.fail(decode(v, &rec))
		b, err := encode(public(rec))
		t.fail(err)
		x.print("%s%s", separator, b)
		separator = ",\n"
		return t.err == nil && x.err == nil
	})
	x.print("]")
}

type exportedFact struct {
	Edge
	Evidence []Evidence `json:"evidence"`
}

func (t *tx) exportFact(e edgeRec) exportedFact {
	out := exportedFact{Edge: e.edge(), Evidence: []Evidence{}}
	for _, ev := range t.evidence(e.ID) {
		public := t.publicEvidence(ev)
		public.Text = ""
		out.Evidence = append(out.Evidence, public)
	}
	return out
}
