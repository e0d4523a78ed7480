package main

import (
	"context"
	"errors"
	"testing"
	"time"
)

// openApp opens what main opens, on data of its own, and closes it after the test. The store is checked on the way out,
// whatever the test did to it.
func openApp(t *testing.T, cfg Config) *App {
	t.Helper()
	if cfg.Data == "" {
		cfg.Data = t.TempDir()
	}
	app, err := Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(app.store.Check(), app.Close()); err != nil {
			t.Error(err)
		}
	})
	return app
}

// live carries out orders until the test ends.
func live(t *testing.T, app *App) {
	t.Helper()
	listen, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- app.Conduct(context.Background(), listen) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

// contextThatEnded has waited too long already.
func contextThatEnded() (context.Context, context.CancelFunc) {
	return context.WithDeadline(context.Background(), time.Unix(0, 0))
}
