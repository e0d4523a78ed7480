// Package ui is the panel: a page on the loopback address that shows the graph while it grows, and takes corrections.
//
// [Open] listens at once, so that a port in use is known when the program starts. [Panel.Ticket] is the address to open; its ticket is good
// once, for the cookie that every other request needs. Another process of the same person gets one through [Invite]. [Panel.Publish] sends what has changed to every open page; a new page gets a
// snapshot first and changes after it, and a page that falls behind gets a new snapshot instead of a backlog.
//
//	GET  /api/events           server-sent events: snapshot, then change, line, caption, tentative, status; ids are store sequence numbers
//	GET  /api/snapshot         the same snapshot once
//	GET  /api/facts            facts as sentences: text, node, session, limit
//	GET  /api/fact/{id}        one fact with every sentence it came from
//	GET  /api/node/{id}        one node with its facts
//	GET  /api/lines            what was said: session
//	GET  /api/status           is it listening, and if not, why and what to do
//	GET  /api/export           everything, as a JSON file
//	POST /api/correct          one correction: {"op": …}
//	POST /api/undo, /api/redo  walk the corrections back and forth
//	POST /api/listen           {"do": "start" | "pause" | "recording"}
//	POST /api/ticket           an address that lets one more browser in
//
// Errors are JSON, {"error": what happened, "next": what to do}, in words for people; they are all made in words.go. The package neither
// hears nor extracts: what the page can ask of the program beyond the store comes in as [Options].Listen. It opens no connection but
// Invite's, to the loopback address, and never logs what was said.
package ui

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"

	"hotmem/assets"
	"hotmem/graphstore"
)

// Options says how the panel is opened. The zero value works.
type Options struct {
	// Port on 127.0.0.1, and no other; zero takes Before, or any free one.
	Port int
	// Before is the [Panel.Port] of the start before, taken if it is free: browsers store the places of the nodes by address.
	Before int
	// Session is the conversation that is going on; nil means the newest one in the store.
	Session func() graphstore.SessionID
	// Listen starts, pauses or plays the bundled recording; nil means that the panel cannot do so, and the page offers none of it.
	Listen func(ctx context.Context, what Listening) error
	// Token is the secret that cookies hold; an empty or cut one is replaced by a new one. With the [Panel.Token] of the start before, open pages
	// come alive again on the same port. It is not used when another program sits on Before: open pages may have shown that program their cookie.
	Token string
	// Corrected is called after each stored correction, undo and redo; an edited line waits to be read again. Nil means that nobody cares.
	Corrected func()
	// Status is what the page shows until the first Publish of one.
	Status Status
	// Log takes events and errors, never words; nil discards them.
	Log *slog.Logger
}

// Listening is what a person can ask of the microphone.
type Listening string

// The page's three buttons.
const (
	Start     Listening = "start"     // begin or go on
	Pause     Listening = "pause"     // stop hearing, finish what was heard
	Recording Listening = "recording" // play the bundled recording instead of the microphone
)

// Event is what may have changed; nil fields are unchanged.
type Event struct {
	Status    *Status
	Caption   *Caption
	Line      *graphstore.Line
	Change    *graphstore.Change
	Tentative *Tentative
}

// Status is the state of the program as a person sees it. Trouble is a state, not an error: the program goes on and the page says what to do.
type Status struct {
	State      State    `json:"state"`
	Level      float32  `json:"level"`             // loudness now, 0 to 1
	Microphone string   `json:"microphone"`        // name of the input, or of the recording
	Trouble    *Trouble `json:"trouble,omitempty"` // what stands in the way, if anything does
	Behind     int      `json:"behind"`            // finished sentences that wait for extraction
	Dropped    int      `json:"dropped"`           // frames or partials lost since the start
	TextMS     float64  `json:"text_ms"`           // last text → graph
	SoundMS    float64  `json:"sound_ms"`          // last sound → graph
}

// State is the one word for the pill in the top bar.
type State string

// The states a person can see.
const (
	Idle      State = "idle" // not asked to listen yet
	Starting  State = "starting"
	Hearing   State = "listening"
	Paused    State = "paused"
	Playing   State = "playing" // a recording instead of the microphone
	InTrouble State = "trouble" // Status.Trouble says which
)

// Caption is the utterance that is being spoken: words that will stay, and words that may still change.
type Caption struct {
	Stable    string `json:"stable"`
	Tentative string `json:"tentative"`
}

