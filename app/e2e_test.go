package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"hotmem/asr"
)

// The tests of this file play real sound through the real program: whisper.cpp, the trained extractor in llama.cpp, the
// store on the disk. Nothing stands in for anything, and nothing is skipped: what is missing is a failure.

const asProgram = "HOTMEM_TEST_AS_PROGRAM"

// TestMain lets the test binary be the program, for tests that need a process of its own.
func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
	}
	os.Exit(m.Run())
}

// program is the program with its arguments, not started yet.
func program(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], args...)
	cmd.Env = append(os.Environ(), asProgram+"=1", "DISPLAY=", "WAYLAND_DISPLAY=")
	return cmd
}

// printed is what a run prints, sorted by kind.
type printed struct {
	Panel string
	Lines []printedLine
	Facts []printedFact
	Clock *printedClock
}

// read takes one line of a run's output and returns its key.
func (p *printed) read(t *testing.T, line []byte) string {
	t.Helper()
	var one struct {
		Panel string        `json:"panel"`
		Line  *printedLine  `json:"line"`
		Fact  *printedFact  `json:"fact"`
		Clock *printedClock `json:"clock"`
	}
	decoder := json.NewDecoder(bytes.NewReader(line))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&one); err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	if p.Clock != nil {
		t.Errorf("after the clock came %s", line)
	}
	switch {
	case one.Panel != "":
		p.Panel = one.Panel
		return "panel"
	case one.Line != nil:
		p.Lines = append(p.Lines, *one.Line)
		return "line"
	case one.Fact != nil:
		p.Facts = append(p.Facts, *one.Fact)
		return "fact"
	case one.Clock != nil:
		p.Clock = one.Clock
		return "clock"
	}
	t.Errorf("a line of no kind: %s", line)
	return ""
}

func readAll(t *testing.T, output string) (p printed) {
	t.Helper()
	for line := range strings.Lines(output) {
		p.read(t, []byte(line))
	}
	return p
}

// text joins the lines as they were heard.
func (p printed) text() string {
	var all []string
	for _, l := range p.Lines {
		all = append(all, l.Text)
	}
	return strings.Join(all, " ")
}

// fact is how the committed lists write a fact: "Major Pullman works_as chief of police", with "not" before the relation
// of a negated one, and the predicate in the place of "open".
func (f printedFact) fact() string {
	relation := f.Relation
	if relation == "open" {
		relation = f.Predicate
	}
	if f.Negated {
		relation = "not " + relation
	}
	return strings.ToLower(f.Subject.Name + " " + relation + " " + f.Object.Name)
}

// found counts which of the wanted facts are among those of the run. A line of the list may give several readings that
// are all right, with " | " between them.
func found(facts []printedFact, list string) (right, wrong []string) {
	have := map[string]bool{}
	for _, f := range facts {
		have[f.fact()] = true
	}
	for line := range strings.Lines(list) {
		line = strings.ToLower(strings.TrimSpace(line))
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		ok := false
		for reading := range strings.SplitSeq(line, " | ") {
			ok = ok || have[strings.TrimSpace(reading)]
		}
		if ok {
			right = append(right, line)
		} else {
			wrong = append(wrong, line)
		}
	}
	return right, wrong
}

