package setup

import (
	"fmt"
	"net"
	"strconv"

	"github.com/sleeptalk/sleeptalk/phone"
	"github.com/sleeptalk/sleeptalk/phone/app"
)

// wayRows say how the way of a call's audio is found.
func wayRows() []Setting {
	return []Setting{
		{
			Key: "ice", Of: ThePhone, Value: "off|on|required", Script: true, Example: "on",
			Help:  "whether a way between the two ends of a call is looked for by ICE (RFC 8445): on offers and answers it, with rtcp-mux; required agrees with nobody who does not speak it; off by default",
			check: OneOf(none, "on", required), set: func(d *draft, v string) error {
				d.app.ICE = app.ICE(v)
				if v == none {
					d.app.ICE = app.ICEOff
				}
				return nil
			},
			show: func(c phone.Config) string { return string(c.App.ICE) },
		},
		{
			Key: "stun", Of: ThePhone, Value: "HOST[:PORT]", Script: true, Guard: Way, Example: "stun.example.net:3478",
			Help:  "server of STUN (RFC 8489) that each call asks as whom it sees the phone's audio sockets: behind a NAT its answer is a candidate of ICE, and the address in the session description; none by default",
			check: isServerOfSTUN, set: func(d *draft, v string) error { d.app.STUN = v; return nil },
			show: func(c phone.Config) string { return c.App.STUN },
		},
		{
			Key: "rtcp-mux", Of: ThePhone, Value: "on|off", Script: true, Example: "on",
			Help:  "on offers that RTCP shares the port of RTP (RFC 5761); a peer that offers it gets it anyway, and with ice=on it is always offered; off by default",
			check: onOff, set: func(d *draft, v string) error { d.app.Mux = on(v); return nil },
			show: func(c phone.Config) string { return word(c.App.Mux, "on") },
		},
	}
}

// isServerOfSTUN wants a host, or host:port.
func isServerOfSTUN(value string) error {
	host, port, err := net.SplitHostPort(value)
	if err != nil {
		host, port = value, "1"
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 || host == "" {
		return fmt.Errorf("%q is not host, or host:port", value)
	}
	return nil
}
