// Package config is what a person has written down for sleeptalk: accounts,
// overrides of emulated numbers, and looks. What an account can say stands in
// the table of phone/setup.
//
// A setting comes from the first of these that has it:
//
//	flag  >  environment SLEEPTALK_*  >  ./.sleeptalk.yaml  >  user file
//
// The project's file is a stranger's until the user trusts its folder: what it
// says of secrets, commands and servers is refused ([Untrusted]), and what is
// harmless of it counts.
//
// The files are strict YAML: a key that is not known is an error that shows
// the place and names the nearest key. Passwords are best named, by
// environment variable or command; one in plain text works and warns.
//
// The package reads files, runs the password command, and keeps the list of the
// folders that are trusted. It is safe for concurrent use.
package config

import (
	"os"
	"path/filepath"
	"strconv"
)

// ProjectFile is the file of a project, looked for in the working directory.
const ProjectFile = ".sleeptalk.yaml"

// Env looks up an environment variable.
type Env func(key string) string

// Paths is where things are.
type Paths struct {
	User    string // the user's file; "" if there is no home
	Project string // the project's file
	State   string // the directory for recordings and crash reports
	Trusted string // the list of folders that the user trusts; "" if there is no home
}

// Find says where things are: by the XDG base directories, also on macOS; and
// without a home, state goes to the directory for temporary files.
func Find(env Env) Paths {
	p := Paths{Project: ProjectFile, State: filepath.Join(os.TempDir(), "sleeptalk-"+strconv.Itoa(os.Getuid()))}
	if dir := base(env, "XDG_CONFIG_HOME", ".config"); dir != "" {
		p.User = filepath.Join(dir, "sleeptalk", "config.yaml")
	}
	if dir := base(env, "XDG_STATE_HOME", filepath.Join(".local", "state")); dir != "" {
		p.State = filepath.Join(dir, "sleeptalk")
		p.Trusted = filepath.Join(p.State, "trusted")
	}
	return p
}

// base is an XDG base directory. The specification has relative ones ignored.
func base(env Env, key, inHome string) string {
	if dir := env(key); filepath.IsAbs(dir) {
		return dir
	}
	for _, home := range []string{env("HOME"), env("USERPROFILE")} {
		if filepath.IsAbs(home) {
			return filepath.Join(home, inHome)
		}
	}
	return ""
}
