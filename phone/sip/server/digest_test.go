package server

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/sip/digest"
)

var began = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func testAuthenticator() authenticator {
	var cfg Config
	cfg.fill()
	return newAuthenticator(&cfg, rand.New(rand.NewPCG(1, 2)))
}

// TestNoncesAreCountedForTheirLife lets many nonces be used, and wants those
// that have expired to be forgotten, and no other.
func TestNoncesAreCountedForTheirLife(t *testing.T) {
	a := testAuthenticator()
	now := began
	use := func(nonce string) bool { return a.count(now, &digest.Credentials{Nonce: nonce, QOP: "auth", Count: 1}) }
	for range 20 * minSweep {
		if !use(a.nonce(now)) {
			t.Fatal("a fresh nonce was counted before")
		}
		now = now.Add(10 * time.Second)
	}
	if n := len(a.uses); n > 2*minSweep {
		t.Errorf("%d nonces are remembered, at most %d can be good", n, a.life/(10*time.Second))
	}
	kept := a.nonce(now)
	use(kept)
	for range 4 * minSweep {
		use(a.nonce(now))
	}
	if use(kept) {
		t.Error("the count of a nonce was forgotten that is still good")
	}
}

func TestNoncesDiffer(t *testing.T) {
	a := testAuthenticator()
	if first, second := a.nonce(began), a.nonce(began); first == second {
		t.Error("two challenges of one moment have the same nonce: the count of one would be that of the other")
	}
}
