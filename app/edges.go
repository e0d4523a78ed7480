package main

import (
	"errors"
	"fmt"
	"runtime"

	"hotmem/asr/whisper"
	"hotmem/assets"
	"hotmem/extract"
	"hotmem/extract/llama"
)

// ears hear speech and its words.
type ears struct {
	words *whisper.Recognizer
	vad   *whisper.VAD
}

// mind reads facts out of text.
type mind struct {
	encoder *llama.Encoder
	*extract.Extractor
}

// modelPath finds a model in dir, or in the default folder when dir is empty.
func modelPath(dir, name string) (string, error) {
	if dir == "" {
		return assets.Model(name)
	}
	return assets.ModelIn(dir, name)
}

// unusable marks what a loader says of a model's file.
func unusable(err error) error { return fmt.Errorf("%w: %w", errModel, err) }

func openEars(dir string) (*ears, error) {
	path, err := modelPath(dir, "vad")
	if err != nil {
		return nil, err
	}
	vad, err := whisper.OpenVAD(path)
	if err != nil {
		return nil, unusable(err)
	}
	if path, err = modelPath(dir, "whisper"); err != nil {
		return nil, errors.Join(err, vad.Close())
	}
	words, err := whisper.Open(path, whisper.Options{})
	if err != nil {
		return nil, errors.Join(unusable(err), vad.Close())
	}
	return &ears{words, vad}, nil
}

func (e *ears) Close() error {
	if e == nil {
		return nil
	}
	return errors.Join(e.words.Close(), e.vad.Close())
}

func openMind(dir string) (*mind, error) {
	path, err := modelPath(dir, "extractor")
	if err != nil {
		return nil, err
	}
	heads, err := modelPath(dir, "extractor-heads")
	if err != nil {
		return nil, err
	}
	// Two threads take a fifth off a sentence; more have nothing to share (see waitPatiently for why they do not spin).
	encoder, err := llama.Open(path, llama.Options{Threads: min(2, runtime.NumCPU())})
	if err != nil {
		return nil, unusable(err)
	}
	x, err := extract.New(encoder, heads)
	if err != nil {
		return nil, errors.Join(unusable(err), encoder.Close())
	}
	return &mind{encoder, x}, nil
}

func (m *mind) Close() error {
	if m == nil {
		return nil
	}
	return m.encoder.Close()
}
