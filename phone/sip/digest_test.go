package sip

import (
	"crypto/md5"
	"crypto/sha256"
	"fmt"
	"hash"
	"strings"
	"testing"

	"github.com/emiago/sipgo/sip"
	"github.com/icholy/digest"
)

// TestDigest recomputes the response of RFC 7616 §3.4.1 from what was sent.
func TestDigest(t *testing.T) {
	tests := []struct {
		algorithm string
		hash      func() hash.Hash
	}{{"MD5", md5.New}, {"SHA-256", sha256.New}}
	for _, test := range tests {
		t.Run(test.algorithm, func(t *testing.T) {
			r := newRig(t, Config{})
			r.plays(
				"register", "connected",
				fmt.Sprintf(`respond REGISTER 401 WWW-Authenticate: Digest realm="r", nonce="n", qop="auth-int, auth", opaque="o", algorithm=%s`, test.algorithm),
			)
			req := r.sent["REGISTER"].(*sip.Request)
			c, err := digest.ParseCredentials(text(req, "authorization"))
			if err != nil {
				t.Fatal(err)
			}
			sum := func(parts ...string) string {
				h := test.hash()
				h.Write([]byte(strings.Join(parts, ":")))
				return fmt.Sprintf("%x", h.Sum(nil))
			}
			want := sum(sum("alice", "r", "secret"), "n", "00000001", c.Cnonce, "auth", sum("REGISTER", req.Recipient.String()))
			if c.Response != want || c.Opaque != "o" || c.URI != req.Recipient.String() {
				t.Errorf("credentials %+v, want response %s", c, want)
			}
			if strings.Contains(r.raw["REGISTER"], want) || strings.Contains(r.raw["REGISTER"], `nonce="n"`) {
				t.Error("the log has the credentials")
			}
		})
	}
}
