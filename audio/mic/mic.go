//go:build cgo

// Package mic opens a microphone as an [audio.Source]: CoreAudio on a Mac, PulseAudio,
// PipeWire or ALSA on Linux, all through miniaudio.
//
//	m, err := mic.Open(mic.Options{})
//	if errors.Is(err, mic.ErrNoMicrophone) {
//		// offer a recording
//	}
//	var f audio.Frame
//	for m.Read(ctx, &f) == nil {
//		...
//	}
//	m.Close()
//
// The device runs at its own rate, and its sound is converted here: miniaudio's filter is
// a gentle one, and would let hiss above 8 kHz fold into speech. The sound waits in a ring
// of two seconds, so that a reader who is late loses the oldest of it and nothing blocks.
//
// A microphone that is pulled out, or falls silent without a word (some drivers do, after
// sleep or a change of devices), ends Read with [ErrStopped]; open it again then. A change
// of the default device is followed without an end.
//
// The package asks nobody for permission: on a Mac that has to happen before Open, or the
// system delivers silence.
package mic

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"

	"github.com/gen2brain/malgo"

	"hotmem/audio"
)

var (
	// ErrNoMicrophone means that there is no microphone to open, or none of that name.
	ErrNoMicrophone = errors.New("no microphone")
	// ErrStopped means that an open microphone delivers nothing any more.
	ErrStopped = errors.New("the microphone stopped")
)

const (
	// period is how much sound the device delivers at once; two make a hop of the ring.
	period = audio.Hop / 2
	// patience is how long the device may deliver nothing: forty periods.
	patience = 2 * time.Second
)

// backendNull delivers silence in real time and needs no hardware. The package's own
// constant is one too low, because it leaves out miniaudio's "custom" backend before it.
const backendNull = malgo.Backend(malgo.BackendNull + 1)

// Device is a microphone of this machine, or on Linux what plays on it (a "monitor").
type Device struct {
	Name    string // for people
	ID      string // stays the same while names may change
	Default bool   // the one that Open takes when none is named
}

// Options say what to open.
type Options struct {
	// Device is a name from Devices, a part of one that only one has, or an ID. Empty
	// means the default, also when that changes later.
	Device string
}

// Mic is an open microphone.
type Mic struct {
	name      string
	rate      int
	ctx       *malgo.AllocatedContext
	dev       *malgo.Device
	ring      *audio.Ring
	convert   *audio.Converter
	buf       []float32   // of the device's thread
	ready     atomic.Bool // convert and buf are there
	callbacks atomic.Int64
	last      atomic.Int64 // when the device last delivered sound, after began, in nanoseconds
	began     time.Time
	watch     *time.Ticker
	done      chan struct{}
	watching  sync.WaitGroup
	close     func() error
}

// Stats says how an open microphone is doing.
type Stats struct {
	Device    string
	Rate      int           // of the device
	Callbacks int64         // how often it delivered sound
	Heard     time.Duration // how much
	Dropped   time.Duration // how much of that was lost because the reader was late
	Quiet     time.Duration // since it last delivered; far more than a tenth of a second is trouble
}

// Devices lists the microphones. An empty list comes with ErrNoMicrophone.
func Devices() ([]Device, error) {
	ctx, err := openContext(backends())
	if err != nil {
		return nil, err
	}
	defer closeContext(ctx)
	_, list, err := devices(ctx)
	return list, err
}

// Open starts a microphone.
func Open(opt Options) (*Mic, error) { return open(opt, backends()) }

func open(opt Options, backends []malgo.Backend) (*Mic, error) {
	ctx, err := openContext(backends)
	if err != nil {
		return nil, err
	}
	m := &Mic{ctx: ctx, ring: audio.NewRing(), began: time.Now(), done: make(chan struct{})}
	m.close = sync.OnceValue(m.release)
	if err := m.start(opt.Device); err != nil {
		return nil, errors.Join(err, m.close())
	}
	return m, nil
}

// start chooses the device and starts it and the watch over it.
func (m *Mic) start(want string) error {
	infos, list, err := devices(m.ctx)
	if err != nil {
		return err
	}
	cfg := malgo.DefaultDeviceConfig(malgo.Capture)
	cfg.Capture.Format, cfg.Capture.Channels = malgo.FormatF32, 1
	cfg.PeriodSizeInMilliseconds = uint32(period / time.Millisecond)
	m.name = "the default microphone"
	if i := slices.IndexFunc(list, func(d Device) bool { return d.Default }); i >= 0 {
		m.name = list[i].Name
	}
	if want != "" {
		i, err := choose(list, want)
		if err != nil {
			return err
		}
		m.name = list[i].Name
		cfg.Capture.DeviceID = infos[i].ID.Pointer()
	}
	m.dev, err = malgo.InitDevice(m.ctx.Context, cfg, malgo.DeviceCallbacks{Data: m.hear, Stop: m.stopped})
	if errors.Is(err, malgo.ErrNoDevice) {
		return noMicrophone("the sound system has nothing to record from")
	}
	if err != nil {
		return fmt.Errorf("open %s: %w; check that it is connected, that no other program holds it, and that this one may use it", m.name, err)
	}
	m.rate = int(m.dev.SampleRate()) // before the first callback, and never after Uninit
	m.convert = audio.NewConverter(m.rate)
	m.buf = make([]float32, 0, audio.Rate) // a second, twenty times what is needed
	m.last.Store(int64(time.Since(m.began)))
	m.ready.Store(true)
	if err := m.dev.Start(); err != nil {
		return fmt.Errorf("start %s: %w; check that no other program holds it and that this one may use it", m.name, err)
	}
	m.watch = time.NewTicker(patience / 4)
	m.watching.Go(m.guard)
	return nil
}

