package extract

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// tensorFile puts a header and numbers together as the format says.
func tensorFile(header string, body ...byte) []byte {
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	return append(append(b, header...), body...)
}

func TestSafetensorsGivesBackEveryKindOfNumber(t *testing.T) {
	var body []byte
	for _, x := range []float32{1.5, -2, 0, float32(math.Inf(1)), 3, 4} {
		body = binary.LittleEndian.AppendUint32(body, math.Float32bits(x))
	}
	for _, h := range []uint16{0x3c00, 0xc000, 0x0001, 0x7bff, 0x8000, 0x7c00} { // 1, -2, the smallest, the largest, -0, infinite
		body = binary.LittleEndian.AppendUint16(body, h)
	}
	body = binary.LittleEndian.AppendUint32(body, 0xfffffffe)
	body = append(body, 7, 8)
	path := filepath.Join(t.TempDir(), "w.safetensors")
	header := `{"b.half":{"dtype":"F16","shape":[6],"data_offsets":[24,36]},"__metadata__":{"format":"1"},` +
		`"a":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},"c":{"dtype":"I32","shape":[],"data_offsets":[36,40]},` +
		`"e":{"dtype":"F32","shape":[0,5],"data_offsets":[40,40]},"d":{"dtype":"U8","shape":[2],"data_offsets":[40,42]}}   `
	if err := os.WriteFile(path, tensorFile(header, body...), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := OpenSafetensors(path)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(s.Metadata, map[string]string{"format": "1"}) || len(s.Tensors) != 5 {
		t.Errorf("metadata %v, %d tensors", s.Metadata, len(s.Tensors))
	}
	check := func(name string, got any, shape []int, err error, want any, wantShape ...int) {
		t.Helper()
		if err != nil || !reflect.DeepEqual(got, want) || !slices.Equal(shape, wantShape) {
			t.Errorf("%s: %v %v, %v; want %v %v", name, got, shape, err, want, wantShape)
		}
	}
	a, shape, err := s.Float32("a")
	check("F32", a, shape, err, []float32{1.5, -2, 0, float32(math.Inf(1)), 3, 4}, 2, 3)
	h, shape, err := s.Float32("b.half")
	check("F16", h, shape, err, []float32{1, -2, 1. / (1 << 24), 65504, float32(math.Copysign(0, -1)), float32(math.Inf(1))}, 6)
	c, shape, err := s.Int32("c")
	check("I32 without dimensions", c, shape, err, []int32{-2})
	d, shape, err := s.Uint8("d")
	check("U8", d, shape, err, []byte{7, 8}, 2)
	e, shape, err := s.Float32("e")
	check("nothing", e, shape, err, []float32{}, 0, 5)
	for name, want := range map[string]string{"x": `no tensor "x"`, "d": "holds U8"} {
		if _, _, err := s.Float32(name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", name, err, want)
		}
	}
}

// TestSafetensorsOfTheKitIsRead reads what Python's safetensors wrote (train/golden.py).
func TestSafetensorsOfTheKitIsRead(t *testing.T) {
	s, err := OpenSafetensors("testdata/kit.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"wide", "narrow"} {
		got, shape, err := s.Float32(name)
		if err != nil || !slices.Equal(shape, []int{2, 2}) || !slices.Equal(got, []float32{0.5, -1, 1024, 0.0625}) {
			t.Errorf("%s: %v %v, %v", name, got, shape, err)
		}
	}
	ids, _, err := s.Int32("ids")
	if err != nil || !slices.Equal(ids, []int32{-1, 0, 30521}) || s.Metadata["made"] != "golden" {
		t.Errorf("%v, %v, %v", ids, s.Metadata, err)
	}
}

func TestBrokenSafetensorsAreRefused(t *testing.T) {
	one := func(entry string) string { return `{"a":` + entry + `}` }
	good := one(`{"dtype":"F32","shape":[1],"data_offsets":[0,4]}`)
	for name, c := range map[string]struct {
		file []byte
		want string
	}{
		"empty":                  {nil, "truncated"},
		"other kind":             {[]byte("GGUF\x03\x00\x00\x00\x01\x00\x00\x00"), "not a safetensors file"},
		"header length absurd":   {append(bytes.Repeat([]byte{0xff}, 8), '{', '}'), "not a safetensors file"},
		"header cut off":         {tensorFile(good)[:30], "truncated"},
		"numbers cut off":        {tensorFile(good, 1, 2, 3), "truncated"},
		"bytes behind":           {tensorFile(good, 1, 2, 3, 4, 5), "1 bytes behind the last tensor"},
		"no JSON":                {tensorFile(`{"a":`), "header"},
		"two objects":            {tensorFile(`{} {}`), "behind its end"},
		"not an entry":           {tensorFile(one(`[]`)), `tensor "a"`},
		"metadata no text":       {tensorFile(`{"__metadata__":{"a":1}}`), "header"},
		"dtype unknown":          {tensorFile(one(`{"dtype":"BF16","shape":[2],"data_offsets":[0,4]}`), 1, 2, 3, 4), `"BF16"`},
		"no offsets":             {tensorFile(one(`{"dtype":"F32","shape":[0]}`)), "offsets"},
		"offsets backwards":      {tensorFile(one(`{"dtype":"F32","shape":[1],"data_offsets":[4,0]}`), 1, 2, 3, 4), "offsets"},
		"negative offset":        {tensorFile(one(`{"dtype":"F32","shape":[1],"data_offsets":[-4,0]}`), 1, 2, 3, 4), `tensor "a"`},
		"negative dimension":     {tensorFile(one(`{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}`), 1, 2, 3, 4), `tensor "a"`},
		"shape against offsets":  {tensorFile(one(`{"dtype":"F32","shape":[2],"data_offsets":[0,4]}`), 1, 2, 3, 4), "needs 8 bytes"},
		"shape overflows":        {tensorFile(one(`{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}`)), "larger than any file"},
		"shape overflows slowly": {tensorFile(one(`{"dtype":"U8","shape":[65536,65536,65536,65536],"data_offsets":[0,0]}`)), "larger than any file"},
		"too many dimensions":    {tensorFile(one(`{"dtype":"U8","shape":[1,1,1,1,1,1,1,1,1],"data_offsets":[0,1]}`), 1), "9 dimensions"},
		"the same name twice":    {tensorFile(`{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}`, 1, 2), "twice"},
		"tensors overlap":        {tensorFile(`{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}}`, 1, 2, 3), `tensor "b" starts`},
		"a gap":                  {tensorFile(`{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"b":{"dtype":"U8","shape":[1],"data_offsets":[2,3]}}`, 1, 2, 3), `tensor "b" starts`},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "heads.safetensors")
			if err := os.WriteFile(path, c.file, 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := OpenSafetensors(path)
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), path) {
				t.Errorf("error %v; want %q and the path", err, c.want)
			}
		})
	}
	path := filepath.Join(t.TempDir(), "none.safetensors")
	if _, err := OpenSafetensors(path); err == nil || !strings.Contains(err.Error(), path+" is missing") {
		t.Errorf("missing file: %v", err)
	}
}

