package whisper

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"hotmem/asr"
)

func words(text string) (out []asr.Word) {
	for _, f := range strings.Fields(text) {
		out = append(out, asr.Word{Text: f})
	}
	return out
}

func TestLoopsAreToldFromRepeating(t *testing.T) {
	for _, c := range []struct {
		text string
		want bool
	}{
		{"", false},
		{"no, no, no, no, I said no", false},
		{"no no no no no no", true},
		{"ha ha ha ha ha that is funny", false},
		{"I know, I know, I know.", false},
		{"I know I know I know I know I know", true},
		{"day after day after day after day", false},
		{"and the bird and the bird and the bird and the bird", true},
		{"He went to the store. He went to the store. It was closed.", false},
		{strings.Repeat("Then we went to see the king in his house. ", 4), true},
		{"one two three four five six seven eight nine ten", false},
	} {
		if got := looping(words(c.text)); got != c.want {
			t.Errorf("looping(%q) = %v, want %v", c.text, got, c.want)
		}
	}
}

func TestShoutingIsToldFromAbbreviations(t *testing.T) {
	for _, c := range []struct {
		text string
		want bool
	}{
		{"I work for NASA, the FBI and the CIA in the USA.", false},
		{"I A I A I A I", false},
		{"In 1999 2000 2001 2002 we met.", false},
		{"a crusade. LA ASIDE YOU DON'T FIGHT", true},
		{"", false},
	} {
		if got := shouting(words(c.text)); got != c.want {
			t.Errorf("shouting(%q) = %v, want %v", c.text, got, c.want)
		}
	}
}

// FuzzCheck: whatever the bytes, the check of a model file ends with an answer.
func FuzzCheck(f *testing.F) {
	for _, path := range []string{modelPath, vadPath} {
		data, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data[:min(len(data), 2000)])
	}
	silero, err := os.ReadFile(vadPath)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, head []byte) {
		for _, k := range []kind{whisperKind, sileroKind} {
			if err := check(bytes.NewReader(head), int64(len(head)), k); err == nil && len(head) < 1000 {
				t.Errorf("%d bytes pass as a %s", len(head), k.name)
			}
		}
		// The head of a real file replaced, so that the walk gets further.
		data := append(bytes.Clone(head), silero[min(len(head), len(silero)):]...)
		_ = check(bytes.NewReader(data), int64(len(data)), sileroKind)
	})
}
