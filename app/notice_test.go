package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"testing"

	"hotmem/assets"
)

func TestNoticeNamesEveryWorkThatTheProgramShips(t *testing.T) {
	text, err := os.ReadFile("../NOTICE.md")
	if err != nil {
		t.Fatal(err)
	}
	notice := string(text)
	modules, err := exec.Command("go", "list", "-deps", "-f", "{{with .Module}}{{if not .Main}}{{.Path}}{{end}}{{end}}", ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	works := strings.Fields(string(modules))
	for _, m := range assets.Models() {
		works = append(works, m.File)
	}
	lock, err := os.ReadFile("../ui/panel/package-lock.json")
	if err != nil {
		t.Fatal(err)
	}
	var npm struct {
		Packages map[string]struct{ Dev bool }
	}
	if err := json.Unmarshal(lock, &npm); err != nil {
		t.Fatal(err)
	}
	for path, p := range npm.Packages {
		if name, ok := strings.CutPrefix(path, "node_modules/"); ok && !p.Dev {
			works = append(works, name)
		}
	}
	if len(works) < 20 {
		t.Fatalf("only %d works were found: %q", len(works), works)
	}
	for _, work := range works {
		if !strings.Contains(notice, work) {
			t.Errorf("NOTICE.md does not name %s", work)
		}
	}
}
