package tray

import (
	"strings"
	"testing"
)

func TestOnlyOwnAddressesAreOpened(t *testing.T) {
	for _, url := range []string{"", "file:///etc/passwd", "https://example.com", "http://127.0.0.1.example.com:80/", "-a", "http://127.0.0.1", "http://127.0.0.1:80@example.com/"} {
		if Open(url) == nil {
			t.Errorf("%q was opened", url)
		}
	}
}

func TestNoSecretReachesACommandLine(t *testing.T) {
	for _, url := range []string{"http://127.0.0.1:80/?token=secret", "http://127.0.0.1:80/?ticket=once&token=secret", "http://127.0.0.1:80/#secret"} {
		if err := Open(url); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: %v", url, err)
		}
	}
}
