package llama

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"hotmem/extract"
)

// The floors are below what the model that ships scores (README); a training that falls under one of them
// must not ship.
func TestShippedExtractorReadsTheTuningSetWellEnough(t *testing.T) {
	x := shipped(t)
	gold := tuningSet(t)
	pred := make([]extract.Record, len(gold))
	for i, g := range gold {
		var err error
		pred[i], err = x.Extract(t.Context(), extract.Input{ID: g.ID, Domain: g.Domain, Context: g.Context, Text: g.Text})
		if err != nil {
			t.Fatal(err)
		}
	}
	rep := extract.Score(gold, pred)
	t.Logf("%d utterances\n%s", len(gold), rep)
	for _, c := range []struct {
		what      string
		got, want float64
	}{
		{"entity F1", rep.Entity.F1(), .86},
		{"relation F1", rep.Relation.F1(), .79},
		{"coreference F1", rep.Coreference.F1(), .88},
	} {
		if c.got < c.want {
			t.Errorf("%s is %.3f, below %.2f", c.what, c.got, c.want)
		}
	}
}

// tuningSet turns the tuning set's compact form into records with the kit's own reader.
func tuningSet(t *testing.T) []extract.Record {
	t.Helper()
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Fatal("the tuning set is read with python3: install it")
	}
	files, err := filepath.Glob("../train/dev/dev-*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no tuning set: %v", err)
	}
	cmd := exec.Command(python, append([]string{"-B", "../train/compact.py", "dev"}, files...)...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, os.Stderr
	if err := cmd.Run(); err != nil {
		t.Fatal(err)
	}
	records, err := extract.ReadRecords(&out)
	if err != nil {
		t.Fatal(err)
	}
	return records
}
