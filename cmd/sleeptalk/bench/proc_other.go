//go:build !linux

package bench

import (
	"errors"
	"time"
)

// seesProcesses says that the time and the memory of other processes are not
// asked for here: only Linux's way is known.
const seesProcesses = false

func cpuTime(int) (time.Duration, error) { return 0, errors.ErrUnsupported }

func residentMemory(int) (float64, error) { return 0, errors.ErrUnsupported }
