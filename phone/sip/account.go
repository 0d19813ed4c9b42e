package sip

import (
	"cmp"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/control"
)

// Open makes the agent of an account.
func (c Config) Open(env control.Env) (control.Agent, error) {
	c.Rand, c.NextSocket, c.NextCall = env.Rand, env.NextSocket, env.NextCall
	c.Expires = cmp.Or(c.Expires, env.Expires)
	c.datagrams, c.Flow = env.Datagrams, env.Flow
	return New(c)
}

// Identity says who is called by the account, where.
func (c Config) Identity() control.Identity {
	server := c.Server
	if c.Locate {
		server = hostOf(server) // nobody has chosen a port
	}
	return control.Identity{
		Protocol: control.SIP, Address: c.AOR, Server: server, Transport: string(c.Transport), Display: c.Display, Expires: c.Expires,
	}
}

// Leave does nothing: SIP has no word for an app that has left the screen.
func (*Agent) Leave(time.Time, bool) control.Output { return control.Output{} }
