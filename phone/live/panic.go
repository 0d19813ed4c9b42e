package live

import (
	"fmt"
	"runtime/debug"
)

// A PanicError is a panic of the machine or of a goroutine of the host: a bug
// in this program. [Host.Run] returns it instead of crashing, so that the
// terminal can be restored first.
type PanicError struct {
	Where string // "loop", "gate", "dial", …
	Value any
	Stack string // of the goroutine that panicked, many lines
}

func (e *PanicError) Error() string {
	return fmt.Sprintf("panic in the %s: %v", e.Where, e.Value)
}

// Guard runs f and turns its panic into an error.
func Guard(where string, f func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &PanicError{Where: where, Value: v, Stack: string(debug.Stack())}
		}
	}()
	return f()
}

// Guard runs f, in any goroutine. A panic in it ends [Host.Run].
func (h *Host) Guard(where string, f func()) {
	err := Guard(where, func() error { f(); return nil })
	if err == nil {
		return
	}
	select {
	case h.fatal <- err:
	default: // an earlier panic is already on its way; the first one counts
	}
}

// safego runs f in a goroutine that Run waits for. A panic in it ends Run.
func (h *Host) safego(where string, f func()) {
	h.crew.Go(func() { h.Guard(where, f) })
}
