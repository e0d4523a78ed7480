package extract

import (
	"math"
	"testing"
)

func TestConfidencesMoveAlongTheirCurve(t *testing.T) {
	logistic := func(x float64) float64 { return 1 / (1 + math.Exp(-x)) }
	for _, c := range []struct {
		name  string
		curve curve
		p     float64
		label string
		want  float64
	}{
		{"no curve leaves them alone", curve{}, 0.7, "owns", 0.7},
		{"scale one and no shift as well", curve{Scale: 1}, 0.7, "owns", 0.7},
		{"a half stays a half however steep", curve{Scale: 3}, 0.5, "owns", 0.5},
		{"a shift moves all", curve{Scale: 1, Shift: -1}, 0.5, "owns", logistic(-1)},
		{"a label has its own shift on top", curve{Scale: 1, Shift: -1, By: map[string]float64{"owns": 2}}, 0.5, "owns", logistic(1)},
		{"of other labels it is none", curve{Scale: 1, Shift: -1, By: map[string]float64{"owns": 2}}, 0.5, "likes", logistic(-1)},
		{"certainty has an end", curve{Scale: 1}, 1, "owns", 1 - certain},
		{"and so has impossibility", curve{Scale: 1}, 0, "owns", certain},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := c.curve.sure(c.p, c.label); math.Abs(got-c.want) > 1e-9 {
				t.Errorf("%v becomes %v, not %v", c.p, got, c.want)
			}
		})
	}
}

func TestSurerStaysSurer(t *testing.T) {
	c := curve{Scale: 0.6, Shift: -0.4, By: map[string]float64{"open": -0.3}}
	before := -1.0
	for p := 0.0; p <= 1; p += 0.01 {
		got := c.sure(p, "open")
		if got < before || got < 0 || got > 1 {
			t.Fatalf("%.2f becomes %v after %v", p, got, before)
		}
		before = got
	}
}
