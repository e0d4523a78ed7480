package ui

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

// maxTickets bounds how many may be unused at a time; whoever makes more has lost the oldest.
const maxTickets = 64

// tickets are the unused ones, oldest first. The address of the panel is shown to everybody: the opener's command line is in every process
// list, and printed lines are copied about. So it carries a ticket that lets one browser in and is worth nothing afterwards, never the token.
type tickets struct {
	mu     sync.Mutex
	unused []string
}

func (t *tickets) issue() string {
	ticket := NewToken()
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.unused = append(t.unused, ticket); len(t.unused) > maxTickets {
		t.unused = t.unused[1:]
	}
	return ticket
}

// redeem reports whether a ticket is good, and spends it.
func (t *tickets) redeem(ticket string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	i := slices.IndexFunc(t.unused, func(have string) bool { return same(ticket, have) })
	if i < 0 {
		return false
	}
	t.unused = slices.Delete(t.unused, i, i+1)
	return true
}

// Ticket is an address that lets one browser in, once; each call makes a new one. It stays good until it is used, and may be printed or put on
// a command line.
func (p *Panel) Ticket() string { return p.Address() + "?ticket=" + p.guard.tickets.issue() }

// postTicket gives one to a second start of the program, which proves itself with the token.
func (p *Panel) postTicket(w http.ResponseWriter, _ *http.Request) error {
	return answer(w, map[string]string{"panel": p.Ticket()})
}

// inviteLimit is how long a busy machine may take to answer.
const inviteLimit = 5 * time.Second

// Invite asks a running panel for a [Panel.Ticket], from another process that knows its [Panel.Address] and [Panel.Token]. It talks to the
// loopback address alone, whatever it is given.
func Invite(ctx context.Context, address, token string) (string, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" || u.User != nil || u.Hostname() != "127.0.0.1" || u.Port() == "" {
		return "", errors.New("ask the running panel for its address: it is not on this machine")
	}
	ctx, cancel := context.WithTimeout(ctx, inviteLimit)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+u.Host+"/api/ticket", nil)
	if err != nil {
		return "", fmt.Errorf("ask the running panel for its address: %w", err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	client := &http.Client{
		Transport:     &http.Transport{DisableKeepAlives: true}, // and no proxy, whatever the environment says
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	resp, err := client.Do(req)
	if err != nil {
		return "", fmt.Errorf("ask the running panel for its address (it may be ending; try again): %w", err)
	}
	defer resp.Body.Close()
	var got struct{ Panel string }
	if err := json.NewDecoder(io.LimitReader(resp.Body, bodyLimit)).Decode(&got); err != nil || !strings.HasPrefix(got.Panel, "http://"+u.Host+"/?ticket=") {
		return "", fmt.Errorf("ask the running panel for its address: it answers %s; close it and start again", resp.Status)
	}
	return got.Panel, nil
}
