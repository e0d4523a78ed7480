package main

import (
	"os"
	"path/filepath"
)

// defaultDataDir is ~/Library/Application Support/HotMem.
func defaultDataDir() (string, error) {
	dir, err := os.UserConfigDir()
	return filepath.Join(dir, "HotMem"), err
}

// browserOpener opens an address in the default browser.
const browserOpener = "open"

// hasDisplay says whether there is a desktop to show a menu on; over ssh there is none.
func hasDisplay() bool { return os.Getenv("SSH_CONNECTION") == "" }
