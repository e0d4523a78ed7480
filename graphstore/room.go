//go:build linux || darwin

package graphstore

import (
	"fmt"
	"syscall"
)

// spare is the room a write needs at worst: Badger maps its files into memory,
// and a mapped page that finds no disk block kills the process instead of
// giving an error. So the store stops early: two memtables' logs, their
// tables, and a compaction.
const spare = 48 << 20

// room refuses to go on when the disk is nearly full.
func (s *Store) room() error {
	if s.db != nil && s.db.Opts().InMemory {
		return nil
	}
	var fs syscall.Statfs_t
	if err := syscall.Statfs(s.dir, &fs); err != nil {
		return fmt.Errorf("look for room in the store's directory: %w", err)
	}
	if free := fs.Bavail * uint64(fs.Bsize); free < spare {
		return fmt.Errorf("%d MB left: %w", free>>20, ErrFull)
	}
	return nil
}
