package setup

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sleeptalk/sleeptalk/phone/control"
)

// A Protocol is one row of the table of protocols: what a phone can speak on
// its control connection.
type Protocol struct {
	// Name names it in settings and in the log, Title in a sentence.
	Name, Title string
	// Port is that of the lab in virtual time.
	Port uint16
	// Serve makes the server that the lab has for it. SIP has none: the lab
	// itself speaks it; nor has a raw protocol, whose server needs its file.
	Serve func(control.Host) (control.Server, error)

	// check refuses what does not fit together; nil: all does.
	check func(v Values) error
	// account is who the phone is, in this protocol.
	account func(d *draft, kit Kit) (control.Account, error)
}

// Protocols lists the table. A protocol is registered by its line here; its file
// in this package says how a phone's settings make an account of it.
func Protocols() []Protocol {
	return []Protocol{
		sipProtocol(),
		rawProtocol(),
		xmppProtocol(),
	}
}

// FindProtocol is the protocol of that name.
func FindProtocol(name string) (Protocol, bool) {
	all := Protocols()
	i := slices.IndexFunc(all, func(p Protocol) bool { return p.Name == name })
	if i < 0 {
		return Protocol{}, false
	}
	return all[i], true
}

// spoken refuses a setting that an account of that protocol has no use for.
func (s Setting) spoken(protocol string) error {
	if len(s.In) == 0 || slices.Contains(s.In, protocol) {
		return nil
	}
	var titles []string
	for _, p := range Protocols() {
		if slices.Contains(s.In, p.Name) {
			titles = append(titles, p.Title)
		}
	}
	mine, _ := FindProtocol(protocol) // checked
	return fmt.Errorf("%s: there is one with %s alone, and this is an account of %s; leave it out", s.Key, strings.Join(titles, " and "), mine.Title)
}

func protocolNames() []string {
	var names []string
	for _, p := range Protocols() {
		names = append(names, p.Name)
	}
	return names
}
