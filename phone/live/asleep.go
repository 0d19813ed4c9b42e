//go:build linux || darwin

package live

import (
	"time"

	"golang.org/x/sys/unix"
)

// asleep is how long this computer has slept since it was started.
func asleep() time.Duration {
	var awake, whole unix.Timespec
	if unix.ClockGettime(awakeClock, &awake) != nil || unix.ClockGettime(wholeClock, &whole) != nil {
		return 0
	}
	return time.Duration(whole.Nano() - awake.Nano())
}
