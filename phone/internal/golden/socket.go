package golden

import (
	"fmt"
	"strings"

	"github.com/sleeptalk/sleeptalk/phone/system"
)

// SocketError is the error of a socket as a script writes it: a reset is one
// whatever stands before it, all else is known by its text. "" is none.
func SocketError(text string) error {
	switch before, reset := strings.CutSuffix(text, string(system.Reset)); {
	case text == "":
		return nil
	case reset:
		return fmt.Errorf("%s%w", before, system.Reset)
	}
	return system.SocketError(text)
}
