// Package profile finds the emulated device that somebody names: a profile of the
// program, one of its releases, a file, or what the config calls one of a user's
// own; and shows and compares them.
package profile

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/cli"
	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/config"
	"github.com/sleeptalk/sleeptalk/phone/device"
	"github.com/sleeptalk/sleeptalk/phone/raw"
	"github.com/sleeptalk/sleeptalk/phone/words"
)

// hintStrict is the way out for numbers that no real device allowed.
const hintStrict = "--strict off, which allows it and says so on every screen"

// hintNumbers is the way out for a number or a key that cannot be.
const hintNumbers = "sleeptalk profile show NAME, which lists the numbers and their limits"

// Known wants a device that there is: a profile, one of the config, or a
// file.
func Known(file config.File, name string) error {
	profile, _, _ := strings.Cut(name, "@")
	known := append(device.Names(), file.OwnDevices()...)
	if raw.IsFile(name) || slices.Contains(known, profile) || slices.Contains(known, name) {
		return nil
	}
	return cli.Invalid(fmt.Errorf("no device %q%s", name, words.DidYouMean(profile, known)), "sleeptalk profile list")
}

// Load finds a device profile by its name, NAME@ERA, or in a file.
func Load(name string, strict bool) (device.Profile, error) {
	if !raw.IsFile(name) {
		p, err := device.Load(name)
		if err != nil {
			return p, cli.Invalid(err, "sleeptalk profile list")
		}
		return p, nil
	}
	data, err := cli.ReadProfile(name, "device", "sleeptalk profile list")
	if err != nil {
		return device.Profile{}, err
	}
	p, err := device.Parse(name, data, strict)
	if err != nil {
		return p, cli.Invalid(err, hintNumbers)
	}
	return p, nil
}

// Of is the device that a phone is on, with the numbers that differ.
func Of(d config.Device, strict bool) (device.Profile, error) {
	p, err := Load(d.Base, strict)
	if err != nil {
		return p, err
	}
	p, err = p.With(d.Numbers, strict)
	switch {
	case errors.Is(err, device.ErrBeyond):
		return p, cli.Invalid(err, hintStrict)
	case err != nil:
		return p, cli.Invalid(err, hintNumbers)
	}
	p.Name = cmp.Or(d.Name, p.Name)
	return p, nil
}
