// Package whisper recognises speech with whisper.cpp, and tells speech from other sound with the Silero detector that
// whisper.cpp carries.
//
// [Open] loads a Whisper model in ggml format; the [Recognizer] hears one utterance at a time. It decodes greedily and in
// English. Whisper was made for pieces of 30 s and does the same work for a shorter one; so the encoder is told to look
// only at what was heard and three seconds more, which costs one word in a hundred (one second more instead quadruples the
// errors). If the text then repeats itself or goes on in capitals, the utterance is decoded again with the whole context
// and rising temperature, which [Recognizer.Retries] counts. Longer utterances go through whisper.cpp's own windows.
//
// [OpenVAD] loads the detector, an audio.Detector.
//
// Model files are checked in Go first, since whisper.cpp believes what they say. It writes no log unless HOTMEM_DEBUG is
// set. What the project's Go bindings have is taken from there; glue.c has the rest: the choice of attention, an end to a
// running call, and the detector's streaming calls.
package whisper

// #include <stdlib.h>
// #include <whisper.h>
// #include "glue.h"
import "C"

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unicode"
	"unsafe"

	binding "github.com/ggerganov/whisper.cpp/bindings/go"

	"hotmem/asr"
	"hotmem/audio"
)

const (
	// shortest is the least sound that Whisper makes sense of; less is filled up with silence.
	shortest = audio.Rate * 11 / 10
	// margin is what the encoder sees beyond the end of the sound.
	margin = 3 * audio.Rate
	// position is the number of samples behind one position of the encoder: 20 ms.
	position = audio.Rate / 50
	// warmer is by how much the temperature rises when whisper.cpp doubts a second decoding. The first one has no such
	// ladder: on the test recordings it changed no word, and noise took several times as long.
	warmer = 0.4
	// A segment is dropped if whisper.cpp takes it for silence with this probability, or with the lower one when its words
	// are unsure. Digital silence, which reads "you", has 0.98; the quietest speech of the test recordings has 0.81.
	quietAlone, quietUnsure, unsure = 0.95, 0.6, -1.0
)

// Options tune a [Recognizer]. The zero value is right for the app.
type Options struct {
	// Threads is how many processor threads one call uses; 0 means half of the processors, at most 4. The threads wait
	// for each other many times in a call, so on a busy machine one thread too many made calls twenty times slower.
	Threads int
}

// Recognizer is a loaded model, an asr.Recognizer. Its methods may be called from any goroutine; calls run one after the
// other.
type Recognizer struct {
	threads int
	retries atomic.Int64

	mu   sync.Mutex
	c    *binding.Context // nil after Close
	stop *int32           // in C's memory; not 0 ends the running call
}

var initLog = sync.OnceFunc(func() {
	verbose := C.int(0)
	if os.Getenv("HOTMEM_DEBUG") != "" {
		verbose = 1
	}
	C.hm_whisper_log(verbose)
})

// complaint runs f and returns the first error that whisper.cpp logged meanwhile: its calls give no reasons.
func complaint(f func()) string {
	initLog()
	runtime.LockOSThread() // complaints are kept per thread
	defer runtime.UnlockOSThread()
	C.hm_whisper_forget()
	f()
	if s := strings.TrimSpace(C.GoString(C.hm_whisper_error())); s != "" {
		return s
	}
	return "no reason given"
}

// Open loads the model at path. The error names the file and says whether it is missing, truncated or of another kind.
func Open(path string, opt Options) (*Recognizer, error) {
	if err := checkFile(path, whisperKind); err != nil {
		return nil, err
	}
	r := &Recognizer{threads: opt.Threads}
	if r.threads <= 0 {
		r.threads = min(4, max(1, runtime.NumCPU()/2))
	}
	cpath := C.CString(path)
	defer C.free(unsafe.Pointer(cpath))
	why := complaint(func() { r.c = (*binding.Context)(unsafe.Pointer(C.hm_whisper_open(cpath))) })
	if r.c == nil {
		return nil, fmt.Errorf("load %s %s: whisper.cpp refuses it: %s", whisperKind.name, path, why)
	}
	r.stop = (*int32)(C.calloc(1, C.size_t(unsafe.Sizeof(*r.stop))))
	return r, nil
}

// Close frees the model. It waits for a running call; closing twice is allowed.
func (r *Recognizer) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.c != nil {
		r.c.Whisper_free()
		C.free(unsafe.Pointer(r.stop))
		r.c, r.stop = nil, nil
	}
	return nil
}

// Retries is how many utterances were decoded a second time because the first text repeated itself or shouted.
func (r *Recognizer) Retries() int { return int(r.retries.Load()) }

