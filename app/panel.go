package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"hotmem/ui"
)

// keptPanel is what a start keeps in the data folder for the next one, so that pages left open come alive again and find
// the places of the nodes, which browsers store by address. It holds the token, hence mode 0600.
type keptPanel struct {
	Port  int    `json:"port"`
	Token string `json:"token"`
}

// readKept returns zeros when there is nothing to read: then the panel is a new one.
func readKept(path string) (k keptPanel) {
	if text, err := os.ReadFile(path); err != nil || json.Unmarshal(text, &k) != nil {
		return keptPanel{}
	}
	return k
}

// write replaces the file at once: half a token would be a weak one.
func (k keptPanel) write(path string) error {
	text, err := json.Marshal(k)
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".panel-*") // mode 0600
	if err != nil {
		return fmt.Errorf("keep the panel's port: %w", err)
	}
	_, err = f.Write(append(text, '\n'))
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("keep the panel's port: %w", err), os.Remove(f.Name()))
	}
	return nil
}

func (a *App) openPanel(dir string) (err error) {
	path := filepath.Join(dir, "panel.json")
	before := readKept(path)
	a.panel, err = ui.Open(a.store, ui.Options{
		Port: a.cfg.Port, Before: before.Port, Token: before.Token,
		Session: a.currentSession, Listen: a.panelAsks, Corrected: a.corrected, Status: a.status, Log: a.log,
	})
	if err != nil {
		return err
	}
	if err := (keptPanel{a.panel.Port(), a.panel.Token()}).write(path); err != nil { // pages open now will not outlive this start; no more
		a.log.Warn("panel not kept", "error", err)
	}
	return a.held.announce(a.panel.Address(), a.panel.Token())
}

// URL is an address of the panel that lets one browser in, once. Each call makes a new one.
func (a *App) URL() string { return a.panel.Ticket() }
