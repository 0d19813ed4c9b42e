package config

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/sleeptalk/sleeptalk/phone/place"
	"github.com/sleeptalk/sleeptalk/phone/words"
)

// maxFile bounds a config file.
const maxFile = 1 << 20

// A File is the content of one config file, or of several laid over each
// other.
type File struct {
	// Profile is the name of the profile to use when none is named.
	Profile  string                       `yaml:"profile"`
	Profiles map[string]Profile           `yaml:"profiles"`
	Devices  map[string]map[string]string `yaml:"devices"`
	UI       UI                           `yaml:"ui"`
}

// UI is how things look.
type UI struct {
	Theme string            `yaml:"theme"` // auto, dark, light, contrast, mono
	ASCII string            `yaml:"ascii"` // auto, on, off
	Keys  map[string]string `yaml:"keys"`  // action: key
}

// fileKeys are the keys that may stand in a file at a fixed place.
func fileKeys() []string {
	keys := []string{"profiles", "profile", "devices", "ui", "theme", "ascii", "keys"}
	for _, s := range settings {
		keys = append(keys, s.Key)
	}
	return keys
}

// A Warning is something in a config file that works but had better not
// stand there.
type Warning struct{ Text, Hint string }

// Read reads the user's and the project's file and lays the project's over
// the user's. A file that does not exist is empty.
func Read(p Paths) (File, []Warning, error) {
	var merged File
	var warnings []Warning
	for _, name := range []string{p.User, p.Project} {
		f, err := readFile(name)
		if err != nil {
			return File{}, nil, err
		}
		warnings = append(warnings, f.warnings(name)...)
		merged = merged.under(f)
	}
	return merged, warnings, nil
}

func readFile(name string) (File, error) {
	if name == "" {
		return File{}, nil
	}
	info, err := os.Stat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return File{}, nil
	}
	if err == nil && info.Size() > maxFile {
		return File{}, fmt.Errorf("%s is larger than %d bytes: that is no config file", name, maxFile)
	}
	data, err := os.ReadFile(name)
	if err != nil {
		return File{}, err
	}
	return Parse(name, data)
}

// Parse reads the content of a config file; name stands in its errors.
func Parse(name string, data []byte) (File, error) {
	var f File
	if len(strings.TrimSpace(string(data))) == 0 {
		return f, nil
	}
	err := yaml.UnmarshalWithOptions(data, &f, yaml.Strict())
	if err == nil {
		return f, f.check(name)
	}
	return File{}, place.YAML(name, data, err, fileKeys())
}

// check refuses values that no key allows. They need no place: the message
// names the key and the profile.
func (f File) check(name string) error {
	for _, profile := range slices.Sorted(maps.Keys(f.Profiles)) {
		if err := f.Profiles[profile].check(); err != nil {
			return fmt.Errorf("%s: profile %s: %w", name, profile, err)
		}
	}
	if err := oneOf(f.UI.Theme, "auto", "dark", "light", "contrast", "mono"); err != nil {
		return fmt.Errorf("%s: ui: theme: %w", name, err)
	}
	if err := oneOf(f.UI.ASCII, "auto", "on", "off", "true", "false"); err != nil {
		return fmt.Errorf("%s: ui: ascii: %w", name, err)
	}
	return nil
}

func oneOf(value string, known ...string) error {
	if value == "" || slices.Contains(known, value) {
		return nil
	}
	return fmt.Errorf("unknown value %q%s; have: %s", value, words.DidYouMean(value, known), strings.Join(known, ", "))
}

func (f File) warnings(name string) []Warning {
	var list []Warning
	for _, profile := range slices.Sorted(maps.Keys(f.Profiles)) {
		if f.Profiles[profile].Password != "" {
			list = append(list, Warning{
				Text: fmt.Sprintf("profile %s has its password in plain text in %s", profile, name),
				Hint: "password-env: VARIABLE   or   password-command: a command that prints it",
			})
		}
	}
	return list
}

// under lays over on top of f: what over says counts.
func (f File) under(over File) File {
	f.Profile = first(over.Profile, f.Profile)
	f.UI.Theme = first(over.UI.Theme, f.UI.Theme)
	f.UI.ASCII = first(over.UI.ASCII, f.UI.ASCII)
	f.UI.Keys = overlay(f.UI.Keys, over.UI.Keys, func(_, o string) string { return o })
	f.Profiles = overlay(f.Profiles, over.Profiles, Profile.under)
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

func first(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}
