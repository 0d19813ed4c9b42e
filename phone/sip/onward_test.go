package sip

import (
	"fmt"
	"strings"
	"testing"
)

const twoServers = "dns SRV _sip._tcp.pbx.example.com 1 0 5060 a; 2 0 5060 b"

// ofTwoServers is an agent that has connected to the first of two servers, and has asked it
// to be registered.
func ofTwoServers(t *testing.T) *rig {
	t.Helper()
	r := newRig(t, Config{})
	r.plays("config locate=tcp", "register", twoServers, "connected")
	return r
}

// TestMovesAreBounded: of many servers that all answer 503 one request sees a few.
func TestMovesAreBounded(t *testing.T) {
	var servers []string
	for i := range 3 * maxMoves {
		servers = append(servers, fmt.Sprintf("%d 0 5060 sip%d.example.com", i, i))
	}
	for method, order := range map[string]string{"MESSAGE": "text bob hello", "INVITE": "invite bob", "PUBLISH": "publish open", "SUBSCRIBE": "subscribe presence bob"} {
		r := newRig(t, Config{})
		r.plays("config locate=tcp", "register", "dns SRV _sip._tcp.pbx.example.com "+strings.Join(servers, "; "), "connected", "respond REGISTER 200 Contact: CONTACT;expires=3600", order)
		moves := 0
		for r.plays("respond " + method + " 503"); r.a.conn.Opening() && moves <= 2*maxMoves; r.plays("respond " + method + " 503") {
			moves++
			r.plays("connected")
		}
		if moves != maxMoves {
			t.Errorf("%s went on %d times, want %d", method, moves, maxMoves)
		}
	}
}

// TestRestBlamesNobody: a flow that we close ourselves to rest takes a text with it, and
// leaves no server.
func TestRestBlamesNobody(t *testing.T) {
	r := ofTwoServers(t)
	r.plays("respond REGISTER 200 Contact: CONTACT;expires=3600", "text bob hello", "rest")
	if said := r.w.String(); strings.Contains(said, "server-failover") || !strings.Contains(said, "closed by us, to rest; try: it may have come") {
		t.Error(said)
	}
	if len(r.a.client.onward.waiting) > 0 {
		t.Error("it waits for a flow that nobody forms")
	}
}

// TestOnwardLeaves: a program that ends waits for nothing.
func TestOnwardLeaves(t *testing.T) {
	r := ofTwoServers(t)
	r.plays("text bob hello", "respond MESSAGE 503")
	if len(r.a.client.onward.waiting) != 1 {
		t.Fatal("the text does not wait for the next flow")
	}
	r.plays("shutdown", "advance 5s")
	if len(r.a.client.onward.waiting) > 0 || !r.a.conn.Left() {
		t.Error("it waits still")
	}
}

// TestOnwardWithoutRegistration: a text that waits has the flow formed, and formed again
// when the connection to its first server broke, though nothing is registered.
func TestOnwardWithoutRegistration(t *testing.T) {
	r := newRig(t, Config{})
	r.plays("config locate=tcp", "ping", twoServers, "connected", "bytes \"\\r\\n\"", "text bob hello", "closed connection reset by peer")
	if !r.a.conn.Opening() || r.a.conn.Server() != "b:5060" {
		t.Fatalf("no flow to the next server:\n%s", r.w.String())
	}
	r.w.Reset()
	if r.plays("connected"); !strings.Contains(r.w.String(), "--> MESSAGE") {
		t.Error(r.w.String())
	}
}

// TestOnwardEnds: what could not be sent to the next server has failed, also what was under
// way beside the request that left the first.
func TestOnwardEnds(t *testing.T) {
	r := ofTwoServers(t)
	r.plays("text bob hello", "text carol hello", "respond MESSAGE 503")
	if n := len(r.a.client.onward.waiting); n != 2 {
		t.Fatalf("%d texts wait for the next flow", n)
	}
	r.w.Reset()
	if r.plays("failed connection refused"); strings.Count(r.w.String(), "error: text") != 2 || len(r.a.client.onward.waiting) > 0 {
		t.Error(r.w.String())
	}
}

// TestOnwardStays: what another server would answer no better leaves none, and a request in
// a dialog does not either.
func TestOnwardStays(t *testing.T) {
	watching := []string{"subscribe presence bob", "respond SUBSCRIBE 200 tag=two Expires: 60 Contact: <sip:bob@192.0.2.11>", "advance 30s"}
	for name, lines := range map[string][]string{
		"a text that is refused":  {"text bob hello", "respond MESSAGE 500"},
		"a refresh with a 503":    append(watching, "respond SUBSCRIBE 503 tag=two"),
		"a refresh not answered":  append(watching, "advance 33s"),
		"a watch that is refused": {"subscribe presence bob", "respond SUBSCRIBE 500"},
	} {
		r := ofTwoServers(t)
		r.plays("respond REGISTER 200 Contact: CONTACT;expires=3600")
		r.plays(lines...)
		if said := r.w.String(); strings.Contains(said, "server-failover") || !strings.Contains(said, "refused") && !strings.Contains(said, "ended") && !strings.Contains(said, "error: text") {
			t.Errorf("%s:\n%s", name, said)
		}
	}
}

// TestAskingGoesOn: a server that does not answer whether it is alive is left; one whose
// connection breaks under the question is tried again, as it is without one.
func TestAskingGoesOn(t *testing.T) {
	for then, leaves := range map[string]bool{"advance 33s": true, "closed connection reset by peer": false} {
		r := ofTwoServers(t)
		r.plays("respond REGISTER 200 Contact: CONTACT;expires=3600", "ask", then)
		if got := strings.Contains(r.w.String(), "server-failover"); got != leaves || !r.a.conn.Opening() {
			t.Errorf("%s: it leaves %t, want %t", then, got, leaves)
		}
	}
}

// TestPublicationMovesAnew: what bounds the moves of a publication is of one PUBLISH, and not
// of its life.
func TestPublicationMovesAnew(t *testing.T) {
	const registered, published = "respond REGISTER 200 Contact: CONTACT;expires=3600", "respond PUBLISH 200 SIP-ETag: x | Expires: 600"
	r := ofTwoServers(t)
	r.plays(registered, "publish open", published)
	for i := range 2 * maxMoves {
		r.w.Reset()
		r.plays("advance 300s", "respond PUBLISH 503", twoServers, "connected", registered, published)
		if said := r.w.String(); strings.Contains(said, "refused") || strings.Count(said, "--> PUBLISH") != 2 {
			t.Fatalf("refresh %d:\n%s", i+1, said)
		}
	}
}
