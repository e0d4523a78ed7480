package main

import (
	"errors"
	"fmt"
	"testing"

	"hotmem/assets"
	"hotmem/audio/mic"
	"hotmem/graphstore"
	"hotmem/ui"
)

func TestEveryTroubleHasItsWords(t *testing.T) {
	for _, test := range []struct {
		err  error
		want ui.Trouble
	}{
		{mic.ErrNoMicrophone, ui.NoMicrophone},
		{mic.ErrStopped, ui.MicrophoneSilent},
		{graphstore.ErrFull, ui.DiskFull},
		{fmt.Errorf("line 1 %w: %w", errUnlearned, graphstore.ErrFull), ui.DiskFull},
		{assets.ErrModelMissing, ui.ModelMissing},
		{errModel, ui.ModelMissing},
		{errUnheard, ui.Unheard},
		{errUnlearned, ui.Unlearned},
		{errUnlearnable, ui.Unlearnable},
		{errClosing, ui.Closing},
		{errors.New("anything"), ui.CannotListen},
	} {
		if got := troubleOf(fmt.Errorf("in the middle of it: %w", test.err)); *got != test.want {
			t.Errorf("%v: %q, want %q", test.err, got.Error, test.want.Error)
		}
	}
}

func TestAHitchIsShownUntilItWorksAgainAndHidesNoGreaterTrouble(t *testing.T) {
	app := openApp(t, Config{})
	for _, step := range []struct {
		before ui.State
		do     func()
		want   *ui.Trouble
	}{
		{ui.Hearing, func() { app.hitch(nil) }, nil},
		{ui.Hearing, func() { app.hitch(errUnheard) }, &ui.Unheard},
		{ui.Hearing, func() { app.hitch(graphstore.ErrFull) }, &ui.DiskFull},
		{ui.Hearing, func() { app.finished(nil) }, &ui.DiskFull},
		{ui.Paused, func() { app.hitch(nil) }, nil},
		{ui.Starting, func() { app.inTrouble("", mic.ErrNoMicrophone) }, &ui.NoMicrophone},
		{ui.InTrouble, func() { app.hitch(errUnheard) }, &ui.NoMicrophone},
		{ui.InTrouble, func() { app.hitch(nil) }, &ui.NoMicrophone},
		{ui.InTrouble, func() { app.finished(nil) }, nil},
	} {
		app.setStatus(func(s *ui.Status) { s.State = step.before })
		step.do()
		if got := app.Status().Trouble; (got == nil) != (step.want == nil) || got != nil && *got != *step.want {
			t.Errorf("%s: trouble %v, want %v", step.before, got, step.want)
		}
	}
	if err := app.Failed(); !errors.Is(err, errUnheard) || app.lost != 2 {
		t.Errorf("at the end: %v, %d lost", err, app.lost)
	}
	select {
	case <-app.edited:
	default:
		t.Error("after the full disk nobody tries again")
	}
}
