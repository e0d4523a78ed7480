package main

import (
	"os"
	"path/filepath"
)

// defaultDataDir follows the XDG base directory specification, which says that a relative path in the variable is
// to be ignored.
func defaultDataDir() (string, error) {
	if dir := os.Getenv("XDG_DATA_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "hotmem"), nil
	}
	home, err := os.UserHomeDir()
	return filepath.Join(home, ".local", "share", "hotmem"), err
}

// browserOpener opens an address in the default browser.
const browserOpener = "xdg-open"

// hasDisplay says whether there is a desktop to show a tray on.
func hasDisplay() bool { return os.Getenv("DISPLAY") != "" || os.Getenv("WAYLAND_DISPLAY") != "" }
