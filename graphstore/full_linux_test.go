package graphstore

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// smallDisk mounts a disk of 72 MB, which takes root.
func smallDisk(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=72m"); err != nil {
		t.Skipf("mounting a small disk: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	})
	return dir
}

func TestReadOnlyDiskIsNoDamage(t *testing.T) {
	dir := smallDisk(t)
	s := beginIn(t, filepath.Join(dir, "store"), Options{})
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", dir, "tmpfs", syscall.MS_REMOUNT|syscall.MS_RDONLY, "size=72m"); err != nil {
		t.Fatal(err)
	}
	_, err := Open(s.dir, Options{})
	if !errors.Is(err, syscall.EROFS) || errors.Is(err, ErrDamaged) {
		t.Errorf("error %v", err)
	}
}

func TestFullDiskIsAnErrorAndLosesNothing(t *testing.T) {
	dir := smallDisk(t)
	s := beginIn(t, filepath.Join(dir, "store"), Options{})
	s.hear("I like Rome.", sure(user, "likes", place("Rome")))
	ballast := filepath.Join(dir, "ballast")
	if err := os.WriteFile(ballast, make([]byte, 40<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := s.AddLine(Line{Session: s.session, Text: "lost?"}); !errors.Is(err, ErrFull) {
		t.Fatalf("a line on a full disk: %v", err)
	}
	if _, err := Open(filepath.Join(dir, "other"), Options{}); !errors.Is(err, ErrFull) {
		t.Errorf("a new store on a full disk: %v", err)
	}
	s.knows("USER likes Rome")
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	s.hear("I like Oslo.", sure(user, "likes", place("Oslo")))
	s.knows("USER likes Rome", "USER likes Oslo")
}
