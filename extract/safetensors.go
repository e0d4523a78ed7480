package extract

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"slices"
)

// Safetensors is what a safetensors file holds: after an 8-byte length and a JSON header, the numbers.
type Safetensors struct {
	Metadata map[string]string
	Tensors  map[string]Tensor
}

// A Tensor is one array of a safetensors file, row-major.
type Tensor struct {
	DType string // F32, F16, I32 or U8
	Shape []int
	Data  []byte // little endian; part of the file's own memory
}

const (
	maxTensors = 1 << 30 // bytes; the heads have a few million
	maxHeader  = 1 << 24
	maxRank    = 8
)

var elementSize = map[string]int{"F32": 4, "F16": 2, "I32": 4, "U8": 1}

// OpenSafetensors reads a safetensors file and checks all of it. Errors name the file and what to do.
func OpenSafetensors(path string) (*Safetensors, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s is missing; `./build.sh models` brings it: %w", path, err)
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxTensors+1))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	s, err := ParseSafetensors(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w; `./build.sh models` brings it again", path, err)
	}
	return s, nil
}

// ParseSafetensors reads the bytes of a safetensors file. The tensors share its memory.
func ParseSafetensors(data []byte) (*Safetensors, error) {
	if len(data) > maxTensors {
		return nil, fmt.Errorf("larger than %d bytes", maxTensors)
	}
	if len(data) < 10 {
		return nil, fmt.Errorf("truncated: %d bytes are no safetensors file", len(data))
	}
	n := binary.LittleEndian.Uint64(data)
	if n > maxHeader || data[8] != '{' {
		return nil, errors.New("not a safetensors file")
	}
	if n > uint64(len(data)-8) {
		return nil, fmt.Errorf("truncated: the header alone has %d bytes, the file %d", n, len(data))
	}
	body := data[8+n:]
	s, spans, err := parseHeader(data[8:8+n], body)
	if err == nil {
		err = checkCover(spans, len(body))
	}
	if err != nil {
		return nil, err
	}
	return s, nil
}

// A cover is where one tensor lies in the numbers.
type cover struct {
	name     string
	from, to int
}

func parseHeader(header, body []byte) (*Safetensors, []cover, error) {
	w := &Safetensors{Metadata: map[string]string{}, Tensors: map[string]Tensor{}}
	var spans []cover
	seen := map[string]bool{}
	err := eachKey(header, func(name string, dec *json.Decoder) error {
		if seen[name] {
			return fmt.Errorf("tensor %q stands there twice", name)
		}
		seen[name] = true
		if name == "__metadata__" {
			return dec.Decode(&w.Metadata)
		}
		var e struct {
			DType   string   `json:"dtype"`
			Shape   []uint64 `json:"shape"`
			Offsets []uint64 `json:"data_offsets"`
		}
		if err := dec.Decode(&e); err != nil {
			return fmt.Errorf("tensor %q: %w", name, err)
		}
		shape, size, err := bytesOf(e.DType, e.Shape)
		if err != nil {
			return fmt.Errorf("tensor %q: %w", name, err)
		}
		if len(e.Offsets) != 2 || e.Offsets[0] > e.Offsets[1] {
			return fmt.Errorf("tensor %q: offsets %v are no span", name, e.Offsets)
		}
		if e.Offsets[1] > uint64(len(body)) {
			return fmt.Errorf("truncated: tensor %q ends at byte %d of %d", name, e.Offsets[1], len(body))
		}
		c := cover{name, int(e.Offsets[0]), int(e.Offsets[1])}
		if c.to-c.from != size {
			return fmt.Errorf("tensor %q: %s %v needs %d bytes, its offsets span %d", name, e.DType, e.Shape, size, c.to-c.from)
		}
		w.Tensors[name] = Tensor{DType: e.DType, Shape: shape, Data: body[c.from:c.to:c.to]}
		spans = append(spans, c)
		return nil
	})
	return w, spans, err
}

