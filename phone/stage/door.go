package stage

import (
	"fmt"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/lab"
	"github.com/sleeptalk/sleeptalk/phone/raw"
	"github.com/sleeptalk/sleeptalk/phone/setup"
)

// addDoors adds those that the lab needs for its phones, without their
// addresses.
func (c *cast) addDoors() error {
	var raws *raw.Protocol
	spoken := map[string]bool{}
	for _, r := range c.roles {
		switch protocol := r.Values.Control(); {
		case protocol == control.Raw && spoken[protocol] && raws.Name != r.spoken.Name:
			return fmt.Errorf("phone %s speaks %s, and another %s: the lab has one raw protocol", r.Name, r.spoken.Name, raws.Name)
		case spoken[protocol]:
		case protocol == control.Raw:
			raws = r.spoken
			c.lab.Doors = append(c.lab.Doors, RawDoor(raws))
		default:
			if p, _ := setup.FindProtocol(protocol); p.Serve != nil {
				c.lab.Doors = append(c.lab.Doors, Door(p))
			}
		}
		spoken[r.Values.Control()] = true
	}
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
