package whisper

// #include <stdlib.h>
// #include <whisper.h>
// #include "glue.h"
import "C"

import (
	"errors"
	"fmt"
	"sync"
	"unsafe"

	"hotmem/audio"
)

// frame is the number of samples that Silero judges at once.
const frame = audio.FrameSize

// VAD tells speech from other sound with Silero's network. It is an [audio.Detector] and hears frames in their order:
// what it says about one depends on those before, until Reset. Its methods may be called from any goroutine.
type VAD struct {
	mu sync.Mutex
	c  *C.struct_whisper_vad_context // nil after Close
}

// OpenVAD loads the model at path. The error names the file and says whether it is missing, truncated or of another kind.
func OpenVAD(path string) (*VAD, error) {
	if err := checkFile(path, sileroKind); err != nil {
		return nil, err
	}
	cpath := C.CString(path)
	defer C.free(unsafe.Pointer(cpath))
	var v VAD
	why := complaint(func() { v.c = C.hm_vad_open(cpath) })
	if v.c == nil {
		return nil, fmt.Errorf("load %s %s: whisper.cpp refuses it: %s", sileroKind.name, path, why)
	}
	return &v, nil
}

// Speech returns the probability that someone speaks in the frame of at most 512 samples; a shorter one counts as filled
// up with silence.
func (v *VAD) Speech(pcm []float32) (float32, error) {
	if len(pcm) == 0 || len(pcm) > frame {
		return 0, fmt.Errorf("voice detector: a frame has 1 to %d samples, not %d", frame, len(pcm))
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.c == nil {
		return 0, errors.New("voice detector: closed")
	}
	var p C.float
	why := complaint(func() { p = C.hm_vad_frame(v.c, (*C.float)(unsafe.SliceData(pcm)), C.int(len(pcm))) })
	if p < 0 {
		return 0, fmt.Errorf("voice detector: %s", why)
	}
	return float32(p), nil
}

// Reset makes the detector forget what it heard.
func (v *VAD) Reset() {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.c != nil {
		C.whisper_vad_reset_state(v.c)
	}
}

// Close frees the model; closing twice is allowed.
func (v *VAD) Close() error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.c != nil {
		C.whisper_vad_free(v.c)
		v.c = nil
	}
	return nil
}
