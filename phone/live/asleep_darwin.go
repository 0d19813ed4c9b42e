package live

import "golang.org/x/sys/unix"

// The clock that stands while the computer sleeps, and that which does not.
const (
	awakeClock = unix.CLOCK_UPTIME_RAW
	wholeClock = unix.CLOCK_MONOTONIC
)
