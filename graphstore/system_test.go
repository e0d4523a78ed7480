package graphstore

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"syscall"
	"testing"

	"github.com/dgraph-io/badger/v4/y"
)

func TestOnlyFilesThatCannotBeTrustedAreDamaged(t *testing.T) {
	file := func(no syscall.Errno) error { return &fs.PathError{Op: "open", Path: "MANIFEST", Err: no} }
	cases := map[string]struct{ err, want error }{
		"a checksum":              {y.Wrap(y.ErrChecksumMismatch, "table 1"), ErrDamaged},
		"a manifest":              {errors.New("manifest has bad magic"), ErrDamaged},
		"a lost table":            {file(syscall.ENOENT), ErrDamaged},
		"a broken record":         {readError(errors.New("checksum mismatch")), ErrDamaged},
		"no permission":           {file(syscall.EACCES), fs.ErrPermission},
		"no permission, in words": {y.Wrap(file(syscall.EACCES), "while opening"), fs.ErrPermission},
		"another owner":           {file(syscall.EPERM), fs.ErrPermission},
		"a full disk":             {file(syscall.ENOSPC), ErrFull},
		"a full disk, in words":   {y.Wrap(file(syscall.ENOSPC), "while writing"), ErrFull},
		"a quota":                 {file(syscall.EDQUOT), ErrFull},
		"no room":                 {fmt.Errorf("3 MB left: %w", ErrFull), ErrFull},
		"a read-only disk":        {y.Wrap(file(syscall.EROFS), "while opening"), syscall.EROFS},
		"a failing disk":          {readError(file(syscall.EIO)), syscall.EIO},
		"too many files":          {file(syscall.EMFILE), syscall.EMFILE},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			err := openError("here", c.err)
			if !errors.Is(err, c.want) || errors.Is(err, ErrDamaged) != (c.want == ErrDamaged) {
				t.Errorf("error %v", err)
			}
			if strings.Contains(err.Error(), wayBack) != (c.want == ErrDamaged) {
				t.Errorf("the wrong next step: %v", err)
			}
		})
	}
}