func readFile(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestRecordingBecomesLinesAndFacts(t *testing.T) {
	data := t.TempDir()
	code, out, stderr := hotmem(t, "", "run", "--wav", "testdata/speech/recording.wav", "--headless", "--exit", "--data", data)
	if code != 0 {
		t.Fatalf("run ends with %d: %s", code, stderr)
	}
	heard := readAll(t, out)
	wrong, words := asr.WordErrors(readFile(t, "testdata/speech/recording.txt"), heard.text())
	t.Logf("%d of %d words wrong; clocks %+v", wrong, words, *heard.Clock)
	if wrong > words*maxWordErrors/100 {
		t.Errorf("%d of %d words are wrong, more than %d %%:\n%s", wrong, words, maxWordErrors, heard.text())
	}
	right, missing := found(heard.Facts, readFile(t, "testdata/speech/recording.facts"))
	if len(missing) > 0 || len(right) == 0 {
		t.Errorf("facts found: %q\nmissing: %q\nall: %q", right, missing, sentences(heard.Facts))
	}
	if heard.Clock.Text.N != len(heard.Lines) || heard.Clock.Sound.N != len(heard.Lines) || heard.Clock.Text.P95 <= 0 {
		t.Errorf("the clocks %+v do not fit %d lines", heard.Clock, len(heard.Lines))
	}
	// What was printed is what is stored.
	code, out, stderr = hotmem(t, "", "facts", "--json", "--data", data)
	if stored := readAll(t, out+`{"clock":{}}`); code != 0 || len(stored.Facts) != len(heard.Facts) {
		t.Errorf("facts ends with %d and lists %d facts, %d were printed: %s", code, len(stored.Facts), len(heard.Facts), stderr)
	}
	code, out, _ = hotmem(t, "", "export", "--data", data)
	for _, line := range heard.Lines {
		if text, err := json.Marshal(line.Text); err != nil || code != 0 || !strings.Contains(out, string(text)) {
			t.Errorf("line %d is not in the export (%v)", line.ID, err)
		}
	}
	if code, out, stderr := hotmem(t, "", "check", "--data", data); code != 0 {
		t.Errorf("check ends with %d: %s%s", code, out, stderr)
	}
}

// maxWordErrors is in per cent. The recording was read aloud on an old microphone; see the README for what was measured.
const maxWordErrors = 12

func sentences(facts []printedFact) (all []string) {
	for _, f := range facts {
		all = append(all, f.Sentence)
	}
	return all
}

func TestTenFactsSpokenByAMachineReachTheGraph(t *testing.T) {
	wav := filepath.Join(t.TempDir(), "ten.wav")
	if out, err := exec.Command("sh", "testdata/speech/say.sh", "testdata/speech/ten-facts.txt", wav).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	code, out, stderr := hotmem(t, "", "run", "--wav", wav, "--headless", "--exit", "--data", t.TempDir())
	if code != 0 {
		t.Fatalf("run ends with %d: %s", code, stderr)
	}
	heard := readAll(t, out)
	right, missing := found(heard.Facts, readFile(t, "testdata/speech/ten-facts.facts"))
	t.Logf("%d of %d spoken facts reached the graph; missing %q", len(right), len(right)+len(missing), missing)
	if len(right) < minSpokenFacts || len(right)+len(missing) != 10 {
		t.Errorf("%d facts reached the graph, at least %d should\nheard: %s\nfacts: %q", len(right), minSpokenFacts, heard.text(), sentences(heard.Facts))
	}
}

func TestTheSameFactsFromTextReachTheGraph(t *testing.T) {
	code, out, stderr := hotmem(t, readFile(t, "testdata/speech/ten-facts.txt"), "hear", "--data", t.TempDir())
	if code != 0 {
		t.Fatalf("hear ends with %d: %s", code, stderr)
	}
	heard := readAll(t, out)
	right, missing := found(heard.Facts, readFile(t, "testdata/speech/ten-facts.facts"))
	t.Logf("%d of %d written facts reached the graph; missing %q", len(right), len(right)+len(missing), missing)
	if len(right) < minWrittenFacts {
		t.Errorf("%d facts reached the graph, at least %d should: %q", len(right), minWrittenFacts, sentences(heard.Facts))
	}
}

// What was measured, minus two: another machine rounds differently.
const (
	minSpokenFacts  = 5
	minWrittenFacts = 7
)

func TestFirstInterruptFinishesWhatWasHeard(t *testing.T) {
	cmd := program(t, "run", "--headless", "--wav", "testdata/speech/recording.wav", "--data", t.TempDir())
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var heard printed
	lines := bufio.NewScanner(stdout)
	for lines.Scan() {
		// The first line comes while the second utterance is being spoken.
		if heard.read(t, lines.Bytes()) == "line" && len(heard.Lines) == 1 {
			if err := cmd.Process.Signal(os.Interrupt); err != nil {
				t.Error(err)
			}
		}
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("after one interrupt the program ends with %v: %s", err, &stderr)
	}
	if heard.Panel == "" || heard.Clock == nil {
		t.Fatalf("the output does not begin with the panel and end with the clock: %+v", heard)
	}
	if n := len(heard.Lines); heard.Clock.Text.N != n || n == 0 || n > 3 {
		t.Errorf("%d lines were heard and %d learned", n, heard.Clock.Text.N)
	}
}

// busy is a program that is fed lines faster than it learns them, stopped in the middle by stop. It returns what was
// printed by then and how the program ended.
func busy(t *testing.T, data string, stop func(cmd *exec.Cmd, stderr *bufio.Reader)) (printed, error) {
	t.Helper()
	cmd := program(t, "hear", "--data", data)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		for range 400 { // more than the queue holds; ends with the program
			if _, err := io.WriteString(stdin, "My brother David is a teacher and he lives in Boston with his wife Helen.\n"); err != nil {
				return
			}
		}
	}()
	var heard printed
	lines := bufio.NewScanner(stdout)
	for len(heard.Facts) == 0 && lines.Scan() {
		heard.read(t, lines.Bytes())
	}
	stop(cmd, bufio.NewReader(stderr))
	for lines.Scan() {
		if json.Valid(lines.Bytes()) { // the last line may be cut off
			heard.read(t, lines.Bytes())
		}
	}
	return heard, cmd.Wait()
}

