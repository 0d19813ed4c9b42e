package verb

import (
	"slices"
	"strings"

	"github.com/sleeptalk/sleeptalk/phone/words"
)

// An asPlace is where a line says by which account of a phone something is done, as
// in "call bob as work".
type asPlace uint8

const (
	asNowhere asPlace = iota // it is about the whole phone
	asLast
	asSecond // behind the first argument, where any words may follow
)

// An accountNamed is the account that a line names, and where it does.
type accountNamed struct {
	name string // "": none
	at   int    // of its two words
}

// account finds "as ACCOUNT" in the words of an order, whose verb has n of them. A
// phone with one account has no name for it.
func (c *Cast) account(actor string, spec *Spec, order []string, n int) (named accountNamed, err *Error) {
	at := n + 1
	if spec.as == asLast {
		at = len(order) - 2
	}
	known := c.Accounts[actor]
	says := spec.as != asNowhere && at >= n && at+1 < len(order) && strings.EqualFold(order[at], "as")
	switch {
	case !says || len(known) == 0 && spec.as == asSecond:
		return accountNamed{}, nil
	case len(known) == 0:
		return accountNamed{}, &Error{Word: at, Width: 2, Message: actor + " has one account, which needs no name", Advice: "or give it several: account=" + order[at+1] + ",OTHER"}
	case !slices.Contains(known, order[at+1]):
		return accountNamed{}, &Error{
			Word: at + 1, Message: actor + " has no account \"" + order[at+1] + "\"", Meant: words.Nearest(order[at+1], known), Kind: "there are", Known: known,
		}
	}
	return accountNamed{order[at+1], at}, nil
}

// outOf is an order without the words that name the account.
func (a accountNamed) outOf(order []string) []string {
	if a.name == "" {
		return order
	}
	return slices.Delete(slices.Clone(order), a.at, a.at+2)
}

// place corrects where an error is that was found without those words.
func (a accountNamed) place(err *Error) *Error {
	if err != nil && a.name != "" && err.Word >= a.at {
		err.Word += 2
	}
	return err
}

// withAccount puts "as ACCOUNT" among the arguments of a line.
func (l Line) withAccount(args []string) []string {
	if l.Account == "" {
		return args
	}
	at := len(args)
	if l.Spec.as == asSecond {
		at = min(1, at)
	}
	return slices.Insert(slices.Clone(args), at, "as", l.Account)
}
