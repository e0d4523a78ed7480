package llama

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"hotmem/extract"
)

const models = "../../assets/models/extractor-small"

func shipped(tb testing.TB) *extract.Extractor { tb.Helper(); return shippedWith(tb, 1) }

func shippedWith(tb testing.TB, threads int) *extract.Extractor {
	tb.Helper()
	enc, err := Open(models+".gguf", Options{Threads: threads})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = enc.Close() })
	x, err := extract.New(enc, models+".heads.safetensors")
	if err != nil {
		tb.Fatal(err)
	}
	return x
}

func read(tb testing.TB, path string) []extract.Record {
	tb.Helper()
	f, err := os.Open(path)
	if err != nil {
		tb.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	records, err := extract.ReadRecords(f)
	if err != nil {
		tb.Fatal(err)
	}
	return records
}

// The reference was made by extract/train/reference.py --stable from the same weights, as the training kit
// reads them.
func TestProgramAndTrainingKitReadTheSameFacts(t *testing.T) {
	x := shipped(t)
	worst := 0.0
	wanted := read(t, "testdata/reference.jsonl")
	facts := 0
	for _, want := range wanted {
		facts += len(want.Relations)
	}
	if len(wanted) < 60 || facts < 100 {
		t.Fatalf("the reference has only %d records with %d facts", len(wanted), facts)
	}
	for _, want := range wanted {
		got, err := x.Extract(t.Context(), extract.Input{ID: want.ID, Domain: want.Domain, Context: want.Context, Text: want.Text})
		if err != nil {
			t.Fatal(err)
		}
		worst = max(worst, same(t, want, got))
	}
	t.Logf("the largest difference of a confidence is %.4f", worst)
}

// same compares two records and returns the largest difference of their confidences.
func same(t *testing.T, want, got extract.Record) (worst float64) {
	t.Helper()
	conf := func(r *extract.Record) (all []float64) {
		for i := range r.Entities {
			all, r.Entities[i].Confidence = append(all, r.Entities[i].Confidence), 0
		}
		for i := range r.Coref {
			all, r.Coref[i].Confidence = append(all, r.Coref[i].Confidence), 0
		}
		order := func(a, b extract.Relation) int { return strings.Compare(key(a), key(b)) }
		for _, facts := range [][]extract.Relation{r.Relations, r.Query} {
			slices.SortFunc(facts, order) // they come by confidence, which may differ in its last digit
			for i := range facts {
				all, facts[i].Confidence = append(all, facts[i].Confidence), 0
			}
		}
		return all
	}
	a, b := conf(&want), conf(&got)
	w, _ := json.Marshal(want)
	g, _ := json.Marshal(got)
	if string(w) != string(g) {
		t.Errorf("the kit reads\n%sand the program\n%s", w, g)
		return 0
	}
	for i := range a {
		worst = max(worst, math.Abs(a[i]-b[i]))
	}
	if worst > 0.02 {
		t.Errorf("%s: confidences differ by %.4f", want.ID, worst)
	}
	return worst
}

func key(r extract.Relation) string {
	return strings.Join([]string{r.Subject, r.Relation, r.Object, r.Predicate}, "|")
}

func TestSameTextGivesTheSameRecord(t *testing.T) {
	x := shipped(t)
	in := extract.Input{Text: "My sister Marta moved to Lisbon in May and she works at a bakery.", Context: []string{"Any news from home?"}}
	first, err := x.Extract(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	for range 5 {
		x.Forget()
		again, err := x.Extract(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		a, _ := json.Marshal(first)
		b, _ := json.Marshal(again)
		if string(a) != string(b) {
			t.Fatalf("first\n%sthen\n%s", a, b)
		}
	}
}

func TestStrangeTextsGiveARecordAndNoCrash(t *testing.T) {
	x := shipped(t)
	for name, text := range map[string]string{
		"nothing":          "",
		"blanks":           " \t\n ",
		"emoji":            strings.Repeat("🙂👍🏽 ", 80),
		"right to left":    "أختي مارتا تعيش في لشبونة",
		"digits":           strings.Repeat("0123456789 ", 150),
		"another language": "Meine Schwester Marta wohnt in Lissabon und hat zwei Katzen.",
		"10,000 letters":   strings.Repeat("My brother Ben drives a lorry for a dairy. ", 230),
		"one long word":    strings.Repeat("a", 9_999),
		"markup":           `<script>alert("x")</script> my name is <b>Bob</b>`,
	} {
		rec, err := x.Extract(t.Context(), extract.Input{Text: text})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if err := rec.Check(); err != nil && strings.TrimSpace(text) != "" {
			t.Errorf("%s: %v", name, err)
		}
		if name == "10,000 letters" && len(rec.Relations) == 0 {
			t.Error("a long text of plain facts gave none")
		}
	}
	if _, err := x.Extract(t.Context(), extract.Input{Text: strings.Repeat("a", extract.MaxText+1)}); err == nil {
		t.Error("a text above the limit was taken")
	}
}

// BenchmarkExtract reads the texts of the tuning set, sorted by their number of words, as the app does: with two threads, and
// alone or after the three texts before them. It reports the spread of one reading; an operation is all texts of a kind.
func BenchmarkExtract(b *testing.B) {
	x := shippedWith(b, 2)
	kinds := []struct {
		name string
		most int // words
	}{{"1-8", 8}, {"9-16", 16}, {"17-32", 32}, {"33-64", 64}, {"65-", 1 << 20}}
	inputs := byLength(tuning(b), kinds[3].most)
	for _, k := range kinds {
		n := 0
		for n < len(inputs) && len(strings.Fields(inputs[n].Text)) <= k.most {
			n++
		}
		some := inputs[:n]
		inputs = inputs[n:]
		for _, context := range []int{extract.MaxContext, 0} {
			for i := range some {
				some[i].Context = some[i].Context[:context]
			}
			b.Run(fmt.Sprintf("words=%s/context=%d", k.name, context), func(b *testing.B) { spread(b, x, some) })
		}
	}
}

// byLength puts before each text the three before it, and sorts by the number of words. The set has no text above some length,
// so those that follow each other make up long ones.
func byLength(all []extract.Input, most int) []extract.Input {
	var out []extract.Input
	long := ""
	for i := extract.MaxContext; i < len(all); i++ {
		in := extract.Input{Text: all[i].Text}
		for _, before := range all[i-extract.MaxContext : i] {
			in.Context = append(in.Context, before.Text)
		}
		out = append(out, in)
		if long += " " + in.Text; len(strings.Fields(long)) > most {
			in.Text, long = long, ""
			out = append(out, in)
		}
	}
	slices.SortStableFunc(out, func(a, b extract.Input) int { return len(strings.Fields(a.Text)) - len(strings.Fields(b.Text)) })
	return out
}

func spread(b *testing.B, x *extract.Extractor, inputs []extract.Input) {
	var took []time.Duration
	for b.Loop() {
		for _, in := range inputs {
			x.Forget()
			start := time.Now()
			if _, err := x.Extract(b.Context(), in); err != nil {
				b.Fatal(err)
			}
			took = append(took, time.Since(start))
		}
	}
	slices.Sort(took)
	for _, q := range []int{50, 95, 99} {
		b.ReportMetric(float64(took[(len(took)-1)*q/100].Microseconds())/1000, fmt.Sprintf("p%d-ms", q))
	}
	b.ReportMetric(float64(len(inputs)), "texts")
	b.ReportMetric(0, "ns/op")
}

// tuning reads contexts and texts of the tuning set in its compact form.
func tuning(tb testing.TB) (out []extract.Input) {
	tb.Helper()
	files, err := filepath.Glob("../train/dev/dev-*.txt")
	if err != nil || len(files) == 0 {
		tb.Fatalf("no tuning set: %v", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			tb.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			line = strings.TrimSpace(line)
			switch {
			case strings.HasPrefix(line, "@"):
				out = append(out, extract.Input{})
			case strings.HasPrefix(line, "C: "):
				out[len(out)-1].Context = append(out[len(out)-1].Context, line[3:])
			case strings.HasPrefix(line, "T: "):
				out[len(out)-1].Text = strings.ReplaceAll(line[3:], " // ", " ")
			}
		}
	}
	return out
}
