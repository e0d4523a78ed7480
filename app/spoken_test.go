package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"hotmem/extract"
)

// goldFile writes records of plain sentences with these ids.
func goldFile(t *testing.T, ids ...string) string {
	t.Helper()
	var b bytes.Buffer
	for _, id := range ids {
		if err := extract.WriteRecord(&b, extract.Record{ID: id, Domain: "casual", Act: "statement",
			Text:      "My sister Marta lives in Lisbon and she likes long walks by the sea.",
			Relations: []extract.Relation{{Subject: "USER", Relation: "sibling_of", Object: "Marta"}}}); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(t.TempDir(), "gold.jsonl")
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestEvalTellsHowFactsComeUpWhileTheyAreSpoken(t *testing.T) {
	code, out, stderr := hotmem(t, "", "eval", "--json", "--stream", goldFile(t, "a"))
	var got struct {
		Stream struct{ Utterances, Right, Early int }
	}
	if err := json.Unmarshal([]byte(out), &got); code != 0 || err != nil {
		t.Fatalf("eval ends with %d, prints %q and says %q (%v)", code, out, stderr, err)
	}
	if got.Stream.Utterances != 1 || got.Stream.Right != 1 || got.Stream.Early != 1 {
		t.Errorf("the sister does not come up before the end: %s", out)
	}
}

func TestTheSweepLooksAtHeldOutRecordsOnly(t *testing.T) {
	gold := goldFile(t, "casual-0028", "casual-0029", "casual-0030", "casual-0075") // the kit holds out 29 and 75
	code, out, stderr := hotmem(t, "", "eval", "--held", "--sweep", gold)
	if code != 0 || !strings.Contains(out, "2 utterances") || strings.Count(out, "\n") != 2+4*6 {
		t.Errorf("the sweep ends with %d, prints\n%s\nand says %q", code, out, stderr)
	}
}
