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
