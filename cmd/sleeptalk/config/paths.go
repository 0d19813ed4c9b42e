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
	"runtime"
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

// Find says where things are: by the XDG base directories, also on macOS; on
// Windows in AppData. Without a home, state goes to the directory for temporary files.
func Find(env Env) Paths { return find(env, runtime.GOOS == "windows", os.Getuid()) }

func find(env Env, windows bool, uid int) Paths {
	p := Paths{Project: ProjectFile, State: filepath.Join(os.TempDir(), "sleeptalk")}
	if uid >= 0 { // the directory is everybody's; on Windows it is the user's own, who has no number
		p.State += "-" + strconv.Itoa(uid)
	}
	config, state := []string{"XDG_CONFIG_HOME"}, []string{"XDG_STATE_HOME"}
	if windows {
		config, state = append(config, "APPDATA"), append(state, "LOCALAPPDATA")
	}
	if dir := base(env, config, ".config"); dir != "" {
		p.User = filepath.Join(dir, "sleeptalk", "config.yaml")
	}
	if dir := base(env, state, filepath.Join(".local", "state")); dir != "" {
		p.State = filepath.Join(dir, "sleeptalk")
		p.Trusted = filepath.Join(p.State, "trusted")
	}
	return p
}

// base is the directory that the first of some variables has, or one in the home. The XDG
// specification has relative ones ignored.
func base(env Env, keys []string, inHome string) string {
	for _, key := range keys {
		if dir := env(key); filepath.IsAbs(dir) {
			return dir
		}
	}
	for _, home := range []string{env("HOME"), env("USERPROFILE")} {
		if filepath.IsAbs(home) {
			return filepath.Join(home, inHome)
		}
	}
	return ""
}
