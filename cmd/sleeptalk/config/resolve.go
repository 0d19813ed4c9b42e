package config

import (
	"context"
	"errors"

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
func (f File) Resolve(ctx context.Context, paths Paths, c Choice, env Env) (Phone, error) {
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
