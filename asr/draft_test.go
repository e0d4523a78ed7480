package asr_test

import (
	"strings"
	"testing"
	"time"

	"hotmem/asr"
)

// timed gives each word a quarter of a second.
func timed(line string) []asr.Word {
	ws := words(line)
	for i := range ws {
		ws[i].Start, ws[i].End = time.Duration(i)*time.Second/4, time.Duration(i+1)*time.Second/4
	}
	return ws
}

func TestWordsThatTwoHearingsAgreeOnAreStable(t *testing.T) {
	for _, c := range []struct {
		name     string
		hearings []string
		stable   string
		rest     string
	}{
		{"nothing heard", nil, "", ""},
		{"one hearing is no agreement", []string{"my sister lives"}, "", "my sister lives"},
		{"the last word waits for one behind it", []string{"my sister", "my sister"}, "my", "sister"},
		{"what is agreed on stays", []string{"my sister lives", "my sister lives in"}, "my sister lives", "in"},
		{"case and punctuation are no disagreement", []string{"My sister. Lives", "my sister lives in"}, "my sister lives", "in"},
		{"a word heard otherwise waits", []string{"my sister leaves it", "my sister lives in Lisbon"}, "my sister", "lives in Lisbon"},
		{"and is stable when it is heard again", []string{"my sister leaves", "my sister lives in", "my sister lives in Lisbon"}, "my sister lives in", "Lisbon"},
		{"stable words stay though the recogniser changes its mind", []string{"my sister lives", "my sister lives in", "my mister lives in Lisbon now"}, "my sister lives in", "Lisbon now"},
		{"though it leaves one out", []string{"my sister lives", "my sister lives in", "sister lives in Lisbon now"}, "my sister lives in", "Lisbon now"},
		{"though it puts one in", []string{"my sister lives", "my sister lives in", "my own sister lives in Lisbon now"}, "my sister lives in", "Lisbon now"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var d asr.Draft
			var stable, rest []asr.Word
			for _, h := range c.hearings {
				stable, rest = d.Hear(timed(h))
			}
			if asr.Join(stable) != c.stable || asr.Join(rest) != c.rest {
				t.Errorf("%q | %q, want %q | %q", asr.Join(stable), asr.Join(rest), c.stable, c.rest)
			}
		})
	}
}

func TestTheFinalTextBeginsWithWhatWasStable(t *testing.T) {
	var d asr.Draft
	d.Hear(timed("my sister lives"))
	d.Hear(timed("my sister lives in Lisbon"))
	if got := asr.Join(d.Close(timed("My sister lives in Lisboa and works there."))); got != "my sister lives in Lisboa and works there." {
		t.Errorf("got %q", got)
	}
}

func FuzzStableTextNeverChanges(f *testing.F) {
	f.Add("my sister lives|my sister lives in|my mister lives in Lisbon|My sister lives in Lisbon.")
	f.Add("a a a|a a a a|a|b a a a")
	f.Add("|x||x y|")
	f.Fuzz(func(t *testing.T, script string) {
		hearings := strings.Split(script, "|")
		var d asr.Draft
		shown := ""
		for _, h := range hearings[:len(hearings)-1] {
			heard := timed(h)
			stable, rest := d.Hear(heard)
			now := asr.Join(stable)
			if !strings.HasPrefix(now, shown) {
				t.Fatalf("stable %q became %q", shown, now)
			}
			if len(rest) > len(heard) {
				t.Fatalf("%d tentative words of %d heard", len(rest), len(heard))
			}
			shown = now
		}
		if final := asr.Join(d.Close(timed(hearings[len(hearings)-1]))); !strings.HasPrefix(final, shown) {
			t.Fatalf("stable %q ended as %q", shown, final)
		}
	})
}
