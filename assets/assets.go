// Package assets holds what ships beside the code: the panel's page, the icons, and the list of models with the way to find their files.
//
// The page and the icons are inside the program; [Panel] and the icon functions return them. The page's script, style and font are made from
// ui/panel by the build; a program built without them still starts and serves a page that says what is missing. Models are not inside the program: the
// native libraries want files, and a model in the program would lie on the disk twice.
package assets

import (
	"embed"
	"io/fs"
)

//go:embed panel
var panel embed.FS

// Panel returns the files of the page: index.html, panel.js, panel.css and the font.
func Panel() fs.FS {
	sub, err := fs.Sub(panel, "panel")
	if err != nil {
		panic("assets: internal error: " + err.Error()) // "panel" is a valid name
	}
	return sub
}

//go:embed icon/tray-44.png
var tray []byte

//go:embed icon/tray-paused-44.png
var trayPaused []byte

//go:embed icon/tray-grey-44.png
var trayGrey []byte

//go:embed icon/tray-grey-paused-44.png
var trayGreyPaused []byte

//go:embed icon/app-512.png
var app512 []byte

// Icon returns the program's picture, 512 pixels wide, as PNG.
func Icon() []byte { return app512 }

// TrayIcon returns the menu-bar mark, 44 pixels for 22 points, as a PNG template: black with alpha, which a Mac paints in the colour of its
// menu bar. Paused, the dots stand without links.
func TrayIcon(paused bool) []byte {
	if paused {
		return trayPaused
	}
	return tray
}

// TrayIconGrey is the same in a grey that can be seen on dark and on light bars, for desktops that paint icons as they are.
func TrayIconGrey(paused bool) []byte {
	if paused {
		return trayGreyPaused
	}
	return trayGrey
}
