package phone

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/cli"
	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/config"
	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/files"
	"github.com/sleeptalk/sleeptalk/phone/device"
	"github.com/sleeptalk/sleeptalk/phone/keep"
	"github.com/sleeptalk/sleeptalk/phone/place"
	"github.com/sleeptalk/sleeptalk/phone/setup"
	"github.com/sleeptalk/sleeptalk/ui"
)

// settingsOf are the settings of a phone for its screen: who has set them, and how they are
// written into the config.
func settingsOf(p *cli.Program, o *Options, who *config.Phone, file config.File, profile *device.Profile) cli.Settings {
	w := writer{paths: p.Paths(), account: who.Account, device: who.Device.Base, file: file, choice: o.who.Choice, env: p.Env}
	if who.Device.Name != "" {
		w.device = who.Device.Name
	}
	flags, err := o.who.Numbers() // which were looked at before
	if err != nil {
		flags = nil
	}
	s := cli.Settings{
		Profile: profile, Values: open(who.Values), Keep: w.keep,
		From: func(key string, ofDevice bool) string {
			if ofDevice && flags[key] != "" {
				return "--set"
			}
			return w.origin(key, ofDevice)
		},
	}
	for _, name := range file.OwnDevices() {
		s.Own = append(s.Own, ui.Device{Name: name, Note: "of your config, based on " + file.Device(name).Base})
	}
	return s
}

// open are the values without secrets.
func open(v setup.Values) setup.Values {
	shown := setup.Values{}
	for _, s := range setup.Settings() {
		if value := v[s.Key]; value != "" && !s.Secret {
			shown[s.Key] = value
		}
	}
	return shown
}

// A writer writes settings of a phone into the user's config.
type writer struct {
	paths           config.Paths
	account, device string
	file            config.File
	choice          config.Choice
	env             config.Env
}

// origin is who says what a setting is; "": nobody.
func (w *writer) origin(key string, ofDevice bool) string {
	said := ""
	if ofDevice {
		profile, _, _ := strings.Cut(w.device, "@")
		said = w.file.NumberOrigin([]string{w.device, profile}, key)
	} else {
		said = w.file.Origin(w.account, key, w.choice, w.env)
	}
	if dir, name := filepath.Split(said); dir != "" {
		return name
	}
	return said
}

// errNoConfig says that there is no file to write to.
var errNoConfig = errors.New("there is no HOME to have a config file in")

// keep writes settings into the file of the user, and says where.
func (w *writer) keep(list []ui.Setting) (words string, err error) {
	if w.paths.User == "" {
		return "", errNoConfig
	}
	var edits []config.Edit
	for _, s := range list {
		e := config.Edit{Section: config.Accounts, Name: w.account, Key: s.Key, Value: s.Value}
		if s.OfDevice {
			e.Section, e.Name = config.Devices, w.device
		}
		if at := w.origin(s.Key, s.OfDevice); strings.HasPrefix(at, config.ProjectFile+":") {
			return "", fmt.Errorf("%s: %s says it, and counts more than your own file", s.Key, at)
		}
		if e.Name == "" {
			return "", fmt.Errorf("%s: this phone has no account in a config: sleeptalk init writes one", s.Key)
		}
		edits = append(edits, e)
	}
	if err := write(w.paths.User, edits); err != nil {
		return "", err
	}
	var keys []string
	for _, e := range edits {
		keys = append(keys, e.Key)
	}
	slices.Sort(keys)
	return "wrote " + strings.Join(keys, ", ") + " into " + w.paths.User, nil
}

// write sets keys in a config file, or in a new one, for the user's eyes only.
func write(name string, edits []config.Edit) error {
	text, err := files.Read(name, place.MaxSize)
	switch {
	case errors.Is(err, os.ErrNotExist):
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			return err
		}
		text = []byte(config.Template())
	case err != nil:
		return err
	}
	text, err = config.Edited(name, text, edits)
	if err != nil {
		return err
	}
	return keep.File{Kind: keep.Plain, Name: name, Force: true, Private: true}.WriteBytes(text)
}
