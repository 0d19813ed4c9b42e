package setup

import (
	"fmt"
	"net"
	"strings"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/raw"
)

func rawProtocol() Protocol {
	return Protocol{Name: control.Raw, Title: "a raw protocol", Port: 7000, check: checkRaw, account: rawAccount}
}

// checkRaw looks at a phone that speaks a raw protocol.
func checkRaw(v Values) error {
	switch _, _, err := net.SplitHostPort(v["server"]); {
	case v["raw"] == "":
		return fmt.Errorf("control: raw needs the description of the protocol: raw: %s, or FILE.yaml", strings.ReplaceAll(raw.List(), ", ", "|"))
	case v["server"] != "" && err != nil:
		return fmt.Errorf("server: %s has no port, which a raw protocol needs: host:port", v["server"])
	case v["transport"] != "" && !strings.EqualFold(v["transport"], "tcp"):
		return &MisfitError{"transport", "transport: a raw protocol goes over tcp; for TLS its description says tls: direct"}
	}
	return nil
}

// rawAccount is a client of a raw protocol.
func rawAccount(d *draft, kit Kit) (control.Account, error) {
	find := kit.Protocol
	if find == nil {
		find = raw.Load
	}
	protocol, err := find(d.rawName)
	if err != nil {
		return nil, err
	}
	return raw.Config{
		Protocol: protocol, Server: d.hop.Target(), Domain: d.domain, User: d.user, Password: d.password, Display: d.display,
		Instance: kit.Instance, Clear: d.clear,
	}, nil
}
