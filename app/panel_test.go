package main

import (
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"hotmem/audio"
	"hotmem/ui"
)

// browser is a new one, which knows no panel.
func browser(t *testing.T) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &http.Client{Jar: jar}
}

// admitted opens an address of the panel and says whether it let the browser in; the page behind it may not be built.
func admitted(t *testing.T, b *http.Client, address string) bool {
	t.Helper()
	return get(t, b, address) != http.StatusUnauthorized
}

func get(t *testing.T, b *http.Client, address string) int {
	t.Helper()
	res, err := b.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	if err := res.Body.Close(); err != nil {
		t.Fatal(err)
	}
	return res.StatusCode
}

// press asks the panel of the app for something, as its buttons do, and returns the answer.
func press(t *testing.T, app *App, what ui.Listening) (code int, answer string) {
	t.Helper()
	b := browser(t)
	if !admitted(t, b, app.URL()) {
		t.Error("the panel does not open")
	}
	res, err := b.Post(app.panel.Address()+"api/listen", "application/json", strings.NewReader(`{"do":"`+string(what)+`"}`))
	if err != nil {
		t.Error(err)
		return 0, ""
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Error(err)
	}
	return res.StatusCode, string(text)
}

func TestButtonsThatCannotWorkSayWhyAndWhatToDo(t *testing.T) {
	for _, test := range []struct {
		name   string
		models string
		opened error
		want   ui.Trouble
	}{
		{"no microphone", "", nil, ui.NoMicrophone},
		{"no models", t.TempDir(), nil, ui.ModelMissing},
		{"something unforeseen", "", errors.New("the moon is full"), ui.CannotListen},
	} {
		t.Run(test.name, func(t *testing.T) {
			app := openApp(t, Config{Panel: true, Ears: true, Mic: "no microphone has this name", Models: test.models, Lenient: true})
			if test.opened != nil {
				app.open = func(order) (audio.Source, string, error) { return nil, "", test.opened }
			}
			live(t, app)
			code, answer := press(t, app, ui.Start)
			if code != http.StatusConflict || !strings.Contains(answer, test.want.Error) || !strings.Contains(answer, test.want.Next) {
				t.Errorf("the button answers %d: %s", code, answer)
			}
			if s := app.Status(); s.State != ui.InTrouble || s.Trouble == nil || *s.Trouble != test.want {
				t.Errorf("the status is %+v", s)
			}
		})
	}
}

func TestOrdersThatWaitTooLongSayThatTheyStillComeToIt(t *testing.T) {
	// The order loop does not run: it is busy with what was heard before.
	app := &App{orders: make(chan order, 4), idle: make(chan struct{})}
	ctx, cancel := contextThatEnded()
	defer cancel()
	want := ui.StillFinishing.Err()
	if err := app.panelAsks(ctx, ui.Pause); err == nil || !errors.Is(err, want) {
		t.Errorf("the answer is %v, want %v", err, want)
	}
	close(app.idle)
	if err := app.panelAsks(t.Context(), ui.Start); !errors.Is(err, ui.Closing.Err()) {
		t.Errorf("at the end the answer is %v", err)
	}
}

func TestThePillSaysGettingReadyWhileAMicrophoneOpens(t *testing.T) {
	app := openApp(t, Config{Ears: true})
	var seen ui.State
	app.open = func(order) (audio.Source, string, error) {
		seen = app.Status().State
		return nil, "", errors.New("enough")
	}
	live(t, app)
	if err := app.Ask(t.Context(), ui.Start); err == nil || seen != ui.Starting {
		t.Errorf("while the microphone opens the state is %q (%v)", seen, err)
	}
}

func TestOpenPagesFindThePanelAgainAfterARestart(t *testing.T) {
	data, b := t.TempDir(), browser(t)
	open := func() *App {
		app, err := Open(Config{Data: data, Panel: true})
		if err != nil {
			t.Fatal(err)
		}
		return app
	}
	shut := func(app *App) {
		if err := app.Close(); err != nil {
			t.Fatal(err)
		}
	}
	app := open()
	address := app.panel.Address()
	if !admitted(t, b, app.URL()) {
		t.Fatal("the panel does not open")
	}
	b.CloseIdleConnections()
	shut(app)
	kept := filepath.Join(data, "panel.json")
	if info, err := os.Stat(kept); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("others can read the token: %v, %v", info, err)
	}
	app = open()
	if code := get(t, b, address+"api/status"); code != http.StatusOK || app.panel.Address() != address {
		t.Errorf("after the restart at %s a page of %s gets %d", app.panel.Address(), address, code)
	}
	b.CloseIdleConnections()
	shut(app)

	// Another program has the port: the panel moves.
	other, err := net.Listen("tcp4", strings.TrimSuffix(strings.TrimPrefix(address, "http://"), "/"))
	if err != nil {
		t.Fatal(err)
	}
	app = open()
	if app.panel.Address() == address {
		t.Error("two programs listen on one port")
	}
	shut(app)
	if err := other.Close(); err != nil {
		t.Error(err)
	}

	if err := os.WriteFile(kept, []byte(`{"port": 7`), 0o600); err != nil {
		t.Fatal(err)
	}
	app = open()
	if kept := readKept(kept); kept.Port != app.panel.Port() || kept.Token != app.panel.Token() {
		t.Errorf("after damage port %d is kept, the panel is on %s", kept.Port, strconv.Itoa(app.panel.Port()))
	}
	shut(app)
}

func TestTheAddressGoesBeforeThePanel(t *testing.T) {
	data := t.TempDir()
	app, err := Open(Config{Data: data, Panel: true})
	if err != nil {
		t.Fatal(err)
	}
	// An order that nobody carries out holds the panel open.
	answered := make(chan int)
	go func() {
		code, _ := press(t, app, ui.Pause)
		answered <- code
	}()
	o := <-app.orders
	closed := make(chan error, 1)
	go func() { closed <- app.Close() }()
	for gone := false; !gone; {
		busy := (*busyError)(nil)
		_, err := claim(data)
		if !errors.As(err, &busy) {
			t.Fatalf("the panel was closed while its address was there (%v)", err)
		}
		gone = busy.PID == os.Getpid() && busy.Panel == "" && busy.Token == ""
	}
	o.answer <- nil
	if code := <-answered; code != http.StatusOK {
		t.Errorf("the last answer of the panel is %d", code)
	}
	if err := <-closed; err != nil {
		t.Error(err)
	}
}
