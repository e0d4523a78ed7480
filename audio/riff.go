package audio

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

// The header parser is our own: the libraries at hand trust the sizes in the file (they
// allocate what it promises, or need to seek), and this one is fuzzed.

// WAVInfo says what a WAV file holds.
type WAVInfo struct {
	Rate     int // samples a second in the file
	Channels int
	Bits     int  // of a sample
	Float    bool // samples are floating point numbers
	// Duration is 0 when unknown: programs that write into a pipe cannot go back to put
	// the length into the header.
	Duration time.Duration
}

// WAVError says why a file cannot be played, and what to do about it.
type WAVError struct {
	Path  string
	Found string // what was found in place of a playable file
	Next  string // what the user can do
}

func (e *WAVError) Error() string { return e.Path + ": " + e.Found + "; " + e.Next }

// Limits of what is taken for sound. Rates beyond them are broken headers, not recordings.
const (
	minRate     = 4000
	maxRate     = 384000
	maxChannels = 32
)

// Format tags of the "fmt " chunk.
const (
	tagPCM        = 1
	tagFloat      = 3
	tagExtensible = 0xFFFE
)

// codecs names the compressed formats that occur in WAV files.
var codecs = map[uint16]string{
	0x0002: "ADPCM", 0x0006: "A-law", 0x0007: "µ-law", 0x0011: "IMA ADPCM", 0x0031: "GSM 6.10",
	0x0050: "MPEG audio", 0x0055: "MP3", 0x0161: "Windows Media audio", 0x2000: "AC-3", 0xF1AC: "FLAC",
}

// disguises are the first bytes of files that people rename to .wav.
var disguises = []struct {
	at    int
	magic string
	what  string
}{
	{0, "RF64", "an RF64 file (WAV beyond 4 GB)"},
	{0, "BW64", "a BW64 file (WAV beyond 4 GB)"},
	{0, "RIFX", "a big-endian RIFX file"},
	{0, "fLaC", "FLAC audio"},
	{0, "ID3", "MP3 audio"},
	{0, "OggS", "Ogg audio (Vorbis or Opus)"},
	{0, "FORM", "an AIFF file"},
	{0, "\x1a\x45\xdf\xa3", "a Matroska or WebM file"},
	{4, "ftyp", "an MP4 or M4A file"},
	{8, "AVI ", "an AVI video"},
}

// riff reads the chunks of a WAV file in order, without seeking, so that pipes work too.
type riff struct {
	name string
	r    *bufio.Reader
	read int64 // bytes so far
	size int64 // of the file; -1 when unknown, as for a pipe
	info WAVInfo
	unit int   // bytes of one sample of all channels
	data int64 // bytes of sound promised; -1: until the end of the file
	fail error // of the disk, as opposed to a file that ends
}

// refuse returns an error with the advice to convert the file.
func (h *riff) refuse(format string, args ...any) error {
	return &WAVError{Path: h.name, Found: fmt.Sprintf(format, args...), Next: "convert it with: " + convert(h.name)}
}

// broken returns an error with the advice to get the file again. A disk that fails gets
// its own error: the file may be whole.
func (h *riff) broken(format string, args ...any) error {
	if h.fail != nil {
		return fmt.Errorf("read %s: %w", h.name, h.fail)
	}
	return &WAVError{Path: h.name, Found: fmt.Sprintf(format, args...),
		Next: "copy or record it again, or save what is there with: " + convert(h.name)}
}

// convert is the command line that makes a playable file.
func convert(name string) string {
	quote := func(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }
	out := strings.TrimSuffix(strings.TrimSuffix(name, ".wav"), ".WAV") + "-16k.wav"
	return fmt.Sprintf("ffmpeg -i %s -ar %d -ac 1 %s", quote(name), Rate, quote(out))
}

// header reads up to the first byte of sound.
func (h *riff) header() error {
	var head [12]byte
	n, _ := h.full(head[:])
	if n == 0 {
		return h.broken("the file is empty")
	}
	if what := disguise(head[:n]); what != "" {
		return h.refuse("this is %s, not WAV", what)
	}
	if n < len(head) {
		return h.broken("the file has only %d bytes, too few for a WAV file", n)
	}
	if string(head[:4]) != "RIFF" || string(head[8:]) != "WAVE" {
		return h.refuse("this is not a WAV file (it begins with %q)", head[:4])
	}
	// A size that fits the file shows that the writer knew all sizes.
	total := int64(binary.LittleEndian.Uint32(head[4:])) + 8
	for {
		id, size, err := h.chunk()
		if err != nil {
			return err
		}
		switch id {
		case "fmt ":
			err = h.format(size)
		case "data":
			if h.unit == 0 {
				return h.broken(`the sound comes before its description ("data" before "fmt ")`)
			}
			return h.length(size, h.size >= 0 && total >= h.size && total <= h.size+1)
		default:
			err = h.skip(id, size)
		}
		if err != nil {
			return err
		}
	}
}

// disguise names the format that the first bytes belong to, or returns "".
func disguise(head []byte) string {
	for _, d := range disguises {
		if len(head) >= d.at+len(d.magic) && string(head[d.at:d.at+len(d.magic)]) == d.magic {
			return d.what
		}
	}
	if len(head) >= 2 && head[0] == 0xFF && head[1]&0xE0 == 0xE0 { // an MPEG frame begins with eleven ones
		return "MP3 or AAC audio"
	}
	return ""
}

