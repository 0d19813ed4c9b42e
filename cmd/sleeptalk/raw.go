package main

import (
	"errors"

	"sleeptalk/phone/raw"
)

// loadRaw finds a raw protocol: one of the program's, or a file.
func loadRaw(name string) (*raw.Profile, error) {
	if name == "" {
		return nil, invalid(errors.New("which raw protocol? --raw NAME"), "there are: "+raw.List()+", and a file of your own: FILE.yaml")
	}
	if !raw.IsFile(name) {
		p, err := raw.Load(name)
		if err != nil {
			return nil, invalid(err, "a file of your own: --raw ./FILE.yaml")
		}
		return p, nil
	}
	data, err := readProfile(name, "raw")
	if err != nil {
		return nil, cannot(err, "")
	}
	p, err := raw.Parse(name, data)
	if err != nil {
		return nil, invalid(err, "go doc sleeptalk/phone/raw, which says what stands in a profile")
	}
	return p, nil
}
