package stage

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/device"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/lab"
	"github.com/sleeptalk/sleeptalk/phone/push"
	"github.com/sleeptalk/sleeptalk/phone/raw"
	"github.com/sleeptalk/sleeptalk/phone/scenario"
	"github.com/sleeptalk/sleeptalk/phone/setup"
	"github.com/sleeptalk/sleeptalk/phone/verb"
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
	log := new(event.Log)
	if c.Log != nil {
		log = c.Log()
	}
	log.FindLosses()
	return log
}

// A Role is a phone of a cast: who it is and what it is like, before it is
// built.
type Role struct {
	Name string
	// Login is its account, or the first of them; what it says of the phone counts.
	Login
	Others []Login
	// Numbers of the device differ from its profile's. Called is what a config
	// calls the device, if it is one of the user's own.
	Numbers map[string]string
	Called  string
}

// A Login is an account of a phone: its name, if it has one, and its settings, complete.
type Login struct {
	Account string
	Values  setup.Values

	spoken *raw.Protocol // nil unless it speaks a raw one
}

// logins are all accounts.
func (r *Role) logins() []*Login {
	all := []*Login{&r.Login}
	for i := range r.Others {
		all = append(all, &r.Others[i])
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

// found reports whether an account finds the lab by its domain: there are records of
// the DNS, and it speaks SIP.
func (c Casting) found(l *Login) bool {
	return len(c.File.Records()) > 0 && l.Values.Control() == control.SIP
}

// atLab tells each account of a role where the lab is: server says where it speaks a
// protocol.
func (c Casting) atLab(r *Role, server func(protocol string) string, wake string) {
	for _, l := range r.logins() {
		v := l.Values
		v["server"], v["wake-server"] = server(v.Control()), wake
		if c.found(l) {
			v["server"] = v["domain"]
		}
	}
}

// Password is the password of all phones at the lab.
const Password = "secret"

// Usual is how a phone of a scenario sounds where nobody says anything.
func Usual() setup.Values { return setup.Values{"mic": setup.UsualMic, "speaker": "none"} }

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
	role.Values = setup.Values{"user": name, "domain": domain, "password": Password}
	if c.Account != nil {
		if role, err = c.Account(name); err != nil {
			return role, err
		}
	} else if name == c.File.Phone {
		role.Values = c.Flags.Phone().Over(role.Values)
	}
	role.Name = name
	role.Values = role.Values.Over(Usual())
	if err := c.protocols(&role); err != nil {
		return role, err
	}
	if use, ok := c.File.Use(scenario.UseDevice); ok {
		role.on(use.Name, values(use))
	}
	if use, ok := usePhone(c.File, name); ok {
		before := role.before()
		if err = errors.Join(c.line(&role, use), c.accounts(&role, use)); err == nil {
			err = role.fit(use, before)
		}
	}
	if name == c.File.Phone && len(c.Numbers) > 0 {
		role.Numbers = merged(role.Numbers, c.Numbers)
	}
	if err == nil {
		err = role.speaks()
	}
	if c.Account == nil {
		role.signOn(domain)
	}
	return role, err
}

// signOn has the accounts that speak XMPP sign on at the lab, which has no TLS for them
// and pushes itself, where nobody says otherwise.
func (r *Role) signOn(domain string) {
	for _, l := range r.logins() {
		if l.Values.Control() == control.XMPP {
			l.Values = l.Values.Over(setup.Values{"push-jid": domain, "tls": string(xmpp.Off)})
		}
	}
}

// speaks refuses a raw protocol that nobody has named.
func (r *Role) speaks() error {
	for _, l := range r.logins() {
		if l.spoken == nil && l.Values.Control() == control.Raw {
			return fmt.Errorf("%s: control: raw needs a protocol: raw is one of %s, or FILE.yaml", l.of(r), raw.List())
		}
	}
	return nil
}

// of is what an account is called in an error.
func (l *Login) of(r *Role) string {
	if l.Account == "" {
		return r.Name
	}
	return r.Name + ", account " + l.Account
}

// protocols finds the raw protocols that accounts or a flag name.
func (c Casting) protocols(r *Role) (err error) {
	find := c.Protocol
	if find == nil {
		find = raw.Load
	}
	for _, l := range r.logins() {
		if name := l.Values["raw"]; name != "" && err == nil {
			l.spoken, err = find(name)
		}
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

// line is what a "use phone" line says of the phone, and of all its accounts.
func (c Casting) line(r *Role, use scenario.Use) error {
	v := values(use)
	delete(v, setup.AccountKey) // see [Casting.Account]
	delete(v, setup.ProfileKey)
	if device := v["device"]; device != "" {
		r.on(device, setup.Values{})
	}
	for _, l := range r.logins() {
		if err := c.says(l, v, use); err != nil {
			return err
		}
	}
	return nil
}

// says takes in what a line says of an account.
func (c Casting) says(l *Login, v setup.Values, use scenario.Use) (err error) {
	if v["transport"] != "" {
		l.Values.DropTransport()
	}
	l.Values = v.Over(l.Values)
	if v["raw"] == "" && (v["control"] != control.Raw || l.spoken != nil) {
		return nil
	}
	if l.spoken, err = LoadRaw(l.Values["raw"], c.Read); err != nil {
		return fmt.Errorf("%s:%d: raw: %w", use.File, use.Line, err)
	}
	return nil
}

// accounts are those that a "use phone" line names, if they are several: each is a
// user of the lab. What the line says of one alone ("work.transport=tls") is its, also
// at another server.
func (c Casting) accounts(r *Role, use scenario.Use) error {
	names := use.Accounts()
	if len(names) > 0 && c.Account == nil {
		if err := r.split(names); err != nil {
			return fmt.Errorf("%s:%d: %w", use.File, use.Line, err)
		}
	}
	for _, name := range names {
		own := use.Of(name)
		i := slices.IndexFunc(r.logins(), func(l *Login) bool { return l.Account == name })
		switch {
		case len(own) == 0:
		case i < 0:
			return fmt.Errorf("%s:%d: %s is none of the accounts that were chosen for phone %s: %s", use.File, use.Line, name, r.Name, r.called())
		default:
			if err := c.says(r.logins()[i], own, use); err != nil {
				return err
			}
		}
	}
	return nil
}

// split makes a phone several users of the lab. One with the name of a robot takes its
// place, and must be the user of that name: what both do would be written down as one's.
func (r *Role) split(names []string) error {
	if slices.Contains(verb.Robots(), r.Name) && !slices.Contains(names, r.Name) {
		return fmt.Errorf("phone %s: a robot of the lab is called %s, and is not this phone, whose accounts are %s; give the phone another name", r.Name, r.Name, strings.Join(names, ", "))
	}
	r.Account, r.Others = names[0], nil
	for _, name := range names[1:] {
		r.Others = append(r.Others, Login{name, setup.Values{"user": name}.Over(r.Values), r.spoken})
	}
	r.Values["user"] = r.Account
	return nil
}

// called are the names of all accounts.
func (r *Role) called() string {
	var names []string
	for _, l := range r.logins() {
		names = append(names, l.Account)
	}
	return strings.Join(names, ", ")
}

func merged(below, over map[string]string) map[string]string {
	union := map[string]string{}
	maps.Copy(union, below)
	maps.Copy(union, over)
	return union
}

// furnish gives the lab accounts for its phones, and the robots; a phone that is a
// user with the name of a robot takes its place. Where a phone speaks another protocol
// than SIP the lab has a door for it.
func (c *cast) furnish() error {
	var users []string
	for _, r := range c.roles {
		for _, l := range r.logins() {
			users = append(users, l.Values["user"])
			c.lab.Accounts = append(c.lab.Accounts, lab.Account{User: l.Values["user"], Password: Password})
		}
	}
	for _, r := range lab.Robots() {
		if !slices.Contains(users, r.Name) {
			c.lab.Robots = append(c.lab.Robots, r)
		}
	}
	return c.addDoors()
}
