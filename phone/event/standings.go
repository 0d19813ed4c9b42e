package event

import "slices"

// Standings are how a phone with several accounts stands by each of them, and by each of
// their flows. It has none where the phone has one account, over one flow.
type Standings struct{ Accounts []AccountRow }

// An AccountRow is how a phone with several accounts stands by one of them.
type AccountRow struct {
	Account
	Online
}

// Several reports whether the phone has several accounts.
func (s Standings) Several() bool { return len(s.Accounts) > 1 }

// Flows reports whether what the phone has several of are flows of one account: it is
// registered where one of them is.
func (s Standings) Flows() bool {
	return s.Several() && s.Accounts[0].Flow > 0 && s.Accounts[0].Of == ""
}

// SeveralUsers reports whether the phone is several users, each by an account of its own:
// flows are one, as which they stand as the best of them.
func (s Standings) SeveralUsers() bool { return s.Several() && !s.Flows() }

// Has reports whether what is about one account is about another: that itself, or a flow
// of it.
func (s Standings) Has(account, about string) bool {
	if about == account {
		return true
	}
	a := s.Account(about)
	return a != nil && a.Flow > 0 && a.Of == account
}

// standing is how the phone stands by an account: by each of its flows.
func (s Standings) standing(account string) (own []Online) {
	for i := range s.Accounts {
		if s.Has(account, s.Accounts[i].Name) {
			own = append(own, s.Accounts[i].Online)
		}
	}
	return own
}

// UserOf is the account that something is about: of a flow its account.
func (s Standings) UserOf(name string) string {
	if a := s.Account(name); a != nil {
		return a.User()
	}
	return name
}

// Users are the accounts, each once, however many flows it has.
func (s Standings) Users() (names []string) {
	for i := range s.Accounts {
		if user := s.Accounts[i].User(); !slices.Contains(names, user) {
			names = append(names, user)
		}
	}
	return names
}

// Account is one of them by its name; nil if there is none.
func (s Standings) Account(name string) *AccountRow {
	i := slices.IndexFunc(s.Accounts, func(a AccountRow) bool { return a.Name == name })
	if i < 0 {
		return nil
	}
	return &s.Accounts[i]
}

// together is how all accounts stand: as the one that is worst off, which itself stands
// as the best of its flows.
func (s Standings) together() Online {
	var all []Online
	for _, user := range s.Users() {
		all = append(all, unite(s.standing(user), best))
	}
	return unite(all, worst)
}
