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

//go:embed icon/tray-22.png
var tray22 []byte

//go:embed icon/tray-44.png
var tray44 []byte

//go:embed icon/tray-paused-44.png
var trayPaused44 []byte

//go:embed icon/tray-light-44.png
var trayLight44 []byte

//go:embed icon/app-512.png
var app512 []byte

// Icon returns the program's picture, 512 pixels wide, as PNG.
func Icon() []byte { return app512 }

// TrayIcon returns the menu-bar mark as a PNG template: black with alpha, which a Mac paints in the colour of the menu bar. The size is 22 or 44 pixels.
func TrayIcon(pixels int) []byte {
	if pixels <= 22 {
		return tray22
	}
	return tray44
}

// TrayIconPaused is the mark while nothing is heard: the same dots without links.
func TrayIconPaused() []byte { return trayPaused44 }

// TrayIconLight is the mark in light grey, for the dark bars of desktops that paint icons as they are.
func TrayIconLight() []byte { return trayLight44 }
