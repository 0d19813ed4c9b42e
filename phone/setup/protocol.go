package setup

import (
	"fmt"
	"maps"
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

	// check refuses what does not fit together, with a [MisfitError] where one setting is
	// to blame; nil: all does.
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

// spoken reports whether there is such a setting in a protocol.
func (s Setting) spoken(protocol string) bool {
	return len(s.In) == 0 || slices.Contains(s.In, protocol)
}

// titles are the protocols that there is such a setting in, if not in all.
func (s Setting) titles() string {
	var titles []string
	for _, p := range Protocols() {
		if slices.Contains(s.In, p.Name) {
			titles = append(titles, p.Title)
		}
	}
	return strings.Join(titles, " and ")
}

// Misfit refuses settings that are said of accounts none of which has a use for them, as
// each is of another protocol. The accounts are complete, or at least say their protocol
// as far as it is known.
func Misfit(said Values, accounts ...Values) error {
	for _, s := range table() {
		if said[s.Key] == "" || slices.ContainsFunc(accounts, func(v Values) bool { return s.spoken(v.Control()) }) {
			continue
		}
		mine, _ := FindProtocol(accounts[0].Control()) // checked
		return &MisfitError{s.Key, fmt.Sprintf("%s: there is one with %s alone, and this is an account of %s; leave it out", s.Key, s.titles(), mine.Title)}
	}
	return nil
}

// Fits refuses settings of an account that contradict each other, or its protocol.
func (v Values) Fits() error {
	if p, _ := FindProtocol(v.Control()); p.check != nil {
		return p.check(v)
	}
	return nil
}

// A MisfitError says that a setting is of no use to an account of its protocol, or
// contradicts another.
type MisfitError struct{ Key, message string }

func (e *MisfitError) Error() string { return e.message }

// Fit leaves out of the settings of one of several accounts what its protocol has not:
// that was said of all of them. What is said of it alone, own, stays, for [Misfit] to
// refuse it.
func (v Values) Fit(own Values) Values {
	fit := maps.Clone(v)
	for _, s := range table() {
		if own[s.Key] == "" && !s.spoken(v.Control()) {
			delete(fit, s.Key)
		}
	}
	return fit
}

func protocolNames() []string {
	var names []string
	for _, p := range Protocols() {
		names = append(names, p.Name)
	}
	return names
}
