package sip

import (
	"errors"
	"fmt"
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/control"
)

var errNoReferral = errors.New("nobody asks for a transfer; it may have been given up")

// transferCommands are the transfers of an agent, and what the program has it do with them.
type transferCommands struct{ transfers transfers }

// Transfer asks the peer of a call to call an address instead (RFC 5589 §6).
// What comes of it is in the log; the call ends when the other is up.
func (tc *transferCommands) Transfer(now time.Time, id int, to string) (control.Output, error) {
	s := newStep(now)
	target, err := tc.transfers.target(to)
	if err != nil {
		return s.Out, err
	}
	c := tc.transfers.calls.byID(id)
	if err := tc.transfers.mayTransfer(c, nil); err != nil {
		return s.Out, fmt.Errorf("transfer to %s: %w", addressOfRecord(&target), err)
	}
	tc.transfers.begin(s, c, nil, &target)
	return s.Out, nil
}

// TransferTo asks the peer of a call to take our place in another call that is
// up (RFC 5589 §7), which may be on another flow of the account. It is named by its
// address of record: its Contact may be one that only its server reaches.
func (tc *transferCommands) TransferTo(now time.Time, id, other int) (control.Output, error) {
	s := newStep(now)
	c, o := tc.transfers.calls.byID(id), tc.transfers.anyCall(other)
	if o == nil {
		return s.Out, fmt.Errorf("transfer to call %d: there is no such call", other)
	}
	if err := tc.transfers.mayTransfer(c, o); err != nil {
		return s.Out, fmt.Errorf("transfer to call %d: %w", other, err)
	}
	target := *o.dialog.remote.Clone()
	if target.Scheme == "tel" { // which has no place for a Replaces (RFC 3966 §3)
		var err error
		if target, err = tc.transfers.target(target.String()); err != nil {
			return s.Out, fmt.Errorf("transfer to call %d: %w", other, err)
		}
	}
	target.Headers = nil
	tc.transfers.begin(s, c, o, &target)
	return s.Out, nil
}

// anyCall is the call with that number, on whichever flow of the account; nil if there is
// none that goes on.
func (t *transfers) anyCall(id int) *call {
	if c := t.calls.byID(id); c != nil {
		return c
	}
	for _, other := range t.cfg.beside() {
		if c := other.calls.byID(id); c != nil {
			return c
		}
	}
	return nil
}

// Consider says that the user is asked whether to follow a referral.
func (tc *transferCommands) Consider(now time.Time, referral int) control.Output {
	s := newStep(now)
	if r := tc.transfers.find(referral); r != nil {
		r.admit(s, true)
	}
	return s.Out
}

// Follow calls whom a referral names.
func (tc *transferCommands) Follow(now time.Time, referral int, offer []byte) (id int, out control.Output, err error) {
	s := newStep(now)
	r := tc.transfers.find(referral)
	if r == nil {
		return 0, s.Out, errNoReferral
	}
	c, err := r.follow(s, offer)
	if err != nil {
		r.decline(s, sip.StatusServiceUnavailable, err.Error())
		return 0, s.Out, err
	}
	return c.id, s.Out, nil
}

// Refuse does not follow a referral.
func (tc *transferCommands) Refuse(now time.Time, referral, status int) control.Output {
	s := newStep(now)
	if r := tc.transfers.find(referral); r != nil {
		r.decline(s, status, Reason(status))
	}
	return s.Out
}
