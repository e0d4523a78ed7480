package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"hotmem/asr"
	"hotmem/graphstore"
	"hotmem/ui"
)

// A speller hears a new word every 160 ms, and is wrong about the last one until the next is said.
type speller struct{}

func (speller) Recognize(ctx context.Context, pcm []float32, prompt string) (words []asr.Word, err error) {
	n := len(pcm) / 2560
	for i := range n {
		text := fmt.Sprintf("word%d", i)
		if i == n-1 {
			text = "wo"
		}
		words = append(words, asr.Word{Text: text, Start: time.Duration(i) * 160 * time.Millisecond, End: time.Duration(i+1) * 160 * time.Millisecond, P: 1})
	}
	return words, ctx.Err()
}

func (speller) Close() error { return nil }

func TestWordsThatWereShownAsStableStay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScene(3, 0, 0)
		s.recogn = speller{}
		var guessed []string
		s.guess = func(_ context.Context, text string) { guessed = append(guessed, text) }
		shown, stable, most := "", 0, 0
		show := s.show
		s.show = func(e ui.Event) {
			show(e)
			if e.Caption == nil {
				return
			}
			now := e.Caption.Stable
			if e.Line != nil {
				if !strings.HasPrefix(e.Line.Text, shown) {
					t.Errorf("%q was stable, the line is %q", shown, e.Line.Text)
				}
				shown = ""
				return
			}
			if !strings.HasPrefix(now, shown) {
				t.Errorf("stable %q became %q", shown, now)
			}
			if now != "" {
				stable++
			}
			most = max(most, len(strings.Fields(now)))
			shown = now
			if whole := strings.TrimSpace(now + " " + e.Caption.Tentative); !strings.HasSuffix(whole, "wo") {
				t.Errorf("the newest word is missing in %q", whole)
			}
		}
		if err := s.run(t.Context(), t.Context()); err != nil {
			t.Fatal(err)
		}
		if len(s.stored) != 3 || stable == 0 || most < 3 {
			t.Errorf("%d lines, %d captions with stable words, at most %d of them", len(s.stored), stable, most)
		}
		if len(guessed) < 6 || !strings.HasPrefix(guessed[1], "word0 word1") {
			t.Errorf("facts were guessed from %q", guessed)
		}
	})
}

func TestFactsOfAnUnfinishedUtteranceAreShownUntilItsLineIsLearned(t *testing.T) {
	app, err := Open(Config{Data: t.TempDir(), Panel: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = app.Close() })
	session, err := app.newSession(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	tentative := func() string {
		b := browser(t)
		if !admitted(t, b, app.URL()) {
			t.Fatal("the panel does not open")
		}
		res, err := b.Get(app.panel.Address() + "api/snapshot")
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		var snapshot struct {
			Tentative []json.RawMessage `json:"tentative"`
		}
		if err := json.NewDecoder(res.Body).Decode(&snapshot); err != nil {
			t.Fatal(err)
		}
		return fmt.Sprintf("%s", snapshot.Tentative)
	}
	app.guess(t.Context(), "My sister Marta lives in Lisbon and she has")
	if got := tentative(); !strings.Contains(got, "Lisbon") {
		t.Errorf("shown while it is said: %s", got)
	}
	app.learning.Lock() // somebody else's line is being learned
	app.guess(t.Context(), "Robert works at Google and")
	app.learning.Unlock()
	if got := tentative(); strings.Contains(got, "Google") {
		t.Errorf("a guess waited for a line that is being learned: %s", got)
	}
	line, err := app.store.AddLine(graphstore.Line{Session: session, Text: "My sister Marta lives in Lisbon and she has a cat."})
	if err == nil {
		err = app.learn(t.Context(), line)
	}
	if err != nil {
		t.Fatal(err)
	}
	if got := tentative(); got != "[]" {
		t.Errorf("still tentative after the line is learned: %s", got)
	}
}
