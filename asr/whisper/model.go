package whisper

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// whisper.cpp takes a model file at its word: a damaged one can end the process or read as silence. So a file is walked
// here before it goes there. Its layout: a magic number, the shape, (Whisper: mel filters and vocabulary,) the tensors.

var (
	errKind      = errors.New("another kind of file")
	errTruncated = errors.New("truncated")
	errDamaged   = errors.New("damaged")
)

const magic = 0x67676d6c // "ggml"

// kind is a kind of model in whisper.cpp's format.
type kind struct {
	name string
	// shape reads all that stands before the tensors.
	shape func(p *parser)
}

var (
	whisperKind = kind{"Whisper model", whisperShape}
	sileroKind  = kind{"Silero voice detector", sileroShape}
)

// checkFile walks the model file at path and turns what is wrong with it into words for a person.
func checkFile(path string, k kind) error {
	const next = "next step: ./build.sh models"
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s is missing: %w; %s", k.name, err, next)
	}
	if err != nil {
		return fmt.Errorf("open %s: %w", k.name, err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return fmt.Errorf("open %s: %w", k.name, err)
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("%s %s is not a file", k.name, path)
	}
	switch err := check(f, info.Size(), k); {
	case errors.Is(err, errKind):
		return fmt.Errorf("%s is not a %s; %s", path, k.name, next)
	case err != nil:
		return fmt.Errorf("%s %s: %w; %s", k.name, path, err, next)
	}
	return nil
}

// check walks a model of the given size.
func check(r io.ReaderAt, size int64, k kind) error {
	p := &parser{r: r, size: size}
	p.seek(0)
	if p.uint32() != magic {
		return errKind
	}
	k.shape(p)
	tensors := 0
	for ; p.err == nil && p.at < p.size; tensors++ {
		p.tensor()
	}
	if p.err == nil && tensors == 0 {
		return errTruncated
	}
	return p.err
}

func whisperShape(p *parser) {
	var h struct {
		vocab, audioCtx, audioState, audioHead, audioLayer      uint32
		textCtx, textState, textHead, textLayer, mels, fileType uint32
	}
	for _, field := range []*uint32{&h.vocab, &h.audioCtx, &h.audioState, &h.audioHead, &h.audioLayer,
		&h.textCtx, &h.textState, &h.textHead, &h.textLayer, &h.mels, &h.fileType} {
		*field = p.uint32()
	}
	switch h.audioLayer {
	case 4, 6, 12, 24, 32: // whisper.cpp knows the sizes by this number
	default:
		p.fail(errKind)
	}
	if h.vocab < 50_000 || h.vocab > 60_000 || h.audioCtx == 0 || h.audioCtx > 1500 || h.textCtx == 0 || h.textCtx > 448 ||
		h.audioState == 0 || h.audioState > 2048 || h.audioState != h.textState || h.audioHead == 0 || h.textHead == 0 ||
		h.audioState%h.audioHead != 0 || h.textState%h.textHead != 0 || h.textLayer == 0 || h.textLayer > 32 ||
		h.mels == 0 || h.mels > 128 {
		p.fail(errKind)
	}
	mels, bins := p.uint32(), p.uint32()
	if mels != h.mels || bins != 201 {
		p.fail(errDamaged)
	}
	p.skip(int64(mels) * int64(bins) * 4)
	words := p.uint32()
	if words > h.vocab {
		p.fail(errDamaged)
	}
	for i := uint32(0); i < words && p.err == nil; i++ {
		n := p.uint32()
		if n > 1024 {
			p.fail(errDamaged)
		}
		p.skip(int64(n))
	}
}

func sileroShape(p *parser) {
	const name = "silero-16k"
	if n := p.uint32(); n != uint32(len(name)) || string(p.bytes(len(name))) != name {
		p.fail(errKind)
	}
	p.skip(3 * 4) // version
	window, context, layers := p.uint32(), p.uint32(), p.uint32()
	if window != frame || context != 64 || layers != 4 {
		p.fail(errDamaged)
	}
	for range 3*layers + 4 {
		if n := p.uint32(); n == 0 || n > 4096 || p.err != nil {
			p.fail(errDamaged)
			return
		}
	}
}

// blocks holds the tensor types that whisper.cpp's converters write: so many values in so many bytes.
var blocks = map[uint32]struct{ values, bytes int64 }{
	0: {1, 4}, 1: {1, 2}, // F32, F16
	2: {32, 18}, 3: {32, 20}, 6: {32, 22}, 7: {32, 24}, 8: {32, 34}, // Q4_0, Q4_1, Q5_0, Q5_1, Q8_0
	10: {256, 84}, 11: {256, 110}, 12: {256, 144}, 13: {256, 176}, 14: {256, 210}, // Q2_K to Q6_K
}

// parser reads little-endian values from a file and keeps its first error.
type parser struct {
	r        io.ReaderAt
	buf      *bufio.Reader
	at, size int64
	err      error
}

func (p *parser) fail(err error) {
	if p.err == nil {
		p.err = err
	}
}

func (p *parser) seek(at int64) {
	p.at = at
	p.buf = bufio.NewReader(io.NewSectionReader(p.r, at, p.size-at))
}

func (p *parser) bytes(n int) []byte {
	if int64(n) > p.size-p.at {
		p.fail(errTruncated)
	}
	if p.err != nil {
		return nil
	}
	b := make([]byte, n)
	if _, err := io.ReadFull(p.buf, b); err != nil {
		p.fail(errTruncated)
	}
	p.at += int64(n)
	return b
}

func (p *parser) uint32() uint32 {
	if b := p.bytes(4); b != nil {
		return binary.LittleEndian.Uint32(b)
	}
	return 0
}

func (p *parser) skip(n int64) {
	if n > p.size-p.at {
		p.fail(errTruncated)
	}
	switch {
	case p.err != nil:
	case n <= int64(p.buf.Buffered()):
		_, _ = p.buf.Discard(int(n)) // cannot fail: the bytes are in the buffer
		p.at += n
	default:
		p.seek(p.at + n)
	}
}

// tensor walks over one tensor: dimensions, name, type, data.
func (p *parser) tensor() {
	dims, name, typ := p.uint32(), p.uint32(), p.uint32()
	b, known := blocks[typ]
	if p.err == nil && (dims > 4 || name == 0 || name > 128 || !known) {
		p.fail(errDamaged)
	}
	values := int64(1)
	for i := uint32(0); i < dims && p.err == nil; i++ {
		d := int64(p.uint32())
		if values *= d; p.err == nil && (d == 0 || values > 1<<31-1 || d > 1<<31-1) {
			p.fail(errDamaged)
		}
	}
	p.skip(int64(name))
	if p.err == nil {
		p.skip((values + b.values - 1) / b.values * b.bytes)
	}
}
