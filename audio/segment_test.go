package audio

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"
)

const frameTime = time.Second * FrameSize / Rate

// Short times make the pictures below readable: a character is a frame of 32 ms.
func frames(n int) time.Duration { return time.Duration(n) * frameTime }

// picture feeds one frame per character: '#' is speech (.9), '+' keeps speech going (.4),
// '.' is silence (.1), '_' is deeper silence (0). It returns a line per utterance: '-'
// before it, then its frames as they were in the input. Every sample of frame i has the
// value i, so that the picture is drawn from the sound itself, not from the times alone.
func picture(t *testing.T, s *Segmenter, in string) []string {
	t.Helper()
	level := map[byte]float32{'#': .9, '+': .4, '.': .1, '_': 0}
	var all []Utterance
	for i := range in {
		pcm := make([]float32, FrameSize)
		for j := range pcm {
			pcm[j] = float32(i)
		}
		all = append(all, s.Feed(Frame{At: frames(i), PCM: pcm}, level[in[i]])...)
	}
	all = append(all, s.Flush()...)
	var lines []string
	for _, u := range all {
		if got, want := u.End-u.Start, Duration(int64(len(u.PCM))); got != want {
			t.Errorf("utterance %d lasts %v by its times and %v by its samples", u.ID, got, want)
		}
		line := strings.Repeat("-", int(u.Start/frameTime))
		for j := 0; j < len(u.PCM); j += FrameSize {
			if at := u.Start + Duration(int64(j)); at != frames(int(u.PCM[j])) {
				t.Errorf("utterance %d holds the sound of %v at %v", u.ID, frames(int(u.PCM[j])), at)
			}
			line += string(in[int(u.PCM[j])])
		}
		if !u.Final {
			line += "?"
		}
		lines = append(lines, line)
	}
	return lines
}

func TestSegmenterCutsSpeechIntoUtterances(t *testing.T) {
	short := Segmenter{PreRoll: frames(2), Hangover: frames(4), Tail: frames(1), MinSpeech: frames(3)}
	with := func(change func(*Segmenter)) Segmenter { s := short; change(&s); return s }
	for _, c := range []struct {
		name string
		seg  Segmenter
		in   string
		want []string
	}{
		{"silence gives nothing", short, "..........", nil},
		{"pre-roll before, tail behind", short, "....####......", []string{"--..####."}},
		{"a pause shorter than the hangover stays inside", short, "...###...###.....", []string{"-..###...###."}},
		{"a pause as long as the hangover parts", short, "...###....###....", []string{
			"-..###.",
			"--------..###."}},
		{"pre-roll never takes back what was given out", with(func(s *Segmenter) { s.PreRoll = frames(9) }),
			"...###....###....", []string{
				"...###.",
				"-------...###."}},
		{"speech from the first frame", short, "####.....", []string{"####."}},
		{"speech to the last frame", short, "....####", []string{"--..####"}},
		{"one loud frame is a click", short, "...#....#....", nil},
		{"a click before speech is not its onset", short, "...#..####....", []string{"----..####."}},
		{"too little speech is left out", short, "...##......", nil},
		{"what was left out can still be pre-roll", with(func(s *Segmenter) { s.PreRoll = frames(6) }),
			"...##....###....", []string{"---##....###."}},
		{"weak frames keep speech going", short, "...###+++++###.....", []string{"-..###+++++###."}},
		{"weak frames count as speech", short, "...##+......", []string{"-..##+."}},
		{"weak frames do not begin speech", short, "...+++++.....", nil},
		{"three frames for an onset", with(func(s *Segmenter) { s.Onset = 3 }), "...##..###.....", []string{"-----..###."}},
		{"nothing around the speech", with(func(s *Segmenter) { s.PreRoll, s.Tail = -1, -1 }), "...####.....", []string{"---####"}},
		{"the maximum cuts at the deepest pause", with(func(s *Segmenter) { s.MaxLength = frames(16) }),
			"..#######+###_###########....", []string{
				"..#######+###",
				"-------------_###########."}},
		{"in the middle of a pause", with(func(s *Segmenter) { s.MaxLength = frames(24) }),
			"..###########.......######....", []string{
				"..###########.",
				"------------------..######."}},
		{"without a pause it cuts all the same", with(func(s *Segmenter) { s.MaxLength = frames(10) }),
			"####################", []string{
				"#######",
				"-------#######",
				"--------------######"}},
		{"the rest of a cut utterance is kept, however short", with(func(s *Segmenter) { s.MaxLength = frames(10) }),
			"########_#......", []string{
				"########",
				"--------_#."}},
		{"a look at every fourth frame", with(func(s *Segmenter) { s.Tentative = frames(4) }), "...########.....", []string{
			"-..###?",
			"-..#######?",
			"-..########."}},
		{"no look at what may be left out", with(func(s *Segmenter) { s.Tentative = frames(1) }), "..##.....", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := picture(t, &c.seg, c.in)
			if strings.Join(got, "\n") != strings.Join(c.want, "\n") {
				t.Errorf("got\n%s\nwant\n%s\nfrom\n%s", strings.Join(got, "\n"), strings.Join(c.want, "\n"), c.in)
			}
		})
	}
}

