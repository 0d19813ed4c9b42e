package setup

import "slices"

// A Guard says what a setting could do to a user who does not know who wrote it:
// a project's file in a repository that was cloned, or a scenario.
type Guard int

const (
	// Free is harmless, whoever has written it.
	Free Guard = iota
	// Source names a secret of this machine, or a command to run: nobody may whom
	// the user does not trust.
	Source
	// Way decides to whom the account's secret goes, and how. Nobody may change
	// that of a secret which is not their own.
	Way
	// Reach can reach a file, or be heard; it depends on the value.
	Reach
)

// A Layer is settings as one source has them: a file, the environment, the
// flags, a line of a scenario. [AccountKey] is the account that it chooses.
type Layer struct {
	Values Values
	// File is that of a stranger: the user has not written it, nor trusts who has.
	// It is empty for what is the user's own. Where is the place of a setting in
	// it, "FILE:LINE".
	File  string
	Where func(key string) string
}

func (l Layer) strange() bool { return l.File != "" }

// Merge lays layers over each other, the lowest first.
func Merge(layers ...Layer) Values {
	merged := Values{}
	for _, l := range layers {
		merged = l.Values.Over(merged)
	}
	return merged
}

// A Breach is a setting that needs trust, and does not have it.
type Breach struct {
	File, Where string // of the [Layer]
	Key, Why    string
}

func (b Breach) String() string { return b.Where + ": " + b.Key + ": " + b.Why }

// Untrusted lists what comes of strange layers and must not: a command, the
// source of a secret, and another way for a secret that is not theirs. A strange
// layer that changes nothing of it is harmless, as is one under a layer of the
// user's own that says otherwise.
func Untrusted(layers ...Layer) []Breach {
	all := Merge(layers...)
	own := Merge(slices.DeleteFunc(slices.Clone(layers), Layer.strange)...)
	held := all.holds(own)
	var list []Breach
	if name := all[AccountKey]; held && name != own[AccountKey] {
		list = append(list, breach(layers, AccountKey, "only a file that you trust may sign on with an account of yours"))
	}
	for _, s := range table() {
		if value := all[s.Key]; value != "" && value != own[s.Key] {
			if why := s.forbidden(all, held); why != "" {
				list = append(list, breach(layers, s.Key, why))
			}
		}
	}
	return list
}

// holds reports whether a secret of own has stayed in v.
func (v Values) holds(own Values) bool {
	return slices.ContainsFunc(slices.Concat(passwordKeys, pushSecretKeys), func(key string) bool {
		return v[key] != "" && v[key] == own[key]
	})
}

// forbidden is why nobody may set s to what it is who is not trusted; empty if
// anybody may. A secret is held if it is the user's own.
func (s Setting) forbidden(all Values, held bool) string {
	switch {
	case s.Guard == Source:
		return "only a file that you trust may say where a secret comes from"
	case s.Guard == Way && held:
		return "only a file that you trust may say where a secret of yours goes, and how"
	case s.Guard == Reach:
		return s.reaches(all)
	}
	return ""
}

// breach finds the strange layer that has said it last.
func breach(layers []Layer, key, why string) Breach {
	b := Breach{Key: key, Why: why}
	for _, l := range layers {
		if l.strange() && l.Values[key] != "" {
			b.File, b.Where = l.File, l.Where(key)
		}
	}
	return b
}
