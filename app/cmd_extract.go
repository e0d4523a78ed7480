package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"hotmem/extract"
)

type extractCommand struct {
	Context []string `help:"An utterance before it, oldest first; up to three." placeholder:"TEXT" sep:"none"`
	JSONL   bool     `name:"jsonl" help:"Read one JSON object a line from standard input (id, domain, context, text) and print one record a line."`
	Text    string   `arg:"" optional:"" help:"What was said."`
}

// Run carries out the command.
func (e extractCommand) Run(c *console) error {
	switch {
	case e.JSONL && (e.Text != "" || len(e.Context) > 0):
		return fmt.Errorf("%w: --jsonl reads standard input, so it takes no TEXT and no --context", errUsage)
	case !e.JSONL && e.Text == "":
		return fmt.Errorf("%w: extract needs a TEXT, or --jsonl", errUsage)
	case len(e.Context) > extract.MaxContext:
		return fmt.Errorf("%w: at most %d --context", errUsage, extract.MaxContext)
	}
	mind, err := openMind(c.models)
	if err != nil {
		return err
	}
	if e.JSONL {
		err = e.stream(c, mind)
	} else {
		err = e.one(c, mind)
	}
	return errors.Join(err, mind.Close())
}

func (e extractCommand) one(c *console, mind *mind) error {
	record, err := mind.Extract(c.ctx, extract.Input{Context: e.Context, Text: e.Text})
	if err != nil {
		return err
	}
	enc := json.NewEncoder(c.out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(record)
}

// stream answers each line before it reads the next, so that it can be used from a pipe.
func (e extractCommand) stream(c *console, mind *mind) error {
	return extract.EachInput(c.in, func(in extract.Input) error {
		record, err := mind.Extract(c.ctx, in)
		if err != nil {
			return err
		}
		return extract.WriteRecord(c.out, record)
	})
}

type evalCommand struct {
	Gold   string `arg:"" help:"Annotated utterances, JSON Lines in the form of extract/GUIDE.md." type:"existingfile"`
	JSON   bool   `help:"Print the scores as one JSON object."`
	Stream bool   `help:"Tell also how the facts come up while an utterance is spoken, word by word. Takes a minute."`
	By     bool   `help:"Tell also the relations one by one, by domain, raw speech against clean, and whether confidences mean what they say."`
	Held   bool   `help:"Only the records that training holds out."`
	Sweep  bool   `help:"Instead of scores, print what other thresholds for unfinished utterances would do."`
}

// Run carries out the command.
func (e evalCommand) Run(c *console) error {
	f, err := os.Open(e.Gold)
	if err != nil {
		return err
	}
	defer f.Close()
	gold, err := extract.ReadRecords(f)
	if err != nil {
		return fmt.Errorf("read %s: %w", e.Gold, err)
	}
	if e.Held {
		gold = heldOut(gold)
	}
	mind, err := openMind(c.models)
	if err != nil {
		return err
	}
	if e.Sweep {
		err = sweep(c.ctx, c.out, mind, gold)
	} else {
		err = e.score(c, mind, gold)
	}
	return errors.Join(err, mind.Close())
}

func (e evalCommand) score(c *console, mind *mind, gold []extract.Record) error {
	scores, err := evaluate(c.ctx, mind, gold)
	if err == nil && !e.By {
		scores.Reliability = nil
	}
	if err == nil && e.Stream {
		var reports []extract.StreamReport
		if reports, err = overhear(c.ctx, mind, gold, mind.Caution()); err == nil {
			scores.Stream = &reports[0]
		}
	}
	if err != nil {
		return err
	}
	return scores.print(c.out, e.JSON)
}

// scores are the extractor's quality and speed on one file.
type scores struct {
	extract.Report
	Times  Times                 `json:"text_to_record"`
	Stream *extract.StreamReport `json:"stream,omitempty"` // nil: not asked for

	Reliability *extract.Reliability `json:"reliability,omitempty"` // of the relations of Uncalibrated records; nil: not asked for
}

// evaluate lets the extractor read the gold utterances as if they were new. Of the annotation it sees the
// domain alone.
func evaluate(ctx context.Context, mind *mind, gold []extract.Record) (scores, error) {
	var pred []extract.Record
	var times []time.Duration
	for _, g := range gold {
		began := time.Now()
		record, err := mind.Extract(ctx, extract.Input{ID: g.ID, Domain: g.Domain, Context: g.Context, Text: g.Text})
		if err != nil {
			return scores{}, fmt.Errorf("record %s: %w", g.ID, err)
		}
		times = append(times, time.Since(began))
		pred = append(pred, record)
	}
	reliable := extract.Reliable(extract.Tellings(extract.Uncalibrated(gold), pred), 10)
	return scores{Report: extract.Score(gold, pred), Times: sumUp(times), Reliability: &reliable}, nil
}

func (s scores) print(w io.Writer, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(w).Encode(s)
	}
	if s.Stream != nil {
		fmt.Fprintln(w, s.Stream)
	}
	if s.Reliability != nil {
		fmt.Fprintf(w, "relations, raw speech against clean:\n  %v\n  %v\nby relation, by domain:\n%s\nof records that no confidence was fitted on, relations: %v\n",
			s.RelationRawSpeech, s.RelationClean, s.Details(), s.Reliability)
	}
	_, err := fmt.Fprintf(w, "%v\ntext → record: p50 %.1f ms, p95 %.1f ms, longest %.1f ms\n", s.Report, s.Times.P50, s.Times.P95, s.Times.Max)
	return err
}
