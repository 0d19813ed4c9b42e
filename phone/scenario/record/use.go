package record

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/scenario"
	"github.com/sleeptalk/sleeptalk/phone/setup"
)

// A set is a phone of a recording, as it was set up.
type set struct {
	name      string
	start     event.Start
	keepalive time.Duration   // that its app asked for; 0: it asked for none
	stranger  bool            // the lab has never known its password
	strangers map[string]bool // the users of whom that is so
}

// sets lists the phones of a recording in the order of their starts.
func sets(log *event.Log) []set {
	var list []set
	strangers := strangers(log)
	for rec := range log.From(0) {
		i := slices.IndexFunc(list, func(s set) bool { return s.name == rec.Phone })
		switch e := rec.Event.(type) {
		case event.Start:
			if i < 0 {
				list = append(list, set{name: rec.Phone, start: e, stranger: strangers[rec.Phone] && len(e.Accounts) == 0, strangers: strangers})
			}
		case event.Keepalive:
			if i >= 0 && list[i].keepalive == 0 && e.Phase == event.KeepaliveInstalled {
				list[i].keepalive = e.Timeout.D().Round(time.Second)
			}
		}
	}
	return list
}

// strangers are the users whose password was wrong before anybody had changed
// it at the lab.
func strangers(log *event.Log) map[string]bool {
	found, changed := map[string]bool{}, map[string]bool{}
	for rec := range log.From(0) {
		switch e := rec.Event.(type) {
		case event.Verb:
			if words := strings.Fields(e.Line); rec.Phone == scenario.LabActor && len(words) > 1 && words[0] == "password" {
				changed[words[1]] = true
			}
		case event.Server:
			if user := strings.TrimPrefix(e.Detail, "user "); e.What == "wrong password" && !changed[user] {
				found[user] = true
			}
		}
	}
	return found
}

// useAll writes the lines about the server and the phones, that under test
// first. They are below what is above, and each can be parsed.
func (r *recorder) useAll(phones []set, log *event.Log) {
	var main set
	if len(phones) > 0 {
		main = phones[0]
	}
	r.uses = r.server(main.start, labSettings(log))
	device := ""
	if changed := main.changed(); len(changed) > 0 {
		device = fittingAll(r.uses, "use device "+main.start.Profile, changed)
	}
	if device != "" {
		r.uses += device + "\n"
	}
	r.use(scenario.DefaultPhone, main, device == "")
	for _, s := range phones[min(1, len(phones)):] {
		r.meet(s, main)
	}
}

// meet takes in another phone. One that is called as the phone under test is
// cannot be there beside it.
func (r *recorder) meet(s, main set) {
	if r.handset[s.name] || s.name == scenario.DefaultPhone || !scenario.IsName(s.name) || fitting(r.uses, "use phone "+s.name, "") == "" {
		return
	}
	r.handset[s.name] = true
	same := s.start.Profile == main.start.Profile && slices.Equal(s.changed(), main.changed())
	if changed := s.changed(); len(changed) > 0 && !same {
		r.uses += "# " + event.Printable(s.name+" cannot be set up as it was: "+strings.Join(changed, " ")) + "\n"
	}
	r.use(s.name, s, !same || len(s.changed()) == 0)
}

// use is the line about a phone. With its own device it is as that was
// shipped; without, it is as the line "use device" says.
func (r *recorder) use(name string, s set, own bool) {
	values := setup.Recorded(s.start)
	if !own {
		delete(values, "device")
	}
	if s.keepalive > 0 {
		values["keepalive"] = short(s.keepalive)
	}
	settings := s.accounts()
	for _, what := range s.flows() {
		r.uses += "# " + event.Printable(name+" had "+what+", which are one here: its outbound proxies are not recorded") + "\n"
	}
	for _, row := range setup.Settings() {
		if value := values[row.Key]; value != "" && row.Script {
			settings = append(settings, row.Key+"="+value)
		}
	}
	if s.stranger {
		settings = append(settings, noPassword)
	}
	line := fittingAll(r.uses, "use phone "+name, settings)
	if line == "" && name != scenario.DefaultPhone {
		line = "use phone " + name
	}
	if line != "" {
		r.uses += line + "\n"
	}
}

