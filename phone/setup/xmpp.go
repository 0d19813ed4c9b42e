package setup

import (
	"strings"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/xmpp"
)

func xmppProtocol() Protocol {
	return Protocol{
		Name: control.XMPP, Title: "XMPP", Port: 5222,
		Serve: func(h control.Host) (control.Server, error) { return xmpp.NewServer(h), nil },
		check: checkXMPP, account: xmppAccount,
	}
}

// checkXMPP refuses a transport that carries no XMPP.
func checkXMPP(v Values) error {
	switch strings.ToLower(v["transport"]) {
	case "", "tcp", "tls":
	default:
		return &MisfitError{"transport", "transport: XMPP goes over tcp or tls"}
	}
	return nil
}

// xmppAccount is a client of XMPP. Its ports are its own to know.
func xmppAccount(d *draft, _ Kit) (control.Account, error) {
	a := d.xmpp
	a.JID, a.Password, a.MaxCalls, a.Clear = d.user+"@"+d.domain, d.password, d.maxCalls, d.clear
	a.Server, a.Transport = d.server.Host, xmpp.Transport(d.hop.Transport)
	if d.server.Port != "" {
		a.Server = d.hop.Target()
	}
	return a, nil
}
