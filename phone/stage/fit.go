package stage

import (
	"errors"
	"fmt"

	"github.com/sleeptalk/sleeptalk/phone/scenario"
	"github.com/sleeptalk/sleeptalk/phone/setup"
)

// A "use phone" line about several accounts says some things of all of them, and others
// of one alone: those it must have a use for. Of the former some account must.

// before are the settings of the accounts before a line, by their names. At the lab none
// has a name yet: what is said so far is of the phone.
func (r *Role) before() map[string]setup.Values {
	all := map[string]setup.Values{}
	for _, l := range r.logins() {
		all[l.Account] = l.Values
	}
	return all
}

// fit has each account do without what its protocol has not, of what is said of all, and
// refuses what is of no use to those that it is said of.
func (r *Role) fit(use scenario.Use, before map[string]setup.Values) error {
	var all []setup.Values
	for _, l := range r.logins() {
		all = append(all, l.Values)
	}
	if err := setup.Misfit(values(use), all...); err != nil {
		return fmt.Errorf("%s:%d: %w", use.File, use.Line, err)
	}
	if len(r.Others) == 0 {
		return r.fits(use)
	}
	for _, l := range r.logins() {
		own := use.Of(l.Account)
		if err := setup.Misfit(own, l.Values); err != nil {
			return fmt.Errorf("%s:%d: account %s: %w", use.File, use.Line, l.Account, err)
		}
		l.Values = l.Values.Fit(own.Over(before[l.Account]))
	}
	return r.fits(use)
}

// fits refuses settings of an account that contradict each other, of which the line says one.
func (r *Role) fits(use scenario.Use) error {
	for _, l := range r.logins() {
		if misfit, is := errors.AsType[*setup.MisfitError](l.Values.Fits()); is {
			return fmt.Errorf("%s:%d: %s: %w", use.File, use.Line, l.of(r), misfit)
		}
	}
	return nil
}
