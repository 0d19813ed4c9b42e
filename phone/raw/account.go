package raw

import (
	"cmp"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"unicode"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// Config is an account at a server. It does not change.
type Config struct {
	Protocol *Protocol
	Server   string // "host:port"
	Domain   string // of our address; the host of the server if empty
	User     string
	Password string
	Display  string // may be empty
	Instance string // names the device, "urn:uuid:…"; may be empty
	Clear    control.Clear

	rand       *rand.Rand
	nextSocket func() system.Socket
	nextCall   func() int
}

// Open makes the agent of an account.
func (c Config) Open(env control.Env) (control.Agent, error) {
	c.rand, c.nextSocket, c.nextCall = env.Rand, env.NextSocket, env.NextCall
	if err := c.check(); err != nil {
		return nil, err
	}
	return newAgent(c), nil
}

// conn returns the configuration of the account's connection.
func (c Config) conn() control.ConnConfig {
	conn := control.ConnConfig{Server: c.Server, Clear: c.Clear, OpenWithin: control.Patience, Rand: c.rand, NextSocket: c.nextSocket}
	if c.Protocol.TLS {
		conn.TLS = c.host()
	}
	return conn
}

// Identity returns the account's address and server.
func (c Config) Identity() control.Identity {
	carrier := "tcp"
	if c.Protocol.TLS {
		carrier = "tls"
	}
	return control.Identity{
		Protocol: control.Raw, Raw: c.Protocol.Name, Address: c.address(), Server: c.Server, Transport: carrier, Display: c.Display,
	}
}

// host returns the server's host name, which its certificate must have.
func (c Config) host() string {
	return strings.Trim(c.Server[:max(0, strings.LastIndexByte(c.Server, ':'))], "[]")
}

// address returns the user's own address.
func (c Config) address() string {
	return c.User + "@" + cmp.Or(c.Domain, c.host())
}

func (c Config) check() error {
	switch {
	case c.Protocol == nil:
		return errors.New("a raw protocol needs a file that describes it")
	case c.User == "" || strings.ContainsFunc(c.User+c.Password+c.Display+c.Instance, unicode.IsControl):
		return fmt.Errorf("user %q, or what belongs to it, is empty or has control characters in it", c.User)
	}
	if i := strings.LastIndexByte(c.Server, ':'); i < 1 || i == len(c.Server)-1 {
		return fmt.Errorf("server %q is not host:port", c.Server)
	}
	return nil
}
