package setup

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/sleeptalk/sleeptalk/phone"
	"github.com/sleeptalk/sleeptalk/phone/app"
	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/raw"
	"github.com/sleeptalk/sleeptalk/phone/secure"
)

// A phone can be several accounts: [AccountKey] names them, with commas. Each has its
// server, its user, how it signs on, and whom it trusts and what it shows over TLS; the
// handset, its life, its sound and its pushes are the phone's, and said with the first.

// A Login is one of several accounts of a phone: what it is called, and its settings,
// complete.
type Login struct {
	Name   string
	Values Values
	// Instance names it at its registrar: see [Kit].
	Instance string
	// Protocol finds its raw protocol; nil: as for the phone.
	Protocol func(name string) (*raw.Protocol, error)
}

// Sign has a phone, and each of its accounts, known at its registrar by a name of its own,
// which name gives it for its address, and which they leave by the function returned.
func (k *Kit) Sign(v Values, name func(address string) (instance string, leave func() error)) (leave func() error) {
	var left []func() error
	sign := func(v Values) string {
		instance, leave := name(v.Address())
		left = append(left, leave)
		return instance
	}
	k.Instance = sign(v)
	for i := range k.Others {
		k.Others[i].Instance = sign(k.Others[i].Values)
	}
	return func() error {
		var errs []error
		for _, leave := range left {
			errs = append(errs, leave())
		}
		return errors.Join(errs...)
	}
}

// maxAccounts bounds the accounts of a phone (our own number): each has a connection, or
// one for each of its flows, and a line on the screen for each.
const maxAccounts = 8

// Accounts reads the names of accounts, with commas between them. It is empty if there
// are no commas: a phone with one account has no use for a name. A name has no dot, as
// that of a flow has: see [Flows].
func Accounts(list string) (names []string, err error) {
	if !strings.Contains(list, ",") {
		return nil, nil
	}
	for name := range strings.SplitSeq(list, ",") {
		name = strings.TrimSpace(name)
		switch {
		case name == "":
			return nil, fmt.Errorf("%q has an account without a name; write it as work,private", list)
		case slices.Contains(names, name):
			return nil, fmt.Errorf("%q has the account %s twice", list, name)
		case strings.Contains(name, "."):
			return nil, fmt.Errorf("the account %s: one of several has no dot in its name, as that of a flow has; call it %s", name, strings.ReplaceAll(name, ".", "-"))
		case len(names) == maxAccounts:
			return nil, fmt.Errorf("%q has too many accounts: a phone has at most %d", list, maxAccounts)
		}
		names = append(names, name)
	}
	return names, nil
}

// An Owner says whose a setting is, of a phone with several accounts.
type Owner int

const (
	// ThePhone has one value, which an account need not repeat.
	ThePhone Owner = iota + 1
	// EachAccount has its own.
	EachAccount
)

// OfPhone reports whether a phone has one value of a setting, however many accounts it
// is.
func OfPhone(key string) bool {
	s, known := Find(key)
	return known && s.Of == ThePhone
}

// agree refuses settings of an account that are for the whole phone, and other than
// the phone's.
func (l Login) agree(first string, v Values) error {
	for _, s := range table() {
		mine, its := v[s.Key], l.Values[s.Key]
		if s.Of == EachAccount || mine == its || its == "" {
			continue
		}
		return fmt.Errorf("account %s: %s: it is %s here and %s in the account %s, and the phone has one; say it in both alike",
			l.Name, s.Key, orNothing(its), orNothing(mine), first)
	}
	return nil
}

func orNothing(value string) string {
	if value == "" {
		return "not set"
	}
	return value
}

// others are the accounts of a phone besides its first. Each opens its files of TLS.
func (d *draft) others(v Values, kit Kit) (list []app.Account, err error) {
	for _, l := range kit.Others {
		if err := l.agree(kit.Account, v); err != nil {
			return nil, err
		}
		own := kit
		own.Instance = l.Instance
		if l.Protocol != nil {
			own.Protocol = l.Protocol
		}
		flows, trust, err := l.open(own)
		if err != nil {
			return nil, fmt.Errorf("account %s: %w", l.Name, err)
		}
		trust.KeyLog = d.tls.KeyLog
		for _, f := range flows {
			d.trust(f.Name, trust)
		}
		list = append(list, flows...)
	}
	return list, nil
}

// open makes an account, its flows, and whom it trusts.
func (l Login) open(kit Kit) (flows []app.Account, trust secure.Config, err error) {
	d, err := drafted(l.Values, kit)
	if err != nil {
		return nil, trust, err
	}
	if flows, err = d.flows(l.Name, kit); err != nil {
		return nil, trust, err
	}
	for i := range flows {
		flows[i].Settings = shownOf(flows[i].Account)
	}
	return flows, d.tls, d.open(kit)
}

// trust notes whom an account trusts.
func (d *draft) trust(name string, own secure.Config) {
	if d.tls.Accounts == nil {
		d.tls.Accounts = map[string]secure.Config{}
	}
	d.tls.Accounts[name] = own
}

// accounts makes the app's, and their flows: the first is the draft's own.
func (d *draft) accounts(v Values, kit Kit) error {
	all, err := d.flows(kit.Account, kit)
	if err != nil {
		return err
	}
	more, err := d.others(v, kit)
	if err != nil {
		return err
	}
	all = append(all, more...)
	first := all[0]
	d.app.Account, d.app.Name, d.app.Of, d.app.Flow = first.Account, first.Name, first.Of, first.Flow
	if len(all) > 1 {
		d.app.Others = all[1:]
	}
	return nil
}

// shownOf lists the settings of one account that the log shows nowhere else.
func shownOf(account control.Account) []string {
	return shown(phone.Config{App: app.Config{Account: account}}, func(s Setting) bool { return s.Of == EachAccount })
}
