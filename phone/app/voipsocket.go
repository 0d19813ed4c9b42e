package app

// VoIPSocket marks the signalling connection as the app's VoIP socket and
// installs a keepalive handler: signalling on TCP wakes the app, voice goes
// over UDP.
const VoIPSocket Strategy = "voip-socket"

func voipSocketTraits() Traits {
	return Traits{
		Name: VoIPSocket, Help: "signals over a marked TCP socket, whose data wakes the app, and keeps it alive",
		Expires: defaultExpires, marks: true, keepsAlive: true,
	}
}
