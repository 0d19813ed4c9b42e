package record

import (
	"slices"
	"strings"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/scenario"
	"github.com/sleeptalk/sleeptalk/phone/verb"
)

// An account has one flow in a recording, see [recorder.use]: what was done by one of
// several is done by the account, and only what was done to the first is done at all.

// owners are the accounts of each phone that has several, or several flows.
type owners map[string][]event.Account

func ownersOf(phones []set) owners {
	o := owners{}
	for _, s := range phones {
		o[s.name] = s.start.Accounts
	}
	return o
}

// ofOneFlow has a verb about a flow be about its account. ours is false for what was done
// to another flow than the first.
func (o owners) ofOneFlow(who, line string) (words []string, ours bool) {
	if who == scenario.LabActor {
		return o.atLab(line)
	}
	words = strings.Fields(line)
	cast := verb.Of(who, verb.Phone)
	cast.Accounts = map[string][]string{who: o.names(who)}
	l, err := cast.Parse(line)
	if err != nil || l.Account == "" {
		return words, true
	}
	a, flow := find(o[who], func(a event.Account) bool { return a.Name == l.Account && a.Flow > 0 })
	if !flow {
		return words, true
	}
	l.Account = a.Of
	return strings.Fields(l.Verb()), a.Flow == 1
}

// atLab has a verb about a flow of a user be about the user.
func (o owners) atLab(line string) (words []string, ours bool) {
	words = strings.Fields(line)
	cast := verb.Of(scenario.LabActor, verb.Lab)
	l, err := cast.Parse(line)
	if err != nil || l.Flow == 0 {
		return words, true
	}
	for _, accounts := range o {
		if _, known := find(accounts, func(a event.Account) bool { return a.Flow == l.Flow && userOf(a.AOR) == l.Args[0] }); known {
			return slices.Delete(words, len(words)-1, len(words)), l.Flow == 1
		}
	}
	return words, true
}

// names are what the accounts and flows of a phone are called.
func (o owners) names(who string) (names []string) {
	for _, a := range o[who] {
		names = append(names, a.Name)
		if a.Of != "" {
			names = append(names, a.Of)
		}
	}
	return names
}

func find(accounts []event.Account, is func(event.Account) bool) (found event.Account, ok bool) {
	i := slices.IndexFunc(accounts, is)
	if i < 0 {
		return found, false
	}
	return accounts[i], true
}

// userOf is the user of an address.
func userOf(aor string) string {
	user, _, _ := strings.Cut(strings.TrimPrefix(aor, "sip:"), "@")
	return user
}
