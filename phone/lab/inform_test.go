package lab

import (
	"strings"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/app"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/sip"
	"github.com/sleeptalk/sleeptalk/phone/sip/digest"
)

// What the lab says of credentials, with each digest, is right for our phone, which
// takes the next nonce; a lab that knows another password is named.
func TestInform(t *testing.T) {
	for name, tc := range map[string]struct {
		inform Inform
		lies   bool
	}{"off": {}, "rspauth": {Inform{RspAuth: true}, false}, "nextnonce": {Inform{NextNonce: true}, false}, "both": {Inform{RspAuth: true, NextNonce: true}, false}, "lies": {Inform{}, true}} {
		for _, algorithm := range digest.Algorithms() {
			for _, qop := range [][]string{{"auth"}, {"auth-int"}, {}} {
				b := newBench(t, func(c *Config) {
					c.Algorithms, c.QOP, c.Inform, c.UserHash, c.MaxExpires = []string{algorithm}, qop, tc.inform, true, 20*time.Second
				})
				if tc.lies {
					b.do("misbehave wrong-rspauth")
				}
				b.phone("alice", "secret", app.Manual, 440)
				b.run(15 * time.Second) // and it refreshes
				infos, nonces := informed(b)
				if len(infos) != 2 || len(nonces) != 2 {
					t.Fatalf("%s, %s, %q: %d answers, nonces %q", name, algorithm, qop, len(infos), nonces)
				}
				for _, i := range infos {
					if (i.RspAuth != "") != (tc.inform.RspAuth || tc.lies) || (i.NextNonce != "") != tc.inform.NextNonce {
						t.Errorf("%s, %s, %q: %+v", name, algorithm, qop, i)
					}
				}
				if warned := b.count("alice", "warning: unproven-server") > 0; warned != tc.lies {
					t.Errorf("%s, %s, %q: warned %t", name, algorithm, qop, warned)
				}
				taken := tc.inform.NextNonce && !strings.HasSuffix(algorithm, "-sess")
				if want := map[bool]string{true: infos[0].NextNonce, false: nonces[0]}[taken]; nonces[1] != want {
					t.Errorf("%s, %s, %q: the next nonce is %s, want %s", name, algorithm, qop, nonces[1], want)
				}
			}
		}
	}
}

// informed returns what alice was told in each 200 to a REGISTER, and the nonces of her
// REGISTERs that were granted.
func informed(b *bench) (infos []digest.Info, nonces []string) {
	nonce := ""
	for _, r := range b.log.After(0) {
		m, is := r.Event.(event.Message)
		if !is || r.Phone != "alice" || m.Method != "REGISTER" {
			continue
		}
		msg := sip.ParseDatagram([]byte(m.Raw)).(sip.Message).SIP
		if cred, err := digest.ParseCredentials(text(msg, "Authorization")); err == nil {
			nonce = cred.Nonce
		}
		if m.Status == 200 {
			infos, nonces = append(infos, digest.ParseInfo(text(msg, "Authentication-Info"))), append(nonces, nonce)
		}
	}
	return infos, nonces
}
