package ui

import (
	"fmt"
	"slices"
	"strings"

	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// A Setting is a setting of the phone with the value that it has now.
type Setting struct {
	Key      string
	OfDevice bool   // a number of the device; else the app's, or the account's
	Value    string // "": nobody has said anything
	Usual    string // what it was when the phone was started
	Yours    bool   // it was changed while the phone ran
	From     string // who has said so: device, app, config.yaml:14
	Help     string
	Takes    string // what it can be: on|off, DURATION
	Sure     string // how sure the source of a number is: A to D; "": it has none
	Source   string
	Limit    string // what no real system was more generous than; "": none is known
	Live     bool   // it can be changed while the phone runs
	// Judge says of another value why it cannot be; or, as a warning, that the device
	// refuses it or no real one has allowed it.
	Judge func(value string) (warning string, err error)
}

// A Device is a kind of device that there is.
type Device struct {
	Name, Era string // "": the one that the profile is about
	Note      string // what it is, or how the era differs
}

// full is the name as --device takes it.
func (d *Device) full() string {
	if d.Era == "" {
		return d.Name
	}
	return d.Name + "@" + d.Era
}

// A SettingsTable is where the panel of the settings has them from.
type SettingsTable struct {
	// Rows are those of a phone, of what its log says now and said at the start.
	Rows func(began, now event.Start) []Setting
	// Devices are all that there are.
	Devices []Device
	// Keep writes settings into the user's config, and says where; it is called from other
	// goroutines. nil: there is none to write to.
	Keep func([]Setting) (words string, err error)
}

// settings is the panel of all that can be set of the phone. What is typed searches; a value is
// edited in its row.
type settings struct {
	table SettingsTable
	began event.Start // of the phone that is shown
	rows  []Setting   // as they are now
	later []Setting   // what was typed and counts at the next start

	search    textinput.Model
	sel       int  // of those that are found
	onDevices bool // the keys are the list of the devices'
	device    int  // of those
	first     bool // whether it was opened for the devices
}

func (p *settings) bindings() []binding {
	return []binding{
		{id: "settings", group: viewGroup, modes: mainMode | runMode, Binding: bind("settings", ","), help: "all settings, who says so and from when; change them", why: p.none, do: opens(settingsMode), shown: []panel{devicePanel}},
		{id: "devices", group: viewGroup, modes: mainMode | runMode, Binding: bind("devices", "P"), help: "the devices that there are", why: p.none, do: p.openDevices},
		{id: "edit", group: overlayGroup, modes: settingsMode, Binding: bind("edit", "enter"), foot: always, do: p.choose, name: p.chooseLabel},
		{id: "undo", group: overlayGroup, modes: settingsMode, Binding: bind("undo", "delete"), foot: always, why: p.nothingToUndo, do: p.undo},
		{id: "column", group: overlayGroup, modes: settingsMode, Binding: bind("device", "tab"), foot: always, do: p.column, name: p.columnLabel},
		{id: "setting above", group: overlayGroup, modes: settingsMode, Binding: bind("choose", "up"), foot: always, do: p.moves(-1), idle: first},
		{id: "setting below", group: overlayGroup, modes: settingsMode, Binding: bind("choose", "down"), foot: always, do: p.moves(+1), idle: last},
		{id: "settings up", group: overlayGroup, modes: settingsMode, Binding: bind("page up", "pgup"), do: p.moves(-10), idle: first},
		{id: "settings down", group: overlayGroup, modes: settingsMode, Binding: bind("page down", "pgdown"), do: p.moves(+10), idle: last},
		{id: "keep settings", group: overlayGroup, modes: settingsMode, Binding: bind("into the config", "ctrl+s"), foot: always, why: p.nothingToKeep, do: p.keep},
		{id: "settings help", group: helpGroup, modes: settingsMode | settingMode, Binding: bind("help", "f1"), foot: always, do: opens(helpMode)},
	}
}

// none is why there is nothing to show.
func (p *settings) none(s situation) string {
	switch {
	case p.table.Rows == nil:
		return "nothing is known here of the settings"
	case !s.fold.Started || s.fold.Start.Profile == "":
		return "the log does not say how this phone is set"
	}
	return ""
}

func (p *settings) openDevices(situation) request {
	p.first = true
	return openReq(settingsMode)
}

func (p *settings) opened(s situation) {
	p.search = newInput("", nil, p.room(s.scene))
	p.sel, p.onDevices, p.first = 0, p.first, false
	p.device = max(0, slices.IndexFunc(p.table.Devices, func(d Device) bool { return d.full() == s.fold.Start.Profile }))
	p.read(s.fold)
}

// take has the rows follow the log.
func (p *settings) take(r event.Record, f *event.Fold) {
	if e, ok := r.Event.(event.Start); ok && r.Phone == f.Phone {
		if p.began.Profile == "" {
			p.began = e
		}
		p.read(f)
	}
}

// read makes the rows of what the log says.
func (p *settings) read(f *event.Fold) {
	if p.table.Rows != nil {
		p.rows = p.table.Rows(p.began, f.Start)
	}
}

func (p *settings) line() *textinput.Model { return &p.search }

func (p *settings) room(s scene) int {
	return max(1, settingsBox(s).w-4-len("/ ")-len(" on ios-voip-socket@ios7, emulated"))
}

// found are the settings that fit what is typed: by their names, then by what is said of them.
func (p *settings) found() []*Setting {
	words := strings.ToLower(strings.TrimSpace(p.search.Value()))
	var named, told []*Setting
	for i := range p.rows {
		row := &p.rows[i]
		switch {
		case strings.Contains(row.Key, words):
			named = append(named, row)
		case strings.Contains(strings.ToLower(row.Help+" "+row.Source), words):
			told = append(told, row)
		}
	}
	return append(named, told...)
}

// at is the setting under the bar; nil: there is none.
func (p *settings) at() *Setting {
	if all := p.found(); len(all) > 0 {
		return all[min(p.sel, len(all)-1)]
	}
	return nil
}

func (p *settings) moves(step int) func(situation) request {
	return func(situation) request {
		if p.onDevices {
			p.device = max(0, min(len(p.table.Devices)-1, p.device+step))
			return nil
		}
		p.sel = max(0, min(len(p.found())-1, p.sel+step))
		return nil
	}
}

func (p *settings) column(situation) request {
	p.onDevices = !p.onDevices
	return nil
}

func (p *settings) columnLabel(situation) string {
	if p.onDevices {
		return "settings"
	}
	return "device"
}

func (p *settings) chooseLabel(situation) string {
	if p.onDevices {
		return "take it at the next start"
	}
	return "edit"
}

// choose begins to edit a value, or says how the phone comes to another device.
func (p *settings) choose(s situation) request {
	if !p.onDevices {
		if p.at() == nil {
			return tellReq{dim, "no setting fits what is typed"}
		}
		return openReq(settingMode)
	}
	if len(p.table.Devices) == 0 {
		return tellReq{dim, "nothing is known here of other devices"}
	}
	d := &p.table.Devices[p.device]
	if d.full() == s.fold.Start.Profile {
		return tellReq{dim, "the phone is on " + d.full() + " already"}
	}
	i := slices.IndexFunc(p.rows, func(r Setting) bool { return r.Key == "device" && !r.OfDevice })
	if i < 0 {
		return tellReq{woken, "another device needs a new start: sleeptalk phone --device " + d.full()}
	}
	p.put(p.rows[i], d.full())
	return tellReq{woken, "another device needs a new start: --device " + d.full() + "; ctrl+s writes it into the config"}
}

// put notes a value that counts at the next start.
func (p *settings) put(row Setting, value string) {
	p.drop(&row)
	row.Value = value
	p.later = append(p.later, row)
}

// drop forgets such a value, and reports whether there was one.
func (p *settings) drop(row *Setting) bool {
	before := len(p.later)
	p.later = slices.DeleteFunc(p.later, func(l Setting) bool { return l.Key == row.Key && l.OfDevice == row.OfDevice })
	return len(p.later) < before
}

// laterOf is what was typed for a setting and counts at the next start.
func (p *settings) laterOf(row *Setting) (value string, ok bool) {
	i := slices.IndexFunc(p.later, func(l Setting) bool { return l.Key == row.Key && l.OfDevice == row.OfDevice })
	if i < 0 {
		return "", false
	}
	return p.later[i].Value, true
}

func (p *settings) nothingToUndo(situation) string {
	row := p.at()
	if row == nil || p.onDevices {
		return "there is nothing to take back"
	}
	_, later := p.laterOf(row)
	return when(!later && !row.Yours, row.Key+" is as it was when the phone was started")
}

// undo takes a change back.
func (p *settings) undo(s situation) request {
	row := p.at()
	if p.drop(row) {
		return nil
	}
	if why := needs("set", nil)(s); why != "" {
		return tellReq{woken, why}
	}
	return sayReq("set " + row.Key + "=")
}

// changed are the settings that were changed, or will be at the next start.
func (p *settings) changed() (list []Setting) {
	for _, row := range p.rows {
		if _, later := p.laterOf(&row); row.Yours && !later {
			list = append(list, row)
		}
	}
	return append(list, p.later...)
}

func (p *settings) nothingToKeep(situation) string {
	switch {
	case p.table.Keep == nil:
		return "there is no config here to write to"
	case len(p.changed()) == 0:
		return "nothing has been changed"
	}
	return ""
}

// keep writes what was changed into the config, outside of the screen's goroutine.
func (p *settings) keep(situation) request {
	list := p.changed()
	return workReq{meanwhile: "writing the config", Cmd: func() tea.Msg {
		var msg keptMsg
		func() {
			defer caught(&msg.err)
			msg.words, msg.err = p.table.Keep(list)
		}()
		return msg
	}}
}

// settingEdit is the panel while a value is edited.
type settingEdit struct {
	panel *settings
	input textinput.Model
	row   Setting // that it is of
}

func (e *settingEdit) bindings() []binding {
	return []binding{
		{id: "set it", group: overlayGroup, modes: settingMode, Binding: bind("set", "enter"), foot: always, do: e.submit},
		{id: "next value", group: overlayGroup, modes: settingMode, Binding: bind("next value", "tab"), foot: e.hasValues, why: e.noValues, do: e.next},
	}
}

func (e *settingEdit) opened(s situation) {
	e.row = *e.panel.at()
	value := e.row.Value
	if later, ok := e.panel.laterOf(&e.row); ok {
		value = later
	}
	e.input = newInput(value, nil, e.room(s.scene))
}

func (e *settingEdit) line() *textinput.Model { return &e.input }

func (e *settingEdit) room(s scene) int { return settingsColumnsOf(settingsBox(s).w-4).valueRoom() - 1 }

// values are the words that the setting can be, where those are few.
func (e *settingEdit) values() []string {
	if !strings.Contains(e.row.Takes, "|") || strings.ToLower(e.row.Takes) != e.row.Takes {
		return nil
	}
	return strings.Split(e.row.Takes, "|")
}

func (e *settingEdit) hasValues(situation) bool { return len(e.values()) > 0 }

func (e *settingEdit) noValues(situation) string {
	return when(len(e.values()) == 0, e.row.Key+" is typed: "+strings.ToLower(e.row.Takes))
}

func (e *settingEdit) next(situation) request {
	all := e.values()
	e.input.SetValue(all[(slices.Index(all, e.typed())+1)%len(all)])
	e.input.CursorEnd()
	return nil
}

func (e *settingEdit) typed() string { return strings.TrimSpace(e.input.Value()) }

// submit sets the value: by a line that the phone is told, or for the next start.
func (e *settingEdit) submit(s situation) request {
	value := e.typed()
	if value == "" || value == e.row.Value {
		return closeReq{}
	}
	if _, err := e.row.Judge(value); err != nil {
		return tellReq{fault, err.Error()}
	}
	if !e.row.Live {
		e.panel.put(e.row, value)
		return closeReq{tellReq{woken, e.row.Key + " counts at the next start; ctrl+s writes it into the config"}}
	}
	if why := needs("set", nil)(s); why != "" {
		return tellReq{woken, why}
	}
	return closeReq{sayReq(fmt.Sprintf("set %s=%s", e.row.Key, value))}
}
