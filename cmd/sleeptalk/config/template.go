package config

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/sleeptalk/sleeptalk/phone/setup"
)

// Template is a config file to begin with: every key, commented, so that it
// means nothing until somebody takes out a "#".
func Template() string {
	var b strings.Builder
	b.WriteString(`# sleeptalk: accounts and settings. Every key may be left out.
# A flag or SLEEPTALK_* in the environment counts more than this file; so does
# .sleeptalk.yaml in the working directory, if you trust it (sleeptalk trust).

# The account to use when none is named; several, as in "work, private", are
# accounts of one phone.
# account: alice

# accounts:
#   alice:
`)
	for _, s := range setup.Settings() {
		fmt.Fprintf(&b, "#     %-32s # %s\n", s.Key+": "+example(s), s.Help)
	}
	b.WriteString(`
# Numbers of an emulated device, where they are to differ from its profile.
# One that no real device allowed is refused unless strict is off.
# A device of your own has a base; "sleeptalk profile show" lists the numbers.
# devices:
#   ios-voip-socket:
#     wake-window: 10s
#   door-phone:
#     base: ios-voip-socket@ios4
#     grace: 5s

# ui:
#   theme: auto    # auto, dark, light, contrast, mono
#   ascii: auto    # auto (where glyphs are two cells wide), on, off
`)
	return b.String()
}

// example is a value to begin with: that of the table, or what the app does
// anyway.
func example(s setup.Setting) string { return cmp.Or(s.Example, s.Usual()) }
