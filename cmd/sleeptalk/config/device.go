package config

import (
	"maps"
	"slices"
	"strings"
)

// baseKey says in a device of the config which profile it is based on.
const baseKey = "base"

// A Device is what the config says about an emulated device.
type Device struct {
	// Name is what the config calls it; "" if it is a profile's own name.
	Name string
	// Base is the profile, or a file with one.
	Base string
	// Numbers are those that differ from the profile's.
	Numbers map[string]string
}

// Device finds what the config says about the device of a name: one of its
// own, with a base, or a profile, of which some numbers may differ. What it
// says about a profile holds for all its releases (NAME@ERA); what it says of
// one release counts more.
func (f File) Device(name string) Device {
	own := maps.Clone(f.Devices[name])
	if base, ok := own[baseKey]; ok {
		delete(own, baseKey)
		return Device{Name: name, Base: base, Numbers: own}
	}
	d := Device{Base: name}
	if profile, _, ok := strings.Cut(name, "@"); ok {
		own = overlay(f.Devices[profile], own, func(_, o string) string { return o })
	}
	d.Numbers = own
	return d
}

// OwnDevices lists the devices of the user's own, those with a base.
func (f File) OwnDevices() []string {
	names := slices.Sorted(maps.Keys(f.Devices))
	return slices.DeleteFunc(names, func(name string) bool { return f.Devices[name][baseKey] == "" })
}
