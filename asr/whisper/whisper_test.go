package whisper

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"hotmem/asr"
	"hotmem/audio"
)

const (
	modelPath = "../../assets/models/ggml-tiny.en-q5_1.bin"
	vadPath   = "../../assets/models/ggml-silero-v6.2.3.bin"
	clipPath  = "testdata/peas.wav"
	clipText  = "THEN CAME ONE OF THEM AND GAVE ME TWO SPOONFULS OF MEAL TO COMFORT ME AND ANOTHER GAVE ME HALF A PINT OF PEAS " +
		"WHICH WAS MORE WORTH THAN MANY BUSHELS AT ANOTHER TIME THEN I WENT TO SEE KING PHILIP HE BADE ME COME IN AND SIT DOWN"
)

var (
	_ asr.Recognizer = (*Recognizer)(nil)
	_ audio.Detector = (*VAD)(nil)
)

func openModel(tb testing.TB, opt Options) *Recognizer {
	tb.Helper()
	r, err := Open(modelPath, opt)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := r.Close(); err != nil {
			tb.Error(err)
		}
	})
	return r
}

func clip(tb testing.TB) []float32 {
	tb.Helper()
	w, err := audio.OpenWAV(clipPath, false)
	if err != nil {
		tb.Fatal(err)
	}
	defer w.Close()
	var pcm []float32
	var f audio.Frame
	for {
		switch err := w.Read(tb.Context(), &f); {
		case errors.Is(err, io.EOF):
			return pcm
		case err != nil:
			tb.Fatal(err)
		}
		pcm = append(pcm, f.PCM...)
	}
}

func seconds(s float64) int { return int(s * audio.Rate) }

func recognize(tb testing.TB, r *Recognizer, pcm []float32, prompt string) []asr.Word {
	tb.Helper()
	words, err := r.Recognize(tb.Context(), pcm, prompt)
	if err != nil {
		tb.Fatal(err)
	}
	return words
}

func TestReadSpeechIsUnderstood(t *testing.T) {
	words := recognize(t, openModel(t, Options{}), clip(t), "")
	text := asr.Join(words)
	wrong, n := asr.WordErrors(clipText, text)
	t.Logf("%d of %d words wrong: %s", wrong, n, text)
	if wrong > 4 {
		t.Errorf("%d of %d words are wrong", wrong, n)
	}
	last := time.Duration(0)
	for _, w := range words {
		if w.Start < last || w.End < w.Start || w.P <= 0 || w.P > 1 {
			t.Errorf("word %+v is out of order after %v", w, last)
		}
		last = w.Start
	}
	if end := words[len(words)-1].End; end < 12*time.Second || end > 14350*time.Millisecond {
		t.Errorf("the last word ends at %v, in a clip that speaks until 14 s", end)
	}
}

func TestWordTimesFollowTheSound(t *testing.T) {
	r, v := openModel(t, Options{}), openVAD(t)
	pcm := clip(t)
	words := recognize(t, r, pcm, "")
	// The reader pauses after "comfort me" and before "Then I went": the detector finds where.
	probabilities := speech(t, v, pcm)
	pause := func(from float64) (start, end time.Duration) {
		i := int(from * audio.Rate / frame)
		for probabilities[i] > 0.5 {
			i++
		}
		j := i
		for probabilities[j] < 0.5 {
			j++
		}
		return audio.Duration(int64(i * frame)), audio.Duration(int64(j * frame))
	}
	index := func(text string) int {
		i := strings.Index(asr.Join(words), text)
		if i < 0 {
			t.Fatalf("no %q in %q", text, asr.Join(words))
		}
		return len(strings.Fields(asr.Join(words)[:i]))
	}
	comma, _ := pause(3)
	_, sentence := pause(9.5)
	for _, c := range []struct {
		name      string
		got, want time.Duration
	}{
		{"the end of comfort me", words[index("comfort me")+1].End, comma},
		{"the start of Then I went", words[index("Then I went")].Start, sentence},
	} {
		if off := (c.got - c.want).Abs(); off > 600*time.Millisecond {
			t.Errorf("%s stands at %v, the pause at %v", c.name, c.got, c.want)
		}
	}
}

