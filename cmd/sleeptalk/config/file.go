package config

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/files"
	"github.com/sleeptalk/sleeptalk/phone/place"
	"github.com/sleeptalk/sleeptalk/phone/setup"
)

// A File is the content of one config file, or of several laid over each
// other.
type File struct {
	// Account is the name of the account to use when none is named.
	Account  string                       `yaml:"account"`
	Accounts map[string]account           `yaml:"accounts"`
	Devices  map[string]map[string]string `yaml:"devices"`
	UI       UI                           `yaml:"ui"`

	old bool // it said profile

	// name and text are those of one file; parts are the files of several.
	name  string
	text  []byte
	parts []*File
	// own is what of them the user has written or trusts, and strange the
	// project's file if it is neither.
	own, strange *File
	trust        Trust
}

// An oldFile is one that may still say profile where it is account now.
type oldFile struct {
	File     `yaml:",inline"`
	Profile  string             `yaml:"profile"`
	Profiles map[string]account `yaml:"profiles"`
}

// Themes are the themes of the screen.
func Themes() []string { return []string{"auto", "dark", "light", "contrast", "mono"} }

// UI is how things look.
type UI struct {
	Theme string `yaml:"theme"` // auto, dark, light, contrast, mono
	ASCII string `yaml:"ascii"` // auto, on, off
	// Keys are other keys for actions of the screen, by their names. Which there are, the
	// screen knows.
	Keys map[string]string `yaml:"keys"`
}

// KeyPlace is where the files give an action another key.
func (f File) KeyPlace(action string) string {
	for _, part := range slices.Backward(f.parts) {
		if _, has := part.UI.Keys[action]; has {
			return part.place([]string{"ui", "keys", action})
		}
	}
	return f.name
}

// fileKeys are the keys that may stand in a file at a fixed place.
func fileKeys() []string {
	return append([]string{"accounts", "account", "profiles", "profile", "devices", "ui", "theme", "ascii", "keys"}, setup.Keys()...)
}

// A Warning is something in a config file that works but had better not
// stand there.
type Warning struct{ Text, Hint string }

// Read reads the user's and the project's file and lays the project's over
// the user's. A file that does not exist is empty. trusted is asked whom the
// user trusts.
func Read(p Paths, trusted func() (Trust, error)) (File, []Warning, error) {
	var merged File
	var warnings []Warning
	var parts []*File
	for _, name := range []string{p.User, p.Project} {
		f, err := readFile(name)
		if err != nil {
			return File{}, nil, err
		}
		warnings = append(warnings, f.warnings(name)...)
		merged = merged.under(f)
		parts = append(parts, &f)
	}
	merged.parts = parts
	trust, err := trusted()
	if err != nil {
		return File{}, nil, err
	}
	merged.trust = trust
	if project := parts[1]; project.text != nil {
		if ok, _ := trust.Covers(p.Project); !ok {
			merged.own, merged.strange = parts[0], project
			merged.UI.Keys = parts[0].UI.Keys // a stranger's file gives no key another meaning
		}
	}
	return merged, warnings, nil
}

func readFile(name string) (File, error) {
	if name == "" {
		return File{}, nil
	}
	data, err := files.Read(name, place.MaxSize)
	if errors.Is(err, fs.ErrNotExist) {
		return File{}, nil
	}
	if err != nil {
		return File{}, err
	}
	return Parse(name, data)
}

// Parse reads the content of a config file; name stands in its errors.
func Parse(name string, data []byte) (File, error) {
	var f oldFile
	if len(strings.TrimSpace(string(data))) == 0 {
		return File{}, nil
	}
	if err := place.Decode(name, data, &f, fileKeys()); err != nil {
		return File{}, err
	}
	f.old = f.Profile != "" || f.Profiles != nil
	f.Account = first(f.Account, f.Profile)
	f.Accounts = overlay(f.Profiles, f.Accounts, layAccount)
	f.name, f.text = name, data
	return f.File, f.check(name)
}

// layAccount lays one account over another of the same name.
func layAccount(below, over account) account {
	return account(setup.Values(over).Over(setup.Values(below)))
}

// check refuses values that no key allows. They need no place: the message
// names the key and the account.
func (f File) check(name string) error {
	for _, called := range slices.Sorted(maps.Keys(f.Accounts)) {
		if err := setup.Values(f.Accounts[called]).Check(); err != nil {
			return fmt.Errorf("%s: account %s: %w", name, called, err)
		}
	}
	if err := oneOf(f.UI.Theme, Themes()...); err != nil {
		return fmt.Errorf("%s: ui: theme: %w", name, err)
	}
	if err := oneOf(f.UI.ASCII, "auto", "on", "off", "true", "false"); err != nil {
		return fmt.Errorf("%s: ui: ascii: %w", name, err)
	}
	return nil
}

func oneOf(value string, known ...string) error {
	if value == "" {
		return nil
	}
	return setup.OneOf(known...)(value)
}

func (f File) warnings(name string) []Warning {
	var list []Warning
	if f.old {
		list = append(list, Warning{
			Text: fmt.Sprintf("%s says profile where it is account now: that works, and the word has other meanings here", name),
			Hint: "accounts: and account: instead of profiles: and profile:",
		})
	}
	for _, called := range slices.Sorted(maps.Keys(f.Accounts)) {
		for _, s := range setup.Settings() {
			if s.Secret && f.Accounts[called][s.Key] != "" {
				list = append(list, Warning{
					Text: fmt.Sprintf("account %s has its %s in plain text in %s", called, s.Key, name),
					Hint: secretHint(s.Key),
				})
			}
		}
	}
	return list
}

// secretHint says where else a secret can be.
func secretHint(key string) string {
	hint := key + "-env: VARIABLE"
	if command := key + "-command"; slices.Contains(setup.Keys(), command) {
		hint += "   or   " + command + ": a command that prints it"
	}
	return hint
}

// under lays over on top of f: what over says counts.
func (f File) under(over File) File {
	f.Account = first(over.Account, f.Account)
	f.UI.Theme = first(over.UI.Theme, f.UI.Theme)
	f.UI.ASCII = first(over.UI.ASCII, f.UI.ASCII)
	f.UI.Keys = overlay(f.UI.Keys, over.UI.Keys, func(_, o string) string { return o })
	f.Accounts = overlay(f.Accounts, over.Accounts, layAccount)
	f.Devices = overlay(f.Devices, over.Devices, func(b, o map[string]string) map[string]string {
		return overlay(b, o, func(_, v string) string { return v })
	})
	return f
}

// overlay is the union of two maps; merge makes one value of two.
func overlay[V any](base, over map[string]V, merge func(base, over V) V) map[string]V {
	union := maps.Clone(base)
	if union == nil {
		union = make(map[string]V, len(over))
	}
	for key, v := range over {
		union[key] = merge(union[key], v)
	}
	return union
}

func first(values ...string) string { return cmp.Or(values...) }
