package ui

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"hotmem/graphstore"
)

// listener reads one page's events.
type listener struct {
	t    *testing.T
	resp *http.Response
	in   *bufio.Scanner
}

type event struct{ name, id, data string }

func listen(t *testing.T, p *Panel) *listener {
	t.Helper()
	req, err := http.NewRequest("GET", "http://"+p.addr+"/api/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.AddCookie(&http.Cookie{Name: p.guard.cookieName(), Value: p.guard.token})
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { resp.Body.Close() })
	if kind := resp.Header.Get("Content-Type"); resp.StatusCode != 200 || kind != "text/event-stream" {
		t.Fatalf("got %d %s", resp.StatusCode, kind)
	}
	in := bufio.NewScanner(resp.Body)
	in.Buffer(nil, 4<<20)
	return &listener{t, resp, in}
}

// next waits for an event of that name and skips others.
func (l *listener) next(name string) event {
	l.t.Helper()
	var e event
	for l.in.Scan() {
		key, value, _ := strings.Cut(l.in.Text(), ": ")
		switch key {
		case "event":
			e.name = value
		case "id":
			e.id = value
		case "data":
			e.data = value
		case "":
			if e.name == name {
				return e
			}
			e = event{}
		}
	}
	l.t.Fatalf("the stream ended before a %s: %v", name, l.in.Err())
	return e
}

func (l *listener) snapshot() (s wireSnapshot) {
	l.t.Helper()
	if err := json.Unmarshal([]byte(l.next("snapshot").data), &s); err != nil {
		l.t.Fatal(err)
	}
	return s
}

func (l *listener) change() (c wireChange, id string) {
	l.t.Helper()
	e := l.next("change")
	if err := json.Unmarshal([]byte(e.data), &c); err != nil {
		l.t.Fatal(err)
	}
	return c, e.id
}

// tell stores a sentence and its claims as the program would, and publishes what comes of it.
func tell(t *testing.T, p *Panel, store *graphstore.Store, text string, claims ...graphstore.Claim) graphstore.Change {
	t.Helper()
	line, err := store.AddLine(graphstore.Line{Session: p.session(), At: time.Now(), Text: text})
	if err != nil {
		t.Fatal(err)
	}
	p.Publish(Event{Line: &line})
	change, err := store.Apply(line.ID, claims)
	if err != nil {
		t.Fatal(err)
	}
	p.Publish(Event{Change: &change})
	return change
}

func lives(who, where string) graphstore.Claim {
	return graphstore.Claim{
		Subject: graphstore.Term{Name: who, Type: "PERSON"}, Relation: "lives_in",
		Object: graphstore.Term{Name: where, Type: "PLACE"}, From: 0, To: 5, Confidence: .9,
	}
}

func TestStreamBeginsWithASnapshotAndGoesOnWithChanges(t *testing.T) {
	p, store := newPanel(t, Options{})
	tell(t, p, store, "Marta lives in Lisbon.", lives("Marta", "Lisbon"))
	l := listen(t, p)
	s := l.snapshot()
	if len(s.Edges) != 1 || s.Edges[0].Says != "lives in" || s.Edges[0].Quote == nil || s.Edges[0].Quote.Text != "Marta lives in Lisbon." {
		t.Fatalf("snapshot %+v", s)
	}
	if len(s.Lines) != 1 || len(s.Nodes) < 2 {
		t.Errorf("%d lines and %d nodes in the snapshot", len(s.Lines), len(s.Nodes))
	}
	change := tell(t, p, store, "Anna lives in Porto.", lives("Anna", "Porto"))
	var line wireLine
	if err := json.Unmarshal([]byte(l.next("line").data), &line); err != nil || line.Text != "Anna lives in Porto." {
		t.Errorf("line %+v, %v", line, err)
	}
	c, id := l.change()
	if id != fmt.Sprint(change.Seq) || c.Seq != uint64(change.Seq) {
		t.Errorf("event id %s and seq %d, want the store's %d", id, c.Seq, change.Seq)
	}
	if len(c.Edges) != 1 || c.Edges[0].Quote == nil || c.Edges[0].Quote.Text != "Anna lives in Porto." {
		t.Errorf("change %+v", c)
	}
}

