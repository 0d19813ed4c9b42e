package ui

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// What the screen says of a phone with several accounts. One that is not registered is
// never hidden behind another that is.

// who is whose phone it is: its address, or the names of its accounts.
//
//	work + private
func (s scene) who() string {
	if !s.fold.SeveralUsers() {
		return s.address()
	}
	return event.Printable(strings.Join(s.fold.Users(), " + "))
}

// title is whose screen it is: where the registrations name the accounts, the phone.
func (s scene) title(wide bool) string {
	if wide && s.fold.SeveralUsers() {
		return event.Printable(s.fold.Phone)
	}
	return s.who()
}

// as puts the account of something, where there are several.
func (s scene) as(l *pen, account string) *pen {
	if s.fold.Several() && account != "" {
		l.put(dim, event.Printable(account)+" ")
	}
	return l
}

// accounts are the registrations of all accounts, those that are not registered first;
// the others, if there is no room for their names, are counted.
//
//	● private failed 403  ● work 41:18
//	● private 403  ● 2 reg
func (v headerView) accounts(l *pen, wide bool) {
	var good []event.AccountRow
	for _, a := range slices.Backward(v.fold.Accounts) { // the pen goes to the left
		if a.Registration.Active {
			good = append(good, a)
		}
	}
	if wide && len(v.fold.Accounts) <= 3 {
		for _, a := range good {
			rest := ""
			if a.Registration.Expires > 0 {
				rest = " " + countdown(refreshOf(&a.Registration)-v.now)
			}
			l.right(onBar, "  ").right(dim|onBar, rest).right(talk|onBar, "● "+event.Printable(a.Name))
		}
	} else if len(good) > 0 {
		l.right(onBar, "  ").right(talk|onBar, fmt.Sprintf("● %d reg", len(good)))
	}
	for _, a := range slices.Backward(v.fold.Accounts) {
		if a.Registration.Active {
			continue
		}
		word, ink := standing(&a.Registration, wide)
		if retry := retryIn(&a.Online, v.now); retry != "" {
			l.right(onBar, "  ").right(dim|onBar, retry).right(ink|onBar, "● "+event.Printable(a.Name)+" "+word+" ")
			continue
		}
		l.right(onBar, "  ").right(ink|onBar, "● "+event.Printable(a.Name)+" "+word)
	}
}

// standing is how far a registration has come that is not there.
func standing(b *event.Binding, wide bool) (word string, ink style) {
	switch {
	case b.Pending():
		return "registering", woken
	case b.Phase == "":
		return "not reg", dim
	case b.Status != 0 && !wide:
		return fmt.Sprint(b.Status), fault
	case b.Status != 0:
		return fmt.Sprintf("%s %d", b.Phase, b.Status), fault
	}
	return string(b.Phase), fault
}

// sockets says how many of the connections are open.
func (s scene) sockets() (open, all int) {
	for i := range s.fold.Accounts {
		if s.fold.Accounts[i].Socket.Open() {
			open++
		}
	}
	return open, len(s.fold.Accounts)
}

// connections says it on the first line.
func (v headerView) connections(l *pen) {
	open, all := v.sockets()
	ink := fault
	if open == all {
		ink = talk
	}
	l.right(onBar, "  ").right(ink|onBar, fmt.Sprintf("● %d of %d open", open, all))
}

// owner is who the user of the app is.
func (s scene) owner() string {
	if s.fold.SeveralUsers() {
		return s.who()
	}
	return s.me()
}

// worst names the account that a panel for one shows, which is the one that is worst off.
func (s scene) worst(l *pen) *pen {
	if name := s.fold.Worst(); name != "" {
		l.put(dim, " "+event.Printable(name))
	}
	return l
}

// again is what calls the peer of a call once more, by the account that the call was of.
func (s scene) again(c *event.CallRow) string { return s.by(c.Peer, c.Account) }

// by is what calls a peer by an account, or that of a flow.
func (s scene) by(peer, account string) string {
	user := s.fold.UserOf(account)
	if !s.fold.SeveralUsers() || user == "" {
		return peer
	}
	return peer + " as " + user
}

// reachable says where another phone may call: at the accounts that are registered, of
// several.
func (s scene) reachable(l *pen) {
	var at []string
	if s.fold.Registration.Active && !s.fold.SeveralUsers() {
		at = []string{s.address()}
	}
	if s.fold.SeveralUsers() {
		for _, a := range s.fold.Accounts {
			if aor := event.Printable(strings.TrimPrefix(a.AOR, "sip:")); a.Registration.Active && !slices.Contains(at, aor) {
				at = append(at, aor)
			}
		}
	}
	switch {
	case len(at) > 0:
	case s.fold.SeveralUsers():
		l.put(dim, "no account is registered: nobody can call it")
		return
	default:
		l.put(dim, "not registered: nobody can call it")
		return
	}
	l.put(dim, "another phone may call ").put(text, strings.Join(at, " or "))
}
