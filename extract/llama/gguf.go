package llama

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"math/bits"
)

// llama.cpp answers some broken files by ending the process, so a file is checked here before it goes there: that it is
// a GGUF, that all its tensors lie inside it, and that it describes a BERT encoder.

var (
	errNotGGUF   = errors.New("not a GGUF file")
	errTruncated = errors.New("truncated")
)

// The types of a GGUF value.
const (
	typeUint8 = iota
	typeInt8
	typeUint16
	typeInt16
	typeUint32
	typeInt32
	typeFloat32
	typeBool
	typeString
	typeArray
	typeUint64
	typeInt64
	typeFloat64
)

// valueSize is the size in bytes of each scalar value type, 0 for strings and arrays.
var valueSize = [...]int64{1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8}

// block is how a tensor type lays out a row: so many values in so many bytes.
type block struct{ values, bytes uint64 }

// blocks holds the tensor types that the encoder's files use.
var blocks = map[uint32]block{
	0: {1, 4}, 1: {1, 2}, 30: {1, 2}, // F32, F16, BF16
	2: {32, 18}, 3: {32, 20}, 6: {32, 22}, 7: {32, 24}, 8: {32, 34}, // Q4_0, Q4_1, Q5_0, Q5_1, Q8_0
	12: {256, 144}, 13: {256, 176}, 14: {256, 210}, // Q4_K, Q5_K, Q6_K
}

// header is what the check needs of a GGUF's metadata.
type header struct {
	hash    string // of the whole file; filled in by checkFile
	ints    map[string]uint64
	strings map[string]string
	tensors []tensor
}

type tensor struct {
	name   string
	dims   []uint64
	bytes  uint64
	offset uint64
}

// readHeader reads the metadata of a GGUF of the given size and checks that every tensor lies inside it.
func readHeader(r io.Reader, size int64) (header, error) {
	h := header{ints: map[string]uint64{}, strings: map[string]string{}}
	p := parser{r: bufio.NewReader(r), left: size}
	if magic := p.bytes(4); p.err != nil || string(magic) != "GGUF" {
		return h, errNotGGUF
	}
	if version := p.uint32(); p.err == nil && version != 2 && version != 3 {
		return h, fmt.Errorf("GGUF version %d is not known here", version)
	}
	tensors, values := p.uint64(), p.uint64()
	for i := uint64(0); i < values && p.err == nil; i++ {
		p.value(&h)
	}
	for i := uint64(0); i < tensors && p.err == nil; i++ {
		h.tensors = append(h.tensors, p.tensor())
	}
	if p.err != nil {
		return h, p.err
	}
	return h, h.checkExtent(uint64(size-p.left), uint64(size))
}

// checkExtent checks that the tensors lie inside the file, whose metadata ends at end.
func (h *header) checkExtent(end, size uint64) error {
	align := uint64(32)
	if a, ok := h.ints["general.alignment"]; ok {
		align = a
	}
	if align == 0 || align > 1<<16 || bits.OnesCount64(align) != 1 {
		return fmt.Errorf("alignment %d is not a small power of two", align)
	}
	start := (end + align - 1) / align * align
	for _, t := range h.tensors {
		if t.offset%align != 0 {
			return fmt.Errorf("tensor %q is not aligned", t.name)
		}
		if t.offset > math.MaxInt64 || start+t.offset > size || t.bytes > size-start-t.offset {
			return errTruncated
		}
	}
	return nil
}

// checkEncoder checks that the header describes a BERT encoder that llama.cpp can take.
func (h *header) checkEncoder() error {
	if arch := h.strings["general.architecture"]; arch != "bert" {
		return fmt.Errorf("holds a model of kind %q, not a BERT encoder", arch)
	}
	switch vocab := h.strings["tokenizer.ggml.model"]; vocab {
	case "bert", "none", "no_vocab":
	default:
		return fmt.Errorf("has a vocabulary of kind %q, not BERT's", vocab)
	}
	dim, heads := h.ints["bert.embedding_length"], h.ints["bert.attention.head_count"]
	layers, context := h.ints["bert.block_count"], h.ints["bert.context_length"]
	switch {
	case dim == 0 || dim > 1<<14 || heads == 0 || dim%heads != 0:
		return fmt.Errorf("has an impossible shape: width %d, %d heads", dim, heads)
	case layers == 0 || layers > 512 || context == 0 || context > 1<<20:
		return fmt.Errorf("has an impossible shape: %d layers, %d positions", layers, context)
	case h.ints["bert.expert_count"] != 0:
		return errors.New("has experts, which this encoder does not")
	}
	shapes := map[string][]uint64{}
	for _, t := range h.tensors {
		shapes[t.name] = t.dims
	}
	words, positions := shapes["token_embd.weight"], shapes["position_embd.weight"]
	if len(words) != 2 || words[0] != dim || len(positions) != 2 || positions[0] != dim || positions[1] != context {
		return errors.New("lacks the word or position table that its metadata promises")
	}
	return nil
}

