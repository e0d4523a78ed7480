package audio_test

import (
	"context"
	"fmt"
	"log"
	"math"
	"os"
	"path/filepath"

	"hotmem/audio"
)

// From a file to utterances: three beeps stand for three sentences.
func Example() {
	dir, err := os.MkdirTemp("", "audio")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	pcm := make([]float32, 8*audio.Rate)
	for i := range pcm {
		if second := i / audio.Rate; second == 1 || second == 3 || second == 6 {
			pcm[i] = float32(.3 * math.Sin(float64(i)/8))
		}
	}
	path := filepath.Join(dir, "beeps.wav")
	if err := audio.WriteWAV(path, pcm); err != nil {
		log.Fatal(err)
	}

	src, err := audio.OpenWAV(path, false)
	if err != nil {
		log.Fatal(err)
	}
	defer src.Close()
	var det audio.Energy
	var seg audio.Segmenter
	var f audio.Frame
	var heard []audio.Utterance
	for src.Read(context.Background(), &f) == nil {
		p, err := det.Speech(f.PCM)
		if err != nil {
			log.Fatal(err)
		}
		heard = append(heard, seg.Feed(f, p)...)
	}
	heard = append(heard, seg.Flush()...)
	for _, u := range heard {
		fmt.Printf("%d: %.1f s to %.1f s\n", u.ID, u.Start.Seconds(), u.End.Seconds())
	}
	// Output:
	// 1: 0.7 s to 2.2 s
	// 2: 2.7 s to 4.2 s
	// 3: 5.7 s to 7.2 s
}
