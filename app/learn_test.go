package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"hotmem/graphstore"
	"hotmem/ui"
)

// said stores lines in a conversation of their own.
func (a *App) said(t *testing.T, texts ...string) (lines []graphstore.Line) {
	t.Helper()
	session, err := a.newSession(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range texts {
		line, err := a.store.AddLine(graphstore.Line{Session: session, Text: text})
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, line)
	}
	return lines
}

// unlearned counts the lines that are tried again.
func (a *App) unlearned(t *testing.T) int {
	t.Helper()
	lines, err := a.store.Unlearned()
	if err != nil {
		t.Fatal(err)
	}
	return len(lines)
}

func TestALineTooLongToLearnIsKeptAndPassedOver(t *testing.T) {
	var log bytes.Buffer
	app := openApp(t, Config{Log: slog.New(slog.NewTextHandler(&log, nil))})
	long := strings.Repeat("We talked about secrets. ", 500) // above extract.MaxText, and the store takes it
	app.said(t, "My brother David is a teacher.", long, "He lives in Boston.", "My sister is called Helen.", "I have a dog.")
	if err := errors.Join(app.LearnRest(t.Context(), t.Context()), app.Failed()); err != nil {
		t.Errorf("the long line is a failure: %v", err)
	}
	if n := app.unlearned(t); n != 0 {
		t.Errorf("%d lines would be tried again for ever", n)
	}
	stats, err := app.store.Stats()
	if err != nil || stats.Lines != 5 || stats.Facts < 3 {
		t.Errorf("stored %+v, %v: what is around the long line must be learned", stats, err)
	}
	if s := app.Status(); s.Trouble == nil || *s.Trouble != ui.Unlearnable {
		t.Errorf("the person is not told: %+v", s)
	}
	if strings.Count(log.String(), errUnlearnable.Error()) != 1 || strings.Contains(log.String(), "secrets") {
		t.Errorf("the log says\n%s", &log)
	}
}

// claims are n facts of a line, later ones surer.
func claims(n int) (all []graphstore.Claim) {
	for i := range n {
		all = append(all, graphstore.Claim{
			Subject: graphstore.Term{Name: "USER", Type: "USER"}, Relation: "likes",
			Object: graphstore.Term{Name: fmt.Sprintf("thing %d", i), Type: "PRODUCT"}, Confidence: float32(i+1) / float32(n+1),
		})
	}
	return all
}

func TestOfTooManyFactsTheSurestAreKept(t *testing.T) {
	app := openApp(t, Config{})
	line := app.said(t, "I like this and that and so on.")[0]
	all := claims(maxClaims + 50)
	if err := app.tell(line, all); err != nil {
		t.Fatal(err)
	}
	facts, err := app.store.Facts(graphstore.Filter{})
	if err != nil || len(facts) != maxClaims || app.unlearned(t) != 0 {
		t.Fatalf("%d facts are stored (%v), %d lines unlearned", len(facts), err, app.unlearned(t))
	}
	if kept := surest(all); !slices.Equal(kept, all[50:]) {
		t.Errorf("the first kept is %v, want the fiftieth", kept[0].Object)
	}
	if app.Status().Trouble != nil {
		t.Errorf("trouble: %+v", app.Status().Trouble)
	}
}

func TestFactsThatTheStoreRefusesAreNotTriedForEver(t *testing.T) {
	app := openApp(t, Config{})
	line := app.said(t, "I like it.")[0]
	wrong := claims(1)
	wrong[0].Object.Type = "NONSENSE"
	if err := app.tell(line, wrong); err != nil {
		t.Fatal(err)
	}
	if n := app.unlearned(t); n != 0 || *app.Status().Trouble != ui.Unlearnable {
		t.Errorf("%d lines would be tried again; the status is %+v", n, app.Status())
	}
}

func TestALineThatFailsAgainAndAgainCountsOnceAndLearnedNoMore(t *testing.T) {
	app := openApp(t, Config{})
	app.said(t, "My brother David is a teacher.")
	good := app.mind
	blind, err := openMind("")
	if err != nil {
		t.Fatal(err)
	}
	if err := blind.Close(); err != nil { // an encoder that is gone fails every time
		t.Fatal(err)
	}
	app.mind = blind
	for range 3 {
		if err := app.LearnRest(t.Context(), t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	app.mind = good
	if err := app.Failed(); err == nil || !strings.HasPrefix(err.Error(), "1 lines") {
		t.Errorf("after three tries of one line: %v", err)
	}
	if s := app.Status(); s.Trouble == nil || *s.Trouble != ui.Unlearned {
		t.Errorf("the status is %+v", s)
	}
	if err := errors.Join(app.LearnRest(t.Context(), t.Context()), app.Failed()); err != nil || app.unlearned(t) != 0 {
		t.Errorf("when it works again: %v", err)
	}
}

func TestContextIsWhatWasSaidBefore(t *testing.T) {
	app := openApp(t, Config{})
	lines := app.said(t, "ten", "twenty", "thirty", "forty", "fifty")
	other := app.said(t, "elsewhere")
	learned := map[graphstore.LineID]bool{}
	for _, step := range []struct {
		line graphstore.Line
		want []string
	}{
		{lines[0], nil},
		{lines[1], []string{"ten"}},
		{lines[2], []string{"ten", "twenty"}},
		{lines[0], nil}, // edited, and learned anew
		{lines[3], []string{"ten", "twenty", "thirty"}},
		{other[0], nil},
		{lines[1], []string{"ten"}}, // edited, while another conversation goes on
		{lines[4], []string{"twenty", "thirty", "forty"}},
	} {
		got, err := app.recent.before(app.store, step.line)
		if err != nil || !slices.Equal(got, step.want) {
			t.Errorf("before %q came %q, want %q (%v)", step.line.Text, got, step.want, err)
		}
		if !learned[step.line.ID] {
			learned[step.line.ID] = true
			if _, err := app.store.Apply(step.line.ID, nil); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestALineIsNotReadTwice(t *testing.T) {
	var log bytes.Buffer
	app := openApp(t, Config{Log: slog.New(slog.NewTextHandler(&log, nil))})
	line := app.said(t, "My brother David is a teacher.")[0]
	for range 2 { // once from the listening, once from what is left
		if err := app.learn(t.Context(), line); err != nil {
			t.Fatal(err)
		}
	}
	if n := strings.Count(log.String(), "msg=learned"); n != 1 {
		t.Errorf("it was learned %d times", n)
	}
}

func TestAFactThatIsGoneIsNotPrinted(t *testing.T) {
	var out bytes.Buffer
	app := openApp(t, Config{Out: newPrinter(&out)})
	if err := app.printFacts(1, graphstore.Change{Edges: []graphstore.Edge{{ID: 4711}}}); err != nil || out.Len() != 0 {
		t.Errorf("it gives %v and prints %q", err, &out)
	}
}

func TestNobodyWaitsBehindABacklog(t *testing.T) {
	app := openApp(t, Config{Ears: true})
	app.said(t, "My brother David is a teacher.")
	app.learning.Lock() // the backlog takes its time
	defer app.learning.Unlock()
	live(t, app)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute) // only who waits for ever reaches it
	defer cancel()
	for range 12 { // the loop chooses at random between an order and the backlog
		if err := app.Ask(ctx, ui.Pause); err != nil {
			t.Fatal(err)
		}
	}
	if n := app.unlearned(t); n != 1 {
		t.Errorf("%d lines are unlearned: the backlog was not there", n)
	}
}
