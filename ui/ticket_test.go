package ui

import (
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// place is what comes after the host in an address of the panel.
func place(p *Panel, address string) string { return strings.TrimPrefix(address, "http://"+p.addr) }

func TestTicketBecomesAStrictCookieAndLeavesTheAddress(t *testing.T) {
	p, _ := newPanel(t, Options{})
	code, head, _ := ask(t, p, "GET", place(p, p.Ticket()), "", noCookie)
	if code != http.StatusSeeOther || head.Get("Location") != "/" {
		t.Fatalf("got %d to %q, want a redirect to /", code, head.Get("Location"))
	}
	cookie := head.Get("Set-Cookie")
	for _, want := range []string{p.guard.cookieName() + "=" + p.guard.token, "HttpOnly", "SameSite=Strict", "Path=/"} {
		if !strings.Contains(cookie, want) {
			t.Errorf("cookie %q lacks %q", strings.Replace(cookie, p.guard.token, "TOKEN", 1), want)
		}
	}
}

func TestTicketLetsOneBrowserInOnce(t *testing.T) {
	p, _ := newPanel(t, Options{})
	address := p.Ticket()
	if strings.Contains(address, p.Token()) || strings.Contains(p.Address(), p.Token()) {
		t.Fatal("an address for command lines holds the token")
	}
	for _, try := range []struct {
		name string
		with func(*http.Request)
		want int
	}{
		{"a foreign name spends nothing", func(r *http.Request) { noCookie(r); r.Host = "rebound.example:80" }, 403},
		{"the first browser", noCookie, 303},
		{"a second browser", noCookie, 401},
		{"the first browser again, with its cookie", nil, 303},
	} {
		if code, _, _ := ask(t, p, "GET", place(p, address), "", try.with); code != try.want {
			t.Errorf("%s: got %d, want %d", try.name, code, try.want)
		}
	}
}

func TestTicketIsSpentOnceAmongManyAtATime(t *testing.T) {
	p, _ := newPanel(t, Options{})
	_, ticket, _ := strings.Cut(p.Ticket(), "ticket=")
	var in atomic.Int32
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() {
			if p.guard.tickets.redeem(ticket) {
				in.Add(1)
			}
		})
	}
	all.Wait()
	if in.Load() != 1 {
		t.Errorf("%d got in with one ticket", in.Load())
	}
}

func TestUnusedTicketsAreBoundedAndTheNewestStay(t *testing.T) {
	p, _ := newPanel(t, Options{})
	oldest := p.Ticket()
	var newest string
	for range maxTickets {
		newest = p.Ticket()
	}
	for address, want := range map[string]int{oldest: 401, newest: 303} {
		if code, _, _ := ask(t, p, "GET", place(p, address), "", noCookie); code != want {
			t.Errorf("got %d, want %d", code, want)
		}
	}
}

func TestSecondStartGetsATicketForTheToken(t *testing.T) {
	p, _ := newPanel(t, Options{})
	t.Setenv("HTTP_PROXY", "http://127.0.0.1:1")
	address, err := Invite(t.Context(), p.Address(), p.Token())
	if err != nil {
		t.Fatal(err)
	}
	if code, _, _ := ask(t, p, "GET", place(p, address), "", noCookie); code != http.StatusSeeOther {
		t.Errorf("the ticket gets %d", code)
	}
	if _, err := Invite(t.Context(), p.Address(), NewToken()); err == nil || !strings.Contains(err.Error(), "401") {
		t.Errorf("with a wrong token: %v", err)
	}
	for _, address := range []string{"", "http://example.com:80/", "https://" + p.addr, "http://127.0.0.1/", "http://127.0.0.1:80@example.com:80/"} {
		if _, err := Invite(t.Context(), address, p.Token()); err == nil || !strings.Contains(err.Error(), "not on this machine") {
			t.Errorf("%q: %v", address, err)
		}
	}
}

func TestPortAndTokenOfTheStartBeforeAreTakenAgain(t *testing.T) {
	p, store := newPanel(t, Options{})
	if err := p.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	again, err := Open(store, Options{Before: p.Port(), Token: p.Token()})
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close(t.Context())
	if again.Port() != p.Port() {
		t.Fatalf("port %d, want %d", again.Port(), p.Port())
	}
	if code, _, _ := ask(t, p, "GET", "/api/status", "", nil); code != 200 {
		t.Errorf("the old cookie gets %d", code)
	}
}

func TestTokenThatWasCutIsReplaced(t *testing.T) {
	token := NewToken()
	for cut, kept := range map[string]bool{"": false, token[:20]: false, token: true} {
		if p, _ := newPanel(t, Options{Token: cut}); (p.Token() == token) != kept || len(p.Token()) != len(token) {
			t.Errorf("a token of %d letters becomes one of %d", len(cut), len(p.Token()))
		}
	}
}

// Whoever sits on the old port has been sent the cookies of the pages that are still open.
func TestTokenIsNewWhenAnotherProgramSitsOnThePort(t *testing.T) {
	squatter, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer squatter.Close()
	token, taken := NewToken(), squatter.Addr().(*net.TCPAddr).Port
	p, _ := newPanel(t, Options{Before: taken, Token: token})
	if p.Port() == taken || p.Token() == token || len(p.Token()) != len(token) {
		t.Errorf("port %d instead of the taken %d, the same token: %v", p.Port(), taken, p.Token() == token)
	}
}
