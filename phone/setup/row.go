package setup

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/app"
	"github.com/sleeptalk/sleeptalk/phone/device"
	"github.com/sleeptalk/sleeptalk/phone/event"
)

// A Row is a setting of a phone with the value that it has now: a number of the device, or a
// row of the table.
type Row struct {
	Key string
	// OfDevice says that it is a number of the device.
	OfDevice bool
	Value    string // as the log has it; "": nobody has said anything
	Usual    string // what it was at the start of the phone, or is where nobody says anything
	Yours    bool   // it was changed while the phone ran
	Help     string
	Takes    string // what it can be: on|off, DURATION
	device.Note
	Limit     string // what no real system was more generous than; "": none is known
	LimitNote device.Note
	Live      bool // it can be changed while the phone runs
}

// Rows are the settings of a phone on a device: what its log says of them now, and what it
// said at the start. profile is that device, as it comes; nil: only the log knows it. values
// are all that was set of the phone; nil: only the log tells, and what that leaves open is left
// out.
func Rows(profile *device.Profile, began, now event.Start, values Values) []Row {
	rows := numberRows(profile, began, now)
	before, after := Recorded(began), Recorded(now)
	usual := app.Config{Strategy: app.Strategy(now.Strategy)}.WithDefaults()
	for _, s := range table() {
		told := s.show != nil || s.said != nil
		if s.Secret || !told && values == nil {
			continue
		}
		value := values[s.Key]
		if told {
			value = after[s.Key]
		}
		row := Row{Key: s.Key, Value: value, Help: s.Help, Takes: s.Value, Live: s.Live, Yours: told && before[s.Key] != after[s.Key]}
		if s.usual != nil {
			row.Usual = s.usual(usual)
		}
		if row.Yours {
			row.Usual = cmp.Or(before[s.Key], row.Usual)
		}
		row.Value = cmp.Or(row.Value, row.Usual)
		rows = append(rows, row)
	}
	return rows
}

// numbersOf are the numbers of the device that a log says were set.
func numbersOf(start event.Start) map[string]string {
	numbers := map[string]string{}
	for _, pair := range start.Settings {
		if key, value, ok := strings.Cut(pair, "="); ok {
			numbers[key] = value
		}
	}
	return numbers
}

// numberRows are the numbers of the device. Where it cannot be told, or is not as the log has
// it, they are those that the log names.
func numberRows(profile *device.Profile, began, now event.Start) []Row {
	if profile != nil {
		start, err := profile.With(numbersOf(began), false)
		if current, errNow := profile.With(numbersOf(now), false); err == nil && errNow == nil {
			return deviceRows(start, current, now)
		}
	}
	before := numbersOf(began)
	var rows []Row
	for _, key := range slices.Sorted(maps.Keys(numbersOf(now))) {
		value := numbersOf(now)[key]
		rows = append(rows, Row{Key: key, OfDevice: true, Value: value, Usual: before[key], Yours: before[key] != value})
	}
	for _, c := range now.Choices {
		if !slices.ContainsFunc(rows, func(r Row) bool { return r.Key == c.Key }) {
			rows = append(rows, Row{Key: c.Key, OfDevice: true, Value: c.Value, Help: c.About})
		}
	}
	return rows
}

// deviceRows are the numbers of a device, as they are now and were at the start.
func deviceRows(start, current device.Profile, now event.Start) []Row {
	before := start.Numbers()
	var rows []Row
	for i, n := range current.Numbers() {
		about := ""
		if at := slices.IndexFunc(now.Choices, func(c event.Choice) bool { return c.Key == n.Key }); at >= 0 {
			about = now.Choices[at].About
		}
		rows = append(rows, Row{
			Key: n.Key, OfDevice: true, Value: n.Value, Usual: before[i].Value, Yours: n.Value != before[i].Value,
			Help: about, Takes: device.Takes(n.Key), Note: before[i].Note, Limit: n.Limit, LimitNote: n.LimitNote, Live: !device.Settled(n.Key),
		})
	}
	return rows
}

// Judge says of a value for a row what a phone on the device would say to it: an error if it
// cannot be, and a warning if it can, and the device refuses it or no real one allowed it.
func (r Row) Judge(profile *device.Profile, value string) (warning string, err error) {
	switch {
	case r.OfDevice && profile == nil:
		return "", errors.New("the numbers of this device are not known here")
	case r.OfDevice:
		_, err := profile.With(map[string]string{r.Key: value}, true)
		if errors.Is(err, device.ErrBeyond) {
			return strings.TrimPrefix(err.Error(), "device "+profile.Name+": "), nil
		}
		return "", err
	}
	s, known := Find(r.Key)
	if !known {
		return "", fmt.Errorf("no setting %q", r.Key)
	}
	if err := s.Check(value); err != nil {
		return "", err
	}
	if r.Key != "keepalive" || profile == nil {
		return "", nil
	}
	asked, err := time.ParseDuration(value)
	if err != nil {
		return "", err
	}
	if why := profile.Refuses(asked); why != "" {
		return fmt.Sprintf("%s: the device says no (%s), and no handler runs: a silent loss is noticed by nobody", value, why), nil
	}
	return "", nil
}
