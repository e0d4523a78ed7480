//go:build cgo

package mic

import (
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hotmem/audio"
)

// pulse starts a PulseAudio server of its own, with a sink that plays to nobody and whose
// monitor is the default microphone. It points this process to the server.
func pulse(t *testing.T) {
	t.Helper()
	for _, tool := range []string{"pulseaudio", "pactl", "paplay"} {
		if _, err := exec.LookPath(tool); err != nil {
			if os.Getenv("CI") != "" {
				t.Fatalf("%s is not installed; apt-get install pulseaudio pulseaudio-utils", tool)
			}
			t.Skipf("%s is not installed; apt-get install pulseaudio pulseaudio-utils", tool)
		}
	}
	dir, err := os.MkdirTemp("", "pulse") // t.TempDir may be too long for a socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	socket := filepath.Join(dir, "native")
	for k, v := range map[string]string{"HOME": dir, "XDG_RUNTIME_DIR": dir, "XDG_CONFIG_HOME": dir,
		"PULSE_RUNTIME_PATH": dir, "PULSE_STATE_PATH": dir, "PULSE_SERVER": "unix:" + socket} {
		t.Setenv(k, v)
	}
	script := filepath.Join(dir, "script.pa")
	lines := "load-module module-null-sink sink_name=room rate=48000 channels=2\n" +
		"load-module module-native-protocol-unix auth-anonymous=1 socket=" + socket + "\n" +
		"set-default-sink room\nset-default-source room.monitor\n"
	if err := os.WriteFile(script, []byte(lines), 0o600); err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	// Without shared memory: with it, a monitor was seen to deliver nothing in a container.
	cmd := exec.Command("pulseaudio", "-n", "--daemonize=no", "--use-pid-file=no", "--exit-idle-time=-1",
		"--disable-shm=yes", "--realtime=no", "--high-priority=no", "-F", script)
	cmd.Stderr = &log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
		if t.Failed() {
			t.Log(log.String())
		}
	})
	for deadline := time.Now().Add(30 * time.Second); exec.Command("pactl", "info").Run() != nil; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the sound server does not answer")
		}
	}
}

// play plays a tone into the room, again and again, until the test ends.
func play(t *testing.T, hz float64) {
	t.Helper()
	pcm := make([]float32, 4*audio.Rate)
	for i := range pcm {
		pcm[i] = float32(.5 * math.Sin(2*math.Pi*hz*float64(i)/audio.Rate))
	}
	path := filepath.Join(t.TempDir(), "tone.wav")
	if err := audio.WriteWAV(path, pcm); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("sh", "-c", `while paplay "$0"; do :; done`, path)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
	})
}

// share returns how much of the power of pcm is a tone of hz, from 0 to 1.
func share(pcm []float32, hz float64) float64 {
	var re, im, all float64
	for i, v := range pcm {
		s, c := math.Sincos(2 * math.Pi * hz * float64(i) / audio.Rate)
		re, im, all = re+float64(v)*c, im+float64(v)*s, all+float64(v)*float64(v)
	}
	if all == 0 {
		return 0
	}
	return 2 * (re*re + im*im) / float64(len(pcm)) / all
}

func TestMicrophoneHearsWhatIsPlayedInTheRoom(t *testing.T) {
	pulse(t)
	list, err := Devices()
	if err != nil {
		t.Fatal(err)
	}
	if len(list) != 1 || list[0].ID != "room.monitor" || !list[0].Default {
		t.Fatalf("devices %+v", list)
	}
	play(t, 1000)
	for _, device := range []string{"", "room.monitor", list[0].Name} {
		m, err := Open(Options{Device: device})
		if err != nil {
			t.Fatal(err)
		}
		if m.Name() != list[0].Name {
			t.Errorf("the microphone is called %q, want %q", m.Name(), list[0].Name)
		}
		if best, err := listen(t, m, 1000); err != nil || best < .9 {
			t.Errorf("device %q: the tone has %.2f of the power in the best half second (%v); %+v", device, best, err, m.Stats())
		}
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	}
}

// listen returns the greatest share that the tone has in half a second, within a minute;
// it leaves as soon as that is nearly all.
func listen(t *testing.T, m *Mic, hz float64) (best float64, err error) {
	var f audio.Frame
	var pcm []float32
	for f.At < time.Minute && best < .99 {
		if err := m.Read(t.Context(), &f); err != nil {
			return best, err
		}
		if pcm = append(pcm, f.PCM...); len(pcm) >= audio.Rate/2 {
			best, pcm = max(best, share(pcm, hz)), pcm[:0]
		}
	}
	return best, nil
}

func TestSoundServerThatDiesEndsReading(t *testing.T) {
	pulse(t)
	m, err := Open(Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	var f audio.Frame
	if err := m.Read(t.Context(), &f); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("pactl", "exit").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for err == nil {
		err = m.Read(t.Context(), &f)
	}
	if !errors.Is(err, ErrStopped) {
		t.Errorf("got %v", err)
	}
	if _, err := Open(Options{}); !errors.Is(err, ErrNoMicrophone) {
		t.Errorf("opened again without a server: %v", err)
	}
}

func TestUnknownDeviceIsNamedTogetherWithTheKnown(t *testing.T) {
	pulse(t)
	_, err := Open(Options{Device: "webcam"})
	if !errors.Is(err, ErrNoMicrophone) || !strings.Contains(err.Error(), fmt.Sprintf("%q", "webcam")) || !strings.Contains(err.Error(), "Monitor") {
		t.Errorf("got %v", err)
	}
}
