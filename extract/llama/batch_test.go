package llama

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"hotmem/extract"
)

func TestSequencesOfOnePassDoNotSeeEachOther(t *testing.T) {
	e := open(t, newBERT(small).file(t), Options{Threads: 2})
	var all []extract.Sequence
	for i := range maxSequences {
		all = append(all, extract.Sequence{Tokens: someTokens(2+i%11, small.vocab), First: i * 7})
	}
	got, err := e.EncodeAll(t.Context(), all)
	if err != nil {
		t.Fatal(err)
	}
	worst := 0.0
	for i, q := range all {
		for k, v := range encode(t, e, q.Tokens, q.First) {
			worst = max(worst, math.Abs(float64(v-got[i][k])))
		}
	}
	if worst > .002 { // ggml computes GELU in half precision
		t.Errorf("a hidden state differs by %g from that of its sequence alone", worst)
	}
	long := extract.Sequence{Tokens: someTokens(300, small.vocab)}
	for name, c := range map[string]struct {
		all  []extract.Sequence
		want string
	}{
		"none":          {nil, "0 sequences"},
		"too many":      {append(all, all[0]), "65 sequences"},
		"too long":      {[]extract.Sequence{long, long}, "600 tokens together"},
		"one is empty":  {[]extract.Sequence{all[0], {}}, "0 tokens"},
		"one has no id": {[]extract.Sequence{all[0], {Tokens: []int32{99}}}, "token 99"},
	} {
		if _, err := e.EncodeAll(t.Context(), c.all); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one with %q", name, err, c.want)
		}
	}
}

// The weights take their inputs in 8 bits, so the last digit of an attention may move a confidence by a hundredth: a fact on
// the threshold can fall on either side.
func TestUtterancesReadTogetherSayWhatTheySayAlone(t *testing.T) {
	x := shipped(t)
	inputs := tuning(t)[:80]
	together, err := x.ExtractAll(t.Context(), inputs)
	if err != nil {
		t.Fatal(err)
	}
	x.Forget()
	var moved []float64
	facts, differ := 0, 0
	for i, in := range inputs {
		alone, err := x.Extract(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		sure := map[string]float64{}
		for _, r := range together[i].Relations {
			sure[key(r)] = r.Confidence
		}
		for _, r := range alone.Relations {
			facts++
			if c, ok := sure[key(r)]; ok {
				moved = append(moved, math.Abs(c-r.Confidence))
			} else {
				differ++
			}
			delete(sure, key(r))
		}
		differ += len(sure)
	}
	slices.Sort(moved)
	middle := moved[len(moved)/2]
	t.Logf("%d of %d facts differ; a confidence moves by %.5f (median)", differ, facts, middle)
	if differ*50 > facts || middle > .001 {
		t.Errorf("%d of %d facts differ, and a confidence moves by %.5f", differ, facts, middle)
	}
}

// BenchmarkWaiting is the tuning set one by one and in passes over several.
func BenchmarkWaiting(b *testing.B) {
	inputs := tuning(b)
	for _, threads := range []int{1, 2} {
		x := shippedWith(b, threads)
		for name, read := range map[string]func() error{
			"alone": func() error {
				for _, in := range inputs {
					if _, err := x.Extract(b.Context(), in); err != nil {
						return err
					}
				}
				return nil
			},
			"together": func() error { _, err := x.ExtractAll(b.Context(), inputs); return err },
		} {
			b.Run(fmt.Sprintf("threads=%d/%s", threads, name), func(b *testing.B) {
				for b.Loop() {
					x.Forget()
					if err := read(); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(b.N*len(inputs))/b.Elapsed().Seconds(), "utterances/s")
			})
		}
	}
}
