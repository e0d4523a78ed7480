package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// errInUse says that another program holds the data folder.
var errInUse = errors.New("the data is in use by another HotMem")

// An instance is the right to use a data folder. The lock on the file is what counts; the system drops it when the
// program ends, however it ends. The file's text is for others: who holds it, and how to get into its panel.
type instance struct {
	file *os.File
}

// occupant is what the file of a held instance says. The token is a secret, hence the file's mode 0600.
type occupant struct {
	PID   int    `json:"pid"`
	Panel string `json:"panel,omitempty"` // address of the open panel; empty for commands without one
	Token string `json:"token,omitempty"`
}

// A busyError says who has the data folder.
type busyError struct {
	occupant
	dir string
}

func (e *busyError) Error() string {
	return fmt.Sprintf("%v (process %d, folder %s); close it, or name another folder with --data", errInUse, e.PID, e.dir)
}

func (e *busyError) Unwrap() error { return errInUse }

// claim takes the folder. When another program has it, the error is a [busyError].
func claim(dir string) (*instance, error) {
	path := filepath.Join(dir, "instance.json")
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("claim the data folder: %w; name another one with --data", err)
	}
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if err == nil {
		i := &instance{file: f}
		return i, i.announce("", "")
	}
	if !errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, errors.Join(fmt.Errorf("lock %s: %w", path, err), f.Close())
	}
	busy := &busyError{dir: dir}
	if json.NewDecoder(f).Decode(&busy.occupant) != nil { // it is just starting or ending
		busy.occupant = occupant{}
	}
	return nil, errors.Join(busy, f.Close())
}

// announce writes where the panel is, and what opens it.
func (i *instance) announce(panel, token string) error {
	text, err := json.Marshal(occupant{os.Getpid(), panel, token})
	if err != nil {
		return err
	}
	if err := i.file.Truncate(0); err != nil {
		return fmt.Errorf("announce the instance: %w", err)
	}
	if _, err := i.file.WriteAt(append(text, '\n'), 0); err != nil {
		return fmt.Errorf("announce the instance: %w", err)
	}
	return nil
}

// release gives the folder back. The address of the panel goes first: nobody shall find a dead one.
func (i *instance) release() error {
	return errors.Join(i.file.Truncate(0), i.file.Close())
}
