package config

import (
	"slices"

	"github.com/sleeptalk/sleeptalk/phone/setup"
)

// Origin is who says what a setting of an account is: the flag, the variable or the place in a
// file; "" if nobody does.
func (f File) Origin(account, key string, c Choice, env Env) string {
	if c.Flags[key] != "" {
		return "--" + key
	}
	if name := setup.EnvName(key); env(name) != "" {
		return name
	}
	for _, part := range slices.Backward(f.parts) {
		if part.Accounts[account][key] != "" {
			return part.at(account, key)
		}
	}
	return ""
}

// NumberOrigin is where the files say a number of a device; "" if they do not. What is said of
// one release counts more than what is said of all.
func (f File) NumberOrigin(names []string, key string) string {
	for _, name := range names {
		for _, part := range slices.Backward(f.parts) {
			if part.Devices[name][key] != "" {
				return part.place([]string{"devices", name, key})
			}
		}
	}
	return ""
}
