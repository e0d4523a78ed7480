package main

import (
	_ "embed" // the recording
	"errors"
	"fmt"
	"os"

	"hotmem/audio"
)

// The bundled recording lets one see the app work without a microphone. Its credit is in NOTICE.md.
//
//go:embed testdata/speech/recording.wav
var recording []byte

// openRecording plays the bundled recording at the speed of speech. A source reads a file, so the recording becomes one
// that disappears with its last reader.
func openRecording() (source audio.Source, name string, err error) {
	f, err := os.CreateTemp("", "hotmem-*.wav")
	if err != nil {
		return nil, "", fmt.Errorf("unpack the bundled recording: %w", err)
	}
	defer func() { err = errors.Join(err, os.Remove(f.Name())) }()
	if _, err := f.Write(recording); err != nil {
		return nil, "", errors.Join(fmt.Errorf("unpack the bundled recording: %w", err), f.Close())
	}
	if err := f.Close(); err != nil {
		return nil, "", fmt.Errorf("unpack the bundled recording: %w", err)
	}
	source, err = audio.OpenWAV(f.Name(), true)
	return source, "the bundled recording", err
}
