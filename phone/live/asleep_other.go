//go:build !linux && !darwin

package live

import "time"

// asleep is 0: the monotonic clock runs on while the computer sleeps, or nobody
// tells.
func asleep() time.Duration { return 0 }
