package ui

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"hotmem/assets"
	"hotmem/graphstore"
)

const (
	bodyLimit     = 64 << 10
	snapshotNodes = 400 // the page draws 60 and lists the rest
	snapshotLines = 50
	listLimit     = 200
)

// call is one question of the page; the error becomes words in fail.
type call func(p *Panel, w http.ResponseWriter, r *http.Request) error

// routes is the whole API, a line each. The method is checked here and not by the mux, whose refusals are plain text.
func (p *Panel) routes() http.Handler {
	mux := http.NewServeMux()
	for _, route := range []struct {
		method, path string
		call         call
	}{
		{"GET", "/api/events", (*Panel).events},
		{"GET", "/api/snapshot", (*Panel).getSnapshot},
		{"GET", "/api/facts", (*Panel).getFacts},
		{"GET", "/api/fact/{id}", (*Panel).getFact},
		{"GET", "/api/node/{id}", (*Panel).getNode},
		{"GET", "/api/lines", (*Panel).getLines},
		{"GET", "/api/status", (*Panel).getStatus},
		{"GET", "/api/export", (*Panel).getExport},
		{"POST", "/api/correct", (*Panel).postCorrect},
		{"POST", "/api/undo", (*Panel).postUndo},
		{"POST", "/api/redo", (*Panel).postRedo},
		{"POST", "/api/listen", (*Panel).postListen},
		{"POST", "/api/ticket", (*Panel).postTicket},
		{"GET", "/icon.png", (*Panel).getIcon},
		{"GET", "/", (*Panel).getPage},
	} {
		mux.HandleFunc(route.path, func(w http.ResponseWriter, r *http.Request) {
			if r.Method != route.method {
				w.Header().Set("Allow", route.method)
				fail(w, r, wrongMethod(route.method))
				return
			}
			if err := route.call(p, w, r); err != nil {
				p.explain(w, r, err)
			}
		})
	}
	return mux
}

// explain answers with words and leaves the cause in the log, where it can help someone.
func (p *Panel) explain(w http.ResponseWriter, r *http.Request, err error) {
	f := wordsFor(err)
	if f.code >= http.StatusInternalServerError {
		p.log.Error("panel request", "path", r.URL.Path, "error", err)
	}
	fail(w, r, f)
}

func answer(w http.ResponseWriter, v any) error {
	data, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("encode answer: %w", err)
	}
	w.Header().Set("Content-Type", "application/json")
	w.Write(data) // a browser that has gone needs no answer
	return nil
}

func (p *Panel) session() graphstore.SessionID {
	if p.opt.Session != nil {
		return p.opt.Session()
	}
	if recent, err := p.store.RecentSessions(1); err == nil && len(recent) > 0 {
		return recent[0].ID
	}
	return 0
}

func (p *Panel) snapshot() (wireSnapshot, error) {
	s, err := p.store.Snapshot(graphstore.Scope{Session: p.session(), Limit: snapshotNodes, Lines: snapshotLines})
	if err != nil {
		return wireSnapshot{}, fmt.Errorf("take a snapshot: %w", err)
	}
	edges := p.wireEdges(s.Edges)
	p.mu.Lock()
	defer p.mu.Unlock()
	return wireSnapshot{
		Seq: uint64(s.Seq), Session: id(s.Session.ID), Nodes: newWireNodes(s.Nodes), Edges: edges, More: s.More, Lines: newWireLines(s.Lines),
		Status: p.wireStatus(p.status), Caption: p.caption, Tentative: append([]wireGuess{}, p.tentative...),
	}, nil
}

func (p *Panel) getSnapshot(w http.ResponseWriter, _ *http.Request) error {
	s, err := p.snapshot()
	if err != nil {
		return err
	}
	return answer(w, s)
}

func (p *Panel) getFacts(w http.ResponseWriter, r *http.Request) error {
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return unreadable("the address")
	}
	filter := graphstore.Filter{Text: query.Get("text"), Relation: query.Get("relation"), Limit: listLimit}
	for key, set := range map[string]func(uint64){
		"node":    func(v uint64) { filter.Node = graphstore.NodeID(v) },
		"session": func(v uint64) { filter.Session = graphstore.SessionID(v) },
		"after":   func(v uint64) { filter.After = graphstore.EdgeID(v) },
		"limit":   func(v uint64) { filter.Limit = int(min(max(v, 1), listLimit)) },
	} {
		if text := query.Get(key); text != "" {
			v, err := strconv.ParseUint(text, 10, 63)
			if err != nil {
				return unreadable(key + " should be a whole number")
			}
			set(v)
		}
	}
	facts, err := p.store.Facts(filter)
	if err != nil {
		return fmt.Errorf("list facts: %w", err)
	}
	edges, nodes := newWireFacts(facts)
	return answer(w, map[string]any{"facts": edges, "nodes": nodes})
}

