package graphstore

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/dgraph-io/badger/v4/pb"
	"github.com/dgraph-io/badger/v4/y"
	"google.golang.org/protobuf/proto"
)

// checkTables looks at the ends of all table files. Badger reads them on
// goroutines of its own and panics there on a damaged one, which nobody can
// catch; so the index of each table is checked against its checksum first.
func checkTables(dir string) error {
	files, err := filepath.Glob(filepath.Join(dir, "*.sst"))
	if err != nil {
		return err
	}
	for _, name := range files {
		if err := checkTable(name); err != nil {
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
