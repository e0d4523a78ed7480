package whisper

// #cgo LDFLAGS: -lwhisper -lggml -lggml-cpu -lggml-metal -lggml-blas -lggml-base -lc++ -lm
// #cgo LDFLAGS: -framework Foundation -framework Metal -framework MetalKit -framework Accelerate
import "C"
