package ui

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"hotmem/graphstore"
)

// newPanel opens a panel over a real store in memory, with one session.
func newPanel(t *testing.T, opt Options) (*Panel, *graphstore.Store) {
	t.Helper()
	store, err := graphstore.Open("", graphstore.Options{InMemory: true})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := store.NewSession(time.Now()); err != nil {
		t.Fatal(err)
	}
	p, err := Open(store, opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := p.Close(ctx); err != nil {
			t.Error(err)
		}
		if err := store.Check(); err != nil {
			t.Error(err)
		}
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return p, store
}

// ask sends a request as the panel's own page would, changed by with.
func ask(t *testing.T, p *Panel, method, path, body string, with func(*http.Request)) (int, http.Header, string) {
	t.Helper()
	req, err := http.NewRequest(method, "http://"+p.addr+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.AddCookie(&http.Cookie{Name: p.guard.cookieName(), Value: p.guard.token})
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Origin", "http://"+p.addr)
	}
	if with != nil {
		with(req)
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, resp.Header, string(data)
}

func noCookie(r *http.Request) { r.Header.Del("Cookie") }

func bearer(token string) func(*http.Request) {
	return func(r *http.Request) {
		noCookie(r)
		r.Header.Set("Authorization", "Bearer "+token)
	}
}

func header(key, value string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set(key, value) }
}

func TestOnlyTheInvitedPageGetsIn(t *testing.T) {
	p, _ := newPanel(t, Options{})
	const undo, snapshot = "/api/undo", "/api/snapshot"
	for _, test := range []struct {
		name, method, path, body string
		with                     func(*http.Request)
		want                     int
	}{
		{"the page itself", "GET", snapshot, "", nil, 200},
		{"the page under the name localhost", "GET", snapshot, "", func(r *http.Request) { r.Host = strings.Replace(p.addr, "127.0.0.1", "localhost", 1) }, 200},
		{"no cookie", "GET", snapshot, "", noCookie, 401},
		{"no cookie, first page", "GET", "/", "", noCookie, 401},
		{"no cookie, script", "GET", "/panel.js", "", noCookie, 401},
		{"a cookie with another token", "GET", snapshot, "", header("Cookie", p.guard.cookieName()+"="+NewToken()), 401},
		{"the cookie of a panel on another port", "GET", snapshot, "", header("Cookie", "hotmem-1="+p.guard.token), 401},
		{"a ticket that was never given", "GET", "/?ticket=" + NewToken(), "", noCookie, 401},
		{"an empty ticket", "GET", "/?ticket=", "", noCookie, 401},
		{"the token as a ticket", "GET", "/?ticket=" + p.guard.token, "", noCookie, 401},
		{"the token in the address", "GET", "/?token=" + p.guard.token, "", noCookie, 401},
		{"another start that knows the token", "GET", snapshot, "", bearer(p.guard.token), 200},
		{"another start that does not", "GET", snapshot, "", bearer(NewToken()), 401},
		{"another start that knows nothing", "POST", "/api/ticket", "", bearer(""), 401},
		{"a garbled query", "GET", "/?%zz", "", noCookie, 401},
		{"a foreign name that resolves to this machine", "GET", snapshot, "", func(r *http.Request) { r.Host = "rebound.example:80" }, 403},
		{"the right name without a port", "GET", snapshot, "", func(r *http.Request) { r.Host = "127.0.0.1" }, 403},
		{"the right name with another port", "GET", snapshot, "", func(r *http.Request) { r.Host = "127.0.0.1:1" }, 403},
		{"a foreign page that reads", "GET", snapshot, "", header("Sec-Fetch-Site", "cross-site"), 403},
		{"a page on another port that reads", "GET", snapshot, "", header("Sec-Fetch-Site", "same-site"), 403},
		{"a foreign origin that reads, from an old browser", "GET", snapshot, "", header("Origin", "http://evil.example"), 403},
		{"a foreign origin that writes", "POST", undo, "{}", header("Origin", "http://evil.example"), 403},
		{"an origin of null", "POST", undo, "{}", header("Origin", "null"), 403},
		{"a page on another port that writes", "POST", undo, "{}", header("Origin", "http://127.0.0.1:1"), 403},
		{"a foreign page that streams", "GET", "/api/events", "", header("Sec-Fetch-Site", "cross-site"), 403},
		{"a link from a foreign page to the first page, with the cookie", "GET", "/", "", func(r *http.Request) {
			r.Header.Set("Sec-Fetch-Site", "cross-site")
			r.Header.Set("Sec-Fetch-Mode", "no-cors")
		}, 403},
	} {
		code, _, body := ask(t, p, test.method, test.path, test.body, test.with)
		if code != test.want {
			t.Errorf("%s: got %d, want %d", test.name, code, test.want)
		}
		if code >= 400 && strings.Contains(body, p.guard.token) {
			t.Errorf("%s: the refusal contains the token", test.name)
		}
	}
}

func TestEveryAnswerIsGuarded(t *testing.T) {
	p, _ := newPanel(t, Options{})
	for _, path := range []string{"/", "/api/snapshot", "/api/nothing", "/panel.css", "/../../etc/passwd", "/index.html/x"} {
		_, head, _ := ask(t, p, "GET", path, "", nil)
		if csp := head.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") {
			t.Errorf("%s: policy %q", path, csp)
		}
		for key, want := range map[string]string{
			"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cross-Origin-Resource-Policy": "same-origin",
		} {
			if got := head.Get(key); got != want {
				t.Errorf("%s: %s is %q, want %q", path, key, got, want)
			}
		}
	}
}

