package assets

import (
	"bytes"
	"flag"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"testing"
)

var update = flag.Bool("update", false, "draw the icons anew")

// mark is three linked dots: two small ones that lean on a large one, with room around them, in a square of side 1.
type mark struct {
	ink, ground color.NRGBA
	links       bool
	tile        bool // an app icon on a rounded ground, not a template
}

var (
	black = color.NRGBA{A: 255}
	light = color.NRGBA{R: 0xe8, G: 0xea, B: 0xed, A: 255}
	grey  = color.NRGBA{R: 0x80, G: 0x87, B: 0x93, A: 255}
	dark  = color.NRGBA{R: 0x17, G: 0x1a, B: 0x20, A: 255}
	// dots: middle and radius.
	dots = [][3]float64{{.34, .64, .20}, {.76, .34, .145}, {.78, .82, .105}}
	// colours of the dots on the app icon: people, places, ideas, as in the panel.
	dotInk = []color.NRGBA{{0xf2, 0xb6, 0x5a, 255}, {0x6c, 0xc7, 0x9a, 255}, {0x7f, 0xa8, 0xf5, 255}}
)

// icons is what assets.go embeds.
var icons = []struct {
	file   string
	pixels int
	mark   mark
}{
	{"icon/tray-44.png", 44, mark{ink: black, links: true}},
	{"icon/tray-paused-44.png", 44, mark{ink: black}},
	{"icon/tray-grey-44.png", 44, mark{ink: grey, links: true}},
	{"icon/tray-grey-paused-44.png", 44, mark{ink: grey}},
	{"icon/app-512.png", 512, mark{ink: light, ground: dark, links: true, tile: true}},
}

// at gives the colour of a point, without smoothing.
func (m mark) at(x, y float64) color.NRGBA {
	under := color.NRGBA{}
	if m.tile {
		if !inTile(x, y) {
			return under
		}
		under = m.ground
		x, y = (x-.5)/.72+.5, (y-.5)/.72+.5
	}
	for i, d := range dots {
		if math.Hypot(x-d[0], y-d[1]) <= d[2] {
			if m.tile {
				return dotInk[i]
			}
			return m.ink
		}
	}
	if m.links && (m.near(x, y, 0, 1) || m.near(x, y, 0, 2)) {
		return m.ink
	}
	return under
}

func inTile(x, y float64) bool {
	const edge, corner = .06, .2
	dx := math.Max(math.Abs(x-.5)-(.5-edge-corner), 0)
	dy := math.Max(math.Abs(y-.5)-(.5-edge-corner), 0)
	return math.Hypot(dx, dy) <= corner
}

func (m mark) near(x, y float64, a, b int) bool {
	ax, ay, bx, by := dots[a][0], dots[a][1], dots[b][0], dots[b][1]
	t := ((x-ax)*(bx-ax) + (y-ay)*(by-ay)) / (math.Pow(bx-ax, 2) + math.Pow(by-ay, 2))
	t = math.Max(0, math.Min(1, t))
	return math.Hypot(x-ax-t*(bx-ax), y-ay-t*(by-ay)) <= .042
}

func (m mark) draw(pixels int) []byte {
	const fine = 8 // samples a pixel, each way
	img := image.NewNRGBA(image.Rect(0, 0, pixels, pixels))
	for py := range pixels {
		for px := range pixels {
			var r, g, b, a float64
			for s := range fine * fine {
				c := m.at((float64(px)+(float64(s%fine)+.5)/fine)/float64(pixels), (float64(py)+(float64(s/fine)+.5)/fine)/float64(pixels))
				r, g, b, a = r+float64(c.R)*float64(c.A), g+float64(c.G)*float64(c.A), b+float64(c.B)*float64(c.A), a+float64(c.A)
			}
			if a > 0 {
				img.SetNRGBA(px, py, color.NRGBA{uint8(r/a + .5), uint8(g/a + .5), uint8(b/a + .5), uint8(a/(fine*fine) + .5)})
			}
		}
	}
	var out bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&out, img); err != nil {
		panic(err)
	}
	return out.Bytes()
}

func TestIconsAreDrawnFromTheMark(t *testing.T) {
	for _, icon := range icons {
		want := icon.mark.draw(icon.pixels)
		if *update {
			if err := os.WriteFile(icon.file, want, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		got, err := os.ReadFile(icon.file)
		if err != nil {
			t.Fatalf("%v; draw it with go test ./assets -update", err)
		}
		if !samePicture(t, got, want) {
			t.Errorf("%s is not what the mark gives; draw it with go test ./assets -update", icon.file)
		}
	}
}

// samePicture compares pixels, not bytes: a compressor may change between versions of Go. One step of a colour is the last bit of a sum.
func samePicture(t *testing.T, a, b []byte) bool {
	t.Helper()
	decode := func(data []byte) image.Image {
		img, err := png.Decode(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		return img
	}
	x, y := decode(a), decode(b)
	if x.Bounds() != y.Bounds() {
		return false
	}
	near := func(p, q uint32) bool { return math.Abs(float64(p)-float64(q)) <= 0x101 }
	for py := x.Bounds().Min.Y; py < x.Bounds().Max.Y; py++ {
		for px := x.Bounds().Min.X; px < x.Bounds().Max.X; px++ {
			r1, g1, b1, a1 := x.At(px, py).RGBA()
			r2, g2, b2, a2 := y.At(px, py).RGBA()
			if !near(r1, r2) || !near(g1, g2) || !near(b1, b2) || !near(a1, a2) {
				return false
			}
		}
	}
	return true
}

func TestTemplatesHaveNoColour(t *testing.T) {
	for name, data := range map[string][]byte{"hearing": TrayIcon(false), "paused": TrayIcon(true)} {
		img, err := png.Decode(bytes.NewReader(data))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		opaque := 0
		for y := range img.Bounds().Dy() {
			for x := range img.Bounds().Dx() {
				r, g, b, a := img.At(x, y).RGBA()
				if r|g|b != 0 {
					t.Fatalf("%s: pixel %d,%d has a colour; a Mac would not recognise a template", name, x, y)
				}
				if a == 0xffff {
					opaque++
				}
			}
		}
		if share := float64(opaque) / float64(img.Bounds().Dx()*img.Bounds().Dy()); share < .1 || share > .6 {
			t.Errorf("%s: %.0f%% of the square is inked; a mark of a menu bar is neither a speck nor a block", name, share*100)
		}
	}
}

func TestPageIsThere(t *testing.T) {
	f, err := Panel().Open("index.html")
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}
