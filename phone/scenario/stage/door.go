package stage

import (
	"fmt"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/lab"
	"github.com/sleeptalk/sleeptalk/phone/raw"
	"github.com/sleeptalk/sleeptalk/phone/scenario"
	"github.com/sleeptalk/sleeptalk/phone/xmpp"
)

// Control says what a phone of a scenario speaks on its control connection,
// and, if it is raw, which profile describes it. A raw= alone says enough.
func Control(f *scenario.File, name string) (protocol, profile string) {
	protocol = control.SIP
	for _, u := range f.Uses {
		if u.Kind != scenario.UsePhone || u.Name != name {
			continue
		}
		if v, ok := u.Setting("raw"); ok {
			protocol, profile = control.Raw, v
		}
		if v, ok := u.Setting("control"); ok {
			protocol = v
		}
	}
	return protocol, profile
}

// doors are those that the lab needs for the phones of a scenario, without
// their addresses. read reads a file beside the scenario.
func doors(f *scenario.File, read func(string) ([]byte, error)) ([]lab.Door, error) {
	var first string
	var list []lab.Door
	spoken := map[string]bool{}
	for _, name := range Phones(f) {
		protocol, profile := Control(f, name)
		switch {
		case protocol == control.Raw && spoken[control.Raw] && profile != first:
			return nil, fmt.Errorf("phone %s speaks %s, and another %s: the lab has one raw protocol", name, profile, first)
		case spoken[protocol]:
			continue
		case protocol == control.XMPP:
			list = append(list, XMPPDoor())
		case protocol == control.Raw:
			p, err := LoadRaw(profile, read)
			if err != nil {
				return nil, err
			}
			first = profile
			list = append(list, RawDoor(p))
		}
		spoken[protocol] = true
	}
	return list, nil
}

// XMPPDoor is the lab's door to XMPP, without its address.
func XMPPDoor() lab.Door {
	return lab.Door{Protocol: control.XMPP, Serve: func(h control.House) (control.Server, error) { return xmpp.NewServer(h), nil }}
}

// RawDoor is the lab's door to a raw protocol, without its address.
func RawDoor(p *raw.Profile) lab.Door {
	return lab.Door{Protocol: control.Raw, TLS: p.TLS, Serve: func(h control.House) (control.Server, error) { return raw.NewServer(p, h) }}
}

// LoadRaw reads a raw profile: one of the program's, or a file.
func LoadRaw(name string, read func(string) ([]byte, error)) (*raw.Profile, error) {
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
