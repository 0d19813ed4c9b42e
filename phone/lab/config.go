package lab

import (
	"math/rand/v2"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/sip/sdp"
	"github.com/sleeptalk/sleeptalk/phone/sip/server"
)

// DefaultDomain is the domain of a lab.
const DefaultDomain = server.DefaultDomain

// Account is somebody who may register, Optional a duration that may be left to its
// default, and Inform what the registrar says of credentials that it has accepted.
type (
	Account  = server.Account
	Optional = server.Optional
	Inform   = server.Inform
)

// Exactly is an Optional that is set.
func Exactly(d time.Duration) Optional { return server.Exactly(d) }

// Config says how a lab is set up: its SIP server, and what there is beside.
type Config struct {
	server.Config
	Robots []Robot
	// IPv6 says that whoever sets up the network gives it addresses of IPv6.
	IPv6 bool
	// WakeAddr is the "host:port" of the wake sockets; empty is none.
	WakeAddr string
	// Doors are the ports of other protocols.
	Doors []Door
	// SRTP says which audio of the robots is protected; Keys draws the keys for it, as those
	// of an app.
	SRTP sdp.Policy
	Keys func([]byte)
	// DTLS says that the keys that robots offer are agreed on by a handshake.
	DTLS bool
	// Rand gives nonces, tags and branches.
	Rand *rand.Rand
}
