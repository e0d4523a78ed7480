package graphstore

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/dgraph-io/badger/v4"
	"github.com/dgraph-io/badger/v4/pb"
	"github.com/dgraph-io/badger/v4/table"
	"github.com/dgraph-io/badger/v4/y"
	"google.golang.org/protobuf/proto"
)

// checkTables looks at the ends of all tables. Badger reads them on goroutines
// of its own and panics there on a damaged one, which nobody can catch; so the
// index of each is checked against its checksum first. Only tables that the
// manifest lists count: one that a crash left half written is not among them,
// and Badger removes it. What is missing altogether is Badger's to report, as
// it takes the lock first: another process may be at work here.
func checkTables(o badger.Options) error {
	f, err := os.Open(filepath.Join(o.Dir, badger.ManifestFilename))
	if err != nil {
		return nil
	}
	defer f.Close()
	manifest, _, err := badger.ReplayManifestFile(f, 0, o)
	if err != nil {
		return nil
	}
	for _, id := range sortedKeys(manifest.Tables) {
		name := table.NewFilename(id, o.Dir)
		if err := checkTable(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("table %s: %w", filepath.Base(name), err)
		}
	}
	return nil
}

// checkTable reads a table's end: index, its length, its checksum, the length
// of that; lengths are four bytes, big-endian.
func checkTable(name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	end := info.Size()
	read := func(n int64) []byte {
		if err != nil || n < 0 || n > end {
			err = errors.New("cut short or overwritten")
			return make([]byte, 4)
		}
		end -= n
		b := make([]byte, n)
		_, err = f.ReadAt(b, end)
		return b
	}
	length := func() int64 { return int64(binary.BigEndian.Uint32(read(4))) }
	sum := read(length())
	index := read(length())
	if err != nil {
		return err
	}
	var want pb.Checksum
	if err := proto.Unmarshal(sum, &want); err != nil {
		return fmt.Errorf("checksum: %w", err)
	}
	return y.VerifyChecksum(index, &want)
}
