package graphstore

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"syscall"
)

// systemErrors are the system's own reasons not to read or write. None of them
// says anything about the files, so a person must not be told that they are
// damaged and move a sound memory away.
var systemErrors = []syscall.Errno{
	syscall.ENOSPC, syscall.EDQUOT, syscall.EACCES, syscall.EPERM, syscall.EROFS, syscall.EIO, syscall.EMFILE, syscall.ENFILE, syscall.ENOMEM,
}

// systemError gives an error that the system is the reason of its value back,
// nil for all others: of most errors Badger keeps the words alone. A full disk
// and a used up quota are ErrFull.
func systemError(err error) error {
	i := slices.IndexFunc(systemErrors, func(no syscall.Errno) bool {
		return errors.Is(err, no) || strings.Contains(err.Error(), no.Error())
	})
	switch {
	case errors.Is(err, ErrFull):
		return err
	case i < 0:
		return nil
	case systemErrors[i] == syscall.ENOSPC, systemErrors[i] == syscall.EDQUOT:
		return fmt.Errorf("%w (%w)", ErrFull, err)
	case errors.Is(err, systemErrors[i]):
		return err
	}
	return fmt.Errorf("%w (%v)", systemErrors[i], err)
}
