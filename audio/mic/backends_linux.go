//go:build cgo

package mic

import (
	"os"
	"path/filepath"

	"github.com/gen2brain/malgo"
)

// backends are tried in this order. PipeWire answers as PulseAudio. ALSA prints errors to
// standard error that nobody can act on when there is no sound card, so it is left out
// unless a card that records, or a configuration of the user's, is there.
func backends() []malgo.Backend {
	list := []malgo.Backend{malgo.BackendPulseaudio}
	cards, _ := filepath.Glob("/dev/snd/pcmC*c")
	own := []string{os.Getenv("ALSA_CONFIG_PATH"), "/etc/asound.conf"}
	if home, err := os.UserHomeDir(); err == nil {
		own = append(own, filepath.Join(home, ".asoundrc"))
	}
	found := len(cards) > 0
	for _, path := range own {
		if _, err := os.Stat(path); err == nil {
			found = true
		}
	}
	if found {
		list = append(list, malgo.BackendAlsa)
	}
	return list
}

// halt stops the device before it is taken apart: without that, miniaudio waits for ever
// for a thread that itself waits for a PulseAudio server that has died.
func halt(dev *malgo.Device) { _ = dev.Stop() } // what it says does not matter any more
