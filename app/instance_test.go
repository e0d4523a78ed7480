package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestASecondProgramLearnsWhereTheFirstOnesPanelIs(t *testing.T) {
	dir := t.TempDir()
	first, err := claim(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := first.announce("http://127.0.0.1:1234/", "secret"); err != nil {
		t.Fatal(err)
	}
	_, err = claim(dir)
	busy := (*busyError)(nil)
	if !errors.As(err, &busy) || !errors.Is(err, errInUse) {
		t.Fatalf("second claim = %v, want a busyError", err)
	}
	if busy.PID != os.Getpid() || busy.Panel != "http://127.0.0.1:1234/" || busy.Token != "secret" {
		t.Errorf("the first one is %+v", busy.occupant)
	}
	if strings.Contains(err.Error(), "secret") {
		t.Errorf("the message gives the token away: %v", err)
	}
	info, err := os.Stat(filepath.Join(dir, "instance.json"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file with the token has mode %v (%v), want 0600", info.Mode().Perm(), err)
	}
	if err := first.release(); err != nil {
		t.Fatal(err)
	}
	third, err := claim(dir)
	if err != nil {
		t.Fatalf("claim after release = %v", err)
	}
	if text, err := os.ReadFile(filepath.Join(dir, "instance.json")); err != nil || strings.Contains(string(text), "secret") {
		t.Errorf("the old address is still there: %s (%v)", text, err)
	}
	if err := third.release(); err != nil {
		t.Fatal(err)
	}
}

func TestDataFolderThatCannotBeMadeIsNamedWithTheWayOut(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := dataDir(filepath.Join(file, "data"))
	if err == nil || !strings.Contains(err.Error(), file) || !strings.Contains(err.Error(), "--data") {
		t.Errorf("dataDir below a file = %v", err)
	}
}
