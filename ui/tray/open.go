package tray

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// Open shows the panel's address in the person's browser. It opens nothing but http on the loopback address, with a ticket or bare: what
// reaches it may come from a file that another start wrote, and the opener's command line is in every process list, so no secret may be in it.
func Open(address string) error {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" || u.User != nil || u.Hostname() != "127.0.0.1" || u.Port() == "" {
		return errors.New("open the panel: not an address of this machine")
	}
	if u.RawQuery != "" && !strings.HasPrefix(u.RawQuery, "ticket=") || strings.Contains(u.RawQuery, "&") || u.Fragment != "" {
		return errors.New("open the panel: an address on a command line may hold a ticket and nothing else")
	}
	cmd := browser(u.String())
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("open the panel in a browser: %w", err)
	}
	go cmd.Wait() // the opener lives as long as some browsers do; its end is nobody's news, but a zombie is
	return nil
}
