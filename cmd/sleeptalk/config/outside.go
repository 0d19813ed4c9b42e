package config

import (
	"path/filepath"

	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/files"
	"github.com/sleeptalk/sleeptalk/phone/raw"
	"github.com/sleeptalk/sleeptalk/phone/setup"
)

// outsideWhy is why a stranger's file may not name every profile: what is wrong with
// one is quoted.
const outsideWhy = "only a file that you trust may name a profile outside of its folder"

// outside lists what strange layers, and the project's file, say of the device that
// leads out of their folders.
func (f File) outside(layers []setup.Layer) (list []setup.Breach) {
	name := setup.Merge(layers...)["device"]
	for _, l := range layers {
		if l.File != "" && l.Values["device"] == name && leadsOut(name, l.File) {
			list = append(list, setup.Breach{File: l.File, Where: l.Where("device"), Key: "device", Why: outsideWhy})
		}
	}
	return append(list, f.baseOutside(name)...)
}

// baseOutside is outside for the base of a device of the config.
func (f File) baseOutside(name string) []setup.Breach {
	if f.strange == nil || !leadsOut(f.strange.Devices[name][baseKey], f.strange.name) {
		return nil
	}
	where := f.strange.place([]string{"devices", name, baseKey}, []string{"devices", name})
	return []setup.Breach{{File: f.strange.name, Where: where, Key: baseKey, Why: outsideWhy}}
}

func leadsOut(profile, of string) bool {
	return raw.IsFile(profile) && !files.Inside(filepath.Dir(of), profile)
}

// Allowed is an [UntrustedError] if the device of a name has a base that needs trust
// and does not have it.
func (f File) Allowed(device string) error {
	if breaches := f.baseOutside(device); len(breaches) > 0 {
		return f.untrusted(breaches)
	}
	return nil
}
