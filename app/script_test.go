package main

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"
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
