package stage

import (
	"fmt"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/lab"
	"github.com/sleeptalk/sleeptalk/phone/raw"
	"github.com/sleeptalk/sleeptalk/phone/setup"
)

// addDoors adds those that the lab needs for the accounts of its phones, without their
// addresses.
func (c *cast) addDoors() error {
	doors := doors{open: map[string]bool{}}
	for _, r := range c.roles {
		for _, l := range r.logins() {
			if err := doors.add(l, l.of(&r)); err != nil {
				return err
			}
		}
	}
	c.lab.Doors = append(c.lab.Doors, doors.list...)
	return nil
}

// doors are those of a lab, one for each protocol that somebody speaks.
type doors struct {
	list []lab.Door
	open map[string]bool
	raw  *raw.Protocol // nil unless somebody speaks one
}

// add adds the door that an account needs; who says whose it is.
func (d *doors) add(l *Login, who string) error {
	protocol := l.Values.Control()
	switch {
	case protocol == control.Raw && d.open[protocol] && d.raw.Name != l.spoken.Name:
		return fmt.Errorf("phone %s speaks %s, and another %s: the lab has one raw protocol", who, l.spoken.Name, d.raw.Name)
	case d.open[protocol]:
	case protocol == control.Raw:
		d.raw = l.spoken
		d.list = append(d.list, RawDoor(l.spoken))
	default:
		if p, _ := setup.FindProtocol(protocol); p.Serve != nil {
			d.list = append(d.list, Door(p))
		}
	}
	d.open[protocol] = true
	return nil
}

// Door is the lab's door to a protocol that has a server, without its address.
func Door(p setup.Protocol) lab.Door { return lab.Door{Protocol: p.Name, Serve: p.Serve} }

// RawDoor is the lab's door to a raw protocol, without its address.
func RawDoor(p *raw.Protocol) lab.Door {
	return lab.Door{Protocol: control.Raw, TLS: p.TLS, Serve: func(h control.Host) (control.Server, error) { return raw.NewServer(p, h) }}
}

// LoadRaw reads a raw protocol: one of the program's, or a file.
func LoadRaw(name string, read func(string) ([]byte, error)) (*raw.Protocol, error) {
	switch {
	case name == "":
		return nil, fmt.Errorf("which raw protocol? raw=NAME (there are: %s, and a file of your own)", raw.List())
	case !raw.IsFile(name) || read == nil:
		return raw.Load(name)
	}
	data, err := read(name)
	if err != nil {
		return nil, err
	}
	return raw.Parse(name, data)
}
