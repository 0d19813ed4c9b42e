package stage

import (
	"cmp"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"fmt"

	"github.com/sleeptalk/sleeptalk/phone/device"
	"github.com/sleeptalk/sleeptalk/phone/raw"
	"github.com/sleeptalk/sleeptalk/phone/setup"
)

// Chance is a seed that nobody has chosen: for phones at a server that is not
// ours, which must not meet the same Call-ID twice.
func Chance() uint64 {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails: see crypto/rand
	return binary.BigEndian.Uint64(b[:])
}

// kit is what a role is given for its phone on either stage: its device, its
// protocol, and what is its own of all that is left to chance.
func (c Casting) kit(r Role, seed uint64) (setup.Kit, error) {
	load := c.Device
	if load == nil {
		load = func(name string, _ bool) (device.Profile, error) { return device.Load(name) }
	}
	profile, err := load(r.Values.Device(), r.Values.Strict())
	if err != nil {
		return setup.Kit{}, err
	}
	profile, err = profile.With(r.Numbers, r.Values.Strict())
	profile.Name = cmp.Or(r.Called, profile.Name)
	kit := setup.Kit{
		Name: r.Name, Seed: seed, Device: profile, Mic: r.Values["mic"], Speaker: r.Values["speaker"],
		Instance: instanceOf(r.Name), UserAgent: "sleeptalk",
		Protocol: func(string) (*raw.Protocol, error) { return r.spoken, nil },
	}
	if len(r.Others) > 0 {
		kit.Account = r.Account
	}
	for _, l := range r.Others {
		kit.Others = append(kit.Others, setup.Login{
			Name: l.Account, Values: l.Values, Instance: instanceOf(r.Name + "/" + l.Account),
			Protocol: func(string) (*raw.Protocol, error) { return l.spoken, nil },
		})
	}
	return kit, err
}

// instanceOf names a handset at the lab: a UUID of its name (RFC 9562 §5.8),
// the same in every run.
func instanceOf(name string) string {
	u := sha256.Sum256([]byte(name))
	return fmt.Sprintf("urn:uuid:%x-%x-8000-8000-%x", u[:4], u[4:6], u[6:12])
}
