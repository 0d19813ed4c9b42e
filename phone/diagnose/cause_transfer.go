package diagnose

import (
	"fmt"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// transferUnreported fits a transfer that was accepted, of which somebody has
// sent reports that have not come.
func transferUnreported(ev *Evidence) string {
	if !ev.wanted("transfer", "call") {
		return ""
	}
	accepted := false
	for r := range ev.effects(ev.phone) {
		if e, ok := r.Event.(event.Transfer); ok && e.Role == event.RoleTransferor {
			accepted = e.Phase == event.TransferAccepted
		}
	}
	who, at := ev.sentBy("NOTIFY")
	if !accepted || who == "" || ev.reached("NOTIFY") {
		return ""
	}
	return fmt.Sprintf("%s reported at %s how the transfer goes, and the server has not passed the NOTIFY on", who, ev.stamp(at))
}
