package graphstore_test

import (
	"fmt"
	"log"
	"time"

	"hotmem/graphstore"
)

func Example() {
	store, err := graphstore.Open("", graphstore.Options{InMemory: true})
	if err != nil {
		log.Fatal(err)
	}
	defer store.Close()

	// What is said is stored first, and learned then.
	session, err := store.NewSession(time.Time{})
	if err != nil {
		log.Fatal(err)
	}
	line, err := store.AddLine(graphstore.Line{Session: session.ID, Text: "My sister lives in Rom."})
	if err != nil {
		log.Fatal(err)
	}
	user := graphstore.Term{Name: "USER", Type: "USER"}
	sister := graphstore.Term{Name: "sister", Type: "PERSON"}
	rom := graphstore.Term{Name: "Rom", Type: "PLACE"}
	change, err := store.Apply(line.ID, []graphstore.Claim{
		{Subject: user, Relation: "sibling_of", Object: sister, To: 9, Confidence: 0.9},
		{Subject: sister, Relation: "lives_in", Object: rom, From: 3, To: 22, Confidence: 0.8},
	})
	if err != nil {
		log.Fatal(err)
	}

	// A person repairs a name; later lines with either name mean the same place.
	for _, n := range change.Nodes {
		if n.Name == "Rom" {
			_, err = store.Correct(graphstore.Correction{Op: graphstore.RenameNode, Node: n.ID, Text: "Rome"})
		}
	}
	if err != nil {
		log.Fatal(err)
	}

	facts, err := store.Facts(graphstore.Filter{Graph: graphstore.MemoryGraph})
	if err != nil {
		log.Fatal(err)
	}
	for _, f := range facts {
		fmt.Println(f.SubjectNode.Name, f.Relation, f.ObjectNode.Name, f.Confidence)
	}
	fmt.Println(store.Check())
	// Output:
	// sister lives_in Rome 0.8
	// USER sibling_of sister 0.9
	// <nil>
}