func TestEarlierCallsHaveNoInfluence(t *testing.T) {
	r := openModel(t, Options{Threads: 1})
	pcm := clip(t)
	first := recognize(t, r, pcm[:seconds(4)], "")
	recognize(t, r, pcm, "King Philip")
	recognize(t, r, pcm[seconds(6):seconds(9)], "")
	if again := recognize(t, r, pcm[:seconds(4)], ""); !slices.Equal(first, again) {
		t.Errorf("the same sound gives %q, then %q", asr.Join(first), asr.Join(again))
	}
}

func TestPromptHelpsSpelling(t *testing.T) {
	r := openModel(t, Options{})
	pcm := clip(t)[seconds(10):]
	if text := asr.Join(recognize(t, r, pcm, "King Phillippe")); !strings.Contains(text, "Phillippe") {
		t.Errorf("with King Phillippe in the prompt the text is %q", text)
	}
}

func TestSilenceAndNothingHaveNoWords(t *testing.T) {
	r := openModel(t, Options{})
	for name, pcm := range map[string][]float32{
		"no sound at all":       nil,
		"one sample":            make([]float32, 1),
		"half a second of zero": make([]float32, seconds(0.5)),
		"four seconds of zero":  make([]float32, seconds(4)),
	} {
		if words := recognize(t, r, pcm, ""); len(words) > 0 {
			t.Errorf("%s gives %q", name, asr.Join(words))
		}
	}
}

func TestShortUtterancesKeepTheirTimesInside(t *testing.T) {
	r := openModel(t, Options{})
	pcm := clip(t)[seconds(0.2):seconds(1.1)]
	words := recognize(t, r, pcm, "")
	if len(words) == 0 {
		t.Error("nothing heard in 0.9 s of speech")
	}
	for _, w := range words {
		if w.End > 900*time.Millisecond {
			t.Errorf("%+v ends after the sound", w)
		}
	}
}

func TestLongSpeechGoesThroughWindows(t *testing.T) {
	r := openModel(t, Options{})
	pcm, pause := clip(t), make([]float32, seconds(1))
	long := slices.Concat(pcm, pause, pcm, pause, pcm)
	words := recognize(t, r, long, "")
	wrong, n := asr.WordErrors(strings.Repeat(clipText+" ", 3), asr.Join(words))
	if wrong*5 > n {
		t.Errorf("%d of %d words are wrong: %s", wrong, n, asr.Join(words))
	}
	if end := words[len(words)-1].End; end < 40*time.Second {
		t.Errorf("the last word of %v ends at %v", audio.Duration(int64(len(long))), end)
	}
}

func TestNoiseDoesNotCrash(t *testing.T) {
	r := openModel(t, Options{})
	rng := rand.New(rand.NewPCG(1, 1))
	noise := make([]float32, seconds(3))
	for i := range noise {
		noise[i] = float32(rng.NormFloat64() * 0.1)
	}
	broken := slices.Clone(noise)
	for i := range broken {
		broken[i] = float32(math.NaN())
	}
	t.Logf("noise: %q", asr.Join(recognize(t, r, noise, "")))
	if text := asr.Join(recognize(t, r, broken, "")); len(text) > 200 {
		t.Errorf("NaN samples give %q", text)
	}
	if wrong, n := asr.WordErrors(clipText, asr.Join(recognize(t, r, clip(t), ""))); wrong*4 > n {
		t.Errorf("afterwards %d of %d words are wrong", wrong, n)
	}
}

func TestCancelEndsARunningCall(t *testing.T) {
	r := openModel(t, Options{Threads: 1})
	pcm := clip(t)
	long := slices.Concat(pcm, pcm, pcm, pcm)
	before := asr.Join(recognize(t, r, pcm[:seconds(3)], ""))
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if words, err := r.Recognize(ctx, long, ""); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%d words and error %v, want deadline exceeded", len(words), err)
	}
	if _, err := r.Recognize(ctx, pcm, ""); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a context that is over gives error %v", err)
	}
	if after := asr.Join(recognize(t, r, pcm[:seconds(3)], "")); after != before {
		t.Errorf("after an ended call the text is %q, before it was %q", after, before)
	}
}

