package config

import (
	"maps"
	"path/filepath"
	"slices"

	"github.com/sleeptalk/sleeptalk/phone/raw"
	"github.com/sleeptalk/sleeptalk/phone/setup"
)

// Choice is what the command line and a scenario say about the phone.
type Choice struct {
	Account string
	Flags   setup.Values
	// Usual holds where nobody says anything.
	Usual setup.Values
	// Scenario are lines that count more than the files and the environment, and
	// less than the flags.
	Scenario []setup.Layer
	// Line counts more than all others. Whoever plays the scenario lays it over
	// the phone; here it is looked at.
	Line setup.Layer
}

// Layer is what the choice, the environment and the files say together, before
// any of it is looked at closely; and the name of the account. What needs trust
// and does not have it is an [UntrustedError].
func (f File) Layer(paths Paths, c Choice, env Env) (string, setup.Values, error) {
	name, err := f.chosen(paths, c, env)
	if err != nil {
		return "", nil, err
	}
	layers := f.layers(name, c, env)
	breaches := setup.Untrusted(append(layers, c.Line)...)
	if breaches = append(breaches, f.outside(layers)...); len(breaches) > 0 {
		return name, nil, f.untrusted(breaches)
	}
	v := setup.Merge(layers...)
	delete(v, setup.AccountKey)
	return name, v, nil
}

// chosen is the name of the account.
func (f File) chosen(paths Paths, c Choice, env Env) (string, error) {
	name, _, err := f.Choose(setup.Merge(f.layers("", c, env)...)[setup.AccountKey], paths.User)
	return name, err
}

// layers are the settings of an account, the lowest first: what the user's files
// say, and the one that is not trusted; the environment, a scenario, the flags.
func (f File) layers(name string, c Choice, env Env) []setup.Layer {
	mine := f.mine()
	standard, _, err := mine.Choose("", "")
	if err != nil { // it names one that is not there, which Layer says
		standard = mine.Account
	}
	layers := []setup.Layer{{Values: c.Usual}, {Values: choosing(nil, standard)}}
	layers = append(layers, f.split(name, setup.Values(mine.Accounts[name]))...)
	if f.strange != nil {
		layers = append(layers, f.strange.layer(name))
	}
	layers = append(layers, f.split(name, fromEnv(env))...)
	layers = append(layers, c.Scenario...)
	return append(layers, setup.Layer{Values: choosing(c.Flags, c.Account)})
}

func choosing(v setup.Values, account string) setup.Values {
	return setup.Values{setup.AccountKey: account}.Over(v)
}

// mine is what the user has written, or trusts.
func (f File) mine() File {
	if f.own == nil {
		return f
	}
	return *f.own
}

// layer is what a file says of an account that the user does not trust.
func (f *File) layer(name string) setup.Layer {
	return setup.Layer{
		Values: choosing(setup.Values(f.Accounts[name]), f.Account), File: f.name,
		Where: func(key string) string { return f.at(name, key) },
	}
}

// split takes from the user's own settings the files that they name relative to
// the working directory: where that is not trusted, what is in them is a
// stranger's.
func (f File) split(name string, v setup.Values) []setup.Layer {
	own := maps.Clone(v)
	layers := []setup.Layer{{Values: own}}
	for _, key := range []string{"ca", "raw"} {
		file := v[key]
		if file == "" || filepath.IsAbs(file) || key == "raw" && !raw.IsFile(file) {
			continue
		}
		if ok, _ := f.trust.Covers(file); !ok {
			delete(own, key)
			layers = append(layers, setup.Layer{
				Values: setup.Values{key: file}, File: file,
				Where: func(key string) string { return f.whereOf(name, key) + ": " + file },
			})
		}
	}
	return layers
}

// whereOf is where the user has set something.
func (f File) whereOf(name, key string) string {
	for _, part := range slices.Backward(f.parts) {
		if part.Accounts[name][key] != "" {
			return part.at(name, key)
		}
	}
	return setup.EnvName(key)
}

// untrusted is the error of what needs trust.
func (f File) untrusted(breaches []setup.Breach) error {
	_, why := f.trust.Covers(breaches[0].File)
	return &UntrustedError{breaches, why}
}

// Breaches lists what the project's file says that needs trust and does not have
// it, of all its accounts.
func (f File) Breaches(paths Paths, env Env) []setup.Breach {
	if f.strange == nil {
		return nil
	}
	var list []setup.Breach
	for _, name := range append(slices.Sorted(maps.Keys(f.strange.Accounts)), "") {
		c := Choice{Account: name}
		chosen, err := f.chosen(paths, c, env)
		if err != nil { // whoever uses it is told
			continue
		}
		layers := f.layers(chosen, c, env)
		for _, b := range append(setup.Untrusted(layers...), f.outside(layers)...) {
			if !slices.Contains(list, b) {
				list = append(list, b)
			}
		}
	}
	return list
}

// Strange is the project's file if the user does not trust it, and why it is not
// trusted; empty if there is none.
func (f File) Strange() (name, why string) {
	if f.strange == nil {
		return "", ""
	}
	_, why = f.trust.Covers(f.strange.name)
	return f.strange.name, why
}
