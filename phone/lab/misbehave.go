package lab

import (
	"fmt"

	"github.com/sleeptalk/sleeptalk/phone/internal/misbehave"
)

// A Misbehaviour is one way in which the lab can be a server that a phone
// ought not to meet.
type Misbehaviour = misbehave.Misbehaviour

// Misbehaviours lists what "misbehave NAME" understands.
func Misbehaviours() []Misbehaviour { return misbehave.All() }

// Misbehave makes the lab misbehave from now on, in this way too.
func (l *Lab) Misbehave(name string) error {
	m, ok := misbehave.Named(name)
	if !ok {
		return fmt.Errorf("no misbehaviour %q%s", name, hint(name, misbehave.Names()))
	}
	m.Set(&l.faults)
	l.setFaults()
	return nil
}

// behave ends all misbehaviour.
func (l *Lab) behave() {
	l.faults = misbehave.Faults{}
	l.setFaults()
}

// setFaults tells each part what it does wrong now.
func (l *Lab) setFaults() {
	l.sip.Break(l.faults.SIP)
	l.robots.faults, l.gateway.faults = l.faults.Robot, l.faults.Door
}
