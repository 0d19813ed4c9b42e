package secure_test

import (
	"crypto/tls"
	"fmt"
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/secure"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// TestWildcardsAreSaidOnce: accounts whose servers are believed by wildcards are warned of
// once each, however often they come back in turn; of very many the first are forgotten.
func TestWildcardsAreSaidOnce(t *testing.T) {
	const many = 65
	var certs []*tls.Certificate
	for i := range many {
		certs = append(certs, naming(t, fmt.Sprintf("*.d%d.test", i)))
	}
	client := newEnd(secure.Config{CA: secure.Trusting(certs...)})
	connect := func(i int) {
		p := &pair{t: t, client: client, server: newEnd(secure.Config{Certificate: certs[i]}), size: 1 << 20}
		p.begin(system.StartTLS{Name: fmt.Sprintf("sip.d%d.test", i), Domain: true})
		p.run()
		p.closes()
	}
	for _, c := range []struct{ i, want int }{{0, 1}, {1, 2}, {0, 2}, {1, 2}} {
		if connect(c.i); len(client.logs) != c.want {
			t.Fatalf("wildcard %d: %d warnings, want %d", c.i, len(client.logs), c.want)
		}
	}
	for i := 2; i < many; i++ {
		connect(i)
	}
	if connect(many - 1); len(client.logs) != many {
		t.Errorf("%d warnings of %d wildcards", len(client.logs), many)
	}
	if connect(0); len(client.logs) != many+1 {
		t.Error("the first is remembered still")
	}
}