func TestCaptionStatusAndGuessesReachThePage(t *testing.T) {
	p, _ := newPanel(t, Options{})
	l := listen(t, p)
	if s := l.snapshot(); s.Status.State != Idle || s.Status.CanListen {
		t.Errorf("first status %+v", s.Status)
	}
	p.Publish(Event{Caption: &Caption{Stable: "Marta lives", Tentative: "in"}})
	if e := l.next("caption"); e.data != `{"stable":"Marta lives","tentative":"in"}` || e.id != "" {
		t.Errorf("caption %+v", e)
	}
	p.Publish(Event{Tentative: &Tentative{Claims: []graphstore.Claim{lives("Marta", "Lisbon")}}})
	var guesses []wireGuess
	if err := json.Unmarshal([]byte(l.next("tentative").data), &guesses); err != nil || len(guesses) != 1 || guesses[0].Says != "lives in" {
		t.Errorf("guesses %+v, %v", guesses, err)
	}
	p.Publish(Event{Status: &Status{State: InTrouble, Trouble: &NoMicrophone}})
	if e := l.next("status"); !strings.Contains(e.data, NoMicrophone.Error) {
		t.Errorf("status %s", e.data)
	}
	if s := listen(t, p).snapshot(); s.Caption.Stable != "Marta lives" || len(s.Tentative) != 1 || s.Status.State != InTrouble {
		t.Errorf("a page that comes later sees %+v", s)
	}
}

func TestFactsThatAreNotBelievedAnyMoreLeaveThePage(t *testing.T) {
	p, store := newPanel(t, Options{})
	tell(t, p, store, "Marta lives in Lisbon.", lives("Marta", "Lisbon"))
	l := listen(t, p)
	edge := l.snapshot().Edges[0].ID
	code, _, body := ask(t, p, "POST", "/api/correct", `{"op":"reject","edge":"`+edge+`"}`, nil)
	if code != 200 {
		t.Fatalf("%d %s", code, body)
	}
	if c, _ := l.change(); !slices.Contains(c.GoneEdges, edge) || len(c.Edges) != 0 {
		t.Errorf("rejected fact: %+v", c)
	}
	if code, _, body = ask(t, p, "POST", "/api/undo", "{}", nil); code != 200 {
		t.Fatalf("%d %s", code, body)
	}
	if c, _ := l.change(); len(c.Edges) != 1 || c.Edges[0].ID != edge {
		t.Errorf("undone rejection: %+v", c)
	}
	if code, _, _ = ask(t, p, "POST", "/api/redo", "{}", nil); code != 200 {
		t.Fatalf("redo: %d", code)
	}
	if c, _ := l.change(); !slices.Contains(c.GoneEdges, edge) {
		t.Errorf("rejection done again: %+v", c)
	}
}

func TestEditedLineReachesEveryPageWithTheFactsThatQuoteIt(t *testing.T) {
	p, store := newPanel(t, Options{})
	tell(t, p, store, "Marta lives in Lisbon.", lives("Marta", "Lisbon"))
	l := listen(t, p)
	line := l.snapshot().Lines[0].ID
	const now = "Marta lived in Lisbon."
	if code, _, body := ask(t, p, "POST", "/api/correct", `{"op":"edit_line","line":"`+line+`","text":"`+now+`"}`, nil); code != 200 || !strings.Contains(body, now) {
		t.Fatalf("%d %s", code, body)
	}
	sees := func(want string) {
		t.Helper()
		c, _ := l.change()
		if len(c.Lines) != 1 || c.Lines[0].ID != line || c.Lines[0].Text != want {
			t.Errorf("lines %+v, want %q", c.Lines, want)
		}
		if len(c.Edges) != 1 || c.Edges[0].Quote == nil || c.Edges[0].Quote.Text != want {
			t.Errorf("facts %+v, want %q beside one", c.Edges, want)
		}
	}
	sees(now)
	if code, _, body := ask(t, p, "POST", "/api/undo", "{}", nil); code != 200 {
		t.Fatalf("%d %s", code, body)
	}
	sees("Marta lives in Lisbon.")
}

func TestQuotesAreCutAroundTheirWords(t *testing.T) {
	long := strings.Repeat("é", 1000) + "Marta" + strings.Repeat("ü", 1000)
	for _, test := range []struct {
		text     string
		from, to int
		want     string
	}{
		{"Marta lives.", 0, 5, "Marta"}, {long, 1000, 1005, "Marta"}, {long, 0, 2, "éé"}, {long, 2004, 2005, "ü"}, {long, 5000, 6000, ""}, {long, -3, -1, ""}, {long, 0, 0, ""},
	} {
		text, from, to := excerpt(test.text, test.from, test.to)
		points := []rune(text)
		if got := string(points[from:to]); got != test.want || len(points) > 2*quoteAround+to-from+2 {
			t.Errorf("span %d to %d: %q marked in %d letters, want %q", test.from, test.to, got, len(points), test.want)
		}
	}
}