// hear runs on a thread of the sound system: it must not wait, and allocates nothing.
func (m *Mic) hear(_, in []byte, n uint32) {
	if n == 0 || len(in) < 4*int(n) || !m.ready.Load() {
		return
	}
	m.callbacks.Add(1)
	m.last.Store(int64(time.Since(m.began)))
	pcm := unsafe.Slice((*float32)(unsafe.Pointer(unsafe.SliceData(in))), n)
	m.buf = m.convert.Add(m.buf[:0], pcm)
	m.ring.Write(m.buf)
}

// stopped runs when the device stops by itself: pulled out, or its server gone.
func (m *Mic) stopped() { m.ring.Close(m.end("it was disconnected")) }

func (m *Mic) end(why string) error {
	return fmt.Errorf("%w: %s (%s); connect it again or choose another one", ErrStopped, m.name, why)
}

// guard ends the sound of a device that has stopped without saying so.
func (m *Mic) guard() {
	for {
		select {
		case <-m.done:
			return
		case <-m.watch.C:
			if quiet := m.quiet(); quiet >= patience {
				m.ring.Close(m.end(fmt.Sprintf("no sound came for %v", quiet.Round(time.Second))))
				return
			}
		}
	}
}

func (m *Mic) quiet() time.Duration { return time.Since(m.began) - time.Duration(m.last.Load()) }

// Name returns the name of the device as it was when it was opened.
func (m *Mic) Name() string { return m.name }

// Stats may be called from any goroutine, until Close.
func (m *Mic) Stats() Stats {
	return Stats{Device: m.name, Rate: m.rate, Callbacks: m.callbacks.Load(), Heard: audio.Duration(m.ring.Written()),
		Dropped: audio.Duration(m.ring.Dropped()), Quiet: m.quiet()}
}

// Read waits for the next frame.
func (m *Mic) Read(ctx context.Context, f *audio.Frame) error { return m.ring.Read(ctx, f) }

// Close stops the device and waits until it has stopped. What is in the ring can still be
// read; then Read returns io.EOF. It may be called from any goroutine, and more than once.
func (m *Mic) Close() error { return m.close() }

func (m *Mic) release() error {
	m.ring.Close(nil)
	close(m.done)
	if m.watch != nil {
		m.watch.Stop()
	}
	m.watching.Wait()
	released := make(chan error, 1)
	go func() {
		if m.dev != nil {
			halt(m.dev)
			m.dev.Uninit()
		}
		released <- closeContext(m.ctx)
	}()
	// Drivers have been seen to wait for a device that is gone. The program must not.
	select {
	case err := <-released:
		return err
	case <-time.After(2 * patience):
		return fmt.Errorf("close %s: the sound system does not answer; its thread is left behind", m.name)
	}
}

// choose finds the device that is meant: by its ID, its whole name, or a part of it that
// no other has.
func choose(list []Device, want string) (int, error) {
	var part []int
	for i, d := range list {
		if d.ID == want || d.Name == want {
			return i, nil
		}
		if strings.Contains(strings.ToLower(d.Name), strings.ToLower(want)) {
			part = append(part, i)
		}
	}
	if len(part) == 1 {
		return part[0], nil
	}
	var names []string
	for _, d := range list {
		names = append(names, fmt.Sprintf("%q", d.Name))
	}
	how := "is called"
	if len(part) > 1 {
		how = "alone is called"
	}
	return 0, fmt.Errorf("%w %s %q; there are: %s", ErrNoMicrophone, how, want, strings.Join(names, ", "))
}

// devices lists the microphones, as the sound system describes them and as we do.
func devices(ctx *malgo.AllocatedContext) ([]malgo.DeviceInfo, []Device, error) {
	infos, err := ctx.Devices(malgo.Capture)
	if err != nil {
		return nil, nil, fmt.Errorf("list microphones: %w", err)
	}
	if len(infos) == 0 {
		return nil, nil, noMicrophone("the sound system knows none")
	}
	var list []Device
	for _, info := range infos {
		list = append(list, Device{Name: info.Name(), ID: readable(info.ID), Default: info.IsDefault != 0})
	}
	return infos, list, nil
}

func noMicrophone(why string) error {
	return fmt.Errorf("%w: %s; connect one and try again, or play a recording", ErrNoMicrophone, why)
}

// readable returns an ID as text where it is text (PulseAudio, CoreAudio), else in hexadecimal.
func readable(id malgo.DeviceID) string {
	text, _, _ := strings.Cut(string(id[:]), "\x00")
	for _, c := range []byte(text) {
		if c < ' ' || c > '~' {
			return id.String()
		}
	}
	if text == "" {
		return id.String()
	}
	return text
}

func openContext(backends []malgo.Backend) (*malgo.AllocatedContext, error) {
	ctx, err := malgo.InitContext(backends, malgo.ContextConfig{}, nil)
	if errors.Is(err, malgo.ErrNoBackend) {
		return nil, noMicrophone("no sound system is running")
	}
	if err != nil {
		return nil, fmt.Errorf("open the sound system: %w", err)
	}
	return ctx, nil
}

func closeContext(ctx *malgo.AllocatedContext) error {
	err := ctx.Uninit()
	ctx.Free()
	if err != nil {
		return fmt.Errorf("close the sound system: %w", err)
	}
	return nil
}
