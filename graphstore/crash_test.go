package graphstore

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// childDir makes the test binary a child that writes to a store until killed.
const childDir = "HOTMEM_TEST_CHILD_STORE"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		fmt.Fprintln(os.Stderr, writeUntilKilled(dir))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// writeUntilKilled says on standard output what the store acknowledged.
func writeUntilKilled(dir string) error {
	s, err := Open(dir, Options{})
	if err != nil {
		return err
	}
	session, err := s.NewSession(time.Now())
	if err != nil {
		return err
	}
	for i := 0; ; i++ {
		l, err := s.AddLine(Line{Session: session.ID, Text: fmt.Sprint("line ", i)})
		if err != nil {
			return err
		}
		fmt.Println("line", l.ID)
		c, err := s.Apply(l.ID, []Claim{
			sure(user, "likes", Term{fmt.Sprint("thing ", i%50), "PRODUCT"}),
			sure(user, "lives_in", place(fmt.Sprint("place ", session.ID, "-", i))),
		})
		if err != nil {
			return err
		}
		fmt.Println("learned", l.ID)
		if i%3 == 0 {
			if c, err = s.Correct(Correction{Op: RejectFact, Edge: c.Edges[len(c.Edges)-1].ID}); err != nil {
				return err
			}
			fmt.Println("rejected", c.Edges[0].ID)
		}
		if i%7 == 0 {
			if _, err := s.Undo(); err != nil {
				return err
			}
		}
	}
}

func TestNothingAcknowledgedIsLostOnKill(t *testing.T) {
	dir := t.TempDir()
	rounds := 10
	if testing.Short() {
		rounds = 3
	}
	var said []string
	for range rounds {
		said = append(said, killed(t, dir, time.Duration(rand.IntN(400))*time.Millisecond)...)
		s, err := Open(dir, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.CheckRebuild(); err != nil {
			t.Fatal(err)
		}
		for _, line := range said {
			acknowledged(t, s, line)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d acknowledged writes, %d kills", len(said), rounds)
	if len(said) < rounds {
		t.Errorf("only %d acknowledged writes: the children hardly ran", len(said))
	}
}

// killed runs a child, kills it a while after its first word, and returns what
// it said.
func killed(t *testing.T, dir string, after time.Duration) []string {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe)
	cmd.Env = append(os.Environ(), childDir+"="+dir)
	var trouble strings.Builder
	cmd.Stderr = &trouble
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	r := bufio.NewReader(out)
	first, err := r.ReadString('\n')
	if err != nil {
		t.Fatalf("the child said nothing: %v\n%s", err, trouble.String())
	}
	time.AfterFunc(after, func() { _ = cmd.Process.Kill() })
	rest, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err == nil || cmd.ProcessState.Exited() {
		t.Fatalf("the child ended by itself: %v\n%s", err, trouble.String())
	}
	whole := first + string(rest)
	whole = whole[:strings.LastIndexByte(whole, '\n')] // the last word may be cut
	return strings.Split(whole, "\n")
}

func acknowledged(t *testing.T, s *Store, said string) {
	t.Helper()
	var what string
	var id uint64
	if _, err := fmt.Sscan(said, &what, &id); err != nil {
		t.Fatalf("%q: %v", said, err)
	}
	switch what {
	case "line":
		if _, err := s.Line(LineID(id)); err != nil {
			t.Errorf("acknowledged, then lost: %v", err)
		}
	case "learned":
		if l, err := s.Line(LineID(id)); err != nil || !l.Learned {
			t.Errorf("line %d was learned, and is not now: %v", id, err)
		}
	case "rejected":
		if f, err := s.Fact(EdgeID(id)); err != nil || f.Author != Person && f.State == Rejected {
			t.Errorf("fact %d was judged, and is %+v, %v", id, f.Edge, err)
		}
	}
}