// chunk reads the head of the next chunk.
func (h *riff) chunk() (id string, size int64, err error) {
	var head [8]byte
	if n, err := h.full(head[:]); err != nil {
		if n == 0 && h.unit > 0 {
			return "", 0, h.broken("the file has a header but no sound in it")
		}
		return "", 0, h.broken("the header ends after %d bytes, before the sound begins", h.read)
	}
	return string(head[:4]), int64(binary.LittleEndian.Uint32(head[4:])), nil
}

// skip passes over a chunk and the padding byte behind an odd one.
func (h *riff) skip(id string, size int64) error {
	n, err := io.CopyN(io.Discard, h.r, size+size%2)
	h.read += n
	if h.note(err); err != nil {
		return h.broken("the file ends within its %q part, before the sound begins", id)
	}
	return nil
}

// format reads the "fmt " chunk. The byte rate in it is not looked at: many writers get
// it wrong, and nothing depends on it.
func (h *riff) format(size int64) error {
	var b [40]byte
	n := min(size, int64(len(b)))
	if size < 16 {
		return h.broken("the description of the sound has %d bytes, but needs 16", size)
	}
	if _, err := h.full(b[:n]); err != nil {
		return h.broken("the file ends within the description of the sound")
	}
	if err := h.skip("fmt ", size-n+size%2); err != nil {
		return err
	}
	tag := binary.LittleEndian.Uint16(b[0:])
	h.info.Channels = int(binary.LittleEndian.Uint16(b[2:]))
	h.info.Rate = int(int32(min(binary.LittleEndian.Uint32(b[4:]), 1<<31-1)))
	align := int(binary.LittleEndian.Uint16(b[12:]))
	h.info.Bits = int(binary.LittleEndian.Uint16(b[14:]))
	if tag == tagExtensible {
		// The sub-format is a GUID that begins with the tag and ends the same for all tags.
		if n < 40 || string(b[26:40]) != "\x00\x00\x00\x00\x10\x00\x80\x00\x00\xaa\x00\x38\x9b\x71" {
			return h.refuse("the sound is in a format that is unknown here (extensible WAV)")
		}
		tag = binary.LittleEndian.Uint16(b[24:])
	}
	return h.judge(tag, align)
}

// judge refuses what cannot be decoded or cannot be true.
func (h *riff) judge(tag uint16, align int) error {
	in := &h.info
	in.Float = tag == tagFloat
	switch {
	case tag != tagPCM && tag != tagFloat && codecs[tag] != "":
		return h.refuse("the sound is compressed (%s)", codecs[tag])
	case tag != tagPCM && tag != tagFloat:
		return h.refuse("the sound is in a format that is unknown here (tag %#x)", tag)
	case in.Channels == 0 || in.Channels > maxChannels:
		return h.refuse("the file claims %d channels (1 to %d are possible)", in.Channels, maxChannels)
	case in.Rate < minRate || in.Rate > maxRate:
		return h.refuse("the file claims %d samples a second (%d to %d are possible)", in.Rate, minRate, maxRate)
	case in.Float && in.Bits != 32 && in.Bits != 64:
		return h.refuse("the file claims floating point samples of %d bits (32 and 64 are possible)", in.Bits)
	case !in.Float && in.Bits != 8 && in.Bits != 16 && in.Bits != 24 && in.Bits != 32:
		return h.refuse("the file claims samples of %d bits (8, 16, 24 and 32 are possible)", in.Bits)
	case align != in.Channels*in.Bits/8:
		return h.refuse("the file claims %d bytes for %d channels of %d bits, which need %d",
			align, in.Channels, in.Bits, in.Channels*in.Bits/8)
	}
	h.unit = align
	return nil
}

// length decides how much sound there is. Programs that write into a pipe leave 0, all
// ones, or something just below 2 GiB as the size, for they cannot know it: then sound
// goes on until the file ends.
func (h *riff) length(size int64, sizesKnown bool) error {
	const placeholder = 0x7FFFF000 // sox; arecord and ffmpeg use greater ones
	left := h.size - h.read
	open := size == 0 && !sizesKnown || size >= placeholder && (h.size < 0 || size > left)
	switch {
	case open && h.size < 0:
		h.data = -1
		return nil
	case open:
		size = left
	case h.size >= 0 && size > left:
		return h.broken("the file is cut short: it promises %v of sound and has %v", h.lasts(size), h.lasts(left))
	}
	if size < int64(h.unit) {
		return h.broken("the file has a header but no sound in it")
	}
	h.data = size - size%int64(h.unit)
	h.info.Duration = h.lasts(h.data)
	return nil
}

// lasts returns how long so many bytes of sound last, to the millisecond for people.
func (h *riff) lasts(bytes int64) time.Duration {
	s := float64(bytes/int64(h.unit)) / float64(h.info.Rate)
	return time.Duration(s * float64(time.Second)).Round(time.Millisecond)
}

// full fills b.
func (h *riff) full(b []byte) (int, error) {
	n, err := io.ReadFull(h.r, b)
	h.read += int64(n)
	h.note(err)
	return n, err
}

// note remembers an error that is not just the end of the file.
func (h *riff) note(err error) {
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		h.fail = err
	}
}
