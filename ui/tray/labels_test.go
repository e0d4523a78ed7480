package tray

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestMenuSaysWhatTheProgramDoes(t *testing.T) {
	for _, test := range []struct {
		name  string
		state State
		want  labels
	}{
		{"before anything", State{}, labels{"Not listening", "Start listening", true, false, "HotMem: not listening"}},
		{"idle", State{Doing: "idle"}, labels{"Not listening", "Start listening", true, false, "HotMem: not listening"}},
		{"starting", State{Doing: "starting"}, labels{"Getting ready…", "Start listening", false, false, "HotMem: getting ready…"}},
		{"listening", State{Doing: "listening", Microphone: "Built-in"}, labels{"Listening · Built-in", "Pause", true, true, "HotMem: listening · Built-in"}},
		{"listening to no name", State{Doing: "listening"}, labels{"Listening", "Pause", true, true, "HotMem: listening"}},
		{"playing", State{Doing: "playing", Microphone: "hello.wav"}, labels{"Playing · hello.wav", "Pause", true, true, "HotMem: playing · hello.wav"}},
		{"paused", State{Doing: "paused", Microphone: "Built-in"}, labels{"Paused", "Start listening", true, false, "HotMem: paused"}},
		{"trouble", State{Doing: "trouble", Trouble: "I can't find a microphone."},
			labels{"I can't find a microphone.", "Start listening", true, false, "HotMem: I can't find a microphone."}},
		{"trouble without words", State{Doing: "trouble"}, labels{"Something needs you", "Start listening", true, false, "HotMem: something needs you"}},
		{"trouble while it listens", State{Doing: "listening", Trouble: "I'm behind."}, labels{"I'm behind.", "Pause", true, true, "HotMem: I'm behind."}},
	} {
		if got := labelsFor(test.state); got != test.want {
			t.Errorf("%s: got %+v, want %+v", test.name, got, test.want)
		}
	}
}

func TestNamesOfDevicesCannotBreakTheMenu(t *testing.T) {
	for _, name := range []string{strings.Repeat("microphone ", 50), "two\nlines\x00and\tmore", "\u202eturned", strings.Repeat("麦", 200), "\xff\xfe"} {
		l := labelsFor(State{Doing: "listening", Microphone: name})
		for _, text := range []string{l.state, l.tooltip} {
			if n := utf8.RuneCountInString(text); n > longest || strings.ContainsAny(text, "\n\t\x00\u202e") || !utf8.ValidString(text) {
				t.Errorf("%q gives %q", name, text)
			}
		}
	}
}