func pathID(r *http.Request) (uint64, error) {
	v, err := strconv.ParseUint(r.PathValue("id"), 10, 64)
	if err != nil {
		return 0, notFound
	}
	return v, nil
}

func (p *Panel) getFact(w http.ResponseWriter, r *http.Request) error {
	v, err := pathID(r)
	if err != nil {
		return err
	}
	f, err := p.store.Fact(graphstore.EdgeID(v))
	if err != nil {
		return fmt.Errorf("look up a fact: %w", err)
	}
	quotes := make([]wireQuote, 0, len(f.Evidence))
	for _, e := range f.Evidence {
		quotes = append(quotes, newWireQuote(e))
	}
	edges, nodes := newWireFacts([]graphstore.Fact{f})
	return answer(w, map[string]any{"fact": edges[0], "nodes": nodes, "quotes": quotes})
}

func (p *Panel) getNode(w http.ResponseWriter, r *http.Request) error {
	v, err := pathID(r)
	if err != nil {
		return err
	}
	n, err := p.store.Node(graphstore.NodeID(v))
	if err != nil {
		return fmt.Errorf("look up a node: %w", err)
	}
	facts, err := p.store.Facts(graphstore.Filter{Node: n.ID, Limit: listLimit})
	if err != nil {
		return fmt.Errorf("list a node's facts: %w", err)
	}
	edges, nodes := newWireFacts(facts)
	return answer(w, map[string]any{"node": newWireNode(n), "facts": edges, "nodes": nodes})
}

func (p *Panel) getLines(w http.ResponseWriter, r *http.Request) error {
	session := p.session()
	if text := r.URL.Query().Get("session"); text != "" {
		v, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			return unreadable("session should be a whole number")
		}
		session = graphstore.SessionID(v)
	}
	lines, err := p.store.Lines(session)
	if err != nil {
		return fmt.Errorf("list what was said: %w", err)
	}
	return answer(w, map[string]any{"lines": newWireLines(lines)})
}

func (p *Panel) getStatus(w http.ResponseWriter, _ *http.Request) error {
	p.mu.Lock()
	status := p.wireStatus(p.status)
	p.mu.Unlock()
	return answer(w, status)
}

func (p *Panel) getExport(w http.ResponseWriter, _ *http.Request) error {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Disposition", `attachment; filename="hotmem-`+time.Now().Format(time.DateOnly)+`.json"`)
	if err := p.store.Export(w); err != nil {
		p.log.Error("panel export", "error", err)
		panic(http.ErrAbortHandler) // half a file must not look like a whole one
	}
	return nil
}

func (p *Panel) getIcon(w http.ResponseWriter, _ *http.Request) error {
	w.Header().Set("Content-Type", "image/png")
	w.Write(assets.Icon())
	return nil
}

// getPage serves the page's files. A program that was built without the page says so instead of showing nothing.
func (p *Panel) getPage(w http.ResponseWriter, r *http.Request) error {
	name := r.URL.Path[1:]
	if name == "" {
		name = "index.html"
	}
	if _, err := fs.Stat(p.page, "panel.js"); errors.Is(err, fs.ErrNotExist) {
		return noPage
	}
	info, err := fs.Stat(p.page, name)
	if err != nil || info.IsDir() {
		return noSuchPath
	}
	data, err := fs.ReadFile(p.page, name)
	if err != nil {
		return fmt.Errorf("read %s: %w", name, err)
	}
	w.Header().Set("Content-Type", contentType(name))
	w.Write(data)
	return nil
}

// wantJSON refuses what a plain HTML form could send.
func wantJSON(r *http.Request) error {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return notJSON
	}
	return nil
}

func decodeJSON(w http.ResponseWriter, r *http.Request, into any) error {
	if err := wantJSON(r); err != nil {
		return err
	}
	return readJSON(http.MaxBytesReader(w, r.Body, bodyLimit), into)
}

// readJSON reads one JSON object, without unknown fields and with nothing after it.
func readJSON(body io.Reader, into any) error {
	d := json.NewDecoder(body)
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return badJSON(err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return badJSON(err)
	}
	return nil
}
