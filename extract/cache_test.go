package extract

import (
	"context"
	"reflect"
	"strconv"
	"strings"
	"testing"
)

// A counter counts how often the encoder is asked. Its noise is low, so that the heads find little and are quick.
type counter struct {
	noise
	calls int
}

func (c *counter) Encode(ctx context.Context, tokens []int32, first int) ([]float32, error) {
	all, err := c.EncodeAll(ctx, []Sequence{{tokens, first}})
	return all[0], err
}

func (c *counter) EncodeAll(ctx context.Context, all []Sequence) ([][]float32, error) {
	c.calls++
	out, err := c.noise.EncodeAll(ctx, all)
	for _, rows := range out {
		for i := range rows {
			rows[i] *= .1
		}
	}
	return out, err
}

func counting(tb testing.TB) (*counter, *Extractor) {
	tb.Helper()
	enc := &counter{}
	x, err := New(enc, shippedHeads)
	if err != nil {
		tb.Fatal(err)
	}
	return enc, x
}

func extracted(tb testing.TB, x *Extractor, in Input) Record {
	tb.Helper()
	rec, err := x.Extract(context.Background(), in)
	if err != nil {
		tb.Fatal(err)
	}
	return rec
}

var plainLine = Input{ID: "a", Domain: "casual", Context: []string{"I saw my family.", "All of them."},
	Text: "My sister Marta lives in Lisbon, and she's got two cats. So she stays, because they hate to travel."}

func TestWhatDecidesTheReadingDecidesWhetherItIsRemembered(t *testing.T) {
	long := strings.Repeat("And then she said that it was late. ", 100)
	enc, x := counting(t)
	for _, c := range []struct {
		name   string
		change func(*Input)
		again  bool
	}{
		{"the same", func(*Input) {}, true},
		{"another id", func(in *Input) { in.ID = "b" }, true},
		{"context that is too old", func(in *Input) { in.Context = append([]string{"Far back.", long}, in.Context...) }, true},
		{"context beyond what is looked at", func(in *Input) { in.Context[0] = "Way before. " + in.Context[0] }, true},
		{"another text", func(in *Input) { in.Text += " Yes." }, false},
		{"another domain", func(in *Input) { in.Domain = "work" }, false},
		{"other context", func(in *Input) { in.Context[1] = "None of them." }, false},
		{"less context", func(in *Input) { in.Context = in.Context[1:] }, false},
		{"an empty utterance more", func(in *Input) { in.Context = append([]string{""}, in.Context[1:]...) }, false},
	} {
		x.Forget()
		in := plainLine
		in.Context = []string{long, plainLine.Context[0], plainLine.Context[1]}
		extracted(t, x, in)
		in.Context = append([]string(nil), in.Context...)
		c.change(&in)
		before := enc.calls
		got := extracted(t, x, in)
		if again := enc.calls == before; again != c.again {
			t.Errorf("%s: remembered: %v, want %v", c.name, again, c.again)
		}
		last := in.Context[max(0, len(in.Context)-MaxContext):]
		if got.ID != in.ID || got.Text != in.Text || !reflect.DeepEqual(got.Context, last) {
			t.Errorf("%s: the record is of another utterance: %q %q %q", c.name, got.ID, got.Context, got.Text)
		}
		if x.Forget(); c.again && !reflect.DeepEqual(got, extracted(t, x, in)) {
			t.Errorf("%s: read anew, the record is another", c.name)
		}
	}
}

func TestAnEditOfALongTextReadsOnlyTheWindowsThatChanged(t *testing.T) {
	enc, x := counting(t)
	var text string
	for i := range 60 {
		text += "My brother Ben drives lorry " + strconv.Itoa(i) + " for a dairy near Cork. "
	}
	extracted(t, x, Input{Text: text})
	whole := enc.calls
	if whole < 3 {
		t.Fatalf("the text was read in %d windows, too few for this test", whole)
	}
	extracted(t, x, Input{Text: text + "He likes it."})
	if more := enc.calls - whole; more != 1 {
		t.Errorf("one sentence more cost %d windows of %d", more, whole)
	}
}

