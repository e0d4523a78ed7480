package extract

import (
	"context"
	"fmt"
)

const (
	// batchTokens bounds a pass over several utterances. Of 64, 128, 256 and 512 it is the quickest on two cores: a
	// pass saves the waiting of threads for each other, but every token is held against every other of it.
	batchTokens = 128
	// batchInputs are looked at together, so that the readings of one lot are remembered until they are taken.
	batchInputs = 32
)

// ExtractAll reads utterances that wait, several in one pass of the encoder. The records are those that Extract
// gives; at an error, those before it come back.
func (x *Extractor) ExtractAll(ctx context.Context, all []Input) ([]Record, error) {
	out := make([]Record, 0, len(all))
	for len(all) > 0 {
		lot := all[:min(batchInputs, len(all))]
		all = all[len(lot):]
		if err := x.readAhead(ctx, lot); err != nil {
			return out, err
		}
		for _, in := range lot {
			rec, err := x.Extract(ctx, in)
			if err != nil {
				return out, err
			}
			out = append(out, rec)
		}
	}
	return out, nil
}

// readAhead fills the memory with the readings of a lot. What Extract must say an error about, or read in
// windows, is left to it.
func (x *Extractor) readAhead(ctx context.Context, lot []Input) error {
	var scenes []*scene
	var batch []Sequence
	tokens := 0
	pass := func() error {
		if len(batch) == 0 {
			return nil
		}
		hidden, err := x.enc.EncodeAll(ctx, batch)
		if err != nil {
			return fmt.Errorf("encode %d utterances of %d pieces: %w", len(batch), tokens, err)
		}
		for i, s := range scenes {
			s.take(hidden[i], batch[i])
			x.seen.Add(asked(s.in), x.heads.decode(s))
		}
		scenes, batch, tokens = scenes[:0], batch[:0], 0
		return nil
	}
	for _, in := range lot {
		in, err := prepare(in)
		if err != nil || x.seen.Contains(asked(in)) || len(x.tok.windows(in.Text)) > 1 {
			continue
		}
		s, q, any := x.lay(in)
		if !any {
			continue
		}
		if tokens+len(q.Tokens) > batchTokens {
			if err := pass(); err != nil {
				return err
			}
		}
		scenes, batch, tokens = append(scenes, s), append(batch, q), tokens+len(q.Tokens)
	}
	return pass()
}
