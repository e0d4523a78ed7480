//go:build cgo

package mic

import "github.com/gen2brain/malgo"

func backends() []malgo.Backend { return []malgo.Backend{malgo.BackendCoreaudio} }

// halt does nothing: taking the device apart stops it, and stopping one that already
// stopped, as after sleep, would wait for ever.
func halt(*malgo.Device) {}
