package diagnose

import (
	"fmt"
	"strings"

	"github.com/sleeptalk/sleeptalk/phone/link"
)

// linkFact is what is broken on the way to the server, in the opinion of the
// link itself.
func (ev *Evidence) linkFact() string {
	var parts []string
	if ev.fold.Network != link.Wifi {
		parts = append(parts, ev.fold.Network)
	}
	for _, f := range ev.fold.Faults {
		parts = append(parts, fmt.Sprintf("%s since %s", f.Name, ev.stamp(f.At)))
	}
	return strings.Join(parts, ", ")
}

// linkSays is the link's own word that one of these faults has made the network
// forget what the phone has open.
func linkSays(faults ...string) func(*Evidence) string {
	return func(ev *Evidence) string {
		for _, name := range faults {
			if f, on := ev.fold.Fault(name); on {
				return fmt.Sprintf("%s since %s: the connection is dead, and nobody has told the phone", name, ev.stamp(f.At))
			}
		}
		return ""
	}
}
