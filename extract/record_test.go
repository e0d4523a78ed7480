package extract

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"
)

// guideRecord is the example of GUIDE.md section 1, as json.dumps writes it.
const guideRecord = `{"id":"casual-0001","domain":"casual","context":["I got a new puppy last week."],` +
	`"text":"Her name is Potola and she loves long walks, but she hates the vacuum cleaner.","act":"statement",` +
	`"entities":[{"text":"Potola","start":12,"end":18,"type":"ANIMAL"},{"text":"long walks","start":33,"end":43,"type":"ACTIVITY"},` +
	`{"text":"vacuum cleaner","start":63,"end":77,"type":"PRODUCT"}],` +
	`"coref":[{"text":"Her","start":0,"end":3,"refers_to":"puppy"},{"text":"she","start":23,"end":26,"refers_to":"Potola"},` +
	`{"text":"she","start":49,"end":52,"refers_to":"Potola"}],` +
	`"relations":[{"subject":"puppy","relation":"also_called","object":"Potola"},{"subject":"Potola","relation":"likes","object":"long walks"},` +
	`{"subject":"Potola","relation":"dislikes","object":"vacuum cleaner"}],` +
	`"sentences":[{"start":0,"end":78,"role":"none","topic_shift":false}],"links":[],"complex":true}` + "\n"

func TestGuideExampleComesBackByteForByte(t *testing.T) {
	recs, err := ReadRecords(strings.NewReader(guideRecord))
	if err != nil || len(recs) != 1 {
		t.Fatalf("%d records, %v", len(recs), err)
	}
	for _, e := range recs[0].Entities {
		if got := Cut(recs[0].Text, e.Start, e.End); got != e.Text {
			t.Errorf("span of %q cuts out %q", e.Text, got)
		}
	}
	var b bytes.Buffer
	if err := WriteRecord(&b, recs[0]); err != nil {
		t.Fatal(err)
	}
	if b.String() != guideRecord {
		t.Errorf("written:\n%s\nread:\n%s", b.String(), guideRecord)
	}
}

func TestDefaultsAreLeftOutAndTheRestIsWritten(t *testing.T) {
	facts := []Relation{
		{Subject: "USER", Relation: "likes", Object: "R&B <3", Status: "current", Confidence: 0.00004},
		{Subject: "USER", Relation: "open", Object: "Tom", Negated: true, Status: "past", When: "Monday", Predicate: "give up", Confidence: 0.912345},
	}
	var b bytes.Buffer
	if err := WriteRecord(&b, Record{ID: "a", Text: "x", Relations: facts, Query: facts[1:], ContextSentences: []int{1}, ASR: true}); err != nil {
		t.Fatal(err)
	}
	want := `{"id":"a","domain":"","context":[],"text":"x","act":"","entities":[],"coref":[],"relations":[` +
		`{"subject":"USER","relation":"likes","object":"R&B <3"},` +
		`{"subject":"USER","relation":"open","object":"Tom","negated":true,"status":"past","when":"Monday","predicate":"give up","confidence":0.9123}],` +
		`"query":[{"subject":"USER","relation":"open","object":"Tom","negated":true,"status":"past","when":"Monday","predicate":"give up","confidence":0.9123}],` +
		`"sentences":[],"links":[],"context_sentences":[1],"asr":true}` + "\n"
	if b.String() != want {
		t.Errorf("got  %s\nwant %s", b.String(), want)
	}
	if facts[0].Status != "current" || facts[1].Confidence != 0.912345 {
		t.Error("writing changed the record itself")
	}
}

func TestReaderNamesTheLineThatIsWrong(t *testing.T) {
	long := strings.Repeat("x", MaxText+1)
	for name, c := range map[string]struct{ in, want string }{
		"no JSON":            {"{}\n\nrubbish\n", "line 3: not a JSON object"},
		"cut off":            {`{"id":"a","text":`, "line 1: not a JSON object"},
		"list for record":    {"[]", "line 1"},
		"text for number":    {`{"text":"abc","entities":[{"start":"one"}]}`, `line 1: key "entities.start": a string where GUIDE.md wants a int`},
		"span outside":       {`{"text":"añb","entities":[{"text":"b","start":2,"end":4}]}`, `line 1: entity "b": span 2 to 4 does not lie in the text of 3 code points`},
		"span backwards":     {`{"text":"abc","coref":[{"text":"b","start":2,"end":1}]}`, `mention "b"`},
		"negative sentence":  {`{"text":"abc","sentences":[{"start":-1,"end":1}]}`, "sentence"},
		"four of context":    {`{"context":["a","b","c","d"]}`, "give the last 3"},
		"endless text":       {`{"text":"` + long + `"}`, "cut it into utterances"},
		"endless context":    {`{"context":["` + long + `"]}`, "cut it into utterances"},
		"endless line":       {"{}\n" + strings.Repeat(" ", MaxLine+1), "line 2: longer than"},
		"too many relations": {`{"relations":[` + strings.Repeat("{},", maxItems) + `{}]}`, "at most 2000"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := ReadRecords(strings.NewReader(c.in)); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want %q", err, c.want)
			}
		})
	}
}