// eachKey goes through one JSON object without losing double keys, as a map would.
func eachKey(header []byte, do func(name string, dec *json.Decoder) error) error {
	dec := json.NewDecoder(bytes.NewReader(header))
	if _, err := dec.Token(); err != nil {
		return fmt.Errorf("header: %w", err)
	}
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return fmt.Errorf("header: %w", err)
		}
		if err := do(key.(string), dec); err != nil { // the decoder lets only strings be keys
			return fmt.Errorf("header: %w", err)
		}
	}
	if _, err := dec.Token(); err != nil {
		return fmt.Errorf("header: %w", err)
	}
	if rest := bytes.TrimLeft(header[dec.InputOffset():], " "); len(rest) > 0 {
		return fmt.Errorf("header: %d bytes behind its end", len(rest))
	}
	return nil
}

// bytesOf returns the shape as ints and how many bytes it takes.
func bytesOf(dtype string, dims []uint64) (shape []int, size int, err error) {
	size, ok := elementSize[dtype]
	if !ok {
		return nil, 0, fmt.Errorf("numbers of type %q; only F32, F16, I32 and U8 are read", dtype)
	}
	if len(dims) > maxRank {
		return nil, 0, fmt.Errorf("%d dimensions", len(dims))
	}
	empty := slices.Contains(dims, 0)
	shape = []int{}
	for _, d := range dims {
		if d > maxTensors || !empty && d > uint64(maxTensors/size) {
			return nil, 0, fmt.Errorf("shape %v is larger than any file", dims)
		}
		if shape = append(shape, int(d)); !empty {
			size *= int(d)
		}
	}
	if empty {
		size = 0
	}
	return shape, size, nil
}

// checkCover asks that the tensors lie side by side and fill the file, as the format wants: a gap
// could hide foreign bytes, an overlap means that the header is wrong.
func checkCover(spans []cover, size int) error {
	slices.SortFunc(spans, func(a, b cover) int { return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(a.to, b.to)) })
	at := 0
	for _, c := range spans {
		if c.from != at {
			return fmt.Errorf("tensor %q starts at byte %d, the one before ends at %d", c.name, c.from, at)
		}
		at = c.to
	}
	if at != size {
		return fmt.Errorf("%d bytes behind the last tensor", size-at)
	}
	return nil
}

// Float32 returns a tensor of F32 or F16 as float32, and its shape.
func (s *Safetensors) Float32(name string) ([]float32, []int, error) {
	t, err := s.find(name, "F32", "F16")
	if err != nil {
		return nil, nil, err
	}
	if t.DType == "F16" {
		out := make([]float32, len(t.Data)/2)
		for i := range out {
			out[i] = half(binary.LittleEndian.Uint16(t.Data[2*i:]))
		}
		return out, t.Shape, nil
	}
	out := make([]float32, len(t.Data)/4)
	for i := range out {
		out[i] = math.Float32frombits(binary.LittleEndian.Uint32(t.Data[4*i:]))
	}
	return out, t.Shape, nil
}

// Int32 returns a tensor of I32 and its shape.
func (s *Safetensors) Int32(name string) ([]int32, []int, error) {
	t, err := s.find(name, "I32")
	if err != nil {
		return nil, nil, err
	}
	out := make([]int32, len(t.Data)/4)
	for i := range out {
		out[i] = int32(binary.LittleEndian.Uint32(t.Data[4*i:]))
	}
	return out, t.Shape, nil
}

// Uint8 returns a tensor of U8 and its shape.
func (s *Safetensors) Uint8(name string) ([]byte, []int, error) {
	t, err := s.find(name, "U8")
	return t.Data, t.Shape, err
}

func (s *Safetensors) find(name string, dtypes ...string) (Tensor, error) {
	t, ok := s.Tensors[name]
	if !ok {
		return Tensor{}, fmt.Errorf("no tensor %q: the file is of another kind or version", name)
	}
	if !slices.Contains(dtypes, t.DType) {
		return Tensor{}, fmt.Errorf("tensor %q holds %s, wanted %v", name, t.DType, dtypes)
	}
	return t, nil
}

// half widens a 16-bit float.
func half(h uint16) float32 {
	sign, exp, frac := uint32(h>>15)<<31, uint32(h>>10&0x1f), uint32(h&0x3ff)
	switch exp {
	case 0: // zero and the smallest numbers, which have no leading one
		f := float32(frac) / (1 << 24)
		return math.Float32frombits(math.Float32bits(f) | sign)
	case 0x1f: // infinite, or no number
		return math.Float32frombits(sign | 0xff<<23 | frac<<13)
	}
	return math.Float32frombits(sign | (exp+127-15)<<23 | frac<<13)
}
