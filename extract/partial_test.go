package extract

import (
	"slices"
	"strings"
	"testing"
	"unicode"
)

// told makes a reading of facts written as "subject relation object confidence".
func told(facts ...string) Record {
	var r Record
	for _, f := range facts {
		w := strings.Fields(f)
		r.Relations = append(r.Relations, Relation{Subject: w[0], Relation: w[1], Object: w[2], Negated: slices.Contains(w, "not"),
			Confidence: map[string]float64{"low": .5, "mid": .7, "high": .9}[w[3]]})
	}
	return r
}

func TestAFactIsShownOnceTheTextWithoutItsLastWordsToldIt(t *testing.T) {
	lisbon, new := "Marta lives_in Lisbon high", "Marta lives_in New high"
	for _, c := range []struct {
		name     string
		readings []Record
		want     string
	}{
		{"all tell it", []Record{told(lisbon), told(lisbon), told(lisbon)}, "Lisbon"},
		{"an older reading does not matter", []Record{told(new), told(lisbon), told(lisbon), told(lisbon)}, "Lisbon"},
		{"it touches the last word", []Record{told(), told(), told(lisbon)}, ""},
		{"one word came after it", []Record{told(), told(lisbon), told(lisbon)}, ""},
		{"the name goes on", []Record{told(new), told(new), told("Marta lives_in York high")}, ""},
		{"it is denied by the last word", []Record{told(lisbon), told(lisbon), told(lisbon + " not")}, ""},
		{"it was withdrawn for a word", []Record{told(lisbon), told(), told(lisbon)}, ""},
		{"twice in one reading is once", []Record{told(), told(lisbon, lisbon), told(lisbon)}, ""},
		{"never surely", []Record{told("Marta lives_in Lisbon low"), told("Marta lives_in Lisbon low"), told("Marta lives_in Lisbon low")}, ""},
		{"more surely the more was said", []Record{told("Marta lives_in Lisbon low"), told("Marta lives_in Lisbon mid"), told(lisbon)}, "Lisbon"},
		{"friends either way round", []Record{told("Ann friend_of Bo high"), told("Bo friend_of Ann high"), told("Ann friend_of Bo high")}, "Bo"},
		{"too few readings", []Record{told(lisbon), told(lisbon)}, ""},
		{"none", nil, ""},
	} {
		got := ""
		for _, r := range (Caution{Readings: 3, Sure: .7}).Settled(c.readings) {
			got += r.Object
		}
		if got != c.want {
			t.Errorf("%s: shown %q, want %q", c.name, got, c.want)
		}
	}
}

func TestTextsGrowWordByWord(t *testing.T) {
	for text, want := range map[string][]string{
		"":                     nil,
		" \n":                  nil,
		"one":                  {"one"},
		"  one, two -\tthree ": {"  one,", "  one, two", "  one, two -", "  one, two -\tthree "},
		"née à\u2003Paris":     {"née", "née à", "née à\u2003Paris"},
	} {
		if got := Prefixes(text); !slices.Equal(got, want) {
			t.Errorf("%q grows by %q, want %q", text, got, want)
		}
	}
}

func TestAWordMoreCostsOneReadingAndTheEndNone(t *testing.T) {
	enc, x := counting(t)
	spoken := Prefixes("My sister Marta moved to Lisbon last May and she works there.")
	for i, text := range spoken {
		before := enc.calls
		rec, err := x.Partial(t.Context(), Input{Text: text})
		if err != nil {
			t.Fatal(err)
		}
		if enc.calls != before+1 {
			t.Errorf("word %d cost %d readings", i+1, enc.calls-before)
		}
		if i+1 < PartialWords && len(rec.Relations) > 0 {
			t.Errorf("%q shows facts", text)
		}
	}
	before := enc.calls
	extracted(t, x, Input{Text: spoken[len(spoken)-1]})
	if enc.calls != before {
		t.Error("the final text was read again")
	}
}

// FuzzPartial: what is shown of an unfinished text is what the extractor reads in it, and nothing hangs on its end.
func FuzzPartial(f *testing.F) {
	x, err := New(noise{}, shippedHeads)
	if err != nil {
		f.Fatal(err)
	}
	f.Add("My sister Marta lives in", "I saw my family.")
	f.Add("theyre late 🙂 أنا أحب السمك 12345 and then some", "")
	f.Add("  \x00\xff ", "\xfe")
	f.Fuzz(func(t *testing.T, text, before string) {
		if len(text) > 3_000 || len(before) > 3_000 {
			return
		}
		in := Input{Text: strings.ToValidUTF8(text, "?"), Context: []string{before}}
		rec, err := x.Partial(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		whole := extracted(t, x, in)
		for _, r := range rec.Relations {
			if !slices.Contains(whole.Relations, r) {
				t.Errorf("%v is shown and not read", r)
			}
		}
		if rec.Text != in.Text || len(rec.Sentences)+len(rec.Links)+len(rec.Query) > 0 {
			t.Error("the record of an unfinished text has a text of its own, or what hangs on its end")
		}
		if n := len(Prefixes(text)); n < PartialWords && len(rec.Relations) > 0 {
			t.Errorf("%d words show facts", n)
		}
		if all := Prefixes(text); strings.TrimFunc(text, unicode.IsSpace) != "" && all[len(all)-1] != text {
			t.Error("the last prefix is not the text")
		}
	})
}
