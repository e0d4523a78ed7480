package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"hotmem/assets"
	"hotmem/ui"
)

// hotmem runs one command line in this process, as main does.
func hotmem(t *testing.T, stdin string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errOut bytes.Buffer
	code = Main(args, strings.NewReader(stdin), &out, &errOut)
	return code, out.String(), errOut.String()
}

func TestHelpTellsEveryCommandAndTheExitCodes(t *testing.T) {
	code, out, _ := hotmem(t, "", "--help")
	if code != 0 {
		t.Errorf("help ends with %d", code)
	}
	for _, want := range []string{"run", "transcribe", "hear", "extract", "facts", "export", "check", "eval", "doctor", "--data", "Exit codes"} {
		if !strings.Contains(out, want) {
			t.Errorf("help does not speak of %s:\n%s", want, out)
		}
	}
	for _, command := range []string{"run", "transcribe", "hear", "extract", "facts", "export", "check", "eval", "doctor"} {
		if code, out, _ := hotmem(t, "", command, "--help"); code != 0 || !strings.Contains(out, "Usage: hotmem "+command) || !strings.Contains(out, "--data") {
			t.Errorf("%s --help ends with %d and prints\n%s", command, code, out)
		}
	}
	if code, out, _ := hotmem(t, "", "--version"); code != 0 || !strings.HasPrefix(out, "hotmem ") {
		t.Errorf("--version ends with %d and prints %q", code, out)
	}
}

func TestWrongCommandLinesAreToldApart(t *testing.T) {
	for _, test := range []struct {
		args []string
		want string
	}{
		{nil, "expected one of"},
		{[]string{"fly"}, "fly"},
		{[]string{"run", "--pace", "slow"}, "--pace"},
		{[]string{"run", "--exit"}, "--wav"},
		{[]string{"run", "--port", "x"}, "--port"},
		{[]string{"extract"}, "TEXT"},
		{[]string{"extract", "--jsonl", "text"}, "--jsonl"},
		{[]string{"extract", "--context", "1", "--context", "2", "--context", "3", "--context", "4", "text"}, "--context"},
		{[]string{"transcribe"}, "files"},
		{[]string{"eval", "nowhere.jsonl"}, "nowhere.jsonl"},
	} {
		code, _, stderr := hotmem(t, "", test.args...)
		if code != 2 || !strings.Contains(stderr, test.want) {
			t.Errorf("%q ends with %d and says %q; want 2 and a word about %s", test.args, code, stderr, test.want)
		}
	}
}

func TestEmptyMemoryIsNoFailure(t *testing.T) {
	data := t.TempDir()
	if code, out, stderr := hotmem(t, "", "facts", "--data", data); code != 0 || out != "" {
		t.Errorf("facts ends with %d, prints %q and says %q", code, out, stderr)
	}
	if code, out, stderr := hotmem(t, "", "check", "--data", data); code != 0 || !strings.Contains(out, "whole") {
		t.Errorf("check ends with %d, prints %q and says %q", code, out, stderr)
	}
	file := filepath.Join(t.TempDir(), "export.json")
	if code, _, stderr := hotmem(t, "", "export", "--data", data, file); code != 0 {
		t.Fatalf("export ends with %d and says %q", code, stderr)
	}
	text, err := os.ReadFile(file)
	if err != nil || !json.Valid(text) {
		t.Errorf("the export is no JSON: %q (%v)", text, err)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("others can read the export: %v, %v", info.Mode(), err)
	}
}

func TestBrokenRecordingIsNamedWithTheNextStep(t *testing.T) {
	whole, err := os.ReadFile("testdata/speech/recording.wav")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, test := range []struct {
		name    string
		content []byte
	}{
		{"empty.wav", nil},
		{"text.wav", []byte("this is not a recording, though it has the name of one; it goes on for a while")},
		{"header-only.wav", whole[:20]},
		{"song.mp3", append([]byte("ID3\x04"), make([]byte, 4096)...)},
	} {
		path := filepath.Join(dir, test.name)
		if err := os.WriteFile(path, test.content, 0o600); err != nil {
			t.Fatal(err)
		}
		for _, args := range [][]string{{"run", "--headless", "--exit", "--data", dir, "--wav", path}, {"transcribe", path}} {
			code, out, stderr := hotmem(t, "", args...)
			if code != 1 || out != "" || !strings.Contains(stderr, path) || !strings.Contains(stderr, ";") {
				t.Errorf("%s %s ends with %d, prints %q and says %q", args[0], test.name, code, out, stderr)
			}
		}
	}
	if code, _, stderr := hotmem(t, "", "transcribe", filepath.Join(dir, "none.wav")); code != 1 || !strings.Contains(stderr, "none.wav") {
		t.Errorf("a file that is not there: %d, %q", code, stderr)
	}
}

