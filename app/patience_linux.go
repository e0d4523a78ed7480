package main

import (
	"os"
	"syscall"
)

// waitPatiently makes the threads of the engines sleep, and not spin, when they wait for each other. OpenMP spins for
// milliseconds by default; when something else wants the processors, each of the thousand short waits of a decoding then
// costs a time slice: on two busy processors the same 26 s of speech took 150 s and more, against 10 s to 20 s. The
// library reads its setting before the program's first line, so the program starts itself anew with it. On a quiet machine
// a thousand rounds (some 10 µs) catch the short waits.
func waitPatiently() {
	if os.Getenv("GOMP_SPINCOUNT") != "" || os.Getenv("OMP_WAIT_POLICY") != "" {
		return
	}
	// When this fails, everything works all the same, only slower.
	_ = syscall.Exec("/proc/self/exe", os.Args, append(os.Environ(), "GOMP_SPINCOUNT=1000"))
}
