package assets

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The default set of models is small enough to be committed and loaded on any machine.
const budget = 60_000_000

var updateModels = flag.Bool("update-models", false, "write the sizes and hashes of the files into models.json, after a training")

func updateManifest() error {
	dir, err := ModelsDir()
	if err != nil {
		return err
	}
	models := Models()
	for i := range models {
		content, err := os.ReadFile(filepath.Join(dir, models[i].File))
		if err != nil {
			return err
		}
		models[i].Bytes, models[i].SHA256 = int64(len(content)), fmt.Sprintf("%x", sha256.Sum256(content))
	}
	text, err := json.MarshalIndent(models, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile("models.json", append(text, '\n'), 0o644)
}

func TestModelsAreTheFilesOfTheManifest(t *testing.T) {
	if *updateModels {
		if err := updateManifest(); err != nil {
			t.Fatal(err)
		}
		t.Log("models.json is written; run the tests again")
		return
	}
	dir, err := ModelsDir()
	if err != nil {
		t.Fatal(err)
	}
	listed := map[string]bool{}
	var total int64
	for _, m := range Models() {
		listed[m.File] = true
		total += m.Bytes
		if err := m.Verify(dir); err != nil {
			t.Error(err)
			continue
		}
		t.Logf("%-34s %9d bytes, %s, %s", m.File, m.Bytes, m.Licence, m.Use)
	}
	if total > budget {
		t.Errorf("the models take %d bytes together, more than %d", total, budget)
	}
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if !listed[f.Name()] && !strings.HasPrefix(f.Name(), "vocab.") { // the training kit's; the heads carry their own
			t.Errorf("%s is not in models.json", f.Name())
		}
	}
}

func TestModelsThatAreDamagedAreNamed(t *testing.T) {
	m := ModelFile{Name: "x", File: "x.bin", Bytes: 5, SHA256: "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"}
	for _, test := range []struct{ name, content, want string }{
		{"right", "hello", ""},
		{"truncated", "hell", "x.bin is truncated: 4 of 5 bytes"},
		{"changed", "hallo", "x.bin is another file"},
		{"longer", "hello there", "x.bin is another file"},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, m.File), []byte(test.content), 0o600); err != nil {
				t.Fatal(err)
			}
			err := m.Verify(dir)
			if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
				t.Errorf("Verify = %v, want %q", err, test.want)
			}
		})
	}
	if err := m.Verify(t.TempDir()); !errors.Is(err, ErrModelMissing) {
		t.Errorf("Verify of nothing = %v, want ErrModelMissing", err)
	}
}

func TestModelMissingSaysWhichAndWhere(t *testing.T) {
	dir := t.TempDir()
	_, err := ModelIn(dir, "whisper")
	if !errors.Is(err, ErrModelMissing) || !strings.Contains(err.Error(), "ggml-tiny.en-q5_1.bin") || !strings.Contains(err.Error(), dir) {
		t.Errorf("ModelIn = %v", err)
	}
	if _, err := ModelIn(dir, "nonsense"); err == nil {
		t.Error("a model that is in no manifest was found")
	}
}
