package extract

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// TestTheKitStillSaysWhatTheGoldenFilesSay keeps the golden files from growing stale: it runs the
// scripts of the training kit that need nothing but Python itself.
func TestTheKitStillSaysWhatTheGoldenFilesSay(t *testing.T) {
	python := python3(t)
	for _, c := range []struct {
		golden string
		args   []string
	}{
		{"testdata/verbs.tsv", []string{"train/verbs.py", "--golden"}},
		{"testdata/score-golden.txt", []string{"train/score.py", "testdata/score-gold.jsonl", "testdata/score-pred.jsonl", "--by-relation"}},
	} {
		t.Run(c.args[0], func(t *testing.T) {
			want, err := os.ReadFile(c.golden)
			if err != nil {
				t.Fatal(err)
			}
			cmd := exec.Command(python, append([]string{"-B"}, c.args...)...)
			cmd.Stderr = os.Stderr
			got, err := cmd.Output()
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(sorted(string(got)), sorted(string(want))) {
				t.Errorf("%s does not hold what %v prints now; look at the difference and write it again", c.golden, c.args)
			}
		})
	}
}

func TestTheKitAndTheProgramMeasureReliabilityAlike(t *testing.T) {
	python := python3(t)
	gold, pred := fixture(t, "testdata/score-gold.jsonl"), fixture(t, "testdata/score-pred.jsonl")
	random := rand.New(rand.NewPCG(7, 8))
	path := t.TempDir() + "/pred.jsonl"
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := range pred {
		for k := range pred[i].Relations {
			pred[i].Relations[k].Confidence = float64(1+random.IntN(998)) / 1000
		}
		if err := WriteRecord(f, pred[i]); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(python, "-B", "train/reliability.py", "testdata/score-gold.jsonl", path)
	cmd.Stderr = os.Stderr
	got, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	want := fmt.Sprintf("%.4f", Reliable(Tellings(gold, pred), 10).Error)
	if strings.TrimSpace(string(got)) != want || want < "0.05" {
		t.Errorf("the kit measures %s, the program %s", got, want)
	}
}

// python3 is the interpreter that the kit runs in; a machine that must run these tests has it.
func python3(t *testing.T) string {
	t.Helper()
	python, err := exec.LookPath("python3")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("no python3 here; apt-get install python3")
		}
		t.Skip("no python3 here; the program is not compared with the kit")
	}
	return python
}

// sorted lines, because the scorer's order of equally frequent relations is not fixed.
func sorted(text string) []string {
	all := strings.Split(strings.TrimSpace(text), "\n")
	slices.Sort(all)
	return all
}
