package main

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// imports is the table of ARCHITECTURE.md: which of our packages each of our packages may import.
var imports = map[string][]string{
	"audio":         {},
	"graphstore":    {},
	"assets":        {},
	"asr":           {"audio"},
	"extract":       {"graphstore"},
	"ui":            {"graphstore", "assets"},
	"audio/mic":     {"audio"},
	"asr/whisper":   {"asr", "audio"},
	"extract/llama": {"extract"},
	"ui/tray":       {"assets"},
	"app":           {"*"},

	"ui/panel/testserver": {"ui", "graphstore"}, // the panel without a microphone, for the browser tests
}

// cgo names the packages that may call C, and where.
var cgo = map[string]string{
	"audio/mic":     "anywhere", // miniaudio
	"asr/whisper":   "anywhere", // whisper.cpp
	"extract/llama": "anywhere", // llama.cpp
	"ui/tray":       "darwin",   // Cocoa
}

// goroutines names the files that may start one, with the reason. Everything else is a verb on a value.
var goroutines = map[string]string{
	"app/pipeline.go":  "who runs beside whom",
	"app/main.go":      "signals arrive at any time",
	"app/script.go":    "a read of a terminal cannot be called off",
	"ui/ui.go":         "the HTTP server",
	"ui/tray/tray.go":  "the system's menu has the main thread",
	"ui/tray/open.go":  "the browser may outlive the program that opened it",
	"audio/mic/mic.go": "a device that is gone may hold its caller for ever",
}

// bigFiles and bigFunctions may break the norms, with the reason.
var (
	bigFiles     = map[string]string{}
	bigFunctions = map[string]string{}
)

const (
	maxFile     = 400 // lines
	maxFunction = 60
)

// vague is what a name must not say: such a file or package holds two things, or none.
var vague = regexp.MustCompile(`(?i)(^|[_/])(utils?|helpers?|common|misc|managers?)([_./]|$)`)

// goFile is one parsed Go file of the repository; tests included.
type goFile struct {
	path, dir string
	test      bool
	tree      *ast.File
	set       *token.FileSet
}

func goFiles(t *testing.T) []goFile {
	t.Helper()
	var files []goFile
	root := ".."
	err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && p != root && (strings.HasPrefix(d.Name(), ".") || d.Name() == "node_modules" || d.Name() == "testdata") {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(p, ".go") {
			return nil
		}
		set := token.NewFileSet()
		tree, err := parser.ParseFile(set, p, nil, parser.ParseComments)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, p)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		files = append(files, goFile{rel, path.Dir(rel), strings.HasSuffix(rel, "_test.go"), tree, set})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// importPaths returns what f imports.
func (f goFile) importPaths() []string {
	var paths []string
	for _, spec := range f.tree.Imports {
		paths = append(paths, strings.Trim(spec.Path.Value, `"`))
	}
	return paths
}

// darwinOnly says whether f is compiled on a Mac alone.
func (f goFile) darwinOnly() bool { return strings.Contains(path.Base(f.path), "_darwin") }

func TestArchitectureImportTableHolds(t *testing.T) {
	for _, f := range goFiles(t) {
		allowed, known := imports[f.dir]
		if !known {
			t.Errorf("%s: package %s is not in the import table", f.path, f.dir)
			continue
		}
		for _, p := range f.importPaths() {
			if ours, ok := strings.CutPrefix(p, "hotmem/"); ok && !f.test && !slices.Contains(allowed, "*") && !slices.Contains(allowed, ours) {
				t.Errorf("%s imports %s; %s may import %v", f.path, p, f.dir, allowed)
			}
			if p == "C" && cgo[f.dir] != "anywhere" && !(cgo[f.dir] == "darwin" && f.darwinOnly()) {
				t.Errorf("%s uses cgo; %s may not", f.path, f.dir)
			}
		}
	}
}

// The table speaks of files; cgo can also come in through what they import.
func TestArchitecturePurePackagesBuildWithoutC(t *testing.T) {
	for dir := range imports {
		if dir == "app" || cgo[dir] != "" {
			continue
		}
		cmd := exec.Command("go", "list", "-e", "-deps", "-json=ImportPath,CgoFiles,Standard,Error", "./"+dir)
		cmd.Dir = ".."
		cmd.Env = append(cmd.Environ(), "CGO_ENABLED=0")
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("go list %s: %v", dir, err)
		}
		for decoder := json.NewDecoder(strings.NewReader(string(out))); decoder.More(); {
			var p struct {
				ImportPath string
				CgoFiles   []string
				Error      *struct{ Err string }
			}
			if err := decoder.Decode(&p); err != nil {
				t.Fatal(err)
			}
			if len(p.CgoFiles) > 0 || p.Error != nil {
				t.Errorf("%s needs %s, which does not build without C: %v", dir, p.ImportPath, p.Error)
			}
		}
	}
}

func TestArchitectureEveryPackageHasOneComment(t *testing.T) {
	comments := map[string][]string{}
	for _, f := range goFiles(t) {
		if f.test {
			continue
		}
		if _, ok := comments[f.dir]; !ok {
			comments[f.dir] = nil
		}
		if f.tree.Doc != nil {
			comments[f.dir] = append(comments[f.dir], f.path)
		}
	}
	for dir, files := range comments {
		if len(files) != 1 {
			t.Errorf("%s has %d package comments, wants one: %v", dir, len(files), files)
		}
	}
}

func TestArchitectureSizesAndNamesStayReadable(t *testing.T) {
	for _, f := range goFiles(t) {
		if vague.MatchString(f.path) {
			t.Errorf("%s: name the thing, not its role", f.path)
		}
		if lines := f.set.File(f.tree.FileStart).LineCount(); lines > maxFile && bigFiles[f.path] == "" {
			t.Errorf("%s has %d lines, more than %d: one noun a file?", f.path, lines, maxFile)
		}
		for _, decl := range f.tree.Decls {
			fn, ok := decl.(*ast.FuncDecl)
			if !ok || f.test { // a table of cases is data, and as long as it must be
				continue
			}
			lines := f.set.Position(fn.End()).Line - f.set.Position(fn.Pos()).Line + 1
			if name := f.path + " " + fn.Name.Name; lines > maxFunction && bigFunctions[name] == "" {
				t.Errorf("%s has %d lines, more than %d", name, lines, maxFunction)
			}
		}
	}
}

func TestArchitectureFewFilesStartGoroutines(t *testing.T) {
	used := map[string]bool{}
	for _, f := range goFiles(t) {
		if f.test {
			continue
		}
		starts := slices.Contains(f.importPaths(), "golang.org/x/sync/errgroup")
		ast.Inspect(f.tree, func(n ast.Node) bool {
			_, isGo := n.(*ast.GoStmt)
			starts = starts || isGo
			return true
		})
		if used[f.path] = starts; starts && goroutines[f.path] == "" {
			t.Errorf("%s starts goroutines; app/pipeline.go is the place for them", f.path)
		}
	}
	for path := range goroutines {
		if !used[path] {
			t.Errorf("%s starts none any more: take it off the list", path)
		}
	}
}
