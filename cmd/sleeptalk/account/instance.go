package account

import (
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"

	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/cli"
	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/config"
	"github.com/sleeptalk/sleeptalk/phone/keep"
	"github.com/sleeptalk/sleeptalk/phone/setup"
)

// Sign gives a phone, and each of its accounts, the name by which the registrar knows
// it, which they leave by the function returned.
func Sign(p *cli.Program, who config.Phone, kit *setup.Kit) (leave func() error) {
	if len(who.Others) > 0 {
		kit.Account = who.Account
	}
	for _, l := range who.Others {
		kit.Others = append(kit.Others, setup.Login{Name: l.Account, Values: l.Values})
	}
	return kit.Sign(who.Values, func(aor string) (string, func() error) { return Instance(p, aor) })
}

// Instance is the name of a phone at the registrar, the same at every start (RFC 5626
// §4.1), so that a new registration replaces the old one of this phone, and of no other
// that runs: the first of a user on this machine has the first name, one beside it the
// second. The name is held until it is left, or the process ends.
func Instance(p *cli.Program, aor string) (name string, leave func() error) {
	sum := sha256.Sum256([]byte(aor))
	seat, err := keep.Sit(filepath.Join(p.Paths().State, "instances"), fmt.Sprintf("%x", sum[:8]))
	if err != nil {
		p.Warn(fmt.Sprintf("whether another phone of %s runs here cannot be told (%v): at a registrar, one may take the other's place", aor, err), "")
		return instance(aor, 0), func() error { return nil }
	}
	return instance(aor, seat.N), seat.Close
}

// instance is a UUID of the address, this machine and the seat (RFC 9562 §5.8).
func instance(aor string, seat int) string {
	host, _ := os.Hostname() // a machine without a name is a machine, too
	who := host + " " + aor
	if seat > 0 {
		who += fmt.Sprintf(" %d", seat)
	}
	u := sha256.Sum256([]byte(who))
	u[6] = u[6]&0x0f | 0x80
	u[8] = u[8]&0x3f | 0x80
	return fmt.Sprintf("urn:uuid:%x-%x-%x-%x-%x", u[0:4], u[4:6], u[6:8], u[8:10], u[10:16])
}