// Tentative holds the facts read from an utterance that is not finished; each replaces the one before, and an empty one clears them.
type Tentative struct {
	Claims []graphstore.Claim
}

// Panel is a running panel.
type Panel struct {
	store   *graphstore.Store
	opt     Options
	log     *slog.Logger
	hub     *hub
	guard   *guard
	server  *http.Server
	addr    string
	page    fs.FS
	serving sync.WaitGroup

	mu        sync.Mutex // guards what a snapshot shows beside the store
	status    Status
	caption   Caption
	tentative []wireGuess
}

// takePort takes the port that was asked for, or the one before, or any; fresh says that the token must not be used again.
func takePort(opt Options) (ln net.Listener, fresh bool, err error) {
	on := func(port int) (net.Listener, error) {
		return net.Listen("tcp4", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	}
	if opt.Port == 0 && opt.Before != 0 {
		if ln, err = on(opt.Before); err == nil {
			return ln, false, nil
		}
		fresh = true
	}
	ln, err = on(opt.Port)
	return ln, fresh, err
}

// Open listens on the loopback address and serves until [Panel.Close].
func Open(store *graphstore.Store, opt Options) (*Panel, error) {
	ln, fresh, err := takePort(opt)
	if err != nil {
		return nil, fmt.Errorf("open the panel on port %d (another program may use it; choose another one or none): %w", opt.Port, err)
	}
	p := &Panel{
		store: store, opt: opt, log: opt.Log, hub: newHub(),
		addr: ln.Addr().String(), page: assets.Panel(), status: opt.Status,
	}
	if p.log == nil {
		p.log = slog.New(slog.DiscardHandler)
	}
	if p.status.State == "" {
		p.status.State = Idle
	}
	if len(opt.Token) < base64.RawURLEncoding.EncodedLen(tokenBytes) || fresh {
		opt.Token = NewToken()
	}
	p.guard = &guard{
		token: opt.Token, port: ln.Addr().(*net.TCPAddr).Port,
		cross: http.NewCrossOriginProtection(), next: p.routes(),
	}
	p.server = &http.Server{
		Handler:           p.guard,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       15 * time.Second,
		WriteTimeout:      60 * time.Second, // an export of years; streams set their own
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(p.log.Handler(), slog.LevelDebug),
	}
	p.serving.Add(1)
	go func() {
		defer p.serving.Done()
		if err := p.server.Serve(ln); !errors.Is(err, http.ErrServerClosed) {
			p.log.Error("panel stopped", "error", err)
		}
	}()
	return p, nil
}

// Address is the page's, for a browser that is in already; it holds no secret.
func (p *Panel) Address() string { return "http://" + p.addr + "/" }

// Port is the one that the panel listens on, for [Options].Before of the next start.
func (p *Panel) Port() int { return p.guard.port }

// Token is the secret; whoever knows it may read and correct everything, so it belongs into files that their owner alone can read.
func (p *Panel) Token() string { return p.guard.token }

// Publish shows an event on every open page. It never blocks, whatever the pages do.
func (p *Panel) Publish(e Event) {
	if e.Status != nil {
		p.mu.Lock()
		p.status = *e.Status
		p.mu.Unlock()
		p.broadcast("status", 0, p.wireStatus(*e.Status), true)
	}
	if e.Caption != nil {
		p.mu.Lock()
		p.caption = *e.Caption
		p.mu.Unlock()
		p.broadcast("caption", 0, e.Caption, true)
	}
	if e.Line != nil {
		p.broadcast("line", 0, newWireLine(*e.Line), false)
	}
	if e.Change != nil {
		p.broadcast("change", uint64(e.Change.Seq), p.newWireChange(*e.Change), false)
	}
	if e.Tentative != nil {
		guesses := newWireTentative(e.Tentative.Claims)
		p.mu.Lock()
		p.tentative = guesses
		p.mu.Unlock()
		p.broadcast("tentative", 0, guesses, true)
	}
}

func (p *Panel) broadcast(name string, seq uint64, v any, replace bool) {
	msg, err := encode(name, seq, v)
	if err != nil {
		p.log.Error("panel event", "error", err)
		return
	}
	p.hub.send(msg, replace)
}

// Close ends the streams, lets running requests finish until ctx ends, and then cuts them.
func (p *Panel) Close(ctx context.Context) error {
	p.hub.close()
	err := p.server.Shutdown(ctx)
	if err != nil {
		err = errors.Join(fmt.Errorf("close the panel: %w", err), p.server.Close())
	}
	p.serving.Wait()
	return err
}
