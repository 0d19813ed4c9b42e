package setup

import (
	"cmp"
	"fmt"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/sip"
)

func sipProtocol() Protocol {
	return Protocol{Name: control.SIP, Title: "SIP", Port: 5060, check: checkSIP, account: sipAccount}
}

// checkSIP refuses a session timer that the phone would itself refuse in a call.
func checkSIP(v Values) error {
	every, err := time.ParseDuration(v["session-timer"])
	if err != nil { // off, supported, or nothing
		return nil
	}
	if ours, err := time.ParseDuration(v["min-se"]); err == nil && every < sip.LeastSession(ours) {
		return &MisfitError{"session-timer", fmt.Sprintf("session-timer: %s is less than min-se, which is %s: ask for that at least, or say a smaller min-se", v["session-timer"], v["min-se"])}
	}
	return nil
}

// proxyOf is the URI of an outbound proxy. One that is looked for has no port, and no
// transport but that which was asked for.
func proxyOf(hop Server, a sip.Config) string {
	host, over := hop.Target(), cmp.Or(a.Transport, sip.TCP)
	if a.Locate {
		host = hop.Host
	}
	switch {
	case a.Secure:
		over = sip.TLS
	case a.Locate && a.Transport == "":
		return "sip:" + host + ";lr"
	}
	return "sip:" + host + ";transport=" + over.Param() + ";lr"
}

// Reach has SIP go to a server. One that is looked for in the DNS, and asked for by
// sips, is reached over whatever carries TLS.
func (s Server) Reach(by *sip.Config) {
	by.Server, by.Path, by.Transport = s.Target(), s.Path, sip.Transport(s.Transport)
	if by.Locate = s.Domain(); by.Locate && s.Secure {
		by.Secure, by.Transport = true, ""
	}
}

func sipAccount(d *draft, kit Kit) (control.Account, error) {
	a := d.sip
	a.AOR, a.Password, a.Display, a.MaxCalls = "sip:"+d.user+"@"+d.domain, d.password, d.display, d.maxCalls
	d.hop.Reach(&a)
	if len(d.proxies) > 0 {
		a.Proxy = proxyOf(d.hop, a)
	}
	a.Instance, a.UserAgent, a.Outbound = kit.Instance, kit.UserAgent, true
	return a, nil
}