// parser reads little-endian values and keeps its first error.
type parser struct {
	r    *bufio.Reader
	left int64 // bytes that the file still has
	err  error
}

func (p *parser) bytes(n uint64) []byte {
	if p.err == nil && n > uint64(p.left) {
		p.err = errTruncated
	}
	if p.err != nil {
		return nil
	}
	b := make([]byte, n)
	if _, err := io.ReadFull(p.r, b); err != nil {
		p.err = errTruncated
		return nil
	}
	p.left -= int64(n)
	return b
}

func (p *parser) skip(n int64) {
	if p.err == nil && n > p.left {
		p.err = errTruncated
	}
	if p.err != nil {
		return
	}
	if _, err := io.CopyN(io.Discard, p.r, n); err != nil {
		p.err = errTruncated
		return
	}
	p.left -= n
}

func (p *parser) uint32() uint32 {
	if b := p.bytes(4); b != nil {
		return binary.LittleEndian.Uint32(b)
	}
	return 0
}

func (p *parser) uint64() uint64 {
	if b := p.bytes(8); b != nil {
		return binary.LittleEndian.Uint64(b)
	}
	return 0
}

func (p *parser) string() string { return string(p.bytes(p.uint64())) }

// value reads one key with its value; only integers and strings are kept.
func (p *parser) value(h *header) {
	key, kind := p.string(), p.uint32()
	switch {
	case p.err != nil:
	case kind == typeString:
		h.strings[key] = p.string()
	case kind == typeArray:
		p.array(key)
	case kind == typeUint32 || kind == typeInt32:
		h.ints[key] = uint64(p.uint32())
	case kind == typeUint64 || kind == typeInt64:
		h.ints[key] = p.uint64()
	case int64(kind) < int64(len(valueSize)):
		p.skip(valueSize[kind])
	default:
		p.err = fmt.Errorf("value %q has the unknown type %d", key, kind)
	}
}

// array skips an array, but for the words of the vocabulary: two equal ones end the process in llama.cpp.
func (p *parser) array(key string) {
	kind, n := p.uint32(), p.uint64()
	switch {
	case p.err != nil:
	case n > uint64(p.left):
		p.err = errTruncated
	case kind == typeString:
		p.words(key, n)
	case int64(kind) < int64(len(valueSize)) && valueSize[kind] > 0:
		p.skip(valueSize[kind] * int64(min(n, math.MaxInt64/8)))
	default:
		p.err = fmt.Errorf("array %q has the element type %d", key, kind)
	}
}

func (p *parser) words(key string, n uint64) {
	vocabulary := key == "tokenizer.ggml.tokens"
	seen := map[string]bool{}
	for i := uint64(0); i < n && p.err == nil; i++ {
		word := p.string()
		if !vocabulary || p.err != nil {
			continue
		}
		if seen[word] {
			p.err = fmt.Errorf("the vocabulary has word %d, %q, twice", i, word)
		}
		seen[word] = true
	}
}

// tensor reads one tensor's description.
func (p *parser) tensor() tensor {
	t := tensor{name: p.string()}
	n := p.uint32()
	if p.err == nil && (n == 0 || n > 4) {
		p.err = fmt.Errorf("tensor %q has %d dimensions", t.name, n)
	}
	total := uint64(1)
	for i := uint32(0); i < n && p.err == nil; i++ {
		d := p.uint64()
		hi, lo := bits.Mul64(total, d)
		if p.err == nil && (d == 0 || hi != 0 || lo > 1<<40) {
			p.err = fmt.Errorf("tensor %q has an impossible size", t.name)
		}
		t.dims, total = append(t.dims, d), lo
	}
	kind := p.uint32()
	t.offset = p.uint64()
	if p.err != nil {
		return t
	}
	b, ok := blocks[kind]
	if !ok || t.dims[0]%b.values != 0 {
		p.err = fmt.Errorf("tensor %q has a type, %d, that the encoder cannot use", t.name, kind)
		return t
	}
	t.bytes = total / b.values * b.bytes
	return t
}
