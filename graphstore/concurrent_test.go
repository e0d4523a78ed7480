package graphstore

import (
	"errors"
	"fmt"
	"io"
	"sync"
	"testing"
	"time"
)

// Two write, one corrects and takes back, three read, all at once; every
// snapshot must be whole.
func TestReadersAndWritersMeetOnWholePictures(t *testing.T) {
	s := begin(t)
	s.hear("I like Rome.", sure(user, "likes", place("Rome")))
	rome := s.fact("USER likes Rome").ID
	var writers, readers sync.WaitGroup
	try := func(err error) {
		if err != nil {
			t.Error(err)
		}
	}
	for w := range 2 {
		writers.Go(func() {
			for i := range 40 {
				l, err := s.AddLine(Line{Session: s.session, Text: "what was said", At: noon.Add(time.Minute)})
				try(err)
				_, err = s.Apply(l.ID, []Claim{sure(user, "likes", place("Rome")), sure(person(fmt.Sprint(w)), "likes", place(fmt.Sprint(i)))})
				try(err)
			}
		})
	}
	writers.Go(func() {
		for range 20 {
			_, err := s.Correct(Correction{Op: RejectFact, Edge: rome})
			try(err)
			_, err = s.Undo()
			try(err)
		}
	})
	stop := make(chan struct{})
	for range 2 {
		readers.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				snap, err := s.Snapshot(Scope{Limit: 500})
				try(err)
				have := map[NodeID]bool{}
				for _, n := range snap.Nodes {
					have[n.ID] = true
				}
				for _, e := range snap.Edges {
					if !have[e.Subject] || !have[e.Object] {
						t.Errorf("fact %d hangs in the air", e.ID)
					}
				}
				try(s.Export(io.Discard))
			}
		})
	}
	writers.Wait()
	close(stop)
	readers.Wait()
	if f, err := s.Fact(rome); err != nil || f.Count != 81 || f.State != Believed {
		t.Errorf("told %d times, %s, %v", f.Count, f.State, err)
	}
}

func TestCloseWaitsForReaders(t *testing.T) {
	s := beginIn(t, t.TempDir(), Options{})
	for i := range 50 {
		s.hear("x", sure(user, "likes", place(fmt.Sprint(i))))
	}
	var readers sync.WaitGroup
	started := make(chan struct{}, 4)
	for range 4 {
		readers.Go(func() {
			for i := 0; ; i++ {
				_, err := s.Facts(Filter{})
				if i == 0 {
					started <- struct{}{}
				}
				if errors.Is(err, ErrClosed) {
					return
				}
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	for range 4 {
		<-started
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	readers.Wait()
}