func TestTwoRecognisersWorkAtOnce(t *testing.T) {
	a, b := openModel(t, Options{Threads: 1}), openModel(t, Options{Threads: 1})
	pcm := clip(t)[:seconds(3)]
	want := asr.Join(recognize(t, a, pcm, ""))
	var wg sync.WaitGroup
	for _, r := range []*Recognizer{a, b, a, b} {
		wg.Go(func() {
			words, err := r.Recognize(t.Context(), pcm, "")
			if got := asr.Join(words); err != nil || got != want {
				t.Errorf("at once: %q, error %v; alone: %q", got, err, want)
			}
		})
	}
	wg.Wait()
}

func TestClosedRecogniserSaysSo(t *testing.T) {
	r := openModel(t, Options{})
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Recognize(t.Context(), make([]float32, 100), ""); err == nil || !strings.Contains(err.Error(), "closed") {
		t.Errorf("error %v, want one that says closed", err)
	}
}

func TestContextFollowsTheLength(t *testing.T) {
	for _, c := range []struct {
		seconds float64
		want    int
	}{{1.1, 205}, {2, 250}, {10, 650}, {26.9, 1495}, {27, 0}, {60, 0}} {
		if got := contextSize(seconds(c.seconds), 1500); got != c.want {
			t.Errorf("%g s: %d positions, want %d", c.seconds, got, c.want)
		}
	}
}

func TestBadModelFilesAreNamedWithTheirTrouble(t *testing.T) {
	whisper, err := os.ReadFile(modelPath)
	if err != nil {
		t.Fatal(err)
	}
	silero, err := os.ReadFile(vadPath)
	if err != nil {
		t.Fatal(err)
	}
	openWhisper := func(path string) error { _, err := Open(path, Options{}); return err }
	openVAD := func(path string) error { _, err := OpenVAD(path); return err }
	for _, c := range []struct {
		name string
		open func(string) error
		data []byte
		want string
	}{
		{"an empty file", openWhisper, nil, "is not a Whisper model"},
		{"a GGUF", openWhisper, []byte("GGUF\x03\x00\x00\x00and more"), "is not a Whisper model"},
		{"a detector as a recogniser", openWhisper, silero, "is not a Whisper model"},
		{"a recogniser as a detector", openVAD, whisper, "is not a Silero voice detector"},
		{"a recording", openVAD, []byte("RIFF....WAVEfmt "), "is not a Silero voice detector"},
		{"a recogniser cut in its vocabulary", openWhisper, whisper[:200_000], "truncated"},
		{"a recogniser cut in its weights", openWhisper, whisper[:20_000_000], "truncated"},
		{"a recogniser without its last byte", openWhisper, whisper[:len(whisper)-1], "truncated"},
		{"a detector cut in its weights", openVAD, silero[:400_000], "truncated"},
		{"a detector cut in its shape", openVAD, silero[:60], "truncated"},
	} {
		path := filepath.Join(t.TempDir(), "model.bin")
		if err := os.WriteFile(path, c.data, 0o600); err != nil {
			t.Fatal(err)
		}
		err := c.open(path)
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), path) ||
			!strings.Contains(err.Error(), "./build.sh models") {
			t.Errorf("%s: error %v, want one with %q, the file and the next step", c.name, err, c.want)
		}
	}
	for _, open := range []func(string) error{openWhisper, openVAD} {
		path := filepath.Join(t.TempDir(), "none.bin")
		if err := open(path); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), path) {
			t.Errorf("no file: error %v, want one that is fs.ErrNotExist and names the file", err)
		}
	}
}

func BenchmarkRecognize(b *testing.B) {
	r := openModel(b, Options{})
	pcm := clip(b)
	for _, s := range []float64{2, 5, 14.3} {
		b.Run(time.Duration(s*float64(time.Second)).String(), func(b *testing.B) {
			for b.Loop() {
				recognize(b, r, pcm[:seconds(s)], "")
			}
			b.ReportMetric(b.Elapsed().Seconds()/float64(b.N)/s, "s/s")
		})
	}
}
