//go:build cgo

package mic

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gen2brain/malgo"

	"hotmem/audio"
)

// silent opens miniaudio's null device, which delivers silence in real time on any machine.
func silent(t *testing.T) *Mic {
	t.Helper()
	m, err := open(Options{}, []malgo.Backend{backendNull})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	})
	return m
}

func TestNumberOfTheNullBackendIsStillOneTooLow(t *testing.T) {
	ctx, err := malgo.InitContext([]malgo.Backend{malgo.BackendNull}, malgo.ContextConfig{}, nil)
	if err == nil {
		closeContext(ctx)
		t.Error("malgo.BackendNull works now: backendNull must be the same as it")
	}
	ctx, err = malgo.InitContext([]malgo.Backend{backendNull}, malgo.ContextConfig{}, nil)
	if err != nil {
		t.Fatal("backendNull: ", err)
	}
	if err := closeContext(ctx); err != nil {
		t.Error(err)
	}
}

func TestMicrophoneDeliversFramesInRealTime(t *testing.T) {
	start := time.Now()
	m := silent(t)
	var f audio.Frame
	var heard int64
	for heard < audio.Rate {
		if err := m.Read(t.Context(), &f); err != nil {
			t.Fatal(err)
		}
		if f.At != audio.Duration(heard) || len(f.PCM) != audio.FrameSize {
			t.Fatalf("a frame of %d samples at %v, after %v", len(f.PCM), f.At, audio.Duration(heard))
		}
		if i := slices.IndexFunc(f.PCM, func(v float32) bool { return v != 0 }); i >= 0 {
			t.Fatalf("silence has a sample of %v", f.PCM[i])
		}
		heard += int64(len(f.PCM))
	}
	// A device cannot deliver sound before it was made. How late it is depends on the machine.
	if took := time.Since(start); took < 800*time.Millisecond {
		t.Errorf("a second of sound came within %v", took)
	}
	s := m.Stats()
	if s.Device == "" || s.Device != m.Name() || s.Rate < 8000 || s.Callbacks < 10 || s.Heard < time.Second || s.Dropped != 0 {
		t.Errorf("stats %+v", s)
	}
}

func TestLateReaderLosesTheOldestSoundAndSeesIt(t *testing.T) {
	m := silent(t)
	for deadline := time.Now().Add(30 * time.Second); m.Stats().Dropped < 100*time.Millisecond; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("nothing was dropped: %+v", m.Stats())
		}
	}
	var f audio.Frame
	if err := m.Read(t.Context(), &f); err != nil {
		t.Fatal(err)
	}
	if f.At < 100*time.Millisecond {
		t.Errorf("the first frame is from %v, before what was dropped", f.At)
	}
}

func TestReadingStopsWithItsContext(t *testing.T) {
	m := silent(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var f audio.Frame
	if err := m.Read(ctx, &f); !errors.Is(err, context.Canceled) {
		t.Errorf("read under a context that has ended: %v", err)
	}
}

func TestCloseEndsReadingAndMayBeRepeated(t *testing.T) {
	m := silent(t)
	got := make(chan error, 1)
	go func() {
		var f audio.Frame
		for {
			if err := m.Read(context.Background(), &f); err != nil {
				got <- err
				return
			}
		}
	}()
	for m.Stats().Callbacks == 0 {
		time.Sleep(10 * time.Millisecond)
	}
	if err := errors.Join(m.Close(), m.Close()); err != nil {
		t.Error(err)
	}
	if err := <-got; !errors.Is(err, io.EOF) {
		t.Errorf("reading ended with %v", err)
	}
}

func TestDeviceThatFallsSilentEndsReading(t *testing.T) {
	m := silent(t)
	m.ready.Store(false) // as if the driver had stopped calling
	var f audio.Frame
	var err error
	for err == nil {
		err = m.Read(t.Context(), &f)
	}
	if !errors.Is(err, ErrStopped) || !strings.Contains(err.Error(), m.Name()) {
		t.Errorf("got %v", err)
	}
	if q := m.Stats().Quiet; q < patience {
		t.Errorf("quiet for %v only", q)
	}
}

func TestDeviceThatIsPulledOutEndsReadingAfterItsLastSound(t *testing.T) {
	m := silent(t)
	for m.Stats().Callbacks < 3 {
		time.Sleep(10 * time.Millisecond)
	}
	if err := m.dev.Stop(); err != nil { // calls back as a lost device does
		t.Fatal(err)
	}
	var f audio.Frame
	n := 0
	for {
		err := m.Read(t.Context(), &f)
		if err != nil {
			if !errors.Is(err, ErrStopped) {
				t.Errorf("got %v", err)
			}
			break
		}
		n += len(f.PCM)
	}
	if n == 0 {
		t.Error("the last sound was lost")
	}
}

func TestHearingAllocatesNothing(t *testing.T) {
	m := &Mic{ring: audio.NewRing(), convert: audio.NewConverter(48000), buf: make([]float32, 0, audio.Rate)}
	m.ready.Store(true)
	in := make([]byte, 4*2400)
	if n := testing.AllocsPerRun(100, func() { m.hear(nil, in, 2400) }); n != 0 {
		t.Errorf("%v allocations for each callback", n)
	}
}

func TestNoSoundSystemIsNoMicrophoneWithANextStep(t *testing.T) {
	_, err := open(Options{}, []malgo.Backend{malgo.BackendWasapi}) // of another system
	if !errors.Is(err, ErrNoMicrophone) || !strings.Contains(err.Error(), "connect one") {
		t.Errorf("got %v", err)
	}
}

func TestDeviceIsChosenByNamePartOrID(t *testing.T) {
	list := []Device{
		{Name: "USB Microphone", ID: "alsa_input.usb-1"},
		{Name: "Built-in Audio", ID: "alsa_input.pci-2", Default: true},
		{Name: "Monitor of Built-in Audio", ID: "alsa_output.pci-2.monitor"},
	}
	for _, c := range []struct {
		want  string
		index int
		fail  string
	}{
		{"USB Microphone", 0, ""},
		{"alsa_input.pci-2", 1, ""},
		{"usb", 0, ""},
		{"monitor", 2, ""},
		{"Built-in Audio", 1, ""}, // whole, although it is also part of another
		{"built-in", 0, `no microphone alone is called "built-in"; there are: "USB Microphone", "Built-in Audio", "Monitor of Built-in Audio"`},
		{"webcam", 0, `no microphone is called "webcam"; there are: "USB Microphone", "Built-in Audio", "Monitor of Built-in Audio"`},
	} {
		i, err := choose(list, c.want)
		switch {
		case c.fail == "" && (err != nil || i != c.index):
			t.Errorf("%q: got %d, %v", c.want, i, err)
		case c.fail != "" && (!errors.Is(err, ErrNoMicrophone) || err.Error() != c.fail):
			t.Errorf("%q: got %v, want %s", c.want, err, c.fail)
		}
	}
}

func TestIDsAreReadableWhereTheyAreText(t *testing.T) {
	var text, binary malgo.DeviceID
	copy(text[:], "alsa_input.usb-1")
	copy(binary[:], "\x01\x02\xff")
	if got := readable(text); got != "alsa_input.usb-1" {
		t.Errorf("text: %q", got)
	}
	if got := readable(binary); got != "0102ff" {
		t.Errorf("bytes: %q", got)
	}
}
