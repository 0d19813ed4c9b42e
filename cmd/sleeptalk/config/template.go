package config

import (
	"fmt"
	"strings"
)

// Template is a config file to begin with: every key, commented, so that it
// means nothing until somebody takes out a "#".
func Template() string {
	var b strings.Builder
	b.WriteString(`# sleeptalk: profiles and settings. Every key may be left out.
# A flag or SLEEPTALK_* in the environment counts more than this file; so does
# .sleeptalk.yaml in the working directory.

# The profile to use when none is named.
# profile: alice

# profiles:
#   alice:
`)
	for _, s := range settings {
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
#   ascii: auto    # auto, on, off
#   keys: {}       # action: key
`)
	return b.String()
}

func example(s Setting) string {
	switch s.Key {
	case "mic", "speaker":
		return "device"
	case "server":
		return "pbx.example.com:5060"
	case "transport":
		return "tcp"
	case "tls":
		return "required"
	case "push-jid":
		return "push.example.com"
	case "push-secret-env":
		return "PUSH_SECRET"
	case "stay-awake-by":
		return "options"
	case "ca":
		return "/etc/ssl/example-ca.pem"
	case "wake-server":
		return "wake.example.com:5071"
	case "user":
		return "alice"
	case "display":
		return "Alice"
	case "domain":
		return "example.com"
	case "password":
		return "secret"
	case "password-env":
		return "ALICE_PASSWORD"
	case "fault":
		return "nat home, latency 50ms"
	case "password-command":
		return "pass show pbx/alice"
	}
	return s.Default
}
