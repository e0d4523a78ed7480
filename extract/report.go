package extract

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// A Count holds how many things were right, predicted and wanted.
type Count struct{ Right, Predicted, Gold int }

// Precision is the share of the predicted that is right.
func (c Count) Precision() float64 { return share(c.Right, c.Predicted) }

// Recall is the share of the wanted that was found.
func (c Count) Recall() float64 { return share(c.Right, c.Gold) }

// F1 is the harmonic mean of precision and recall.
func (c Count) F1() float64 {
	p, r := c.Precision(), c.Recall()
	if p+r == 0 {
		return 0
	}
	return 2 * p * r / (p + r)
}

func (c Count) String() string {
	return fmt.Sprintf("P %.3f R %.3f F1 %.3f  (tp %d, predicted %d, gold %d)", c.Precision(), c.Recall(), c.F1(), c.Right, c.Predicted, c.Gold)
}

// MarshalJSON writes the shares beside the counts.
func (c Count) MarshalJSON() ([]byte, error) {
	return json.Marshal(map[string]any{"right": c.Right, "predicted": c.Predicted, "gold": c.Gold,
		"precision": fourDigits(c.Precision()), "recall": fourDigits(c.Recall()), "f1": fourDigits(c.F1())})
}

func (c *Count) add(o Count) {
	c.Right, c.Predicted, c.Gold = c.Right+o.Right, c.Predicted+o.Predicted, c.Gold+o.Gold
}

func share(a, b int) float64 {
	if b == 0 {
		return 0
	}
	return float64(a) / float64(b)
}

// A Report is the quality of predicted records, by GUIDE.md section 7.
type Report struct {
	Records           int              `json:"records"`
	Missing           int              `json:"missing"` // gold records without a prediction; they count as empty
	Entity            Count            `json:"entity"`
	EntityNoType      Count            `json:"entity_no_type"`
	Relation          Count            `json:"relation"`
	RelationPair      Count            `json:"relation_pair"`   // whatever the label
	RelationStatus    Count            `json:"relation_status"` // with the status
	RelationComplex   Count            `json:"relation_complex"`
	RelationRawSpeech Count            `json:"relation_raw_speech"`
	RelationClean     Count            `json:"relation_clean_speech"`
	Coreference       Count            `json:"coreference"`
	Links             Count            `json:"links"`
	FalseTriples      int              `json:"false_triples"`    // in records that hold no fact
	PairNotInGold     int              `json:"pair_not_in_gold"` // stand-in for nonsense
	Predicted         int              `json:"predicted"`        // different triples
	ActF1             float64          `json:"act_f1"`           // macro
	ActAccuracy       float64          `json:"act_accuracy"`
	RoleF1            float64          `json:"role_f1"` // macro
	TopicShift        Count            `json:"topic_shift"`
	ByRelation        map[string]Count `json:"by_relation"`
	ByDomain          map[string]Count `json:"by_domain"` // relations, by the domain of the gold record
}

// String prints the figures one a line.
func (rep Report) String() string {
	var b strings.Builder
	if rep.Missing > 0 {
		fmt.Fprintf(&b, "missing records: %d of %d\n", rep.Missing, rep.Records)
	}
	for _, row := range []struct {
		name string
		c    Count
	}{
		{"entity", rep.Entity}, {"entity (no type)", rep.EntityNoType}, {"relation", rep.Relation}, {"relation, pair only", rep.RelationPair},
		{"relation, status", rep.RelationStatus}, {"relation, complex", rep.RelationComplex}, {"relation, raw speech", rep.RelationRawSpeech},
		{"coreference", rep.Coreference}, {"links", rep.Links},
	} {
		if row.c.Gold > 0 || row.c.Predicted > 0 {
			fmt.Fprintf(&b, "%-24s %v\n", row.name, row.c)
		}
	}
	fmt.Fprintf(&b, "false triples in no-fact records: %d\n", rep.FalseTriples)
	fmt.Fprintf(&b, "pair not in gold (stand-in for nonsense): %d/%d = %.3f\n", rep.PairNotInGold, rep.Predicted,
		float64(rep.PairNotInGold)/float64(max(rep.Predicted, 1)))
	fmt.Fprintf(&b, "act macro F1 %.3f, accuracy %.3f\n", rep.ActF1, rep.ActAccuracy)
	fmt.Fprintf(&b, "role macro F1 %.3f; topic shift F1 %.3f\n", rep.RoleF1, rep.TopicShift.F1())
	return b.String()
}

// Details prints relation scores by relation and by domain, the commonest first.
func (rep Report) Details() string {
	var b strings.Builder
	for _, table := range []map[string]Count{rep.ByRelation, rep.ByDomain} {
		for _, name := range slices.SortedFunc(maps.Keys(table), func(x, y string) int {
			return cmp.Or(cmp.Compare(table[y].Gold, table[x].Gold), cmp.Compare(x, y))
		}) {
			fmt.Fprintf(&b, "  %-16s %v\n", name, table[name])
		}
	}
	return b.String()
}
