package tray

import (
	"os/exec"

	"github.com/godbus/dbus/v5"
)

// browser is the command that opens an address as the desktop does.
func browser(url string) *exec.Cmd { return exec.Command("xdg-open", url) }

// desktop says whether there is a bus to show a tray on. The tray library must not be started without one: it would crash when it ends.
func desktop() bool {
	_, err := dbus.SessionBus() // shared: the library uses the same connection
	return err == nil
}
