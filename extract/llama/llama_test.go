package llama

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

func open(tb testing.TB, path string, opt Options) *Encoder {
	tb.Helper()
	e, err := Open(path, opt)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := e.Close(); err != nil {
			tb.Error(err)
		}
	})
	return e
}

func encode(tb testing.TB, e *Encoder, tokens []int32, first int) []float32 {
	tb.Helper()
	out, err := e.Encode(tb.Context(), tokens, first)
	if err != nil {
		tb.Fatal(err)
	}
	return out
}

func someTokens(n, vocab int) []int32 {
	tokens := make([]int32, n)
	for i := range tokens {
		tokens[i] = int32((i*7 + 3) % vocab)
	}
	return tokens
}

func TestHiddenStatesAreBERTs(t *testing.T) {
	m := newBERT(small)
	path := m.file(t)
	for _, threads := range []int{1, 2} {
		e := open(t, path, Options{Threads: threads})
		if e.Dim() != small.dim {
			t.Fatalf("Dim() = %d, want %d", e.Dim(), small.dim)
		}
		for _, first := range []int{0, 7, 300} {
			tokens := someTokens(23, small.vocab)
			got, want := encode(t, e, tokens, first), m.reference(tokens, first)
			worst := 0.0
			for i, row := range want {
				for d, v := range row {
					worst = max(worst, math.Abs(v-float64(got[i*small.dim+d])))
				}
			}
			// ggml computes GELU by tanh and in half precision.
			if worst > 0.02 {
				t.Errorf("%d threads, first position %d: a hidden state is off by %g", threads, first, worst)
			}
		}
	}
}

func TestPositionChangesHiddenStates(t *testing.T) {
	e := open(t, newBERT(small).file(t), Options{})
	tokens := someTokens(12, small.vocab)
	at0, at5, again := encode(t, e, tokens, 0), encode(t, e, tokens, 5), encode(t, e, tokens, 0)
	if slices.Equal(at0, at5) {
		t.Error("the same tokens at positions 0 and 5 have equal hidden states")
	}
	if !slices.Equal(at0, again) {
		t.Error("a call changed what the next one returns")
	}
}

func TestEncodeFillsTheWholePositionTable(t *testing.T) {
	e := open(t, newBERT(small).file(t), Options{})
	if got := encode(t, e, someTokens(512, small.vocab), 0); len(got) != 512*small.dim {
		t.Errorf("512 tokens give %d numbers, want %d", len(got), 512*small.dim)
	}
	encode(t, e, someTokens(1, small.vocab), 511)
}

func TestEncodeRefusesWhatTheModelHasNoPlaceFor(t *testing.T) {
	e := open(t, newBERT(small).file(t), Options{})
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	for _, c := range []struct {
		name   string
		ctx    context.Context
		tokens []int32
		first  int
		want   string
	}{
		{"no tokens", t.Context(), nil, 0, "do not fit"},
		{"too many tokens", t.Context(), someTokens(513, small.vocab), 0, "do not fit"},
		{"too far", t.Context(), someTokens(13, small.vocab), 500, "do not fit"},
		{"negative position", t.Context(), someTokens(1, small.vocab), -1, "do not fit"},
		{"unknown token", t.Context(), []int32{1, 50}, 0, "token 50 is not among"},
		{"negative token", t.Context(), []int32{-1}, 0, "token -1 is not among"},
		{"cancelled", cancelled, []int32{1}, 0, "context canceled"},
	} {
		if _, err := e.Encode(c.ctx, c.tokens, c.first); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one with %q", c.name, err, c.want)
		}
	}
}

func TestClosedEncoderSaysSo(t *testing.T) {
	e := open(t, newBERT(small).file(t), Options{})
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := e.Encode(t.Context(), []int32{1}, 0); err == nil || !strings.Contains(err.Error(), "closed") {
		t.Errorf("error %v, want one that says closed", err)
	}
}

func TestGoroutinesShareAnEncoder(t *testing.T) {
	e := open(t, newBERT(small).file(t), Options{})
	var wg sync.WaitGroup
	for first := range 8 {
		tokens := someTokens(10+first, small.vocab)
		want := encode(t, e, tokens, first)
		wg.Go(func() {
			got, err := e.Encode(t.Context(), tokens, first)
			if err != nil || !slices.Equal(got, want) {
				t.Errorf("first position %d: other hidden states than alone (error %v)", first, err)
			}
		})
	}
	wg.Wait()
}

func TestBadFilesAreNamedWithTheirTrouble(t *testing.T) {
	good := newBERT(small).gguf()
	other := bytes.Replace(good, []byte("\x04\x00\x00\x00\x00\x00\x00\x00bert"), []byte("\x04\x00\x00\x00\x00\x00\x00\x00qwen"), 1)
	for _, c := range []struct {
		name string
		data []byte
		want string
	}{
		{"empty", nil, "not a GGUF"},
		{"another format", []byte("RIFF....WAVE"), "not a GGUF"},
		{"cut in the metadata", good[:200], "truncated"},
		{"cut in the weights", good[:len(good)-64], "truncated"},
		{"another architecture", other, `model of kind "qwen", not a BERT`},
		{"another vocabulary", bytes.Replace(good, []byte("model\x08\x00\x00\x00\x04\x00\x00\x00\x00\x00\x00\x00bert"),
			[]byte("model\x08\x00\x00\x00\x04\x00\x00\x00\x00\x00\x00\x00gpt2"), 1), `vocabulary of kind "gpt2"`},
		{"a word twice", bytes.Replace(good, []byte("word11"), []byte("word12"), 1), "twice"},
		{"a tensor missing", bytes.Replace(good, []byte("blk.1.ffn_up.weight"), []byte("blk.1.ffn_xx.weight"), 1), "blk.1.ffn_up.weight"},
	} {
		path := write(t, c.data)
		_, err := Open(path, Options{})
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: error %v, want one with %q and the file's name", c.name, err, c.want)
		}
	}
}

func TestMissingFileNamesTheNextStep(t *testing.T) {
	_, err := Open(filepath.Join(t.TempDir(), "no.gguf"), Options{})
	if !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "no.gguf") || !strings.Contains(err.Error(), "./build.sh models") {
		t.Errorf("error %v, want one with the file and the next step", err)
	}
	if _, err := Open(t.TempDir(), Options{}); err == nil || !strings.Contains(err.Error(), "not a file") {
		t.Errorf("a folder gives %v, want an error that says not a file", err)
	}
}

// FuzzHeader: whatever the bytes, the check ends with an answer, and what it lets pass lies inside the file.
func FuzzHeader(f *testing.F) {
	good := newBERT(shape{layers: 1, dim: 32, heads: 1, hidden: 32, vocab: 3, positions: 4}).gguf()
	f.Add(good)
	f.Add(good[:300])
	f.Add([]byte("GGUF\x03\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, data []byte) {
		h, err := readHeader(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			return
		}
		for _, x := range h.tensors {
			if x.bytes > uint64(len(data)) || x.offset > uint64(len(data)) {
				t.Errorf("tensor %q of %d bytes at %d passed in a file of %d", x.name, x.bytes, x.offset, len(data))
			}
		}
	})
}

func BenchmarkEncode(b *testing.B) {
	for _, threads := range []int{1, 2} {
		e := open(b, trainedPath, Options{Threads: threads})
		for _, n := range []int{16, 32, 64, 128} {
			tokens := someTokens(n, 20_000)
			b.Run(fmt.Sprintf("tokens=%d/threads=%d", n, threads), func(b *testing.B) {
				for b.Loop() {
					encode(b, e, tokens, 0)
				}
			})
		}
	}
}