func TestSegmenterZeroValueUsesTheDocumentedDefaults(t *testing.T) {
	in := strings.Repeat(".", 40) + strings.Repeat("#", 20) + strings.Repeat(".", 14) + strings.Repeat("#", 20) + strings.Repeat(".", 40)
	var s Segmenter
	got := picture(t, &s, in)
	// 300 ms are 9 whole frames, 500 ms are 15.6: 14 silent frames do not end it; 200 ms are 6.
	want := strings.Repeat("-", 31) + in[31:100]
	if len(got) != 1 || got[0] != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if s.Stats() != (SegmenterStats{Frames: int64(len(in)), Speech: 40, Utterances: 1}) {
		t.Errorf("stats %+v", s.Stats())
	}
}

func TestSegmenterFitsWhispersWindow(t *testing.T) {
	in := strings.Repeat("#", 4000) // 128 s without a breath
	var s Segmenter
	joined := ""
	for _, line := range picture(t, &s, in) {
		line = strings.TrimLeft(line, "-")
		if d := frames(len(line)); d > 28*time.Second {
			t.Errorf("an utterance of %v", d)
		}
		joined += line
	}
	if joined != in {
		t.Errorf("%d frames went in, %d came out", len(in), len(joined))
	}
}

func TestSegmenterEndsTheUtteranceWhereSoundWasLost(t *testing.T) {
	var s Segmenter
	pcm := make([]float32, FrameSize)
	var got []Utterance
	for i := range 40 {
		at := frames(i)
		if i >= 20 {
			at += time.Second
		}
		got = append(got, s.Feed(Frame{At: at, PCM: pcm}, .9)...)
	}
	got = append(got, s.Flush()...)
	if len(got) != 2 || got[0].Start != 0 || got[0].End != frames(20) ||
		got[1].Start != frames(20)+time.Second || got[1].End != frames(40)+time.Second {
		t.Fatalf("got %v", times(got))
	}
	if s.Stats().Gaps != 1 {
		t.Errorf("stats %+v, want one gap", s.Stats())
	}
}

func TestSegmenterNumbersFinalUtterancesAndTheirLooksAlike(t *testing.T) {
	s := Segmenter{Tentative: 200 * time.Millisecond}
	pcm := make([]float32, FrameSize)
	var got []Utterance
	for i := range 400 {
		p := float32(.9)
		if i/50%2 == 1 {
			p = 0
		}
		got = append(got, s.Feed(Frame{At: frames(i), PCM: pcm}, p)...)
	}
	id, looks := 1, 0
	for _, u := range got {
		if u.ID != id {
			t.Fatalf("utterance %d where %d was due", u.ID, id)
		}
		if looks++; u.Final {
			if looks < 5 {
				t.Errorf("utterance %d was seen only %d times", id, looks)
			}
			id, looks = id+1, 0
		}
	}
	if id != 5 {
		t.Errorf("%d utterances, want 4", id-1)
	}
}

func TestUtteranceOwnsItsSound(t *testing.T) {
	var s Segmenter
	var first Utterance
	for i := range 200 {
		pcm := make([]float32, FrameSize)
		for j := range pcm {
			pcm[j] = float32(i)
		}
		p := float32(.9)
		if i/50%2 == 1 {
			p = 0
		}
		if out := s.Feed(Frame{At: frames(i), PCM: pcm}, p); len(out) > 0 && first.ID == 0 {
			first = out[0]
		}
	}
	for j, v := range first.PCM {
		if v != float32(j/FrameSize) {
			t.Fatalf("sample %d became %v after later frames", j, v)
		}
	}
}

func times(us []Utterance) string {
	var b strings.Builder
	for _, u := range us {
		fmt.Fprintf(&b, "%d:%v-%v ", u.ID, u.Start, u.End)
	}
	return b.String()
}

