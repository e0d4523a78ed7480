package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"hotmem/graphstore"
)

func TestOnlyADamagedStoreIsToBeMovedAside(t *testing.T) {
	for _, test := range []struct {
		err         error
		state, next string
	}{
		{graphstore.ErrDamaged, "damaged", "move the folder aside"},
		{graphstore.ErrFull, "full", "make room"},
		{graphstore.ErrHalf, "full", "make room"},
		{fs.ErrPermission, "closed", "right to read and write /data"},
		{graphstore.ErrNewer, "closed", "leave it where it is"},
		{graphstore.ErrInUse, "closed", "leave it where it is"},
		{fs.ErrInvalid, "closed", "leave it where it is"},
		{&busyError{occupant: occupant{PID: 42}}, "note", ""},
	} {
		f := storeTrouble("/data", fmt.Errorf("open store: %w", test.err))
		if f.State != test.state || !strings.Contains(f.Next, test.next) || strings.Contains(f.Next, "aside") != (test.state == "damaged") {
			t.Errorf("%v: %+v", test.err, f)
		}
	}
}

func TestDoctorLeavesAStoreInPeaceThatCannotBeReached(t *testing.T) {
	data := t.TempDir()
	if err := os.WriteFile(filepath.Join(data, "store"), nil, 0o600); err != nil { // where a folder should be
		t.Fatal(err)
	}
	code, out, _ := hotmem(t, "", "doctor", "--data", data)
	if code != 1 || !strings.Contains(out, "closed   data") || strings.Contains(out, "aside") {
		t.Errorf("doctor ends with %d and prints\n%s", code, out)
	}
}
