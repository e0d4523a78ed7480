package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"hotmem/graphstore"
	"hotmem/ui"
)

// withStore opens the user's store for one command.
func (c *console) withStore(do func(*graphstore.Store) error) error {
	dir, err := dataDir(c.data)
	if err != nil {
		return err
	}
	held, err := claim(dir)
	if err != nil {
		return err
	}
	store, err := graphstore.Open(filepath.Join(dir, "store"), graphstore.Options{})
	if err != nil {
		return errors.Join(err, held.release())
	}
	return errors.Join(do(store), store.Close(), held.release())
}

type factsCommand struct {
	JSON bool `help:"One JSON object for each fact, as run prints them."`
}

// Run carries out the command.
func (f factsCommand) Run(c *console) error {
	return c.withStore(func(store *graphstore.Store) error {
		facts, err := store.Facts(graphstore.Filter{})
		if err != nil {
			return err
		}
		out := newPrinter(c.out)
		for _, fact := range facts {
			if f.JSON {
				out.print("fact", newPrintedFact(0, fact))
				continue
			}
			doubt := ""
			if fact.State == graphstore.Doubtful {
				doubt = " ?"
			}
			if _, err := fmt.Fprintf(c.out, "%s%s\n", ui.Sentence(claimOf(fact)), doubt); err != nil {
				return err
			}
		}
		return out.failure()
	})
}

type exportCommand struct {
	File string `arg:"" optional:"" help:"Where to write; default: standard output." type:"path"`
}

// Run carries out the command.
func (e exportCommand) Run(c *console) error {
	return c.withStore(func(store *graphstore.Store) error {
		if e.File == "" {
			return exportTo(c.out, store)
		}
		// Only the user may read it, and a half-written file never carries the name.
		f, err := os.CreateTemp(filepath.Dir(e.File), ".hotmem-export-*")
		if err != nil {
			return fmt.Errorf("export: %w", err)
		}
		if err := errors.Join(exportTo(f, store), f.Sync(), f.Close()); err != nil {
			return errors.Join(err, os.Remove(f.Name()))
		}
		return os.Rename(f.Name(), e.File)
	})
}

func exportTo(w io.Writer, store *graphstore.Store) error {
	buffered := bufio.NewWriter(w)
	return errors.Join(store.Export(buffered), buffered.Flush())
}

type checkCommand struct{}

// Run carries out the command.
func (checkCommand) Run(c *console) error {
	return c.withStore(func(store *graphstore.Store) error {
		if err := store.Check(); err != nil {
			return err
		}
		_, err := fmt.Fprintln(c.out, "the stored data is whole")
		return err
	})
}
