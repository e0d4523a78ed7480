package tray

import "strings"

// labels is the menu in words: a pure function of the state.
type labels struct {
	state     string // the first line, not clickable
	toggle    string
	canToggle bool
	hears     bool
	tooltip   string
}

// longest a line of a menu may be, in letters; names of microphones run on.
const longest = 60

func labelsFor(s State) labels {
	l := labels{toggle: "Start listening", canToggle: true}
	switch s.Doing {
	case "listening":
		l.state, l.hears = with("Listening", s.Microphone), true
	case "playing":
		l.state, l.hears = with("Playing", s.Microphone), true
	case "starting":
		l.state, l.canToggle = "Getting ready…", false
	case "paused":
		l.state = "Paused"
	case "trouble":
		l.state = "Something needs you"
	default:
		l.state = "Not listening"
	}
	if s.Trouble != "" {
		l.state = s.Trouble
	}
	if l.hears {
		l.toggle = "Pause"
	}
	l.state = cut(l.state)
	l.tooltip = cut("HotMem: " + strings.ToLower(l.state[:1]) + l.state[1:])
	if s.Trouble != "" {
		l.tooltip = cut("HotMem: " + s.Trouble)
	}
	return l
}

func with(what, name string) string {
	if name == "" {
		return what
	}
	return what + " · " + name
}

// cut shortens a line, and keeps line breaks and control characters of a device's name out of the menu.
func cut(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r >= 0x202a && r <= 0x202e {
			return ' '
		}
		return r
	}, s)
	letters := []rune(strings.Join(strings.Fields(s), " "))
	if len(letters) <= longest {
		return string(letters)
	}
	return strings.TrimSpace(string(letters[:longest-1])) + "…"
}
