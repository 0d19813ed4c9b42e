// Package setup is the one table of what can be set of a phone: each
// [Setting] with its key, its values, its help, its check, how it is set, how
// it is shown, and what the app has for it where nobody says anything.
//
//	config file ─┐
//	environment ─┤ Values, one layer over another
//	flags       ─┤ ───────────────▶ Build ──▶ phone.Config ──▶ phone
//	use phone   ─┘                                │
//	                 recorder ◀── Recorded ◀── first line of the log
//
// Everybody who reads or writes settings asks the table: flags, the
// environment, config files, "use phone" lines, the recorder, the log's first
// line, the template of a config file and the help. So a new setting is a row
// here, and the code that it is for.
//
// The numbers of a device are not here: they are the device's own, see
// phone/device. Those of the lab are, in a table of their own: [LabSettings].
//
// The package reads no file and no environment, and looks up no secret: all of
// that is handed to it.
package setup

import (
	"slices"
	"strings"
	"sync"

	"github.com/sleeptalk/sleeptalk/phone"
	"github.com/sleeptalk/sleeptalk/phone/app"
	"github.com/sleeptalk/sleeptalk/phone/event"
)

// A Setting is one row of the table.
type Setting struct {
	// Key names it everywhere: in a config file, as a flag, in a "use phone"
	// line; in the environment as [Setting.Env] says.
	Key string
	// Value is what it can be, for the reader: on|off, DURATION.
	Value string
	Help  string
	// Of says whose it is, of a phone with several accounts.
	Of Owner
	// Example is for a config file to begin with; empty is the default.
	Example string
	// Account marks what says who the phone is, and where. Only a server that
	// is not the built-in one needs to be told.
	Account bool
	// Secret keeps it off the command line, where everybody on the machine can
	// read it; in a config file it works, and warns.
	Secret bool
	// List says that it is a list, with commas.
	List bool
	// Script says that a "use phone" line may have it.
	Script bool
	// In names the protocols that there is such a setting in; none: in all.
	In []string
	// Live says that it can be changed while the phone runs: see [Change].
	Live bool
	// Guard says what it could do if a stranger wrote it: see [Untrusted].
	Guard Guard

	check func(value string) error
	set   func(d *draft, value string) error
	// usual is what the app has where nobody says anything; nil: nothing.
	usual func(app.Config) string
	// show is the value for the log's first line; nil: that has a field of its
	// own for it, which said reads.
	show func(c phone.Config) string
	said func(s event.Start) string
	// reaches says why the value is not for a stranger to choose, among all
	// values that there are; empty if it is harmless. It is for [Reach].
	reaches func(all Values) string
}

// AccountKey is the key, flag and variable that names an account of the config,
// where a phone takes its settings from: it is none of them. ProfileKey is what
// it was called before.
const (
	AccountKey = "account"
	ProfileKey = "profile"
)

// table is made once: its help names the devices and protocols that there are,
// and a reader of the language looks into it for each word of a line.
var table = sync.OnceValue(func() []Setting {
	rows := append(accountRows(), phoneRows()...)
	for i, s := range rows {
		if len(s.In) > 0 {
			rows[i].Help += "; with " + s.titles() + " alone"
		}
	}
	return rows
})

// Settings lists the table: who the phone is first, then what it is like.
func Settings() []Setting { return slices.Clone(table()) }

// Keys are the keys of the whole table.
func Keys() []string {
	var keys []string
	for _, s := range table() {
		keys = append(keys, s.Key)
	}
	return keys
}

// Find is the setting with a key.
func Find(key string) (Setting, bool) {
	all := table()
	i := slices.IndexFunc(all, func(s Setting) bool { return s.Key == key })
	if i < 0 {
		return Setting{}, false
	}
	return all[i], true
}

// Check refuses a value that can never be right, whatever else is set. Nothing
// is no value, and right.
func (s Setting) Check(value string) error {
	if value == "" || s.check == nil {
		return nil
	}
	return s.check(value)
}

// Usual is the value that a phone has where nobody says anything, as its app
// and the app's strategy have it; empty if there is none.
func (s Setting) Usual() string {
	if s.usual == nil {
		return ""
	}
	return s.usual(app.Config{}.WithDefaults())
}

// Env is the name of the environment variable of s.
func (s Setting) Env() string { return EnvName(s.Key) }

// EnvName is the name of the environment variable of a key.
func EnvName(key string) string {
	return "SLEEPTALK_" + strings.ToUpper(strings.ReplaceAll(key, "-", "_"))
}