// Recognize returns the words of one utterance, without remarks about other sounds; none if nobody speaks. The prompt
// holds words that are likely to come, such as names. Earlier calls have no influence. Cancelling ctx ends the call.
func (r *Recognizer) Recognize(ctx context.Context, pcm []float32, prompt string) ([]asr.Word, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.c == nil {
		return nil, errors.New("recognise: the recogniser is closed")
	}
	if len(pcm) == 0 {
		return nil, nil
	}
	heard := audio.Duration(int64(len(pcm)))
	if len(pcm) < shortest {
		pcm = append(make([]float32, 0, shortest), pcm...)[:shortest]
	}
	size := contextSize(len(pcm), r.c.Whisper_n_audio_ctx())
	words, err := r.decode(ctx, pcm, prompt, size, 0)
	if err == nil && astray(words) {
		r.retries.Add(1)
		words, err = r.decode(ctx, pcm, prompt, 0, warmer)
	}
	if err != nil {
		return nil, err
	}
	return asr.Spoken(within(words, heard)), nil
}

// contextSize is how many positions the encoder looks at for so many samples; 0 means all.
func contextSize(samples, full int) int {
	n := (samples + margin + position - 1) / position
	if n >= full {
		return 0
	}
	return n
}

// maxTokens is more than anybody says in so many samples; without a bound, a loop runs on to the end of the text context,
// six times with rising temperature.
func maxTokens(samples int) int { return min(224, 24+12*samples/audio.Rate) }

// decode runs whisper.cpp over the sound.
func (r *Recognizer) decode(ctx context.Context, pcm []float32, prompt string, size int, ladder float32) ([]asr.Word, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("recognise: %w", err)
	}
	params := r.c.Whisper_full_default_params(binding.SAMPLING_GREEDY)
	params.SetThreads(r.threads)
	params.SetAudioCtx(size)
	params.SetTemperatureFallback(ladder)
	params.SetMaxTokensPerSegment(maxTokens(len(pcm)))
	params.SetTokenTimestamps(true)
	params.SetPrintProgress(false)
	params.SetPrintTimestamps(false)
	var cprompt *C.char
	if prompt != "" {
		cprompt = C.CString(prompt)
		defer C.free(unsafe.Pointer(cprompt))
	}
	stopped := make(chan struct{})
	unwatch := context.AfterFunc(ctx, func() {
		atomic.StoreInt32(r.stop, 1)
		close(stopped)
	})
	var rc C.int
	why := complaint(func() {
		rc = C.hm_whisper_run((*C.struct_whisper_context)(unsafe.Pointer(r.c)),
			(*C.struct_whisper_full_params)(unsafe.Pointer(&params)), cprompt,
			(*C.float)(unsafe.SliceData(pcm)), C.int(len(pcm)), (*C.int32_t)(r.stop))
	})
	if !unwatch() {
		<-stopped // or it would stop the next call
		atomic.StoreInt32(r.stop, 0)
		return nil, fmt.Errorf("recognise: %w", ctx.Err())
	}
	if rc != 0 {
		return nil, fmt.Errorf("recognise: whisper.cpp code %d: %s", int(rc), why)
	}
	return r.words(), nil
}

// words makes words of the tokens of the last call.
func (r *Recognizer) words() []asr.Word {
	var words []asr.Word
	for s := range r.c.Whisper_full_n_segments() {
		quiet := float64(C.whisper_full_get_segment_no_speech_prob((*C.struct_whisper_context)(unsafe.Pointer(r.c)), C.int(s)))
		segment, sure := r.segment(s)
		if quiet > quietAlone || quiet > quietUnsure && sure < unsure {
			continue
		}
		words = append(words, segment...)
	}
	return words
}

// segment returns the words of one segment and the mean log-probability of their tokens. A token that starts with a space
// starts a word.
func (r *Recognizer) segment(s int) (words []asr.Word, sure float64) {
	eot, tokens := r.c.Whisper_token_eot(), 0
	for t := range r.c.Whisper_full_n_tokens(s) {
		data := r.c.Whisper_full_get_token_data(s, t)
		if data.Id() >= eot {
			continue // marks of time and structure
		}
		text, p := r.c.Whisper_full_get_token_text(s, t), r.c.Whisper_full_get_token_p(s, t)
		tokens++
		sure += math.Log(max(float64(p), 1e-9))
		start, end := ticks(data.T0()), ticks(data.T1())
		if len(words) == 0 || strings.HasPrefix(text, " ") {
			words = append(words, asr.Word{Text: strings.TrimSpace(text), Start: start, End: end, P: p})
			continue
		}
		w := &words[len(words)-1]
		w.Text += text
		w.P = min(w.P, p) // as sure as its least sure part
		if strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPunct(r) }) {
			w.End = end
		}
	}
	return words, sure / float64(max(1, tokens))
}

// ticks converts whisper.cpp's unit of time.
func ticks(n int64) time.Duration { return time.Duration(n) * 10 * time.Millisecond }

// within repairs the words' times, which whisper.cpp estimates: they lie inside the sound and never run backwards.
func within(words []asr.Word, heard time.Duration) []asr.Word {
	var last time.Duration
	for i := range words {
		w := &words[i]
		w.Text = strings.ToValidUTF8(w.Text, "\uFFFD") // a character may be split over tokens, but never stay so
		w.Start = min(max(w.Start, last), heard)
		w.End = min(max(w.End, w.Start), heard)
		last = w.Start
	}
	return words
}
