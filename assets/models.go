package assets

import (
	"crypto/sha256"
	_ "embed" // models.json
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
)

// A ModelFile describes one file of weights that the program needs.
type ModelFile struct {
	Name    string `json:"name"`    // what the program calls it
	File    string `json:"file"`    // its name in the models folder
	Bytes   int64  `json:"bytes"`   // its exact size
	SHA256  string `json:"sha256"`  // of the whole file, in hex
	Licence string `json:"licence"` // SPDX identifier
	Source  string `json:"source"`  // what it was made from
	Use     string `json:"use"`     // what the program does with it
}

// ErrModelMissing is returned, wrapped with the file's name, when a model is not where it should be.
var ErrModelMissing = errors.New("model missing")

//go:embed models.json
var modelsJSON []byte

// Models returns the files named in models.json, in its order.
var Models = sync.OnceValue(func() []ModelFile {
	var files []ModelFile
	if err := json.Unmarshal(modelsJSON, &files); err != nil {
		panic("assets: models.json: " + err.Error()) // part of the program; a test reads it
	}
	return files
})

// Model returns the path of the named model in the folder that [ModelsDir] finds.
func Model(name string) (string, error) {
	dir, err := ModelsDir()
	if err != nil {
		return "", err
	}
	return ModelIn(dir, name)
}

// ModelIn returns the path of the named model in dir. It looks only whether the file is there; what is in it is judged
// by whoever loads it, and by [ModelFile.Verify].
func ModelIn(dir, name string) (string, error) {
	for _, m := range Models() {
		if m.Name != name {
			continue
		}
		path := filepath.Join(dir, m.File)
		if _, err := os.Stat(path); err != nil {
			return "", fmt.Errorf("%w: %s (%s) is not in %s; restore it from the repository or the installer", ErrModelMissing, m.File, m.Use, dir)
		}
		return path, nil
	}
	return "", fmt.Errorf("no model is called %q", name)
}

// ModelsDir finds the folder with the models: in the macOS bundle, beside the program, in the share folder of an
// installation, or in the checkout that the program or the current folder belongs to.
func ModelsDir() (string, error) {
	var near []string
	if exe, err := os.Executable(); err == nil {
		if real, err := filepath.EvalSymlinks(exe); err == nil {
			exe = real
		}
		dir := filepath.Dir(exe)
		near = append(near,
			filepath.Join(dir, "..", "Resources", "models"),
			filepath.Join(dir, "models"),
			filepath.Join(dir, "..", "share", "hotmem", "models"),
			filepath.Join(dir, "..", "assets", "models"))
	}
	if dir, err := os.Getwd(); err == nil {
		for parent := ""; dir != parent; parent, dir = dir, filepath.Dir(dir) {
			if _, err := os.Stat(filepath.Join(dir, "assets", "models.json")); err == nil {
				near = append(near, filepath.Join(dir, "assets", "models"))
			}
		}
	}
	for _, dir := range near {
		if info, err := os.Stat(dir); err == nil && info.IsDir() {
			return filepath.Clean(dir), nil
		}
	}
	return "", fmt.Errorf("%w: no models folder beside the program; start it from its folder, or name one with --models", ErrModelMissing)
}

// Verify compares the file in dir with the size and hash of models.json.
func (m ModelFile) Verify(dir string) error {
	f, err := os.Open(filepath.Join(dir, m.File))
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%w: %s", ErrModelMissing, m.File)
	}
	if err != nil {
		return err
	}
	defer f.Close()
	h := sha256.New()
	n, err := io.Copy(h, f)
	if err != nil {
		return fmt.Errorf("read %s: %w", m.File, err)
	}
	switch sum := hex.EncodeToString(h.Sum(nil)); {
	case n < m.Bytes:
		return fmt.Errorf("%s is truncated: %d of %d bytes", m.File, n, m.Bytes)
	case sum != m.SHA256:
		return fmt.Errorf("%s is another file: its SHA-256 is %s, not %s", m.File, sum, m.SHA256)
	}
	return nil
}
