package setup

import (
	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/sip"
)

func sipProtocol() Protocol {
	return Protocol{Name: control.SIP, Title: "SIP", Port: 5060, account: sipAccount}
}

func sipAccount(d *draft, kit Kit) (control.Account, error) {
	return sip.Config{
		AOR: "sip:" + d.user + "@" + d.domain, Password: d.password, Display: d.display,
		Server: d.target(), Transport: sip.Transport(d.transport), Expires: d.expires, MaxCalls: d.maxCalls,
		Instance: kit.Instance, UserAgent: kit.UserAgent, Outbound: true,
	}, nil
}
