package main

import (
	"errors"
	"io"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"hotmem/extract"
	"hotmem/graphstore"
)

func TestALineOfAScriptIsTextOrJSON(t *testing.T) {
	at := time.Date(2026, 11, 25, 9, 30, 0, 0, time.UTC)
	for _, test := range []struct {
		line string
		want spoken
		err  string
	}{
		{line: "my dog is called Potola", want: spoken{Text: "my dog is called Potola"}},
		{line: "  I live in Lisbon \r", want: spoken{Text: "I live in Lisbon"}},
		{line: "   ", want: spoken{}},
		{line: `{"text": "I moved", "session": "a", "at": "2026-11-25T09:30:00Z"}`, want: spoken{Text: "I moved", Session: []byte(`"a"`), At: at}},
		{line: `{"text": "I moved", "session": 7, "more": [1]}`, want: spoken{Text: "I moved", Session: []byte("7")}},
		{line: `{"text": ""}`, err: "no text"},
		{line: `{"session": "a"}`, err: "no text"},
		{line: `{"text": "I moved"`, err: "plain text"},
		{line: `{"text": "I moved", "at": "yesterday"}`, err: "plain text"},
		{line: "caf\xe9", want: spoken{Text: "caf\uFFFD"}},
	} {
		got, err := parseSpoken([]byte(test.line))
		if test.err != "" {
			if err == nil || !strings.Contains(err.Error(), test.err) {
				t.Errorf("%s: error %v, want one about %q", test.line, err, test.err)
			}
			continue
		}
		if err != nil || got.Text != test.want.Text || string(got.Session) != string(test.want.Session) || !got.At.Equal(test.want.At) {
			t.Errorf("%s: %+v, %v; want %+v", test.line, got, err, test.want)
		}
	}
}

func FuzzParseSpoken(f *testing.F) {
	for _, seed := range []string{"hello", `{"text":"x","session":1,"at":"2026-11-25T09:30:00Z"}`, "{", "\xff", "{}", ` {"text":null}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		w, err := parseSpoken(line)
		if err == nil && (!utf8.ValidString(w.Text) || w.Text != strings.TrimSpace(w.Text)) {
			t.Errorf("%q gave the text %q", line, w.Text)
		}
	})
}

func TestTextBeyondWhatTheExtractorTakesIsCutAtSentences(t *testing.T) {
	for _, test := range []struct{ text, head, rest string }{
		{"One. Two. Three.", "One. Two.", "Three."},
		{"One. Two three four", "One.", "Two three four"},
		{"One two three four", "One two", "three four"},
		{"Onetwothreefour", "Onetwothre", "efour"},
		{"Onetwothre", "Onetwothre", ""},
		{"Onetwothre efour", "Onetwothre", "efour"},
		{"1.2 1.3 1.4 1.5", "1.2 1.3", "1.4 1.5"},
		{"ünötwöthréè", "ünötwöthré", "è"},
	} {
		if head, rest := cutText(test.text, 10); head != test.head || rest != test.rest {
			t.Errorf("%q: %q and %q", test.text, head, rest)
		}
	}
}

func TestALongLineOfAScriptIsStoredInParts(t *testing.T) {
	app := openApp(t, Config{})
	long := "My sister is called Helen. " + strings.Repeat("It rained and rained that day. ", 3000) + "My brother David is a teacher."
	in := "I have a dog.\r\n" + long + "\n\n" + strings.Repeat("x", extract.MaxLine+1) + "\n" + `{"text": "I live in Boston.", "session": "a"}`
	s := &script{app: app, sessions: map[string]graphstore.SessionID{}, lines: readLines(strings.NewReader(in))}
	var texts []string
	for {
		line, err := s.next(t.Context())
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		texts = append(texts, line.Text)
	}
	if n := len(texts); n < 10 || texts[0] != "I have a dog." || strings.Join(texts[1:n-1], " ") != long || texts[n-1] != "I live in Boston." {
		t.Errorf("%d lines were stored: %.40q", n, texts)
	}
	if s.skipped == nil || !strings.HasPrefix(s.skipped.Error(), "line 4 of the input: longer than") {
		t.Errorf("of the line that is too long for a line it says %v", s.skipped)
	}
}

func TestALineThatIsPassedOverIsToldAndTheRestIsLearned(t *testing.T) {
	code, out, stderr := hotmem(t, strings.Repeat("x", extract.MaxLine+1)+"\nI live in Boston.\n", "hear", "--data", t.TempDir())
	if heard := readAll(t, out); code != 1 || !strings.Contains(stderr, "line 1 of the input") || len(heard.Facts) != 1 {
		t.Errorf("hear ends with %d, says %q and finds %d facts", code, stderr, len(heard.Facts))
	}
}

func FuzzCutText(f *testing.F) {
	for _, seed := range []string{"One. Two.", "   ", "", "x", "a b. c", "é\u2028…  .", "\xff\xfe"} {
		f.Add(seed, 3)
	}
	f.Fuzz(func(t *testing.T, text string, most int) {
		if most < 1 || !utf8.ValidString(text) { // parseSpoken gives no other
			return
		}
		var parts []string
		for rest := strings.TrimSpace(text); rest != ""; {
			var head string
			if head, rest = cutText(rest, most); head == "" || utf8.RuneCountInString(head) > most {
				t.Fatalf("%q cut to %d gives the part %q", text, most, head)
			}
			parts = append(parts, head)
		}
		bare := func(s string) string { return strings.Join(strings.Fields(s), "") }
		if bare(strings.Join(parts, "")) != bare(text) {
			t.Errorf("%q became %q", text, parts)
		}
	})
}
