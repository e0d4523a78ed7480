package main

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// listed is a package as go list tells of it.
type listed struct {
	ImportPath, Dir   string
	GoFiles, CgoFiles []string
	ImportMap         map[string]string
	Error             *struct{ Err string }
}

// checked are the packages that have passed, by path; it imports for the ones after them.
type checked struct {
	done map[string]*types.Package
	now  listed
}

func (c *checked) Import(path string) (*types.Package, error) {
	if mapped, ok := c.now.ImportMap[path]; ok {
		path = mapped
	}
	if p, ok := c.done[path]; ok {
		return p, nil
	}
	return nil, fmt.Errorf("%s was not listed before %s", path, c.now.ImportPath)
}

// TestMacEdgesTypeCheck reads the whole program as the compiler on a Mac would see it, the files for Macs and with C
// among them. It needs no Mac and no SDK, since calls into C are taken on trust: it finds a renamed function, a wrong
// type or a missing method, and says nothing about what happens at run time.
func TestMacEdgesTypeCheck(t *testing.T) {
	for _, arch := range []string{"arm64", "amd64"} {
		t.Run(arch, func(t *testing.T) {
			cmd := exec.Command("go", "list", "-deps", "-e", "-json=ImportPath,Dir,GoFiles,CgoFiles,ImportMap,Error", ".")
			cmd.Env = append(cmd.Environ(), "GOOS=darwin", "GOARCH="+arch, "CGO_ENABLED=1")
			out, err := cmd.Output()
			if err != nil {
				t.Fatal(err)
			}
			all := &checked{done: map[string]*types.Package{"unsafe": types.Unsafe}}
			for decoder := json.NewDecoder(strings.NewReader(string(out))); decoder.More(); {
				var p listed
				if err := decoder.Decode(&p); err != nil {
					t.Fatal(err)
				}
				if p.Error != nil {
					t.Fatalf("%s: %s", p.ImportPath, p.Error.Err)
				}
				for _, err := range all.check(p, arch) {
					t.Errorf("%s: %v", p.ImportPath, err)
				}
			}
			if _, ok := all.done["hotmem/app"]; !ok || len(all.done) < 100 {
				t.Errorf("only %d packages were checked", len(all.done))
			}
		})
	}
}

// unknown are complaints about types that come out of C, which this test does not read.
var unknown = regexp.MustCompile(`invalid type|operator >= not defined on "github.com/ggerganov/whisper.cpp/bindings/go".Token`)

// check type-checks one package; the bodies of its functions only if it is ours.
func (c *checked) check(p listed, arch string) (errs []error) {
	if p.ImportPath == "unsafe" {
		return nil
	}
	set := token.NewFileSet()
	var files []*ast.File
	for _, name := range append(p.GoFiles, p.CgoFiles...) {
		f, err := parser.ParseFile(set, filepath.Join(p.Dir, name), nil, parser.SkipObjectResolution)
		if err != nil {
			return []error{err}
		}
		files = append(files, f)
	}
	c.now = p
	config := types.Config{
		FakeImportC: true, Importer: c, Sizes: types.SizesFor("gc", arch),
		IgnoreFuncBodies: !strings.HasPrefix(p.ImportPath, "hotmem/"),
		Error: func(err error) {
			if !unknown.MatchString(err.Error()) {
				errs = append(errs, err)
			}
		},
	}
	pkg, _ := config.Check(p.ImportPath, set, files, nil) // every error has gone to Error
	c.done[p.ImportPath] = pkg
	return errs
}
