package extract

import "math"

// A curve moves a confidence to where it means what it says: σ(scale · logit p + shift), after Platt (1999), with a
// further shift for each label. train/calibrate.py fits it; the zero value leaves confidences as they are.
type curve struct {
	Scale float64            `json:"scale"`
	Shift float64            `json:"shift"`
	By    map[string]float64 `json:"by"`
}

// certain keeps a confidence away from 0 and 1, where the curve has no end.
const certain = 1e-4

func (c curve) sure(p float64, label string) float64 {
	if c.Scale == 0 {
		return p
	}
	p = min(max(p, certain), 1-certain)
	return 1 / (1 + math.Exp(-(c.Scale*math.Log(p/(1-p)) + c.Shift + c.By[label])))
}

// calibration are the curves of what a record tells.
type calibration struct {
	Entity   curve `json:"entity"`
	Coref    curve `json:"coref"`
	Relation curve `json:"relation"`
}

// calibrate is the last step of a reading: the thresholds before it compare what the heads say.
func (r *reading) calibrate() {
	r.rec.Believed = r.opt.Believed[r.rec.Domain]
	by := r.opt.Calibration
	for _, es := range [][]Entity{r.rec.Entities, r.rec.InContext} {
		for i := range es {
			es[i].Confidence = by.Entity.sure(es[i].Confidence, "")
		}
	}
	for i := range r.rec.Coref {
		r.rec.Coref[i].Confidence = by.Coref.sure(r.rec.Coref[i].Confidence, "")
	}
	for _, ts := range [][]Relation{r.rec.Relations, r.rec.Query} {
		for i := range ts {
			ts[i].Confidence = by.Relation.sure(ts[i].Confidence, ts[i].Relation)
		}
	}
}
