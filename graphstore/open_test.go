package graphstore

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dgraph-io/badger/v4"
)

// full makes a store on disk with enough in it for tables, and closes it.
func full(t *testing.T, opt Options) string {
	t.Helper()
	dir := t.TempDir()
	s := beginIn(t, dir, opt)
	for range 20 {
		s.hear("I like Rome and Oslo.", sure(user, "likes", place("Rome")), sure(user, "likes", place("Oslo")))
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestStoreInUseSaysSo(t *testing.T) {
	dir := t.TempDir()
	beginIn(t, dir, Options{})
	_, err := Open(dir, Options{})
	if !errors.Is(err, ErrInUse) || !strings.Contains(err.Error(), dir) {
		t.Errorf("error %v", err)
	}
}

// rewrite changes one record of a closed store.
func rewrite(t *testing.T, dir, k, v string) {
	t.Helper()
	db, err := badger.Open(badgerOptions(dir, Options{}))
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Update(func(txn *badger.Txn) error { return txn.Set([]byte(k), []byte(v)) }); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestNewerStoreIsRefused(t *testing.T) {
	dir := full(t, Options{})
	rewrite(t, dir, key(keyFormat), `{"format":2,"rules":1}`)
	if _, err := Open(dir, Options{}); !errors.Is(err, ErrNewer) || errors.Is(err, ErrDamaged) {
		t.Errorf("error %v", err)
	}
}

func TestStoreOfOtherRulesIsDerivedAnew(t *testing.T) {
	dir := full(t, Options{})
	rewrite(t, dir, key(keyStats), `{"facts":99}`)
	rewrite(t, dir, key(keyFormat), `{"format":1,"rules":0}`)
	s := beginIn(t, dir, Options{})
	if stats, err := s.Stats(); err != nil || stats.Facts != 2 {
		t.Errorf("%+v, %v", stats, err)
	}
}

func TestCheckNamesWhatIsWrong(t *testing.T) {
	cases := map[string]struct{ key, val, want string }{
		"totals":          {key(keyStats), `{"facts":99}`, "totals"},
		"a stray index":   {key(keyUnlearned, num(2)), "", "index 'u'"},
		"a stray key":     {"?", "x", "not a key"},
		"a broken record": {key(keyNode, num(1)), `{`, "record"},
		"a lost fact":     {key(keyEdge, num(3001)), `{"id":3001,"key":{"s":1,"r":"likes","o":77},"author":"model"}`, "no node 77"},
		"a gap":           {key(keyOp, num(500)), `{"seq":500,"kind":"session"}`, "operation 500: follows"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			dir := full(t, Options{})
			rewrite(t, dir, c.key, c.val)
			s, err := Open(dir, Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			if err := s.Check(); !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v", err)
			}
		})
	}
}

func TestRebuildFindsWhatTheLogDoesNotSay(t *testing.T) {
	dir := full(t, Options{})
	rewrite(t, dir, key(keyLine, num(2)), `{"id":2,"session":1,"at":"2026-05-01T12:00:01Z","start_ns":0,"end_ns":0,"text":"I like Rome and Oslo!","learned":true}`)
	s, err := Open(dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.CheckRebuild(); !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), "a replay of the log gives") {
		t.Errorf("error %v", err)
	}
}

func TestDamagedStoreNamesTheDirectoryAndTheWayBack(t *testing.T) {
	garbage := bytes.Repeat([]byte("not a store "), 500)
	cases := map[string]func(t *testing.T, dir string){
		"manifest overwritten": func(t *testing.T, dir string) { overwrite(t, dir, "MANIFEST", garbage) },
		"table overwritten":    func(t *testing.T, dir string) { overwrite(t, dir, "*.sst", garbage) },
		"table cut":            func(t *testing.T, dir string) { overwrite(t, dir, "*.sst", garbage[:100]) },
		"table lost":           func(t *testing.T, dir string) { remove(t, dir, "*.sst") },
	}
	for name, damage := range cases {
		t.Run(name, func(t *testing.T) {
			dir := full(t, Options{})
			damage(t, dir)
			s, err := Open(dir, Options{})
			if err == nil {
				err = s.Check() // what opens all the same must at least not pass for sound
				_ = s.Close()
			}
			if !errors.Is(err, ErrDamaged) {
				t.Fatalf("error %v", err)
			}
			t.Log(err)
			if !strings.Contains(err.Error(), dir) || !strings.Contains(err.Error(), "move the directory aside") {
				t.Errorf("error %v", err)
			}
		})
	}
}

// Without its key registry a store looks as one whose key is wrong.
func TestBrokenKeyRegistryIsAKeyThatDoesNotFit(t *testing.T) {
	dir := full(t, Options{})
	overwrite(t, dir, "KEYREGISTRY", []byte("not a registry, and longer than its header, all the same"))
	if _, err := Open(dir, Options{}); !errors.Is(err, ErrKey) || !strings.Contains(err.Error(), "backup") {
		t.Errorf("error %v", err)
	}
}

func overwrite(t *testing.T, dir, pattern string, with []byte) {
	t.Helper()
	for _, f := range files(t, dir, pattern) {
		if err := os.WriteFile(f, with, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func remove(t *testing.T, dir, pattern string) {
	t.Helper()
	for _, f := range files(t, dir, pattern) {
		if err := os.Remove(f); err != nil {
			t.Fatal(err)
		}
	}
}

func files(t *testing.T, dir, pattern string) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dir, pattern))
	if err != nil || len(found) == 0 {
		t.Fatalf("no %s in the store: %v", pattern, err)
	}
	return found
}

func TestTableThatACrashLeftHalfWrittenIsNoDamage(t *testing.T) {
	dir := full(t, Options{})
	if err := os.WriteFile(filepath.Join(dir, "000099.sst"), []byte("half a ta"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := beginIn(t, dir, Options{})
	s.knows("USER likes Rome ×20", "USER likes Oslo ×20")
}

func TestDamagedBlockDoesNotPassTheCheck(t *testing.T) {
	dir := full(t, Options{})
	table := files(t, dir, "*.sst")[0]
	b, err := os.ReadFile(table)
	if err != nil {
		t.Fatal(err)
	}
	for i := 100; i < 200; i++ {
		b[i] ^= 0xff
	}
	if err := os.WriteFile(table, b, 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := Open(dir, Options{})
	if err == nil {
		err = s.Check()
		_ = s.Close()
	}
	if !errors.Is(err, ErrDamaged) {
		t.Errorf("error %v", err)
	}
}

func TestEncryptedStoreNeedsItsKeyAndHidesItsWords(t *testing.T) {
	right, wrong := bytes.Repeat([]byte{1}, 32), bytes.Repeat([]byte{2}, 32)
	dir := full(t, Options{Key: right})
	for _, key := range [][]byte{wrong, nil, []byte("short")} {
		if s, err := Open(dir, Options{Key: key}); !errors.Is(err, ErrKey) {
			t.Errorf("opened with %d bytes: %v, %v", len(key), s, err)
		}
	}
	for _, f := range files(t, dir, "*") {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(b, []byte("Oslo")) || bytes.Contains(b, []byte("oslo")) {
			t.Errorf("%s holds what was said", filepath.Base(f))
		}
	}
	s := beginIn(t, dir, Options{Key: right})
	if f, err := s.Facts(Filter{}); err != nil || len(f) != 2 {
		t.Errorf("%v, %v", f, err)
	}
}

func TestClosedStoreSaysSo(t *testing.T) {
	s := begin(t)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.AddLine(Line{Session: s.session}); !errors.Is(err, ErrClosed) {
		t.Errorf("write: %v", err)
	}
	if _, err := s.Facts(Filter{}); !errors.Is(err, ErrClosed) {
		t.Errorf("read: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Errorf("second close: %v", err)
	}
}

func TestReopenedStoreGoesOn(t *testing.T) {
	dir := full(t, Options{})
	s := beginIn(t, dir, Options{})
	s.hear("I like Bergen.", sure(user, "likes", place("Bergen")))
	if stats, err := s.Stats(); err != nil || stats.Facts != 3 || stats.Sessions != 2 || stats.Lines != 21 {
		t.Errorf("%+v, %v", stats, err)
	}
}
