package llama

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
)

// shape is the size of a random model.
type shape struct{ layers, dim, heads, hidden, vocab, positions int }

var (
	small  = shape{layers: 2, dim: 32, heads: 4, hidden: 64, vocab: 50, positions: 512}
	minilm = shape{layers: 6, dim: 384, heads: 12, hidden: 1536, vocab: 1000, positions: 512}
)

// bert is a model with random weights: written as a GGUF for llama.cpp, and run by the plain arithmetic of reference.
type bert struct {
	shape
	names   []string
	dims    map[string][]int
	weights map[string][]float32
}

func newBERT(s shape) *bert {
	m := &bert{shape: s, dims: map[string][]int{}, weights: map[string][]float32{}}
	r := rand.New(rand.NewPCG(1, 2))
	add := func(name string, scale, mean float64, dims ...int) {
		n := 1
		for _, d := range dims {
			n *= d
		}
		w := make([]float32, n)
		for i := range w {
			w[i] = float32(mean + scale*r.NormFloat64())
		}
		m.names = append(m.names, name)
		m.dims[name], m.weights[name] = dims, w
	}
	norm := func(name string) {
		add(name+".weight", 0.1, 1, s.dim)
		add(name+".bias", 0.1, 0, s.dim)
	}
	linear := func(name string, in, out int) {
		add(name+".weight", 1/math.Sqrt(float64(in)), 0, in, out)
		add(name+".bias", 0.1, 0, out)
	}
	add("token_embd.weight", 1, 0, s.dim, s.vocab)
	add("token_types.weight", 1, 0, s.dim, 2)
	add("position_embd.weight", 1, 0, s.dim, s.positions)
	norm("token_embd_norm")
	for i := range s.layers {
		blk := fmt.Sprintf("blk.%d.", i)
		for _, part := range []string{"attn_q", "attn_k", "attn_v", "attn_output"} {
			linear(blk+part, s.dim, s.dim)
		}
		norm(blk + "attn_output_norm")
		linear(blk+"ffn_up", s.dim, s.hidden)
		linear(blk+"ffn_down", s.hidden, s.dim)
		norm(blk + "layer_output_norm")
	}
	return m
}

// gguf gives the file's bytes.
func (m *bert) gguf() []byte {
	var w writer
	w.Write([]byte("GGUF"))
	w.u32(3)
	w.u64(len(m.names))
	w.u64(11)
	w.str("general.architecture", "bert")
	w.num("bert.block_count", m.layers)
	w.num("bert.context_length", m.positions)
	w.num("bert.embedding_length", m.dim)
	w.num("bert.feed_forward_length", m.hidden)
	w.num("bert.attention.head_count", m.heads)
	w.key("bert.attention.layer_norm_epsilon", typeFloat32)
	w.u32(int(math.Float32bits(1e-12)))
	w.key("bert.attention.causal", typeBool)
	w.WriteByte(0)
	w.num("tokenizer.ggml.token_type_count", 2)
	w.str("tokenizer.ggml.model", "bert")
	w.key("tokenizer.ggml.tokens", typeArray)
	w.u32(typeString)
	w.u64(m.vocab)
	for i := range m.vocab {
		w.text(fmt.Sprintf("word%d", i))
	}
	offset := 0
	for _, name := range m.names {
		w.text(name)
		w.u32(len(m.dims[name]))
		for _, d := range m.dims[name] {
			w.u64(d)
		}
		w.u32(0) // F32
		w.u64(offset)
		offset += (4*len(m.weights[name]) + 31) / 32 * 32
	}
	for _, name := range m.names {
		w.pad()
		raw := make([]byte, 0, 4*len(m.weights[name]))
		for _, x := range m.weights[name] {
			raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(x))
		}
		w.Write(raw)
	}
	w.pad()
	return w.Bytes()
}

func (m *bert) file(tb testing.TB) string {
	tb.Helper()
	return write(tb, m.gguf())
}

