// Package llama runs a BERT text encoder in llama.cpp and gives the hidden state of every token.
//
// [Open] loads a GGUF file of the BERT architecture; [Encoder.Encode] takes the token numbers of one sequence and
// returns one row of [Encoder.Dim] numbers per token, as the last layer left them: nothing is pooled or scaled.
// Tokenising and the meaning of the rows belong to package extract.
//
// The files are checked in Go first, since llama.cpp ends the process at some damaged ones. On a Mac the work runs on
// the GPU through Metal, elsewhere on the processor. llama.cpp writes no log unless HOTMEM_DEBUG is set.
package llama

// #include <stdlib.h>
// #include "encoder.h"
import "C"

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime"
	"strings"
	"sync"
	"unsafe"

	"hotmem/extract"
)

// maxTokens is the longest sequence, which is also the length of the position table of the models in use.
const maxTokens = 512

// Options tune an [Encoder]. The zero value is right for the app.
type Options struct {
	// Threads is how many processor threads one call uses; 0 means 1.
	Threads int
}

// Encoder is a loaded model. Its methods may be called from any goroutine; calls run one after the other.
type Encoder struct {
	dim, vocab, positions int
	hash                  string

	mu sync.Mutex
	c  *C.hm_encoder // nil after Close
	// Scratch for positions and sequence numbers.
	pos, seq []C.int32_t
}

var initLog = sync.OnceFunc(func() {
	verbose := C.int(0)
	if os.Getenv("HOTMEM_DEBUG") != "" {
		verbose = 1
	}
	C.hm_encoder_log(verbose)
})

// Open loads the encoder at path. The error names the file and says whether it is missing, truncated or of another kind.
func Open(path string, opt Options) (*Encoder, error) {
	h, err := checkFile(path)
	if err != nil {
		return nil, err
	}
	initLog()
	cpath := C.CString(path)
	defer C.free(unsafe.Pointer(cpath))
	runtime.LockOSThread() // the reason of a failure is kept per thread
	defer runtime.UnlockOSThread()
	positions := min(maxTokens, int(h.ints["bert.context_length"]))
	threads := max(1, opt.Threads)
	c := C.hm_encoder_open(cpath, C.int32_t(threads), C.int32_t(positions))
	if c == nil {
		return nil, fmt.Errorf("load encoder %s: llama.cpp refuses it: %s", path, reason())
	}
	e := &Encoder{
		dim:       int(C.hm_encoder_dim(c)),
		vocab:     int(C.hm_encoder_vocab(c)),
		positions: positions,
		hash:      h.hash,
		c:         c,
		pos:       make([]C.int32_t, positions),
		seq:       make([]C.int32_t, positions),
	}
	// The first run reads the weights from the disk and plans the memory; better here than at the first sentence.
	if _, err := e.Encode(context.Background(), make([]int32, min(16, positions)), 0); err != nil {
		return nil, errors.Join(err, e.Close())
	}
	return e, nil
}

// checkFile reads the header of a model file and turns what is wrong with it into words for a person.
func checkFile(path string) (header, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return header{}, fmt.Errorf("encoder model is missing: %w; next step: ./build.sh models", err)
	}
	if err != nil {
		return header{}, fmt.Errorf("open encoder model: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return header{}, fmt.Errorf("open encoder model: %w", err)
	}
	if !info.Mode().IsRegular() {
		return header{}, fmt.Errorf("encoder model %s is not a file", path)
	}
	h, err := readHeader(f, info.Size())
	if err == nil {
		err = h.checkEncoder()
	}
	if err == nil {
		h.hash, err = hashOf(f)
	}
	if err != nil {
		return header{}, fmt.Errorf("encoder model %s: %w; next step: ./build.sh models", path, err)
	}
	return h, nil
}

// hashOf is the SHA-256 of a whole file, in hex: 25 ms for the model that ships.
func hashOf(f io.ReadSeeker) (string, error) {
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return "", err
	}
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

func reason() string {
	if s := strings.TrimSpace(C.GoString(C.hm_encoder_error())); s != "" {
		return s
	}
	return "no reason given"
}

// Dim is the number of floats per token.
func (e *Encoder) Dim() int { return e.dim }

// Hash is the SHA-256 of the model file in hex: heads fit the encoder that they were trained with, and no other.
func (e *Encoder) Hash() string { return e.hash }

// Encode returns the hidden states of one sequence, len(tokens) rows of Dim floats. first is the position of the first
// token: the others follow it one by one, and the last must lie inside the model's position table. The same tokens at
// other positions have other hidden states.
func (e *Encoder) Encode(ctx context.Context, tokens []int32, first int) ([]float32, error) {
	out, err := e.EncodeAll(ctx, []extract.Sequence{{Tokens: tokens, First: first}})
	if err != nil {
		return nil, err
	}
	return out[0], nil
}

// maxSequences is how many sequences one pass takes; llama.cpp itself stops at 256.
const maxSequences = 64

// EncodeAll is Encode for several sequences in one pass. Together they may be as long as the position table.
func (e *Encoder) EncodeAll(ctx context.Context, all []extract.Sequence) ([][]float32, error) {
	tokens, err := e.check(all)
	if err != nil {
		return nil, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("encode: %w", err)
	}
	if e.c == nil {
		return nil, errors.New("encode: the encoder is closed")
	}
	n := 0
	for s, q := range all {
		for i := range q.Tokens {
			e.pos[n], e.seq[n] = C.int32_t(q.First+i), C.int32_t(s)
			n++
		}
	}
	runtime.LockOSThread() // the reason of a failure is kept per thread
	defer runtime.UnlockOSThread()
	rows := make([]float32, n*e.dim)
	rc := C.hm_encoder_run(e.c, (*C.int32_t)(unsafe.SliceData(tokens)), unsafe.SliceData(e.pos),
		unsafe.SliceData(e.seq), C.int32_t(n), (*C.float)(unsafe.SliceData(rows)))
	if rc != 0 {
		return nil, fmt.Errorf("encode: llama.cpp code %d: %s", int(rc), reason())
	}
	out := make([][]float32, 0, len(all))
	for _, q := range all {
		n := len(q.Tokens) * e.dim
		out = append(out, rows[:n:n])
		rows = rows[n:]
	}
	return out, nil
}

// check returns the tokens of all sequences, if there is a place for each.
func (e *Encoder) check(all []extract.Sequence) ([]int32, error) {
	if len(all) == 0 || len(all) > maxSequences {
		return nil, fmt.Errorf("encode: %d sequences; one pass takes 1 to %d", len(all), maxSequences)
	}
	tokens := all[0].Tokens
	for i, q := range all {
		n := len(q.Tokens)
		if n == 0 || q.First < 0 || q.First+n > e.positions {
			return nil, fmt.Errorf("encode: %d tokens from position %d do not fit into the model's %d", n, q.First, e.positions)
		}
		for _, t := range q.Tokens {
			if t < 0 || int(t) >= e.vocab {
				return nil, fmt.Errorf("encode: token %d is not among the model's %d", t, e.vocab)
			}
		}
		if i > 0 {
			tokens = append(tokens[:len(tokens):len(tokens)], q.Tokens...)
		}
	}
	if len(tokens) > e.positions {
		return nil, fmt.Errorf("encode: %d tokens together do not fit into the model's %d", len(tokens), e.positions)
	}
	return tokens, nil
}

// Close frees the model. It waits for a running Encode; closing twice is allowed.
func (e *Encoder) Close() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.c != nil {
		C.hm_encoder_free(e.c)
		e.c = nil
	}
	return nil
}
