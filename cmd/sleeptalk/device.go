package main

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"sleeptalk/cmd/sleeptalk/config"
	"sleeptalk/phone/device"
)

// maxProfile bounds a file with a device profile.
const maxProfile = 1 << 20

// hintStrict is the way out for numbers that no real device allowed.
const hintStrict = "--strict off, which allows it and says so on every screen"

// loadDevice finds a device profile by its name, NAME@ERA, or in a file.
func loadDevice(name string, strict bool) (device.Profile, error) {
	if !isDeviceFile(name) {
		p, err := device.Load(name)
		if err != nil {
			return p, invalid(err, "sleeptalk profile list")
		}
		return p, nil
	}
	data, err := readDeviceFile(name)
	if err != nil {
		return device.Profile{}, cannot(err, "sleeptalk profile list")
	}
	p, err := device.Parse(name, data, strict)
	if err != nil {
		return p, invalid(err, "sleeptalk profile show NAME, which lists the numbers and their limits")
	}
	return p, nil
}

// isDeviceFile reports whether a device is named by its file.
func isDeviceFile(name string) bool {
	return strings.ContainsAny(name, `/\`) || filepath.Ext(name) == ".yaml" || filepath.Ext(name) == ".yml"
}

func readDeviceFile(name string) ([]byte, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || info.Size() > maxProfile {
		return nil, fmt.Errorf("%s is no device profile: a file of at most %d bytes", name, maxProfile)
	}
	return os.ReadFile(name)
}

// deviceOf is the device that a phone is on, with the numbers that differ.
func deviceOf(who config.Phone) (device.Profile, error) {
	p, err := loadDevice(who.Device, who.Strict)
	if err != nil {
		return p, err
	}
	p, err = p.With(who.Overrides, who.Strict)
	if err != nil {
		return p, invalid(err, hintStrict)
	}
	p.Name = cmp.Or(who.Called, p.Name)
	return p, nil
}
