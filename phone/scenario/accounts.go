package scenario

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/sleeptalk/sleeptalk/phone/setup"
)

// Accounts are those of a phone that a "use phone" line names, if they are several.
func (u Use) Accounts() []string {
	list, _ := u.Setting(setup.AccountKey)
	names, _ := setup.Accounts(list) // checked
	return names
}

// named are the accounts of a phone that has several, and its flows, as claims and verbs
// name them. A phone with one account, over one flow, has no name for it.
func (u Use) named() (names []string) {
	shared, _ := u.Setting("outbound-proxy")
	accounts := u.Accounts()
	if accounts == nil {
		return setup.Flows("", shared)
	}
	for _, account := range accounts {
		own := cmp.Or(u.Of(account)["outbound-proxy"], shared)
		names = append(append(names, account), setup.Flows(account, own)...)
	}
	return names
}

// Of are the settings of a line that are of one account alone: "work.transport=tls".
func (u Use) Of(account string) setup.Values {
	v := setup.Values{}
	for _, s := range u.Settings {
		if name, key, ok := u.ofAccount(s.Key); ok && name == account {
			v[key] = s.Value
		}
	}
	return v
}

// shared are the settings of a line that are of all accounts of the phone.
func (u Use) shared() setup.Values {
	v := setup.Values{}
	for _, s := range u.Settings {
		if _, _, ofOne := u.ofAccount(s.Key); !ofOne {
			v[s.Key] = s.Value
		}
	}
	return v
}

// misfit refuses settings that nobody has a use for whom a "use phone" line says them of,
// as far as it says which protocol that is. at is where each stands.
func (u Use) misfit(at map[string]token) *problem {
	if u.Kind != UsePhone {
		return nil
	}
	shared, all := u.shared(), []setup.Values{}
	for _, name := range u.Accounts() {
		own := u.Of(name)
		whole := own.Over(shared)
		if misfit, is := errors.AsType[*setup.MisfitError](cmp.Or(setup.Misfit(own, whole), whole.Fits())); is {
			where, ofOne := at[name+"."+misfit.Key]
			if !ofOne {
				where = at[misfit.Key]
			}
			return wrong(where, "account %s: %v", name, misfit)
		}
		all = append(all, whole)
	}
	if len(u.Accounts()) > 0 {
		return unfit(at, setup.Misfit(shared, all...))
	}
	return unfit(at, cmp.Or(setup.Misfit(shared, shared), shared.Fits()))
}

// unfit says where a setting stands that does not fit.
func unfit(at map[string]token, err error) *problem {
	if misfit, is := errors.AsType[*setup.MisfitError](err); is {
		return wrong(at[misfit.Key], "%v", misfit)
	}
	return nil
}

// ofAccount takes the name of one of the line's accounts off a key.
func (u Use) ofAccount(key string) (account, own string, ok bool) {
	for _, name := range u.Accounts() {
		if own, ok := strings.CutPrefix(key, name+"."); ok {
			return name, own, true
		}
	}
	return "", key, false
}

// notOfOne refuses a setting that is none of one account of several.
func notOfOne(key, value string, at token) *problem {
	s, known := setup.Find(key)
	switch {
	case key == setup.AccountKey || key == setup.ProfileKey:
		return wrong(at, "%s names the accounts of a phone, and is no setting of one of them", key).advise("write all names in one list: " + setup.AccountKey + "=NAME,NAME")
	case setup.OfPhone(key):
		return wrong(at, "%s is the phone's, and no account's", key).advise("write it as " + key + "=" + value)
	case known && !s.Script:
		return wrong(at, "%s is not for a scenario to say", key).advise("say it in the config, in the account that it is of")
	}
	return nil
}

// ofEach reports whether each of several accounts can have a setting of its own.
func ofEach(key string) bool {
	s, known := setup.Find(key)
	return known && s.Of == setup.EachAccount
}

// wrongAccounts wants names that can stand in a line.
func wrongAccounts(list string) error {
	names, err := setup.Accounts(list)
	if i := slices.IndexFunc(names, func(n string) bool { return !IsName(n) }); i >= 0 {
		err = fmt.Errorf("%q is no name for an account: use letters, digits, - and _", names[i])
	}
	return err
}
