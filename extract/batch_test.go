package extract

import (
	"errors"
	"reflect"
	"strconv"
	"strings"
	"testing"
)

func waiting(n int) (all []Input) {
	for i := range n {
		all = append(all, Input{ID: strconv.Itoa(i), Text: "My brother Ben drives lorry number " + strconv.Itoa(i) + " for a dairy."})
	}
	return all
}

func TestWaitingUtterancesGiveTheSameRecordsInFewerPasses(t *testing.T) {
	all := waiting(40)
	all[3].Text = ""
	all[4].Text = strings.Repeat("And then he said that it was late. ", 30) // several windows
	all[5].Context = []string{"Far back.", "I saw my family.", "All of them.", "Every one."}
	all[6] = all[2]
	all[7].Domain = "work"
	all[8].Text = "🙂"
	enc, x := counting(t)
	var want []Record
	for _, in := range all {
		want = append(want, extracted(t, x, in))
	}
	alone := enc.calls
	x.Forget()
	enc.calls = 0
	got, err := x.ExtractAll(t.Context(), all)
	if err != nil {
		t.Fatal(err)
	}
	for i := range all {
		if !reflect.DeepEqual(got[i], want[i]) {
			t.Errorf("utterance %d is read otherwise together with others", i)
		}
	}
	if enc.calls > alone/3 {
		t.Errorf("%d passes alone, %d together", alone, enc.calls)
	}
	if again, err := x.ExtractAll(t.Context(), all); err != nil || !reflect.DeepEqual(again, got) {
		t.Errorf("remembered, they are read otherwise (error %v)", err)
	}
}

func TestAnUtteranceThatCannotBeReadLeavesThoseBeforeIt(t *testing.T) {
	_, x := counting(t)
	all := waiting(40)
	all[37].Text = strings.Repeat("a", MaxText+1)
	got, err := x.ExtractAll(t.Context(), all)
	if !errors.Is(err, ErrTooLong) || len(got) != 37 {
		t.Errorf("%d records and error %v", len(got), err)
	}
	if got, err := x.ExtractAll(t.Context(), nil); err != nil || len(got) != 0 {
		t.Errorf("no utterances give %d records and error %v", len(got), err)
	}
}