// modelsWith copies the models, by links, into a folder in which spoil may do harm.
func modelsWith(t *testing.T, spoil func(dir string) error) string {
	t.Helper()
	from, err := assets.ModelsDir()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	files, err := os.ReadDir(from)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		whole, err := filepath.Abs(filepath.Join(from, f.Name()))
		if err == nil {
			err = os.Symlink(whole, filepath.Join(dir, f.Name()))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := spoil(dir); err != nil {
		t.Fatal(err)
	}
	return dir
}

// replace puts other content under the name of a link.
func replace(path string, content []byte) error {
	return errors.Join(os.Remove(path), os.WriteFile(path, content, 0o600))
}

func TestModelThatIsMissingTruncatedOrAnotherIsNamed(t *testing.T) {
	for _, m := range assets.Models() {
		if m.Name == "vocabulary" {
			continue
		}
		for _, test := range []struct {
			name  string
			spoil func(path string) error
		}{
			{"missing", os.Remove},
			{"truncated", func(path string) error {
				whole, err := os.ReadFile(path)
				if err != nil {
					return err
				}
				return replace(path, whole[:len(whole)*2/3])
			}},
			{"empty", func(path string) error { return replace(path, nil) }},
			{"another kind", func(path string) error { return replace(path, bytes.Repeat([]byte("no weights "), 10_000)) }},
		} {
			t.Run(m.Name+" "+test.name, func(t *testing.T) {
				dir := modelsWith(t, func(dir string) error { return test.spoil(filepath.Join(dir, m.File)) })
				code, out, stderr := hotmem(t, "", "run", "--headless", "--exit", "--data", t.TempDir(), "--models", dir, "--wav", "testdata/speech/recording.wav")
				if code != 4 || out != "" || !strings.Contains(stderr, m.File) {
					t.Errorf("run ends with %d, prints %q and says %q; want 4 and the name of %s", code, out, stderr, m.File)
				}
				if code, out, _ := hotmem(t, "", "doctor", "--data", t.TempDir(), "--models", dir); code != 1 || !strings.Contains(out, m.File) || !strings.Contains(out, "→") {
					t.Errorf("doctor ends with %d and prints\n%s", code, out)
				}
			})
		}
	}
}

func TestDataInUseIsToldWithTheWayOut(t *testing.T) {
	data := t.TempDir()
	held, err := claim(data)
	if err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"facts"}, {"export"}, {"check"}, {"hear"}, {"run", "--headless", "--exit", "--wav", "testdata/speech/recording.wav"}, {"run", "--headless"}} {
		code, out, stderr := hotmem(t, "", append(args, "--data", data)...)
		if code != 3 || out != "" || !strings.Contains(stderr, data) || !strings.Contains(stderr, "--data") {
			t.Errorf("%s ends with %d, prints %q and says %q", args[0], code, out, stderr)
		}
	}
	if err := held.release(); err != nil {
		t.Fatal(err)
	}
}

func TestDamagedDataIsToldAndNotTouched(t *testing.T) {
	data := t.TempDir()
	if code, _, stderr := hotmem(t, "", "facts", "--data", data); code != 0 {
		t.Fatal(stderr)
	}
	manifest := filepath.Join(data, "store", "MANIFEST")
	if err := os.WriteFile(manifest, []byte("scribbled over"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, command := range []string{"facts", "check", "export"} {
		code, out, stderr := hotmem(t, "", command, "--data", data)
		if code != 5 || out != "" || !strings.Contains(stderr, data) || !strings.Contains(stderr, "backup") {
			t.Errorf("%s ends with %d, prints %q and says %q", command, code, out, stderr)
		}
	}
	if text, err := os.ReadFile(manifest); err != nil || string(text) != "scribbled over" {
		t.Errorf("the damaged file was changed: %q, %v", text, err)
	}
	if code, out, _ := hotmem(t, "", "doctor", "--data", data); code != 1 || !strings.Contains(out, "damaged  data") {
		t.Errorf("doctor ends with %d and prints\n%s", code, out)
	}
}

func TestNoMicrophoneIsAStateWithAWayOut(t *testing.T) {
	app := openApp(t, Config{Panel: true, Ears: true, Mic: "no microphone has this name"})
	live(t, app)
	if err := app.Ask(t.Context(), ui.Start); err == nil {
		t.Error("a microphone that does not exist was opened")
	}
	status := app.Status()
	if status.State != ui.InTrouble || status.Trouble == nil || !strings.Contains(status.Trouble.Next, "recording") {
		t.Errorf("the status is %+v", status)
	}
	// The way out works.
	if err := app.Ask(t.Context(), ui.Recording); err != nil {
		t.Fatal(err)
	}
	if status := app.Status(); status.State != ui.Playing || status.Trouble != nil {
		t.Errorf("while the recording plays the status is %+v", status)
	}
	if err := app.Ask(t.Context(), ui.Pause); err != nil {
		t.Fatal(err)
	}
	if status := app.Status(); status.State != ui.Paused {
		t.Errorf("after the pause the status is %+v", status)
	}
}

func TestPanelRefusesStrangers(t *testing.T) {
	app := openApp(t, Config{Panel: true})
	address, _, _ := strings.Cut(app.URL(), "/?")
	for _, test := range []struct {
		name, url, origin, host string
		code                    int
	}{
		{"no ticket", address + "/api/export", "", "", http.StatusUnauthorized},
		{"wrong ticket", address + "/?ticket=0000000000", "", "", http.StatusUnauthorized},
		{"foreign origin", app.URL(), "https://example.com", "", http.StatusForbidden},
		{"foreign host", app.URL(), "", "example.com", http.StatusForbidden},
	} {
		t.Run(test.name, func(t *testing.T) {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, test.url, nil)
			if err != nil {
				t.Fatal(err)
			}
			if test.origin != "" {
				req.Method = http.MethodPost
				req.Header.Set("Origin", test.origin)
			}
			req.Host = test.host
			res, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			body, err := io.ReadAll(res.Body)
			if err != nil || !strings.Contains(string(body), "Open the panel from the menu") {
				t.Errorf("the refusal has no next step: %s (%v)", body, err)
			}
			if res.StatusCode != test.code {
				t.Errorf("status %d, want %d", res.StatusCode, test.code)
			}
		})
	}
}
