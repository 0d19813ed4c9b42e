package lines

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/cli"
	"github.com/sleeptalk/sleeptalk/phone/event"
)

// EndUnreached ends the run if the first connection to the server fails, or if
// the phone may not sign on over it: a script has nothing to gain from a phone
// that never was on the network. One that goes on to another server of the domain says
// so next, and any other that it waits. One with several accounts is on the network as
// long as one of them gets somewhere.
func EndUnreached(ctx context.Context, log *event.Log, name string, stop context.CancelCauseFunc) {
	u := unreached{accounts: 1, opened: map[string]bool{}, failed: map[string]string{}, lost: map[string]bool{}}
	for r := range log.Follow(ctx, 0) {
		if r.Phone != name {
			continue
		}
		if why := u.add(r); why != nil {
			stop(why)
			return
		}
		if e, ok := r.Event.(event.Registration); ok && (e.Phase == event.RegistrationActive || e.Phase == event.RegistrationFailed && e.Rule != event.RuleClearPassword) {
			return
		}
	}
}

// unreached is which accounts of a phone got nowhere.
type unreached struct {
	accounts int
	opened   map[string]bool
	failed   map[string]string // the first connection, unless what is next says that there is another server
	lost     map[string]bool
}

// add takes in a record of the phone. It is an error when all accounts are lost.
func (u *unreached) add(r event.Record) (why error) {
	if failed := u.failed[r.Account]; failed != "" {
		if w, on := r.Event.(event.Warning); !on || w.Rule != event.RuleServerFailover {
			why = cli.Cannot(errors.New(failed), "is the server up, and does it listen on tcp? sleeptalk doctor")
		}
		delete(u.failed, r.Account)
	}
	switch e := r.Event.(type) {
	case event.Start:
		u.accounts = max(1, len(e.Accounts))
	case event.Socket:
		if e.Name == "control" && e.Phase == event.SocketFailed && !u.opened[r.Account] {
			u.failed[r.Account] = e.Error
		}
		u.opened[r.Account] = u.opened[r.Account] || e.Name == "control" && e.Phase == event.SocketOpen
	case event.Registration:
		if e.Rule == event.RuleClearPassword {
			why = inClear(e)
		}
	}
	if why == nil {
		return nil
	}
	if u.lost[r.Account] = true; len(u.lost) < u.accounts {
		return nil
	}
	return why
}

// inClear is the error of a phone that may not send its password.
func inClear(e event.Registration) error {
	return cli.Invalid(fmt.Errorf("%s: %s", e.Reason, e.Hint), "--clear-password on, where nobody listens in")
}

// Reached reports whether a phone has ever reached its server. One whose log is
// too long to be kept has.
func Reached(log *event.Log, name string) bool {
	for r := range log.From(0) {
		s, ok := r.Event.(event.Socket)
		if ok && r.Phone == name && s.Name == "control" && s.Phase == event.SocketOpen {
			return true
		}
	}
	return log.Lost() > 0
}

// answers are the last that the servers have said of the registration, by account.
type answers struct {
	name string // of the phone
	// accounts are all that it has; "" is the only one.
	accounts []string
	flows    bool // they are flows of one account, which is in by any of them
	said     map[string]event.Registration
	in       map[string]bool // was let in once
}

func (a *answers) add(r event.Record) {
	if r.Phone != a.name {
		return
	}
	switch e := r.Event.(type) {
	case event.Start:
		a.accounts = nil
		for _, account := range e.Accounts {
			a.accounts, a.flows = append(a.accounts, account.Name), account.Flow > 0
		}
	case event.Registration:
		if e.Phase != event.RegistrationActive && e.Phase != event.RegistrationFailed {
			return
		}
		if a.said == nil {
			a.said, a.in = map[string]event.Registration{}, map[string]bool{}
		}
		a.said[r.Account] = e
		a.in[r.Account] = a.in[r.Account] || e.Phase == event.RegistrationActive
	}
}

// all reports whether each account has an answer.
func (a *answers) all() bool { return len(a.said) > 0 && len(a.said) >= len(a.accounts) }

// let are the accounts that were let in once.
func (a *answers) let() (names []string) {
	for name, in := range a.in {
		if in {
			names = append(names, name)
		}
	}
	return names
}

// Refused is the error of a phone that a server never let in: the only one, or that of
// any of its accounts.
func Refused(log *event.Log, name string) error {
	told := answers{name: name}
	for r := range log.From(0) {
		told.add(r)
	}
	if log.Lost() > 0 || told.flows && len(told.let()) > 0 { // what is lost may have let it in
		return nil
	}
	var errs []error
	for _, account := range slices.Sorted(maps.Keys(told.said)) {
		if !told.in[account] {
			errs = append(errs, refused(name, account, told.said[account]))
		}
	}
	switch len(errs) {
	case 0:
		return nil
	case 1:
		return errs[0]
	}
	return cli.Cannot(errors.Join(errs...), "")
}

// refused is the error of an account that was not let in.
func refused(name, account string, failed event.Registration) error {
	if failed.Rule == event.RuleClearPassword {
		return inClear(failed)
	}
	reason := failed.Reason
	if failed.Status > 0 { // in SIP and HTTP
		reason = fmt.Sprintf("%d %s", failed.Status, failed.Reason)
	}
	if account != "" {
		name = "the account " + account + " of " + name
	}
	return cli.Cannot(fmt.Errorf("the server refused to register %s: %s", name, reason), failed.Hint)
}