// checkNothingLost opens what a program left behind, and learns the rest.
func checkNothingLost(t *testing.T, data string, heard printed) {
	t.Helper()
	app := openApp(t, Config{Data: data})
	before, err := app.store.Stats()
	if err != nil {
		t.Fatal(err)
	}
	if before.Lines < len(heard.Lines) || before.Unlearned == 0 {
		t.Errorf("%d lines were printed, %d are stored, %d of them unlearned", len(heard.Lines), before.Lines, before.Unlearned)
	}
	if err := app.LearnRest(t.Context(), t.Context()); err != nil {
		t.Fatal(err)
	}
	after, err := app.store.Stats()
	if err != nil || after.Unlearned != 0 || after.Lines != before.Lines {
		t.Errorf("after the restart: %+v, %v", after, err)
	}
}

func TestSecondInterruptStopsAtOnceAndNothingIsLost(t *testing.T) {
	data := t.TempDir()
	heard, err := busy(t, data, func(cmd *exec.Cmd, stderr *bufio.Reader) {
		if err := cmd.Process.Signal(os.Interrupt); err != nil {
			t.Error(err)
		}
		if line, err := stderr.ReadString('\n'); err != nil || !strings.Contains(line, "interrupt again") {
			t.Errorf("after the first interrupt it says %q (%v)", line, err)
		}
		if err := cmd.Process.Signal(os.Interrupt); err != nil {
			t.Error(err)
		}
	})
	if exit := (*exec.ExitError)(nil); !errors.As(err, &exit) || exit.ExitCode() != 130 {
		t.Errorf("after two interrupts the program ends with %v, want 130", err)
	}
	checkNothingLost(t, data, heard)
}

func TestACrashLosesNothing(t *testing.T) {
	data := t.TempDir()
	heard, err := busy(t, data, func(cmd *exec.Cmd, _ *bufio.Reader) {
		if err := cmd.Process.Signal(syscall.SIGKILL); err != nil {
			t.Error(err)
		}
	})
	if err == nil {
		t.Error("the program survived")
	}
	checkNothingLost(t, data, heard)
}

func TestSecondStartShowsTheFirstOnesPanel(t *testing.T) {
	data := t.TempDir()
	first := program(t, "run", "--headless", "--mic", "no microphone has this name", "--data", data)
	stdout, err := first.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := first.Start(); err != nil {
		t.Fatal(err)
	}
	reader := bufio.NewReader(stdout)
	line, err := reader.ReadBytes('\n')
	if err != nil {
		t.Fatal(err)
	}
	var p printed
	if p.read(t, line) != "panel" {
		t.Fatalf("the first line is %s", line)
	}
	out, err := program(t, "run", "--headless", "--data", data).Output()
	if err != nil {
		t.Fatalf("the second start ends with %v", err)
	}
	second := readAll(t, string(out))
	if address, _, _ := strings.Cut(p.Panel, "?"); !strings.HasPrefix(second.Panel, address) {
		t.Errorf("the second start shows %q, the first one's panel is %q", second.Panel, p.Panel)
	}
	for _, address := range []string{second.Panel, p.Panel} { // each is good for one browser
		if !admitted(t, browser(t), address) || admitted(t, browser(t), address) {
			t.Errorf("%s does not let one browser in, or two", address)
		}
	}
	if err := first.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, reader); err != nil {
		t.Error(err)
	}
	if err := first.Wait(); err != nil {
		t.Errorf("the first one ends with %v", err)
	}
}
