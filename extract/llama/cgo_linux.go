package llama

// The order counts for a static linker: llama needs ggml, whose parts need each other.

// #cgo LDFLAGS: -lllama -lggml -lggml-cpu -lggml-base -lstdc++ -lm -fopenmp
import "C"
