package main

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/config"
	"github.com/sleeptalk/sleeptalk/phone/device"
	"github.com/sleeptalk/sleeptalk/phone/words"
)

// maxProfile bounds a file with a device profile.
const maxProfile = 1 << 20

// hintStrict is the way out for numbers that no real device allowed.
const hintStrict = "--strict off, which allows it and says so on every screen"

// hintNumbers is the way out for a number or a key that cannot be.
const hintNumbers = "sleeptalk profile show NAME, which lists the numbers and their limits"

// knownDevice wants a device that there is: a profile, one of the config, or a
// file.
func knownDevice(file config.File, name string) error {
	profile, _, _ := strings.Cut(name, "@")
	known := append(device.Names(), file.OwnDevices()...)
	if isDeviceFile(name) || slices.Contains(known, profile) || slices.Contains(known, name) {
		return nil
	}
	return invalid(fmt.Errorf("no device %q%s", name, words.DidYouMean(profile, known)), "sleeptalk profile list")
}

// loadDevice finds a device profile by its name, NAME@ERA, or in a file.
func loadDevice(name string, strict bool) (device.Profile, error) {
	if !isDeviceFile(name) {
		p, err := device.Load(name)
		if err != nil {
			return p, invalid(err, "sleeptalk profile list")
		}
		return p, nil
	}
	data, err := readProfile(name, "device")
	if err != nil {
		return device.Profile{}, cannot(err, "sleeptalk profile list")
	}
	p, err := device.Parse(name, data, strict)
	if err != nil {
		return p, invalid(err, hintNumbers)
	}
	return p, nil
}

// isDeviceFile reports whether a device is named by its file.
func isDeviceFile(name string) bool {
	return strings.ContainsAny(name, `/\`) || filepath.Ext(name) == ".yaml" || filepath.Ext(name) == ".yml"
}

// readProfile reads a profile of a user's own: of a device, or of a raw
// protocol.
func readProfile(name, of string) ([]byte, error) {
	info, err := os.Stat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w%s", err, words.DidYouMean(name, deviceFiles(filepath.Dir(name))))
	}
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || info.Size() > maxProfile {
		return nil, fmt.Errorf("%s is no %s profile: a file of at most %d bytes", name, of, maxProfile)
	}
	return os.ReadFile(name)
}

// deviceFiles are the files of a directory that may be devices.
func deviceFiles(dir string) (files []string) {
	entries, err := os.ReadDir(dir)
	if err != nil { // then there is none to be meant
		return nil
	}
	for _, e := range entries {
		if name := filepath.Join(dir, e.Name()); isDeviceFile(e.Name()) {
			files = append(files, name)
		}
	}
	return files
}

// deviceOf is the device that a phone is on, with the numbers that differ.
func deviceOf(d config.Device, strict bool) (device.Profile, error) {
	p, err := loadDevice(d.Base, strict)
	if err != nil {
		return p, err
	}
	p, err = p.With(d.Numbers, strict)
	switch {
	case errors.Is(err, device.ErrBeyond):
		return p, invalid(err, hintStrict)
	case err != nil:
		return p, invalid(err, hintNumbers)
	}
	p.Name = cmp.Or(d.Name, p.Name)
	return p, nil
}
