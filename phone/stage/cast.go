package stage

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/device"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/lab"
	"github.com/sleeptalk/sleeptalk/phone/push"
	"github.com/sleeptalk/sleeptalk/phone/raw"
	"github.com/sleeptalk/sleeptalk/phone/scenario"
	"github.com/sleeptalk/sleeptalk/phone/setup"
	"github.com/sleeptalk/sleeptalk/phone/xmpp"
)

// Casting says what a cast is made from.
type Casting struct {
	File *scenario.File
	// Flags are settings of the phone under test, and Numbers of its device.
	// What the scenario says of a setting counts more.
	Flags   setup.Values
	Numbers map[string]string
	// Account finds who a phone is at a server of its own; nil: all are users
	// of the lab.
	Account func(name string) (Role, error)
	// Device finds a device, and Protocol a raw protocol, that an account or a
	// flag names; nil: there are those of the program.
	Device   func(name string, strict bool) (device.Profile, error)
	Protocol func(name string) (*raw.Protocol, error)
	// Read reads a file beside the scenario: a sound, as a "speak" line names
	// it, or a raw protocol; nil: there are only those of the program.
	Read func(name string) ([]byte, error)
	// Log makes the log; nil: it is in memory.
	Log func() *event.Log
}

// newLog makes the log.
func (c Casting) newLog() *event.Log {
	if c.Log == nil {
		return new(event.Log)
	}
	return c.Log()
}

// A Role is a phone of a cast: who it is and what it is like, before it is
// built.
type Role struct {
	Name   string
	Values setup.Values
	// Numbers of the device differ from its profile's. Called is what a config
	// calls the device, if it is one of the user's own.
	Numbers map[string]string
	Called  string

	// Account is what its account is called where there are Others.
	Account string
	Others  []Login

	spoken *raw.Protocol // nil unless it speaks a raw one
}

// A Login is one more account of a phone: its name, and its settings, complete.
type Login struct {
	Account string
	Values  setup.Values
}

// logins are the settings of all accounts, the first of which are the phone's.
func (r Role) logins() []setup.Values {
	all := []setup.Values{r.Values}
	for _, l := range r.Others {
		all = append(all, l.Values)
	}
	return all
}

// A cast is who plays: the lab, unless another server is used, its push
// service, and the phones, the one under test first.
type cast struct {
	lab   lab.Config // without addresses
	push  push.Config
	roles []Role
}

// found reports whether a phone finds the lab by its domain: there are records of the
// DNS, and it speaks SIP.
func (c Casting) found(r Role) bool {
	return len(c.File.Records()) > 0 && r.Values.Control() == control.SIP
}

// Password is the password of all phones at the lab.
const Password = "secret"

// Usual is how a phone of a scenario sounds where nobody says anything.
func Usual() setup.Values { return setup.Values{"mic": "tone:440", "speaker": "none"} }

// cast reads the "use" lines.
func (c Casting) cast() (cast, error) {
	use, _ := c.File.Use(scenario.UseLab)
	cfg, pushes, err := setup.Lab(values(use))
	if err != nil {
		return cast{}, fmt.Errorf("%s:%d: %w", use.File, use.Line, err)
	}
	if cfg.Domain == "" {
		cfg.Domain = lab.DefaultDomain
	}
	all := cast{lab: cfg, push: pushes}
	for _, name := range Phones(c.File) {
		role, err := c.role(name, cfg.Domain)
		if err != nil {
			return cast{}, err
		}
		all.roles = append(all.roles, role)
	}
	if c.Account != nil {
		return all, nil
	}
	return all, all.furnish()
}

// Phones lists the phones of a scenario, the one under test first.
func Phones(f *scenario.File) []string {
	list := []string{f.Phone}
	for _, u := range f.Uses {
		if u.Kind == scenario.UsePhone && u.Name != f.Phone {
			list = append(list, u.Name)
		}
	}
	return list
}

// usePhone is the "use phone" line about a phone.
func usePhone(f *scenario.File, name string) (scenario.Use, bool) {
	for _, u := range f.Uses {
		if u.Kind == scenario.UsePhone && u.Name == name {
			return u, true
		}
	}
	return scenario.Use{}, false
}

func values(use scenario.Use) setup.Values {
	v := setup.Values{}
	for _, s := range use.Settings {
		v[s.Key] = s.Value
	}
	return v
}

