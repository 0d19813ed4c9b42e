package secure_test

import (
	"strings"
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/secure"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// TestAccounts: each account trusts whom it does, shows its own certificate, and goes on
// with no session of another.
func TestAccounts(t *testing.T) {
	alice := certificate(t, epoch, "alice")
	trusted, server := trusting(t)
	server.ClientCA = secure.Trusting(alice)
	stranger := secure.Config{CA: secure.Trusting(alice), Accounts: map[string]secure.Config{
		"work": {CA: trusted.CA, Certificate: alice}, "club": {Insecure: true, Certificate: alice}, "bare": trusted,
	}}
	p := &pair{t: t, client: newEnd(stranger), server: newEnd(server), size: 1 << 20}
	for _, test := range []struct{ account, want string }{
		{"", "closed: TLS with lab.test: nobody"},
		{"bare", "closed: TLS with lab.test: it refused: remote error: tls: certificate required"},
		{"work", secured13 + ", shown alice"},
		{"club", secured13 + ", shown alice"},
		{"work", secured13 + ", shown alice, resumed"},
		{"club", secured13 + ", shown alice, resumed"},
		{"other", "closed: TLS with lab.test: nobody"}, // it has what the first has
	} {
		p.client.heard, p.server.heard = nil, nil
		p.begin(system.StartTLS{Name: "lab.test", Account: test.account})
		p.run()
		if got := p.client.heard[len(p.client.heard)-1]; !sameButShown(got, test.want) {
			t.Errorf("%q heard\n  %s\nwant\n  %s", test.account, got, test.want)
		}
		p.client.layer.Forget(1)
		p.server.layer.Forget(1)
	}
}

// sameButShown compares what was heard; of a session that is resumed no certificate is
// asked for.
func sameButShown(got, want string) bool {
	if strings.HasSuffix(want, ", resumed") {
		want, got = strings.Replace(want, ", shown alice", "", 1), strings.Replace(got, ", shown alice", "", 1)
		return got == want
	}
	return strings.HasPrefix(got, want) && strings.HasSuffix(got, ", resumed") == strings.HasSuffix(want, ", resumed")
}
