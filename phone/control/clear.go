package control

import "github.com/sleeptalk/sleeptalk/phone/event"

// Clear says when a secret may go over a connection without TLS.
type Clear struct {
	// Consent is the user's, for any network.
	Consent bool
	// Here says that the server is on this machine whatever its address, as in
	// virtual time.
	Here bool
}

// What is said of a secret that was not sent.
const (
	ClearRefused = "the password was not sent in clear"
	ClearHint    = "without TLS anybody on the way could read it; the setting clear-password allows it"
)

// MayTell reports whether the agent may send a secret itself, and not only a
// proof of it, on the connection as it is: over TLS, to a server on this machine
// by its address, or because the user has consented, which is said once.
func (c *Conn) MayTell(s *Step) bool {
	if c.secure || c.cfg.Clear.Here || c.remote.Addr().IsLoopback() {
		return true
	}
	if c.cfg.Clear.Consent && !c.told {
		c.told = true
		s.Log(event.Warning{
			Rule: event.RuleClearPassword, Note: "a password goes to " + c.remote.String() + " in clear: whoever is on the way can read it",
			Hint: "use TLS if the server has it",
		})
	}
	return c.cfg.Clear.Consent
}