func FuzzSafetensors(f *testing.F) {
	f.Add(tensorFile(`{"a":{"dtype":"F16","shape":[2],"data_offsets":[0,4]},"__metadata__":{"k":"v"}} `, 1, 2, 3, 4))
	f.Add(tensorFile(`{"a":{"dtype":"U8","shape":[0,99],"data_offsets":[0,0]}}`))
	f.Add([]byte("GGUF\x03\x00\x00\x00\x01\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := ParseSafetensors(data)
		if err != nil {
			return
		}
		total := 0
		for name, tensor := range s.Tensors {
			n := 1
			for _, d := range tensor.Shape {
				n *= d
			}
			if n*elementSize[tensor.DType] != len(tensor.Data) {
				t.Fatalf("%s %v has %d bytes", tensor.DType, tensor.Shape, len(tensor.Data))
			}
			total += len(tensor.Data)
			var got int
			switch tensor.DType {
			case "I32":
				v, _, err := s.Int32(name)
				got = len(v)
				noError(t, err)
			case "U8":
				v, _, err := s.Uint8(name)
				got = len(v)
				noError(t, err)
			default:
				v, _, err := s.Float32(name)
				got = len(v)
				noError(t, err)
			}
			if got != n {
				t.Fatalf("%d numbers of %v", got, tensor.Shape)
			}
		}
		if header := binary.LittleEndian.Uint64(data); uint64(len(data)) != 8+header+uint64(total) {
			t.Fatal("bytes that no tensor owns")
		}
	})
}

func noError(t *testing.T, err error) {
	if err != nil {
		t.Fatal(fmt.Errorf("a tensor that was read before: %w", err))
	}
}