// FuzzSegmenter feeds probabilities from bytes, with settings from the first few, and
// checks what holds for every input: utterances in order and apart, times and samples in
// agreement, lengths and memory within bounds, and no run of speech left out.
func FuzzSegmenter(f *testing.F) {
	f.Add([]byte("\x02\x04\x01\x03\x20\x00....####..##....####..........##......"))
	f.Add([]byte("\x00\x00\x00\x00\x0a\x04" + strings.Repeat("#", 300)))
	f.Add([]byte("\x09\x02\x01\x00\x08\x01" + strings.Repeat("####.#..", 40) + "\xff\xff###....###"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) < 6 || len(data) > 2000 {
			return
		}
		const frame = 64 // shorter than real ones, for speed
		frames := func(n int) time.Duration { return Duration(int64(n) * frame) }
		negative := func(b byte) time.Duration { // 0 would mean the default
			if b%32 == 0 {
				return -1
			}
			return frames(int(b % 32))
		}
		s := Segmenter{
			PreRoll: negative(data[0]), Hangover: negative(data[1]), Tail: negative(data[2]), MinSpeech: negative(data[3]),
			MaxLength: frames(int(data[4]%64) + 4), Tentative: frames(int(data[5] % 8)),
		}
		checkSegmenter(t, &s, data[6:], frame)
	})
}

// checkSegmenter derives a frame from each byte: its probability, and now and then a
// shorter frame or a jump of the clock.
func checkSegmenter(t *testing.T, s *Segmenter, data []byte, frame int) {
	var at time.Duration
	var got []Utterance
	type span struct{ from, to time.Duration }
	var spoken []span // runs of speech that must be in an utterance
	var run []span
	limit := 0
	for _, b := range data {
		n, p := frame, float32(b%64)/63
		switch {
		case b == 0xff:
			at += time.Second
			run = nil
			continue
		case b >= 0xf0:
			n = 1 + int(b&7)*frame/3
		case b >= 0xe0:
			p = float32(math.NaN())
		}
		fr := Frame{At: at, PCM: make([]float32, n)}
		for j := range fr.PCM {
			fr.PCM[j] = float32(Samples(at)+int64(j)) / (1 << 24)
		}
		at += Duration(int64(n))
		if p >= .5 {
			if run = append(run, span{fr.At, at}); len(run) == 2 {
				spoken = append(spoken, run...)
			} else if len(run) > 2 {
				spoken = append(spoken, span{fr.At, at})
			}
		} else {
			run = nil
		}
		got = append(got, s.Feed(fr, p)...)
		limit = max(limit, len(s.pcm))
	}
	got = append(got, s.Flush()...)
	if bound := int(s.length.max+s.length.preRoll) + Rate; limit > bound {
		t.Errorf("%d samples held, more than %d", limit, bound)
	}
	var end time.Duration
	id := 1
	var final []Utterance
	for _, u := range got {
		if u.ID != id || u.Start < end || u.End <= u.Start {
			t.Fatalf("utterance %d at %v-%v after %d ended at %v", u.ID, u.Start, u.End, id-1, end)
		}
		if int64(len(u.PCM)) != Samples(u.End-u.Start) || int64(len(u.PCM)) > s.length.max+s.length.preRoll+3*int64(frame) {
			t.Fatalf("utterance %d at %v-%v has %d samples", u.ID, u.Start, u.End, len(u.PCM))
		}
		for j, v := range u.PCM {
			if v != float32(Samples(u.Start)+int64(j))/(1<<24) {
				t.Fatalf("utterance %d: sample %d is from elsewhere", u.ID, j)
			}
		}
		if u.Final {
			end, id = u.End, id+1
			final = append(final, u)
		}
	}
	for _, sp := range spoken {
		in := 0
		for _, u := range final {
			if u.Start <= sp.from && sp.to <= u.End {
				in++
			}
		}
		if in == 0 && s.Stats().Short == 0 || in > 1 {
			t.Fatalf("speech at %v-%v is in %d utterances: %s", sp.from, sp.to, in, times(final))
		}
	}
}

func BenchmarkSegmenterFeed(b *testing.B) {
	var s Segmenter
	f := Frame{PCM: make([]float32, FrameSize)}
	for range 2000 { // let the buffers grow
		s.Feed(f, .9)
		f.At += frameTime
	}
	s.Flush()
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		// Two seconds of speech in ten: what a Feed costs between utterances and within one.
		p := float32(0)
		if i%310 > 250 {
			p = .9
		}
		s.Feed(f, p)
		f.At += frameTime
		i++
	}
}
