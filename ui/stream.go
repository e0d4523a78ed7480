package ui

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"time"
)

const (
	// heartbeat keeps proxies and sleeping tabs from taking a quiet stream for a dead one.
	heartbeat = 15 * time.Second
	// mailboxSize changes may wait for one browser. A person who talks makes a few a second, so this is a minute of a stalled tab; beyond
	// it a fresh snapshot costs less than the backlog.
	mailboxSize = 256
	// maxSubscribers: a page uses one stream; browsers allow six per origin.
	maxSubscribers = 32
	// writeLimit ends a stream whose reader has stopped reading; the page reconnects by itself and begins with a snapshot.
	writeLimit = 10 * time.Second
)

// message is one server-sent event, encoded once for all subscribers.
type message struct {
	name string
	seq  uint64 // 0: not a change of the graph
	data []byte
}

func encode(name string, seq uint64, v any) (message, error) {
	data, err := json.Marshal(v)
	if err != nil {
		return message{}, fmt.Errorf("encode %s for the panel: %w", name, err)
	}
	return message{name: name, seq: seq, data: data}, nil
}

// mailbox holds what one browser has not read yet. Changes and lines queue up; of the status, the caption and the tentative facts only the
// newest counts, so a slow reader skips what is stale. When the queue is full the mailbox forgets everything and asks for a snapshot.
type mailbox struct {
	mu     sync.Mutex
	queue  []message
	latest map[string]message
	lost   bool
	wake   chan struct{} // capacity 1
}

func newMailbox() *mailbox {
	return &mailbox{latest: make(map[string]message), lost: true, wake: make(chan struct{}, 1)}
}

func (m *mailbox) put(msg message, replace bool) {
	m.mu.Lock()
	switch {
	case replace:
		m.latest[msg.name] = msg
	case m.lost: // the snapshot that is due will contain it
	case len(m.queue) >= mailboxSize:
		m.queue, m.lost = nil, true
	default:
		m.queue = append(m.queue, msg)
	}
	m.mu.Unlock()
	select {
	case m.wake <- struct{}{}:
	default:
	}
}

// take empties the mailbox. With lost set the caller must send a snapshot first, taken after this call.
func (m *mailbox) take() (queue []message, lost bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	queue, lost = m.queue, m.lost
	for _, name := range []string{"status", "caption", "tentative"} {
		if msg, ok := m.latest[name]; ok {
			queue = append(queue, msg)
			delete(m.latest, name)
		}
	}
	m.queue, m.lost = nil, false
	return queue, lost
}

// hub knows the mailboxes of all open pages.
type hub struct {
	mu     sync.Mutex
	boxes  map[*mailbox]struct{}
	closed chan struct{}
	once   sync.Once
}

func newHub() *hub { return &hub{boxes: make(map[*mailbox]struct{}), closed: make(chan struct{})} }

func (h *hub) join() (*mailbox, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.boxes) >= maxSubscribers {
		return nil, false
	}
	m := newMailbox()
	h.boxes[m] = struct{}{}
	return m, true
}

func (h *hub) leave(m *mailbox) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.boxes, m)
}

func (h *hub) send(msg message, replace bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for m := range h.boxes {
		m.put(msg, replace)
	}
}

func (h *hub) close() { h.once.Do(func() { close(h.closed) }) }

// events streams to one page: a snapshot first, then what changes.
func (p *Panel) events(w http.ResponseWriter, r *http.Request) error {
	box, ok := p.hub.join()
	if !ok {
		return tooManyPages
	}
	defer p.hub.leave(box)
	s := &stream{w: w, rc: http.NewResponseController(w)}
	if err := s.rc.SetReadDeadline(time.Time{}); err != nil { // the server's read limit is for requests, and this one has been read
		return fmt.Errorf("open event stream: %w", err)
	}
	w.Header().Set("Content-Type", "text/event-stream")
	w.WriteHeader(http.StatusOK)
	s.comment("hello")
	p.pump(r.Context(), s, box)
	return nil
}

func (p *Panel) pump(ctx context.Context, s *stream, box *mailbox) {
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	var shown uint64 // the newest change the page has seen through a snapshot
	for {
		queue, lost := box.take()
		if lost {
			snap, err := p.snapshot()
			if err != nil {
				p.log.Error("panel snapshot", "error", err)
				return
			}
			shown = snap.Seq
			if msg, err := encode("snapshot", snap.Seq, snap); err == nil {
				s.send(msg)
			}
		}
		for _, msg := range queue {
			if msg.seq == 0 || msg.seq > shown {
				s.send(msg)
			}
		}
		if s.flush() != nil {
			return
		}
		select {
		case <-box.wake:
		case <-beat.C:
			s.comment("still here")
		case <-ctx.Done():
			return
		case <-p.hub.closed:
			return
		}
	}
}

// stream writes server-sent events and keeps the first error.
type stream struct {
	w   http.ResponseWriter
	rc  *http.ResponseController
	err error
}

func (s *stream) send(m message) {
	id := ""
	if m.seq != 0 {
		id = "id: " + strconv.FormatUint(m.seq, 10) + "\n"
	}
	s.write(fmt.Sprintf("event: %s\n%sdata: %s\n\n", m.name, id, m.data)) // JSON holds no line breaks
}

func (s *stream) comment(text string) { s.write(": " + text + "\n\n") }

func (s *stream) write(text string) {
	if s.err != nil {
		return
	}
	if s.err = s.rc.SetWriteDeadline(time.Now().Add(writeLimit)); s.err != nil {
		return
	}
	_, s.err = s.w.Write([]byte(text))
}

func (s *stream) flush() error {
	if s.err == nil {
		s.err = s.rc.Flush()
	}
	return s.err
}
