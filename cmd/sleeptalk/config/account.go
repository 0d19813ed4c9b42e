package config

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"

	"github.com/sleeptalk/sleeptalk/phone/setup"
	"github.com/sleeptalk/sleeptalk/phone/words"
)

// An account is the settings of one phone as they stand in a file.
type account setup.Values

// UnmarshalYAML reads the settings. An unknown key is an error with its
// place.
func (a *account) UnmarshalYAML(node ast.Node) error {
	if mapping, ok := node.(ast.MapNode); ok {
		for keys := mapping.MapRange(); keys.Next(); {
			t := keys.Key().GetToken()
			if _, known := setup.Find(t.Value); !known {
				return &yaml.UnknownFieldError{Message: fmt.Sprintf("unknown key %q", t.Value), Token: t}
			}
		}
	}
	values := map[string]string{}
	if err := yaml.NodeToValue(node, &values); err != nil {
		return err
	}
	*a = values
	return nil
}

// A NoAccountError says that an account was named that does not exist.
type NoAccountError struct {
	Name string
	File string
	Have []string
}

func (e *NoAccountError) Error() string {
	message := fmt.Sprintf("no account %q in %s%s", e.Name, e.File, words.DidYouMean(e.Name, e.Have))
	if len(e.Have) == 0 {
		return message
	}
	return message + "   have: " + strings.Join(e.Have, ", ")
}

// Choose is the account called name, or, if name is empty, the one that the
// file makes the default, or its only one; its name is "" if there is none to
// choose.
func (f File) Choose(name, file string) (string, setup.Values, error) {
	have := slices.Sorted(maps.Keys(f.Accounts))
	name = first(name, f.Account)
	if name == "" && len(have) == 1 {
		name = have[0]
	}
	if name == "" {
		return "", setup.Values{}, nil
	}
	a, ok := f.Accounts[name]
	if !ok {
		return "", nil, &NoAccountError{Name: name, File: first(file, "the configuration"), Have: have}
	}
	return name, setup.Values(a), nil
}
