package main

import (
	"context"
	"fmt"
	"hash/crc32"
	"io"
	"slices"

	"hotmem/extract"
)

// heldOut are the records that no training sees: extract/train/train.py tells them by the same hash of their ids.
func heldOut(records []extract.Record) []extract.Record {
	return slices.DeleteFunc(records, func(r extract.Record) bool { return crc32.ChecksumIEEE([]byte(r.ID))%33 != 0 })
}

// overhear lets the extractor read the utterances word by word, as they are spoken, and reports for each caution how the
// facts came up.
func overhear(ctx context.Context, mind *mind, gold []extract.Record, cautions ...extract.Caution) ([]extract.StreamReport, error) {
	reports := make([]extract.StreamReport, len(cautions))
	for _, g := range gold {
		var readings []extract.Record
		for _, text := range extract.Prefixes(g.Text) {
			record, err := mind.Extract(ctx, extract.Input{Domain: g.Domain, Context: g.Context, Text: text})
			if err != nil {
				return nil, fmt.Errorf("record %s: %w", g.ID, err)
			}
			readings = append(readings, record)
		}
		if len(readings) == 0 {
			continue
		}
		for i, c := range cautions {
			shown := make([][]extract.Relation, len(readings))
			for k := extract.PartialWords - 1; k < len(readings); k++ {
				shown[k] = c.Settled(readings[:k+1])
			}
			reports[i].Add(g, readings[len(readings)-1], shown)
		}
	}
	return reports, nil
}

// sweep prints what other cautions would do: the table to choose from.
func sweep(ctx context.Context, w io.Writer, mind *mind, gold []extract.Record) error {
	var cautions []extract.Caution
	for readings := 1; readings <= 4; readings++ {
		for _, sure := range []float64{.5, .6, .7, .8, .9, .95} {
			cautions = append(cautions, extract.Caution{Readings: readings, Sure: sure})
		}
	}
	reports, err := overhear(ctx, mind, gold, cautions...)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "%d utterances; now: %d readings, %.2f\nreadings  sure  flickers  blinks  first seen  before the end  right of shown\n",
		len(gold), mind.Caution().Readings, mind.Caution().Sure)
	for i, r := range reports {
		fmt.Fprintf(w, "%8d  %.2f  %8.3f  %6.3f  %10.2f  %14.3f  %14.3f\n", cautions[i].Readings, cautions[i].Sure,
			r.PerUtterance(), float64(r.Blinks)/float64(r.Utterances), r.Median(), float64(r.Early)/float64(max(r.Right, 1)),
			float64(r.ShownRight)/float64(max(r.Shown, 1)))
	}
	return nil
}
