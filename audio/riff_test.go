package audio

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"
)

func TestWAVHeaderVariantsThatAreFine(t *testing.T) {
	samples := [][]float64{tone(440, Rate, 1000)}
	base := wavFile{tag: tagPCM, bits: 16, rate: Rate, channels: 1, samples: samples}
	with := func(change func(*wavFile)) wavFile { w := base; change(&w); return w }
	for _, c := range []struct {
		name string
		file wavFile
		want int
	}{
		{"plain", base, 1000},
		{"chunks before the sound, an odd one with its padding", with(func(w *wavFile) {
			w.extra = "LIST\x05\x00\x00\x00INFO!\x00fact\x04\x00\x00\x00\xe8\x03\x00\x00JUNK\x00\x00\x00\x00"
		}), 1000},
		{"a chunk behind the sound is not sound", with(func(w *wavFile) { w.tail = "LIST\x04\x00\x00\x00INFO" }), 1000},
		{"bytes behind all chunks", with(func(w *wavFile) { w.tail = "garbage"; w.riff = 36 + 2000 }), 1000},
		{"all ones as size, as ffmpeg writes into a pipe", with(func(w *wavFile) { w.claim, w.riff = 0xFFFFFFFF, 0xFFFFFFFF }), 1000},
		{"just below 2 GiB as size, as sox writes into a pipe", with(func(w *wavFile) { w.claim, w.riff = 0x7FFFF000, 0x7FFFF024 }), 1000},
		{"2 GiB as size, as arecord writes into a pipe", with(func(w *wavFile) { w.claim, w.riff = 0x80000000, 0x80000024 }), 1000},
		{"half a sample at the end is dropped", with(func(w *wavFile) { w.tail, w.claim = "x", 2001 }), 1000},
		{"a wrong size of the whole file does not matter", with(func(w *wavFile) { w.riff = 12345678 }), 1000},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := open(t, c.file.bytes())
			if got := len(readAll(t, w)); got != c.want {
				t.Errorf("%d samples, want %d", got, c.want)
			}
			if got := w.Info().Duration; got != 62500*time.Microsecond && got != 63*time.Millisecond {
				t.Errorf("it lasts %v", got)
			}
		})
	}
	t.Run("no size at all, as a recorder leaves that lost power", func(t *testing.T) {
		b := base.bytes()
		copy(b[4:], "\x00\x00\x00\x00")
		copy(b[40:], "\x00\x00\x00\x00")
		if got := len(readAll(t, open(t, b))); got != 1000 {
			t.Errorf("%d samples, want 1000", got)
		}
	})
}

func TestBrokenWAVIsRefusedWithTheReasonAndTheNextStep(t *testing.T) {
	base := wavFile{tag: tagPCM, bits: 16, rate: Rate, channels: 1, samples: [][]float64{tone(440, Rate, 1000)}}
	whole := base.bytes()
	with := func(change func(*wavFile)) []byte { w := base; change(&w); return w.bytes() }
	swapped := append([]byte("RIFF\x00\x00\x00\x00WAVE"), append([]byte("data\x04\x00\x00\x00abcd"), whole[12:36]...)...)
	for _, c := range []struct {
		name string
		file []byte
		want string // in the message
	}{
		{"empty", nil, "the file is empty"},
		{"a few bytes", whole[:7], "only 7 bytes"},
		{"cut in the header", whole[:30], "ends within the description"},
		{"cut before the sound", whole[:40], "before the sound begins"},
		{"a header alone", whole[:44], "promises 63ms of sound and has 0s"},
		{"cut in the sound", whole[:1044], "promises 63ms of sound and has 31ms"},
		{"cut in a chunk before the sound", with(func(w *wavFile) { w.extra = "LIST\xff\xff\x00\x00" }), `within its "LIST" part`},
		{"no sound", with(func(w *wavFile) { w.samples = nil }), "no sound in it"},
		{"less than one sample", with(func(w *wavFile) { w.samples, w.claim, w.tail = nil, 1, "xx" }), "no sound in it"},
		{"sound before its description", swapped, `"data" before "fmt "`},
		{"no channels", with(func(w *wavFile) { w.channels, w.align = 0, 2 }), "0 channels"},
		{"too many channels", with(func(w *wavFile) { w.channels = 33 }), "33 channels"},
		{"no rate", with(func(w *wavFile) { w.rate = 0 }), "0 samples a second"},
		{"absurd rate", with(func(w *wavFile) { w.rate = 4_000_000_000 }), "samples a second"},
		{"zero bits", with(func(w *wavFile) { w.bits, w.align = 0, 2 }), "samples of 0 bits"},
		{"12 bits", with(func(w *wavFile) { w.bits, w.align = 12, 2 }), "samples of 12 bits"},
		{"float of 16 bits", with(func(w *wavFile) { w.tag = tagFloat }), "floating point samples of 16 bits"},
		{"block size that does not fit", with(func(w *wavFile) { w.align = 3 }), "claims 3 bytes for 1 channels"},
		{"ADPCM", with(func(w *wavFile) { w.tag, w.bits = 2, 8 }), "compressed (ADPCM)"},
		{"µ-law", with(func(w *wavFile) { w.tag, w.bits = 7, 8 }), "compressed (µ-law)"},
		{"µ-law behind an extensible header", with(func(w *wavFile) { w.tag, w.bits, w.extensible = 7, 8, true }), "compressed (µ-law)"},
		{"MP3 within WAV", with(func(w *wavFile) { w.tag, w.bits = 0x55, 8 }), "compressed (MP3)"},
		{"an unknown tag", with(func(w *wavFile) { w.tag = 0x4242 }), "tag 0x4242"},
		{"MP3 renamed", []byte("\xff\xfb\x90\x64\x00\x00\x00\x00\x00\x00\x00\x00\x00"), "MP3 or AAC"},
		{"MP3 with a tag renamed", []byte("ID3\x04\x00\x00\x00\x00\x00\x00\x00\x00\x00"), "this is MP3 audio"},
		{"FLAC renamed", []byte("fLaC\x00\x00\x00\x22\x10\x00\x10\x00"), "this is FLAC audio"},
		{"Ogg renamed", []byte("OggS\x00\x02\x00\x00\x00\x00\x00\x00"), "Ogg audio"},
		{"M4A renamed", []byte("\x00\x00\x00\x20ftypM4A "), "an MP4 or M4A file"},
		{"AIFF renamed", []byte("FORM\x00\x00\x00\x00AIFF"), "an AIFF file"},
		{"RF64", append([]byte("RF64"), whole[4:]...), "an RF64 file"},
		{"big-endian", append([]byte("RIFX"), whole[4:]...), "a big-endian RIFX file"},
		{"another RIFF", []byte("RIFF\x00\x00\x00\x00AVI LIST"), "an AVI video"},
		{"text", []byte("Dear diary, today I learnt about sound."), `not a WAV file (it begins with "Dear")`},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := save(t, "it's talk.wav", c.file)
			w, err := OpenWAV(path, false)
			var we *WAVError
			if !errors.As(err, &we) {
				t.Fatalf("got %v and error %v, want a WAVError", w, err)
			}
			if !strings.Contains(we.Found, c.want) {
				t.Errorf("found %q, want %q in it", we.Found, c.want)
			}
			if msg := err.Error(); !strings.HasPrefix(msg, path+": ") || !strings.Contains(msg, `ffmpeg -i '`) {
				t.Errorf("message %q names no file or no next step", msg)
			}
			if quoted := `it'\''s talk-16k.wav'`; !strings.Contains(we.Next, quoted) {
				t.Errorf("next step %q is no safe command line: %s is missing", we.Next, quoted)
			}
		})
	}
}

