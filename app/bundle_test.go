package main

import (
	"encoding/binary"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"hotmem/assets"
)

// readPlist reads a property list of strings, booleans and dictionaries: what Info.plist is made of.
func readPlist(r io.Reader) (map[string]any, error) {
	decoder := xml.NewDecoder(r)
	for {
		token, err := decoder.Token()
		if err != nil {
			return nil, err
		}
		if start, ok := token.(xml.StartElement); ok && start.Name.Local == "dict" {
			return readDict(decoder)
		}
	}
}

func readDict(decoder *xml.Decoder) (map[string]any, error) {
	dict, key := map[string]any{}, ""
	for {
		token, err := decoder.Token()
		if err != nil {
			return nil, err
		}
		start, ok := token.(xml.StartElement)
		if !ok {
			if _, end := token.(xml.EndElement); end {
				return dict, nil
			}
			continue
		}
		var value any
		switch start.Name.Local {
		case "dict":
			value, err = readDict(decoder)
		case "true", "false":
			value, err = start.Name.Local == "true", decoder.Skip()
		case "key", "string":
			var text string
			err = decoder.DecodeElement(&text, &start)
			value = text
		default:
			err = fmt.Errorf("a property list of ours holds no <%s>", start.Name.Local)
		}
		if err != nil {
			return nil, err
		}
		if start.Name.Local == "key" {
			key = value.(string)
			continue
		}
		if _, twice := dict[key]; twice || key == "" {
			return nil, fmt.Errorf("key %q stands twice or not at all", key)
		}
		dict[key], key = value, ""
	}
}

func openPlist(t *testing.T, path string) map[string]any {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	dict, err := readPlist(f)
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return dict
}

func TestInfoPlistHasTheKeysThatAMacWants(t *testing.T) {
	dict := openPlist(t, "../Info.plist")
	for key, want := range map[string]any{
		"CFBundleIdentifier":         "app.hotmem.HotMem", // never changes: permissions hang on it
		"CFBundleExecutable":         "hotmem",
		"CFBundleName":               "HotMem",
		"CFBundlePackageType":        "APPL",
		"CFBundleIconFile":           "HotMem.icns",
		"LSMinimumSystemVersion":     "13.0",
		"LSUIElement":                true, // a menu-bar app has no place in the Dock
		"NSHighResolutionCapable":    true,
		"CFBundleShortVersionString": nil, // any text
		"CFBundleVersion":            nil,
		// Without this text the system ends the program when it opens the microphone.
		"NSMicrophoneUsageDescription": nil,
	} {
		got, ok := dict[key]
		if text, isText := got.(string); !ok || want != nil && got != want || want == nil && (!isText || text == "") {
			t.Errorf("%s = %#v, want %#v", key, got, want)
		}
	}
	security, _ := dict["NSAppTransportSecurity"].(map[string]any)
	if security["NSAllowsLocalNetworking"] != true {
		t.Errorf("NSAppTransportSecurity = %v: the panel is a page on this machine", security)
	}
	rights := openPlist(t, "../native/HotMem.entitlements")
	if rights["com.apple.security.device.audio-input"] != true || len(rights) != 1 {
		t.Errorf("entitlements %v, want the microphone and nothing else", rights)
	}
}

func TestPlistThatIsBrokenIsRefused(t *testing.T) {
	for _, text := range []string{"", "<plist>", "<dict><key>a</key>", "<dict><string>a</string></dict>",
		"<dict><key>a</key><string>1</string><key>a</key><string>2</string></dict>", "<dict><key>a</key><data>AAAA</data></dict>"} {
		if dict, err := readPlist(strings.NewReader(text)); err == nil {
			t.Errorf("%q was read as %v", text, dict)
		}
	}
}

func TestBundleHasTheTreeOfAMacApp(t *testing.T) {
	dir := t.TempDir()
	program := filepath.Join(dir, "program")
	if err := os.WriteFile(program, []byte("not for running"), 0o600); err != nil {
		t.Fatal(err)
	}
	bundle := filepath.Join(dir, "HotMem.app")
	if out, err := exec.Command("../native/bundle.sh", program, bundle, "v2.3.4-5-gabcdef").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	want := []string{"Contents/Info.plist", "Contents/MacOS/hotmem", "Contents/PkgInfo", "Contents/Resources/HotMem.icns",
		"Contents/Resources/LICENSE", "Contents/Resources/NOTICE.md"}
	models, err := os.ReadDir("../assets/models")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range models {
		want = append(want, "Contents/Resources/models/"+m.Name())
	}
	slices.Sort(want)
	var got []string
	err = filepath.WalkDir(bundle, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			rel, err := filepath.Rel(bundle, path)
			got = append(got, filepath.ToSlash(rel))
			return err
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if slices.Sort(got); !slices.Equal(got, want) {
		t.Errorf("the bundle holds %q\nwant %q", got, want)
	}
	dict := openPlist(t, filepath.Join(bundle, "Contents/Info.plist"))
	if dict["CFBundleShortVersionString"] != "2.3.4" {
		t.Errorf("version %v, want 2.3.4", dict["CFBundleShortVersionString"])
	}
	if info, err := os.Stat(filepath.Join(bundle, "Contents/MacOS", dict["CFBundleExecutable"].(string))); err != nil || info.Mode()&0o111 == 0 {
		t.Errorf("the program cannot be run: %v", errors.Join(err))
	}
	icon, err := os.ReadFile(filepath.Join(bundle, "Contents/Resources/HotMem.icns"))
	size := func(n int) string { return string(binary.BigEndian.AppendUint32(nil, uint32(n))) }
	png := string(assets.Icon())
	if want := "icns" + size(len(png)+16) + "ic09" + size(len(png)+8) + png; err != nil || string(icon) != want {
		t.Errorf("the icon is not the program's picture as an icns file (%v)", err)
	}
	if _, err := assets.ModelIn(filepath.Join(bundle, "Contents/Resources/models"), "whisper"); err != nil {
		t.Error(err)
	}
}