func TestTokensAreLongAndNew(t *testing.T) {
	seen := make(map[string]bool)
	for range 100 {
		token := NewToken()
		if len(token) != 43 { // 256 bits in base64
			t.Fatalf("token of %d characters", len(token))
		}
		if seen[token] {
			t.Fatal("the same token twice")
		}
		seen[token] = true
	}
}

func TestPortInUseIsAnErrorThatSaysSo(t *testing.T) {
	p, store := newPanel(t, Options{})
	_, err := Open(store, Options{Port: p.guard.port})
	if err == nil || !strings.Contains(err.Error(), "another program may use it") {
		t.Errorf("got %v, want an error with the next step", err)
	}
}

func TestRefusalsAreJSONWithANextStep(t *testing.T) {
	p, _ := newPanel(t, Options{})
	big := `{"op":"rename","node":"1","text":"` + strings.Repeat("x", bodyLimit) + `"}`
	for _, test := range []struct {
		name, method, path, body string
		with                     func(*http.Request)
		want                     int
	}{
		{"unknown path", "GET", "/api/nothing", "", nil, 404},
		{"unknown fact", "GET", "/api/fact/999999", "", nil, 404},
		{"a fact that is no number", "GET", "/api/fact/x", "", nil, 404},
		{"unknown node", "GET", "/api/node/999999", "", nil, 404},
		{"wrong method on a question", "POST", "/api/snapshot", "{}", nil, 405},
		{"wrong method on a correction", "GET", "/api/correct", "", nil, 405},
		{"a method that does not exist", "BREW", "/api/snapshot", "", nil, 405},
		{"a form", "POST", "/api/correct", "op=reject", header("Content-Type", "application/x-www-form-urlencoded"), 415},
		{"text that says it is none", "POST", "/api/correct", "{}", header("Content-Type", ""), 415},
		{"a huge body", "POST", "/api/correct", big, nil, 413},
		{"no JSON", "POST", "/api/correct", "hello", nil, 400},
		{"two JSON values", "POST", "/api/correct", `{"op":"reject","edge":"1"} {}`, nil, 400},
		{"an unknown field", "POST", "/api/correct", `{"op":"reject","edge":"1","evil":true}`, nil, 400},
		{"a field of another kind", "POST", "/api/correct", `{"op":"reject","edge":7}`, nil, 400},
		{"an unknown correction", "POST", "/api/correct", `{"op":"explode"}`, nil, 400},
		{"a rejection of nothing", "POST", "/api/correct", `{"op":"reject"}`, nil, 400},
		{"a rejection of what is not there", "POST", "/api/correct", `{"op":"reject","edge":"999999"}`, nil, 404},
		{"a relation that does not exist", "POST", "/api/correct", `{"op":"relation","edge":"1","relation":"eats_whole"}`, nil, 400},
		{"open without words", "POST", "/api/correct", `{"op":"relation","edge":"1","relation":"open"}`, nil, 400},
		{"words without open", "POST", "/api/correct", `{"op":"relation","edge":"1","relation":"likes","predicate":"adore"}`, nil, 400},
		{"a kind that does not exist", "POST", "/api/correct", `{"op":"retype","node":"1","type":"GHOST"}`, nil, 400},
		{"undo with nothing to undo", "POST", "/api/undo", "{}", nil, 409},
		{"redo with nothing to redo", "POST", "/api/redo", "{}", nil, 409},
		{"listening where nothing can listen", "POST", "/api/listen", `{"do":"start"}`, nil, 501},
		{"a filter that is no number", "GET", "/api/facts?node=x", "", nil, 400},
		{"a garbled query", "GET", "/api/facts?text=%zz", "", nil, 400},
		{"lines of a session that is no number", "GET", "/api/lines?session=-1", "", nil, 400},
	} {
		code, head, body := ask(t, p, test.method, test.path, test.body, test.with)
		if code != test.want {
			t.Errorf("%s: got %d %s, want %d", test.name, code, body, test.want)
		}
		var words Trouble
		if err := json.Unmarshal([]byte(body), &words); err != nil || words.Error == "" || words.Next == "" {
			t.Errorf("%s: %q is no sentence with a next step (%v)", test.name, body, err)
		}
		if kind := head.Get("Content-Type"); kind != "application/json" {
			t.Errorf("%s: content type %q", test.name, kind)
		}
	}
}

func TestListeningIsAskedOfTheProgram(t *testing.T) {
	var asked []Listening
	p, _ := newPanel(t, Options{Listen: func(_ context.Context, what Listening) error {
		asked = append(asked, what)
		if what == Recording {
			return NoMicrophone.Err()
		}
		return nil
	}})
	for body, want := range map[string]int{`{"do":"start"}`: 200, `{"do":"pause"}`: 200, `{"do":"recording"}`: 409, `{"do":"dance"}`: 400} {
		code, _, answer := ask(t, p, "POST", "/api/listen", body, nil)
		if code != want {
			t.Errorf("%s: got %d, want %d", body, code, want)
		}
		if code == 409 && !strings.Contains(answer, NoMicrophone.Error) {
			t.Errorf("the program's own words are lost: %s", answer)
		}
	}
	if len(asked) != 3 {
		t.Errorf("the program was asked %v, want three times", asked)
	}
}

func TestLogsNeverContainWhatWasTyped(t *testing.T) {
	var log bytes.Buffer
	p, _ := newPanel(t, Options{Log: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	const secret = "Rumpelstiltskin"
	ask(t, p, "POST", "/api/correct", `{"op":"rename","node":"999999","text":"`+secret+`"}`, nil)
	ask(t, p, "POST", "/api/correct", `{"op":"`+secret+`"`, nil)
	ask(t, p, "GET", "/api/facts?text="+secret, "", nil)
	if strings.Contains(log.String(), secret) {
		t.Errorf("the log quotes the person:\n%s", log.String())
	}
}