func TestReaderPassesOverWhatItDoesNotKnow(t *testing.T) {
	in := "\ufeff" + `{"id":"a","colour":{"deep":[1]},"text":"hi","relations":[{"subject":"USER","relation":"likes","object":"tea","status":"current"}]}` + "\r\n  \n"
	recs, err := ReadRecords(strings.NewReader(in))
	if err != nil || len(recs) != 1 || recs[0].ID != "a" || recs[0].Relations[0].Status != "" {
		t.Errorf("%+v, %v", recs, err)
	}
}

func TestInputsComeOneByOneAndStopAtTheFirstError(t *testing.T) {
	var got []Input
	stop := errors.New("enough")
	err := EachInput(strings.NewReader(`{"id":"1","domain":"kids","context":["a"],"text":"b","act":"?"}`+"\n"+`{"id":"2","text":"c"}`+"\n"+`{"id":"3","text":"d"}`), func(in Input) error {
		got = append(got, in)
		if in.ID == "2" {
			return stop
		}
		return nil
	})
	want := []Input{{ID: "1", Domain: "kids", Context: []string{"a"}, Text: "b"}, {ID: "2", Text: "c"}}
	if !errors.Is(err, stop) || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestLinesThatAreNoUtterancesAreNamedAndPassedOver(t *testing.T) {
	var got []string
	err := EachInput(strings.NewReader("{}\n\nrubbish\n"+`{"id":"a","text":""}`+"\n"+`{"id":"b","context":["1","2","3","4"],"text":"hi"}`), func(in Input) error {
		got = append(got, in.ID+":"+strings.Join(in.Context, ""))
		return nil
	})
	if !reflect.DeepEqual(got, []string{"a:", "b:234"}) {
		t.Errorf("read %q", got)
	}
	for _, want := range []string{"line 1: no text", "line 3: not a JSON object"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the error does not say %q: %v", want, err)
		}
	}
	read := 0
	err = EachInput(strings.NewReader(strings.Repeat("rubbish\n", 500)+`{"text":"hi"}`), func(Input) error { read++; return nil })
	if err == nil || read != 0 || !strings.Contains(err.Error(), "right file") {
		t.Errorf("a file of something else: %d read, %v", read, err)
	}
}

func TestSpansOfCodePointsAndBytes(t *testing.T) {
	const text = "añ👍b"
	for _, c := range []struct{ start, end, from, to int }{
		{0, 0, 0, 0}, {0, 1, 0, 1}, {1, 2, 1, 3}, {2, 3, 3, 7}, {3, 4, 7, 8}, {0, 4, 0, 8}, {4, 4, 8, 8}, {2, 99, 3, 8}, {-3, 1, 0, 1}, {9, 12, 8, 8}, {3, 1, 7, 7},
	} {
		from, to := ByteSpan(text, c.start, c.end)
		if from != c.from || to != c.to {
			t.Errorf("code points %d to %d: bytes %d to %d, want %d to %d", c.start, c.end, from, to, c.from, c.to)
		}
	}
	for n, want := range map[int]int{0: 0, 1: 1, 3: 2, 7: 3, 8: 4, 99: 4, -1: 0} {
		if got := CodePoints(text, n); got != want {
			t.Errorf("%d bytes hold %d code points, want %d", n, got, want)
		}
	}
}

func FuzzRecords(f *testing.F) {
	f.Add([]byte(guideRecord))
	f.Add([]byte(`{"text":"\ud800 <&>","relations":[{"confidence":1e-300,"status":"current"}],"query":[]}`))
	f.Add([]byte("{}\n{\"id\":null,\"context\":null}\n\xff"))
	f.Fuzz(func(t *testing.T, data []byte) {
		recs, err := ReadRecords(bytes.NewReader(data))
		if err != nil && !strings.HasPrefix(err.Error(), "line ") {
			t.Fatalf("error without its line: %v", err)
		}
		var b bytes.Buffer
		for _, r := range recs {
			if err := WriteRecord(&b, r); err != nil {
				t.Fatal(err)
			}
			if r.Text != "" {
				for _, e := range r.Entities {
					if n := utf8.RuneCountInString(Cut(r.Text, e.Start, e.End)); n != e.End-e.Start {
						t.Fatalf("span %d to %d cuts out %d code points", e.Start, e.End, n)
					}
				}
			}
		}
		again, err := ReadRecords(bytes.NewReader(b.Bytes()))
		if b.Len() > MaxLine {
			return // escaping may make a line longer than what is read
		}
		if err != nil || len(again) != len(recs) {
			t.Fatalf("%d records written, %d read again: %v", len(recs), len(again), err)
		}
		for i := range recs {
			first, _ := json.Marshal(recs[i])
			second, _ := json.Marshal(again[i])
			if !bytes.Equal(first, second) {
				t.Fatalf("written\n%s\nread again\n%s", first, second)
			}
		}
	})
}