// flows say how many flows each account has that has several: "2 flows of work".
func (s set) flows() (list []string) {
	for i, a := range s.start.Accounts {
		next := i + 1
		if a.Flow == 0 || next < len(s.start.Accounts) && s.start.Accounts[next].Flow > a.Flow {
			continue // its last flow says it
		}
		what := fmt.Sprintf("%d flows", a.Flow)
		if a.Of != "" {
			what += " of " + a.Of
		}
		list = append(list, what)
	}
	return list
}

// accounts are the settings that name the accounts of a phone with several, and say what
// is of one alone.
func (s set) accounts() (settings []string) {
	accounts := slices.DeleteFunc(slices.Clone(s.start.Accounts), func(a event.Account) bool { return a.Flow > 1 })
	if len(accounts) < 2 {
		return nil
	}
	var names []string
	for _, a := range accounts {
		names = append(names, a.User())
	}
	settings = []string{setup.AccountKey + "=" + strings.Join(names, ",")}
	for i, a := range accounts {
		own := setup.Recorded(event.Start{
			Protocol: a.Protocol, Raw: a.Raw, Transport: a.Transport, Display: a.Display, Expires: a.Expires, App: a.App, Strategy: s.start.Strategy,
		})
		for _, row := range setup.Settings() {
			if value := own[row.Key]; i > 0 && value != "" && row.Script && !setup.OfPhone(row.Key) {
				settings = append(settings, a.User()+"."+row.Key+"="+value)
			}
		}
		if s.strangers[userOf(a.AOR)] {
			settings = append(settings, a.User()+"."+noPassword)
		}
	}
	return settings
}

// noPassword is none that the lab knows: that which was wrong is in no
// recording.
const noPassword = "password=wrong"

// changed is what is to stand in the line "use device".
func (s set) changed() []string {
	if len(s.start.Unfaithful) > 0 && len(s.start.Settings) > 0 {
		return append([]string{"strict=off"}, s.start.Settings...)
	}
	return s.start.Settings
}

// labSettings is how the lab was set up.
func labSettings(log *event.Log) []string {
	for rec := range log.From(0) {
		if e, ok := rec.Event.(event.Server); ok && len(e.Settings) > 0 {
			return e.Settings
		}
	}
	return nil
}

// server is the line about the server.
func (r *recorder) server(start event.Start, settings []string) string {
	user, domain, ok := strings.Cut(strings.TrimPrefix(start.AOR, "sip:"), "@")
	lab := "use lab"
	if ok && domain != "lab.test" {
		lab = fitting("", lab+" domain="+word(domain), lab)
	}
	if r.lab || start.Server == "" {
		return cmp.Or(fittingAll("", lab, settings), lab) + "\n"
	}
	server := fitting("", "use server "+word(start.Server)+" user="+word(user)+" domain="+word(domain), "use server "+word(start.Server))
	return "# The password is in no recording: add password-env=VARIABLE, or run it with --account.\n" + fitting("", server, lab) + "\n"
}

// fitting is the line if the language has it, below what is above; else the other.
func fitting(above, line, other string) string {
	_, err := scenario.ParseFile("recorded", []byte(above+line+"\n"), nil)
	if err != nil || line != event.Printable(line) { // it could be several lines
		return other
	}
	return line
}

// fittingAll is the line with those of the settings that the language has; ""
// if it has none of them. One that fits only beside others, as a most beside its least,
// is tried again when they are there.
func fittingAll(above, line string, settings []string) string {
	bare, left := line, settings[:min(maxSettings, len(settings))]
	for tried := 0; len(left) > 0 && tried != len(left); {
		tried = len(left)
		left = slices.DeleteFunc(slices.Clone(left), func(s string) bool {
			with := fitting(above, line+" "+word(s), "")
			line = cmp.Or(with, line)
			return with != ""
		})
	}
	if line == bare {
		return ""
	}
	return line
}

// maxSettings bounds the settings of a recorded line: more than a device has.
const maxSettings = 64
