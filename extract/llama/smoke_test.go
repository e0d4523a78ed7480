package llama

import (
	"errors"
	"io"
	"slices"
	"sync"
	"testing"

	"hotmem/asr"
	"hotmem/asr/whisper"
	"hotmem/audio"
)

const trainedPath = "../../assets/models/extractor-small.gguf"

func sound(t *testing.T, path string) []float32 {
	t.Helper()
	w, err := audio.OpenWAV(path, false)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	var pcm []float32
	var f audio.Frame
	for {
		switch err := w.Read(t.Context(), &f); {
		case errors.Is(err, io.EOF):
			return pcm
		case err != nil:
			t.Fatal(err)
		}
		pcm = append(pcm, f.PCM...)
	}
}

// Both engines are compiled against one ggml. If they were not, or if they shared more than code, this is where it shows.
func TestWhisperAndTheEncoderWorkInOneProcessAtOnce(t *testing.T) {
	ears, err := whisper.Open("../../assets/models/ggml-tiny.en-q5_1.bin", whisper.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer ears.Close()
	e := open(t, newBERT(minilm).file(t), Options{})
	pcm := sound(t, "../../asr/whisper/testdata/peas.wav")[:5*audio.Rate]
	tokens := someTokens(40, minilm.vocab)

	words, err := ears.Recognize(t.Context(), pcm, "")
	if err != nil {
		t.Fatal(err)
	}
	text, states := asr.Join(words), encode(t, e, tokens, 3)
	if text == "" {
		t.Fatal("whisper heard nothing")
	}

	heard := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		defer close(heard)
		for range 2 {
			words, err := ears.Recognize(t.Context(), pcm, "")
			if got := asr.Join(words); err != nil || got != text {
				t.Errorf("beside the encoder: %q, error %v; alone: %q", got, err, text)
			}
		}
	})
	runs := 0
	wg.Go(func() {
		for {
			got, err := e.Encode(t.Context(), tokens, 3)
			if err != nil || !slices.Equal(got, states) {
				t.Errorf("beside whisper the hidden states are others than alone (error %v)", err)
				return
			}
			runs++
			select {
			case <-heard:
				return
			default:
			}
		}
	})
	wg.Wait()
	if runs < 2 {
		t.Errorf("the encoder ran only %d times meanwhile", runs)
	}
}

func TestTheTrainedEncoderLoads(t *testing.T) {
	e := open(t, trainedPath, Options{})
	if e.Dim() != 384 {
		t.Errorf("Dim() = %d, want 384", e.Dim())
	}
	tokens := someTokens(20, 20_000)
	context, text := encode(t, e, tokens, 200), encode(t, e, tokens, 256)
	if slices.Equal(context, text) {
		t.Error("the hidden states do not depend on the position")
	}
	for i, x := range text {
		if !(x > -100 && x < 100) {
			t.Fatalf("hidden state %d is %g", i, x)
		}
	}
}