func TestWhoChangesHisRecordChangesNobodyElses(t *testing.T) {
	var x *Extractor
	var first Record
	for seed := range uint64(50) { // until noise says something
		var err error
		if x, err = New(noise{seed}, shippedHeads); err != nil {
			t.Fatal(err)
		}
		x.heads.opt.None, x.heads.opt.Nothing, x.heads.opt.Relation, x.heads.opt.Open = 20, 2, 0, 0
		if first = extracted(t, x, plainLine); len(first.Entities) > 0 && len(first.Relations) > 0 && len(first.Sentences) > 0 {
			break
		}
	}
	if len(first.Entities) == 0 || len(first.Relations) == 0 {
		t.Fatal("nothing was found that could be changed")
	}
	want := first.clone()
	for range 2 { // the one who made the record, and one who got it remembered
		clear(first.Entities)
		clear(first.Relations)
		clear(first.Sentences)
		if first = extracted(t, x, plainLine); !reflect.DeepEqual(first, want) {
			t.Fatal("the record came back changed")
		}
	}
}

// A list that clone forgets would be shared by all who ask for the record.
func TestACloneSharesNoMemory(t *testing.T) {
	var full Record
	fill(t, reflect.ValueOf(&full).Elem())
	again := full.clone()
	if !reflect.DeepEqual(full, again) {
		t.Fatal("a clone is not the same")
	}
	a, b := reflect.ValueOf(full), reflect.ValueOf(again)
	for i := range a.NumField() {
		if f := a.Field(i); f.Kind() == reflect.Slice && f.Pointer() == b.Field(i).Pointer() {
			t.Errorf("clone shares %s", a.Type().Field(i).Name)
		}
	}
}

// fill puts one element into every list; a kind that it does not know would need a deeper clone.
func fill(t *testing.T, v reflect.Value) {
	t.Helper()
	for i := range v.NumField() {
		switch f := v.Field(i); f.Kind() {
		case reflect.String, reflect.Bool, reflect.Int, reflect.Float64, reflect.Float32:
		case reflect.Slice:
			f.Set(reflect.MakeSlice(f.Type(), 1, 1))
			if f.Index(0).Kind() == reflect.Struct {
				fill(t, f.Index(0))
				if f.Index(0).NumField() > 0 && !f.Index(0).Comparable() {
					t.Errorf("%s holds a list of its own: clone it too", v.Type().Field(i).Name)
				}
			}
		default:
			t.Errorf("%s is a %v: clone it too", v.Type().Field(i).Name, f.Kind())
		}
	}
}

func TestTheOldestReadingsAreForgotten(t *testing.T) {
	enc, x := counting(t)
	extracted(t, x, Input{Text: "the first"})
	for i := range remembered - 2 {
		x.seen.Add(question{text: strconv.Itoa(i)}, Record{})
	}
	extracted(t, x, Input{Text: "the last"})
	extracted(t, x, Input{Text: "the first"}) // makes it the newest
	if enc.calls != 2 {
		t.Errorf("fewer than %d readings are kept", remembered)
	}
	for i := range remembered - 1 {
		x.seen.Add(question{before: 1, text: strconv.Itoa(i)}, Record{})
	}
	extracted(t, x, Input{Text: "the first"})
	if enc.calls != 2 {
		t.Error("the newest reading was forgotten first")
	}
	if extracted(t, x, Input{Text: "the last"}); enc.calls != 3 {
		t.Errorf("more than %d readings are kept", remembered)
	}
}

func BenchmarkRemembered(b *testing.B) {
	for _, c := range []struct {
		name string
		in   Input
	}{
		{"20words", plainLine},
		{"full window", Input{Text: strings.Repeat("My brother Ben drives a lorry for a dairy near Cork. ", 18), Context: plainLine.Context}},
		{"ten windows", Input{Text: strings.Repeat("My brother Ben drives a lorry for a dairy near Cork. ", 180), Context: plainLine.Context}},
	} {
		_, x := counting(b)
		b.Run(c.name, func(b *testing.B) {
			extracted(b, x, c.in)
			for b.Loop() {
				extracted(b, x, c.in)
			}
		})
	}
}
