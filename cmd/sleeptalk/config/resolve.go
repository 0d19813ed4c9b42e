package config

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/sleeptalk/sleeptalk/phone/setup"
)

// ErrNoAccount says that nobody named a server, or a user at it.
var ErrNoAccount = errors.New("no server or no user")

// A Phone is everything that files, environment and flags say about a phone.
type Phone struct {
	Account string // "" without one
	// Values are its settings, complete: secrets are looked up.
	Values setup.Values
	// Device is the emulated device of those settings.
	Device Device
	// Others are its accounts besides the first.
	Others []Login
}

// A Login is one more account of a phone.
type Login struct {
	Account string
	Values  setup.Values // complete
}

// fromEnv is what stands in the environment.
func fromEnv(env Env) setup.Values {
	v := setup.Values{}
	for _, s := range setup.Settings() {
		if value := env(s.Env()); value != "" {
			v[s.Key] = value
		}
	}
	v[setup.AccountKey] = first(env(setup.EnvName(setup.AccountKey)), env(setup.EnvName(setup.ProfileKey)))
	return v
}

// Resolve makes a phone of the choice, the environment and the files. Secrets
// are fetched from where they are kept, once it is clear that all is trusted.
// Where several accounts are chosen, the phone is the first and all of them.
func (f File) Resolve(ctx context.Context, paths Paths, c Choice, env Env) (Phone, error) {
	names, err := f.several(c, env)
	switch {
	case err != nil:
		return Phone{}, err
	case names == nil:
		return f.resolve(ctx, paths, c, env)
	}
	var all Phone
	var each []setup.Values
	for i, name := range names {
		c.Account = name
		one, err := f.resolve(ctx, paths, c, env)
		switch {
		case errors.Is(err, ErrNoAccount):
			return Phone{}, fmt.Errorf("account %s: %w", name, err)
		case err != nil:
			return Phone{}, err
		}
		each = append(each, one.Values)
		one.Values = one.Values.Fit(setup.Values(f.Accounts[name]))
		if i == 0 {
			all = one
			continue
		}
		all.Others = append(all.Others, Login{name, one.Values})
	}
	return all, setup.Misfit(c.Flags.Over(fromEnv(env)), each...)
}

// several are the accounts that are chosen, if they are more than one: by the flags, a
// scenario, the environment or the user's file. A file that is not trusted chooses none.
func (f File) several(c Choice, env Env) (names []string, err error) {
	layers := []setup.Layer{{Values: choosing(nil, f.mine().Account)}, {Values: fromEnv(env)}}
	layers = append(append(layers, c.Scenario...), setup.Layer{Values: choosing(c.Flags, c.Account)})
	layers = slices.DeleteFunc(layers, func(l setup.Layer) bool { return l.File != "" })
	if names, err = setup.Accounts(setup.Merge(layers...)[setup.AccountKey]); err != nil || names == nil {
		return nil, err
	}
	for _, s := range setup.Settings() {
		value, from := c.Flags[s.Key], "--"+s.Key
		if value == "" {
			value, from = env(s.Env()), s.Env()
		}
		if value != "" && s.Account {
			return nil, fmt.Errorf("%s is of one account, and the phone has several: %s; say it in the config, in the account that it is of", from, strings.Join(names, ", "))
		}
	}
	return names, nil
}

func (f File) resolve(ctx context.Context, paths Paths, c Choice, env Env) (Phone, error) {
	name, v, err := f.Layer(paths, c, env)
	if err != nil {
		return Phone{}, err
	}
	if err := v.Check(); err != nil {
		return Phone{}, err
	}
	if v["server"] == "" || v["user"] == "" {
		return Phone{}, ErrNoAccount
	}
	if v, err = fetch(ctx, v, env, f.commandDir(name, paths, c, env)); err != nil {
		return Phone{}, err
	}
	return Phone{Account: name, Values: v, Device: f.Device(v.Device())}, nil
}
