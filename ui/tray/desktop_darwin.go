package tray

import "os/exec"

// browser is the command that opens an address as the desktop does.
func browser(url string) *exec.Cmd { return exec.Command("/usr/bin/open", url) }

// desktop says whether there is a menu bar.
func desktop() bool { return true }