func write(tb testing.TB, data []byte) string {
	tb.Helper()
	path := filepath.Join(tb.TempDir(), "model.gguf")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		tb.Fatal(err)
	}
	return path
}

type writer struct{ bytes.Buffer }

func (w *writer) u32(v int)     { _ = binary.Write(w, binary.LittleEndian, uint32(v)) }
func (w *writer) u64(v int)     { _ = binary.Write(w, binary.LittleEndian, uint64(v)) }
func (w *writer) text(s string) { w.u64(len(s)); w.WriteString(s) }
func (w *writer) pad()          { w.Write(make([]byte, (32-w.Len()%32)%32)) }

func (w *writer) key(name string, kind int) { w.text(name); w.u32(kind) }
func (w *writer) num(name string, v int)    { w.key(name, typeUint32); w.u32(v) }
func (w *writer) str(name, v string)        { w.key(name, typeString); w.text(v) }

// reference is BERT by the book, one sequence, in float64: what llama.cpp must agree with.
func (m *bert) reference(tokens []int32, first int) [][]float64 {
	x := make([][]float64, len(tokens))
	for i, t := range tokens {
		x[i] = make([]float64, m.dim)
		for d := range m.dim {
			x[i][d] = m.at("token_embd.weight", int(t), d) + m.at("token_types.weight", 0, d) +
				m.at("position_embd.weight", first+i, d)
		}
	}
	m.norm("token_embd_norm", x)
	for l := range m.layers {
		blk := fmt.Sprintf("blk.%d.", l)
		add(x, m.linear(blk+"attn_output", m.attention(blk, x)))
		m.norm(blk+"attn_output_norm", x)
		h := m.linear(blk+"ffn_up", x)
		for _, row := range h {
			for i, v := range row {
				row[i] = v * 0.5 * (1 + math.Erf(v/math.Sqrt2))
			}
		}
		add(x, m.linear(blk+"ffn_down", h))
		m.norm(blk+"layer_output_norm", x)
	}
	return x
}

func (m *bert) attention(blk string, x [][]float64) [][]float64 {
	q, k, v := m.linear(blk+"attn_q", x), m.linear(blk+"attn_k", x), m.linear(blk+"attn_v", x)
	size := m.dim / m.heads
	out := make([][]float64, len(x))
	for i := range x {
		out[i] = make([]float64, m.dim)
		for lo := 0; lo < m.dim; lo += size {
			weights, sum := make([]float64, len(x)), 0.0
			for j := range x {
				for d := lo; d < lo+size; d++ {
					weights[j] += q[i][d] * k[j][d]
				}
				weights[j] = math.Exp(weights[j] / math.Sqrt(float64(size)))
				sum += weights[j]
			}
			for j := range x {
				for d := lo; d < lo+size; d++ {
					out[i][d] += weights[j] / sum * v[j][d]
				}
			}
		}
	}
	return out
}

func (m *bert) linear(name string, x [][]float64) [][]float64 {
	out := make([][]float64, len(x))
	for i := range x {
		out[i] = make([]float64, m.dims[name+".weight"][1])
		for o := range out[i] {
			out[i][o] = float64(m.weights[name+".bias"][o])
			for d, v := range x[i] {
				out[i][o] += v * m.at(name+".weight", o, d)
			}
		}
	}
	return out
}

func (m *bert) norm(name string, x [][]float64) {
	for _, row := range x {
		mean, square := 0.0, 0.0
		for _, v := range row {
			mean += v / float64(m.dim)
		}
		for _, v := range row {
			square += (v - mean) * (v - mean) / float64(m.dim)
		}
		for d, v := range row {
			row[d] = (v-mean)/math.Sqrt(square+1e-12)*float64(m.weights[name+".weight"][d]) + float64(m.weights[name+".bias"][d])
		}
	}
}

func (m *bert) at(name string, row, col int) float64 {
	return float64(m.weights[name][row*m.dims[name][0]+col])
}

func add(x, y [][]float64) {
	for i := range x {
		for d := range x[i] {
			x[i][d] += y[i][d]
		}
	}
}