func TestMissingFileAndFolderAreNamed(t *testing.T) {
	dir := t.TempDir()
	if _, err := OpenWAV(filepath.Join(dir, "gone.wav"), false); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "gone.wav") {
		t.Errorf("missing file: %v", err)
	}
	if _, err := OpenWAV(dir, false); err == nil || !strings.Contains(err.Error(), "this is a folder") {
		t.Errorf("folder: %v", err)
	}
}

func TestFailingDiskIsNotTakenForABrokenFile(t *testing.T) {
	bad := errors.New("the disk is on fire")
	b := wavFile{tag: tagPCM, bits: 16, rate: Rate, channels: 1, samples: [][]float64{tone(440, Rate, 100_000)}}.bytes()
	for _, n := range []int{0, 20, 42, 5000} {
		r := io.MultiReader(bytes.NewReader(b[:n]), iotest.ErrReader(bad))
		w, err := newWAV("talk.wav", r, int64(len(b)))
		for f := (Frame{}); err == nil; {
			err = w.Read(context.Background(), &f)
		}
		if !errors.Is(err, bad) {
			t.Errorf("after %d bytes: %v", n, err)
		}
	}
}

// FuzzWAV opens arbitrary bytes. Whatever they are, nothing panics, an error names the
// file, and sound is within bounds and no longer than the bytes can hold.
func FuzzWAV(f *testing.F) {
	short := [][]float64{tone(440, Rate, 40), tone(440, Rate, 40)}
	f.Add(wavFile{tag: tagPCM, bits: 16, rate: 8000, channels: 1, samples: short[:1]}.bytes(), true)
	f.Add(wavFile{tag: tagFloat, bits: 32, rate: 48000, channels: 2, samples: short, extensible: true, extra: "LIST\x01\x00\x00\x00x\x00"}.bytes(), true)
	f.Add(wavFile{tag: tagPCM, bits: 24, rate: 44100, channels: 2, samples: short, claim: 0xFFFFFFFF}.bytes(), false)
	f.Add([]byte("fLaC"), false)
	f.Fuzz(func(t *testing.T, data []byte, sizeKnown bool) {
		size := int64(-1)
		if sizeKnown {
			size = int64(len(data))
		}
		w, err := newWAV("talk.wav", bytes.NewReader(data), size)
		n := 0
		for fr := (Frame{}); err == nil; {
			if err = w.Read(context.Background(), &fr); err != nil {
				break
			}
			for _, v := range fr.PCM {
				if !(v >= -1 && v <= 1) {
					t.Fatalf("a sample of %v", v)
				}
			}
			if n += len(fr.PCM); n > len(data)*4+FrameSize { // 8 bits at 4 kHz
				t.Fatalf("%d samples out of %d bytes", n, len(data))
			}
		}
		if !errors.Is(err, io.EOF) && !strings.HasPrefix(err.Error(), "talk.wav: ") {
			t.Fatalf("error %q does not name the file", err)
		}
	})
}
