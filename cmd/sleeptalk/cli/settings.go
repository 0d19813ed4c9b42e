package cli

import (
	"cmp"
	"strings"

	"github.com/sleeptalk/sleeptalk/phone/device"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/setup"
	"github.com/sleeptalk/sleeptalk/ui"
)

// Settings are what can be set of a phone, for the screen. The zero value is for one that only
// its log tells of.
type Settings struct {
	Profile *device.Profile // of its device; nil: the one of that name
	Values  setup.Values    // all that is set of it
	// From says who has set something: a flag, a variable, a line of a file; "": nobody.
	From func(key string, ofDevice bool) string
	// Keep writes settings into the config of the user; nil: there is none.
	Keep func([]ui.Setting) (words string, err error)
	// Own are the devices of the user's config.
	Own []ui.Device
}

// Table is what the screen has them from.
func (s Settings) Table() ui.SettingsTable {
	return ui.SettingsTable{Rows: s.rows, Devices: append(devices(), s.Own...), Keep: s.Keep}
}

func (s Settings) rows(began, now event.Start) []ui.Setting {
	profile := s.Profile
	if profile == nil {
		if p, err := device.Load(now.Profile); err == nil { // else only the log knows it
			profile = &p
		}
	}
	var list []ui.Setting
	for _, row := range setup.Rows(profile, began, now, s.Values) {
		list = append(list, ui.Setting{
			Key: row.Key, OfDevice: row.OfDevice, Value: row.Value, Usual: row.Usual, Yours: row.Yours, From: s.from(row),
			Help: row.Help, Takes: row.Takes, Sure: row.Confidence, Source: row.Source, Limit: row.Limit, Live: row.Live,
			Judge: func(value string) (string, error) { return row.Judge(profile, value) },
		})
	}
	return list
}

// from is who says what a setting is.
func (s Settings) from(row setup.Row) string {
	said := ""
	if s.From != nil {
		said = s.From(row.Key, row.OfDevice)
	}
	switch {
	case said != "":
		return said
	case row.OfDevice:
		return "device"
	case row.Value == "":
		return ""
	}
	return "app"
}

// devices are all that the program has, with what each release differs in.
func devices() (list []ui.Device) {
	for _, name := range device.Names() {
		p, err := device.Load(name)
		if err != nil { // a test loads them all
			continue
		}
		list = append(list, ui.Device{Name: name, Note: p.About})
		for _, era := range p.Eras() {
			if q, err := device.Load(name + "@" + era); err == nil {
				list = append(list, ui.Device{Name: name, Era: era, Note: cmp.Or(differences(&p, &q), "as the device itself")})
			}
		}
	}
	return list
}

// differences are the numbers in which a release differs from the profile.
func differences(p, q *device.Profile) string {
	var list []string
	before := p.Numbers()
	for i, n := range q.Numbers() {
		if n.Value != before[i].Value {
			list = append(list, n.Key+" "+n.Value)
		}
	}
	return strings.Join(list, ", ")
}
