package setup

import (
	"cmp"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/sip"
)

func sipProtocol() Protocol {
	return Protocol{Name: control.SIP, Title: "SIP", Port: 5060, account: sipAccount}
}

func sipAccount(d *draft, kit Kit) (control.Account, error) {
	a := d.sip
	a.AOR, a.Password, a.Display, a.MaxCalls = "sip:"+d.user+"@"+d.domain, d.password, d.display, d.maxCalls
	a.Server, a.Path, a.Transport = d.hop.Target(), d.hop.Path, sip.Transport(d.hop.Transport)
	if d.proxy.Host != "" {
		a.Proxy = "sip:" + d.hop.Target() + ";transport=" + cmp.Or(a.Transport, sip.TCP).Param() + ";lr"
	}
	a.Instance, a.UserAgent, a.Outbound = kit.Instance, kit.UserAgent, true
	return a, nil
}
