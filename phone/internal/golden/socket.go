package golden

import (
	"fmt"
	"strings"

	"github.com/sleeptalk/sleeptalk/phone/system"
)

// SocketError returns the error of a socket that a script names: a text that
// ends in the reset error's text is a reset, any other is an error with that
// text. "" is nil.
func SocketError(text string) error {
	switch before, reset := strings.CutSuffix(text, string(system.Reset)); {
	case text == "":
		return nil
	case reset:
		return fmt.Errorf("%s%w", before, system.Reset)
	}
	return system.SocketError(text)
}
