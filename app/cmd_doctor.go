package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"hotmem/assets"
	"hotmem/audio/mic"
	"hotmem/graphstore"
)

type doctorCommand struct {
	JSON bool `help:"Print the findings as one JSON object."`
}

// A finding is one thing that the doctor looked at.
type finding struct {
	Thing string `json:"thing"`
	State string `json:"state"` // ok, missing, damaged, full, closed, note
	Text  string `json:"text"`
	Next  string `json:"next,omitempty"` // what to do about it
}

// bad findings keep the program from doing its work; a note does not.
func (f finding) bad() bool { return f.State != "ok" && f.State != "note" }

// Help is the long text of doctor --help.
func (doctorCommand) Help() string {
	return "The exit code is 1 when something that the program needs is missing or damaged. A missing microphone is only noted: recordings and text work without one."
}

// Run carries out the command.
func (d doctorCommand) Run(c *console) error {
	findings := []finding{{"program", "ok", fmt.Sprintf("hotmem %s, %s, %s/%s, %d processors",
		version, runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU()), ""}}
	findings = append(findings, c.lookAtModels()...)
	findings = append(findings, c.lookAtStore(), lookAtMicrophones(), lookAtScreen())
	var bad []string
	for _, f := range findings {
		if f.bad() {
			bad = append(bad, f.Thing)
		}
	}
	if err := printFindings(c.out, findings, d.JSON); err != nil {
		return err
	}
	if len(bad) > 0 {
		return fmt.Errorf("needs attention: %s", strings.Join(bad, ", "))
	}
	return nil
}

func printFindings(w io.Writer, findings []finding, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(w).Encode(map[string]any{"findings": findings})
	}
	for _, f := range findings {
		if _, err := fmt.Fprintf(w, "%-8s %-12s %s\n", f.State, f.Thing, f.Text); err != nil {
			return err
		}
		if f.Next == "" {
			continue
		}
		if _, err := fmt.Fprintf(w, "%-8s %-12s → %s\n", "", "", f.Next); err != nil {
			return err
		}
	}
	return nil
}

// lookAtModels compares every model with its hash, and loads them: a right file may still not run on this machine.
func (c *console) lookAtModels() []finding {
	const restore = "git checkout assets/models in the checkout, or install HotMem again"
	dir := c.models
	if dir == "" {
		var err error
		if dir, err = assets.ModelsDir(); err != nil {
			return []finding{{"models", "missing", err.Error(), restore}}
		}
	}
	var findings []finding
	whole := true
	for _, m := range assets.Models() {
		f := finding{"model", "ok", fmt.Sprintf("%s, %d bytes, SHA-256 as listed: %s", filepath.Join(dir, m.File), m.Bytes, m.Use), ""}
		switch err := m.Verify(dir); {
		case errors.Is(err, assets.ErrModelMissing):
			f.State, f.Text, f.Next = "missing", fmt.Sprintf("%v, not in %s", err, dir), restore
		case err != nil:
			f.State, f.Text, f.Next = "damaged", err.Error(), restore
		}
		whole = whole && !f.bad()
		findings = append(findings, f)
	}
	if whole {
		findings = append(findings, c.loadOnce())
	}
	return findings
}

func (c *console) loadOnce() finding {
	began := time.Now()
	ears, err := openEars(c.models)
	if err == nil {
		var mind *mind
		mind, err = openMind(c.models)
		err = errors.Join(err, ears.Close(), mind.Close())
	}
	if err != nil {
		return finding{"engines", "damaged", err.Error(), "./build.sh native && ./build.sh build"}
	}
	return finding{"engines", "ok", fmt.Sprintf("whisper.cpp and llama.cpp load the models in %.1f s", time.Since(began).Seconds()), ""}
}

func (c *console) lookAtStore() finding {
	dir, err := dataDir(c.data)
	if err != nil {
		return finding{"data", "missing", err.Error(), "choose a folder that you may write to with --data"}
	}
	var stats graphstore.Stats
	err = c.withStore(func(store *graphstore.Store) (err error) {
		if err := store.Check(); err != nil {
			return err
		}
		stats, err = store.Stats()
		return err
	})
	if err != nil {
		return storeTrouble(dir, err)
	}
	return finding{"data", "ok", fmt.Sprintf("%s: %d lines (%d not learned yet), %d facts, whole", dir, stats.Lines, stats.Unlearned, stats.Facts), ""}
}

// storeTrouble says what keeps the store from being read. Only files that are damaged may be moved aside: a person who is
// told so of a sound store loses it.
func storeTrouble(dir string, err error) finding {
	busy := (*busyError)(nil)
	switch {
	case errors.As(err, &busy):
		return finding{"data", "note", fmt.Sprintf("%s is in use by process %d", dir, busy.PID), ""}
	case errors.Is(err, graphstore.ErrDamaged):
		return finding{"data", "damaged", err.Error(), "move the folder aside; what a backup or an export holds can be put back"}
	case noRoom(err):
		return finding{"data", "full", err.Error(), "make room on the disk; what is stored is not harmed, leave it where it is"}
	case errors.Is(err, fs.ErrPermission):
		return finding{"data", "closed", err.Error(), "give yourself the right to read and write " + dir + ", or name another folder with --data; what is stored is not harmed"}
	}
	return finding{"data", "closed", err.Error(), "see to that and look again; nothing says that what is stored is harmed, leave it where it is"}
}

func lookAtMicrophones() finding {
	devices, err := mic.Devices()
	switch {
	case err != nil && !errors.Is(err, mic.ErrNoMicrophone):
		return finding{"microphone", "note", err.Error(), "check the sound system; a recording works without a microphone: hotmem run --wav FILE"}
	case len(devices) == 0:
		return finding{"microphone", "note", "none found", "plug one in; a recording works without one: hotmem run --wav FILE"}
	}
	var names []string
	for _, d := range devices {
		name := d.Name
		if d.Default {
			name += " (default)"
		}
		names = append(names, name)
	}
	return finding{"microphone", "ok", strings.Join(names, ", "), ""}
}

func lookAtScreen() finding {
	if !hasDisplay() {
		return finding{"screen", "note", "no display: run works as with --headless, and the panel's address opens in any browser on this machine", ""}
	}
	opener, err := exec.LookPath(browserOpener)
	if err != nil {
		return finding{"screen", "note", browserOpener + " is missing, so the panel does not open by itself", "install " + browserOpener + ", or open the printed address"}
	}
	return finding{"screen", "ok", "the panel opens through " + opener, ""}
}
