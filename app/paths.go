package main

import (
	"fmt"
	"os"
)

// dataDir returns dir, or where this system keeps an application's data when dir is empty, and makes it. What people
// said is nobody else's business, so only the user may enter.
func dataDir(dir string) (string, error) {
	if dir == "" {
		var err error
		if dir, err = defaultDataDir(); err != nil {
			return "", fmt.Errorf("find the data folder: %w; name one with --data", err)
		}
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("make the data folder: %w; name another one with --data", err)
	}
	return dir, nil
}