func TestSlowPageIsCutAndSnapshotsAgain(t *testing.T) {
	box := newMailbox()
	if _, lost := box.take(); !lost {
		t.Fatal("a new page must begin with a snapshot")
	}
	put := func(n int) {
		for i := range n {
			box.put(message{name: "change", seq: uint64(i + 1)}, false)
		}
	}
	put(mailboxSize)
	if queue, lost := box.take(); lost || len(queue) != mailboxSize {
		t.Fatalf("a full mailbox: lost %v, %d messages", lost, len(queue))
	}
	put(mailboxSize + 1)
	box.put(message{name: "change", seq: 9}, false)
	box.put(message{name: "caption"}, true)
	box.put(message{name: "caption", data: []byte("newest")}, true)
	queue, lost := box.take()
	if !lost {
		t.Fatal("an overfull mailbox must ask for a snapshot")
	}
	if len(queue) != 1 || string(queue[0].data) != "newest" {
		t.Fatalf("beside the snapshot only the newest caption counts, got %d messages", len(queue))
	}
	put(1)
	if queue, lost := box.take(); lost || len(queue) != 1 {
		t.Errorf("after the snapshot it goes on: lost %v, %d messages", lost, len(queue))
	}
}

// A page that stops reading must never hold up the program: Publish goes on while the page's socket is full.
func TestPublishNeverWaitsForAPage(t *testing.T) {
	p, store := newPanel(t, Options{})
	conn, err := net.Dial("tcp", p.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "GET /api/events HTTP/1.1\r\nHost: %s\r\nCookie: %s=%s\r\n\r\n", p.addr, p.guard.cookieName(), p.guard.token)
	if _, err := conn.Read(make([]byte, 1)); err != nil { // the stream is open; from here on nobody reads
		t.Fatal(err)
	}
	change := tell(t, p, store, strings.Repeat("word ", 2000), lives("Marta", strings.Repeat("x", 1500)))
	for range 4 * mailboxSize {
		p.Publish(Event{Change: &change})
	}
	if s := listen(t, p).snapshot(); len(s.Edges) != 1 {
		t.Errorf("another page sees %d facts, want 1", len(s.Edges))
	}
}

func TestTwoPagesAndTwoWritersAgree(t *testing.T) {
	p, store := newPanel(t, Options{})
	a, b := listen(t, p), listen(t, p)
	a.snapshot()
	b.snapshot()
	const each = 20
	var writers sync.WaitGroup
	for w := range 2 {
		writers.Go(func() {
			for i := range each {
				tell(t, p, store, "Someone lives somewhere.", lives(fmt.Sprintf("Person%d%d", w, i), "Lisbon"))
				p.Publish(Event{Caption: &Caption{Stable: "word"}, Status: &Status{State: Hearing, Level: .5}})
			}
		})
	}
	writers.Wait()
	for _, l := range []*listener{a, b} {
		seen := make(map[string]bool)
		for len(seen) < 2*each {
			c, _ := l.change()
			for _, e := range c.Edges {
				seen[e.ID] = true
			}
		}
	}
}

func TestTooManyPagesAreRefusedInWords(t *testing.T) {
	p, _ := newPanel(t, Options{})
	for range maxSubscribers {
		if _, ok := p.hub.join(); !ok {
			t.Fatal("refused too early")
		}
	}
	if code, _, body := ask(t, p, "GET", "/api/events", "", nil); code != 429 || !strings.Contains(body, tooManyPages.Next) {
		t.Errorf("got %d %s", code, body)
	}
}

func TestRestartedPanelKnowsItsOldPages(t *testing.T) {
	token := NewToken()
	p, store := newPanel(t, Options{Token: token})
	if err := p.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	again, err := Open(store, Options{Port: p.guard.port, Token: token})
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close(t.Context())
	if code, _, _ := ask(t, p, "GET", "/api/status", "", nil); code != 200 {
		t.Errorf("the old cookie gets %d", code)
	}
}
