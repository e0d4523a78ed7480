package main

import (
	"testing"
	"time"

	"hotmem/graphstore"
)

// BenchmarkTextToGraph is one line through the real extractor into the store on the disk.
func BenchmarkTextToGraph(b *testing.B) {
	app, err := Open(Config{Data: b.TempDir()})
	if err != nil {
		b.Fatal(err)
	}
	session, err := app.newSession(time.Now())
	if err != nil {
		b.Fatal(err)
	}
	lines := []string{"My sister is called Helen.", "I live in Boston.", "My brother David is a teacher.", "She works for the General Hospital."}
	n := 0
	for b.Loop() {
		line, err := app.store.AddLine(graphstore.Line{Session: session, Text: lines[n%len(lines)]})
		if err == nil {
			err = app.learn(b.Context(), line)
		}
		if err != nil {
			b.Fatal(err)
		}
		n++
	}
	if err := app.Close(); err != nil {
		b.Fatal(err)
	}
}