// role is what account, flags and scenario say about a phone, one laid over
// the other.
func (c Casting) role(name, domain string) (role Role, err error) {
	role = Role{Values: setup.Values{"user": name, "domain": domain, "password": Password, "push-jid": domain, "tls": string(xmpp.Off)}}
	if c.Account != nil {
		if role, err = c.Account(name); err != nil {
			return role, err
		}
	} else if name == c.File.Phone {
		role.Values = c.Flags.Phone().Over(role.Values)
	}
	role.Name = name
	role.Values = role.Values.Over(Usual())
	if err := c.protocol(&role); err != nil {
		return role, err
	}
	if use, ok := c.File.Use(scenario.UseDevice); ok {
		role.on(use.Name, values(use))
	}
	if use, ok := usePhone(c.File, name); ok {
		err = errors.Join(c.line(&role, use), c.accounts(&role, use))
	}
	if name == c.File.Phone && len(c.Numbers) > 0 {
		role.Numbers = merged(role.Numbers, c.Numbers)
	}
	if err == nil && role.spoken == nil && role.Values.Control() == control.Raw {
		err = fmt.Errorf("%s: control: raw needs a protocol: raw is one of %s, or FILE.yaml", name, raw.List())
	}
	return role, err
}

// protocol finds the raw protocol that an account or a flag names.
func (c Casting) protocol(role *Role) (err error) {
	find := c.Protocol
	if find == nil {
		find = raw.Load
	}
	if name := role.Values["raw"]; name != "" {
		role.spoken, err = find(name)
	}
	return err
}

// on is a "use device" line: what was said of another device means nothing
// now.
func (r *Role) on(name string, numbers setup.Values) {
	if strict := numbers["strict"]; strict != "" {
		r.Values["strict"] = strict
	}
	delete(numbers, "strict")
	r.Values["device"], r.Numbers, r.Called = name, numbers, ""
}

// line is a "use phone" line.
func (c Casting) line(r *Role, use scenario.Use) error {
	v := values(use)
	delete(v, setup.AccountKey) // see [Casting.Account]
	delete(v, setup.ProfileKey)
	if device := v["device"]; device != "" {
		r.on(device, setup.Values{})
	}
	if v["transport"] != "" {
		r.Values.DropTransport()
	}
	r.Values = v.Over(r.Values)
	if v["raw"] == "" && (v["control"] != control.Raw || r.spoken != nil) {
		return nil
	}
	var err error
	if r.spoken, err = LoadRaw(r.Values["raw"], c.Read); err != nil {
		return fmt.Errorf("%s:%d: raw: %w", use.File, use.Line, err)
	}
	return nil
}

// accounts are those that a "use phone" line names, if they are several: each is a
// user of the lab. What the line says of one alone ("work.transport=tls") is its.
func (c Casting) accounts(r *Role, use scenario.Use) error {
	names, err := setup.Accounts(values(use)[setup.AccountKey])
	if err != nil || names == nil {
		return err
	}
	if c.Account == nil {
		r.Account, r.Others = names[0], nil
		for _, name := range names[1:] {
			r.Others = append(r.Others, Login{name, setup.Values{"user": name}.Over(r.Values)})
		}
		r.Values["user"] = r.Account
	}
	for i, v := range r.logins() {
		for key, value := range use.Of(names[i]) {
			v[key] = value
		}
	}
	return nil
}

func merged(below, over map[string]string) map[string]string {
	union := map[string]string{}
	maps.Copy(union, below)
	maps.Copy(union, over)
	return union
}

// furnish gives the lab accounts for its phones, and the robots; a phone with
// the name of a robot takes its place. Where a phone speaks another protocol
// than SIP the lab has a door for it.
func (c *cast) furnish() error {
	var names []string
	for _, r := range c.roles {
		names = append(names, r.Name)
		for _, v := range r.logins() {
			names = append(names, v["user"])
			c.lab.Accounts = append(c.lab.Accounts, lab.Account{User: v["user"], Password: Password})
		}
	}
	for _, r := range lab.Robots() {
		if !slices.Contains(names, r.Name) {
			c.lab.Robots = append(c.lab.Robots, r)
		}
	}
	return c.addDoors()
}
