package ui

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// guard decides who may talk to the panel. Every other program and every web page of this machine can reach a loopback port, so an
// address is no proof of anything: a request must know the token, must be addressed to the loopback name (or a foreign domain that resolves
// to 127.0.0.1 would pass), and must not come from a page of another origin.
type guard struct {
	token   string
	tickets tickets
	port    int
	cross   *http.CrossOriginProtection
	next    http.Handler
}

const tokenBytes = 32

// NewToken returns 256 random bits, safe in a URL, for [Options].Token.
func NewToken() string {
	b := make([]byte, tokenBytes)
	rand.Read(b) // never fails: crypto/rand ends the program instead
	return base64.RawURLEncoding.EncodeToString(b)
}

// cookieName holds the port because cookies ignore it: two panels on one machine must not overwrite each other's.
func (g *guard) cookieName() string { return "hotmem-" + strconv.Itoa(g.port) }

func (g *guard) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	secureHeaders(w.Header())
	if !g.hostKnown(r.Host) {
		fail(w, r, wrongAddress)
		return
	}
	if r.URL.Path == "/" && r.URL.RawQuery != "" && r.Method == http.MethodGet {
		g.admit(w, r)
		return
	}
	if g.foreign(r) {
		fail(w, r, foreignPage)
		return
	}
	if !g.knows(r) {
		fail(w, r, notInvited)
		return
	}
	g.next.ServeHTTP(w, r)
}

// admit trades the ticket of the address for a cookie and sends the browser to the address without it, so that nothing worth having stays in
// the history, in bookmarks or in what is copied from the address bar. A browser that is in already may come with a spent ticket: it reloads,
// or opens its old tabs again.
func (g *guard) admit(w http.ResponseWriter, r *http.Request) {
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil || !g.tickets.redeem(query.Get("ticket")) && !g.knows(r) {
		fail(w, r, notInvited)
		return
	}
	http.SetCookie(w, &http.Cookie{
		Name: g.cookieName(), Value: g.token, Path: "/",
		HttpOnly: true, SameSite: http.SameSiteStrictMode,
	})
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

func (g *guard) hostKnown(host string) bool {
	name, port, err := net.SplitHostPort(host)
	return err == nil && port == strconv.Itoa(g.port) && (name == "127.0.0.1" || name == "localhost")
}

// foreign reports whether a page of another origin asks. CrossOriginProtection lets reads pass, since most sites publish them; here a
// read is a person's memory, so the same rule holds for every method and for pages on other ports of this machine too.
func (g *guard) foreign(r *http.Request) bool {
	if g.cross.Check(r) != nil {
		return true
	}
	if site := r.Header.Get("Sec-Fetch-Site"); site != "" && site != "same-origin" && site != "none" {
		// A link from another page may open the panel itself; without the cookie it gets nothing, and the cookie is SameSite=Strict.
		return r.URL.Path != "/" || r.Header.Get("Sec-Fetch-Mode") != "navigate"
	}
	origin := r.Header.Get("Origin")
	return origin != "" && origin != "http://"+r.Host
}

// knows reports whether the request shows the token: a browser in its cookie, a program that can read the data folder in a header.
func (g *guard) knows(r *http.Request) bool {
	if bearer, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok && same(bearer, g.token) {
		return true
	}
	for _, c := range r.CookiesNamed(g.cookieName()) {
		if same(c.Value, g.token) {
			return true
		}
	}
	return false
}

func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

// policy allows our own files and nothing else; Trusted Types turn any use of markup from a string into an error, so a name such as
// "<img onerror=…>" cannot come alive even through a mistake in the page.
var policy = strings.Join([]string{
	"default-src 'none'", "script-src 'self'", "style-src 'self'", "font-src 'self'", "img-src 'self' data:", "connect-src 'self'",
	"base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'", "require-trusted-types-for 'script'", "trusted-types 'none'",
}, "; ")

func secureHeaders(h http.Header) {
	h.Set("Content-Security-Policy", policy)
	h.Set("Cache-Control", "no-store")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
}
