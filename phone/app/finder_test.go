package app_test

import (
	"strings"
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/phonetest"
)

// TestICE: two phones, and what comes of ICE between them.
func TestICE(t *testing.T) {
	for name, tt := range map[string]struct{ alice, carol, script string }{
		"both": {"ice=on", "ice=on", `
			alice: call carol
			alice: expect ice gathered with host within 1s
			alice: expect ice connected with controlling within 5s
			carol: expect ice connected with controlled within 5s
			alice: expect audio tone 440 within 5s
			carol: expect audio tone 440 within 5s
			alice: hold
			carol: expect call held within 2s
			alice: resume
			carol: expect call resumed within 2s
			wait 2m
			alice: expect ice connected
			alice: expect rtp loss = 0%
			alice: expect no warning within 1s
			carol: expect no warning within 1s`},
		"both, muxed": {"ice=on", "", `
			alice: call echo
			alice: expect ice connected with "192.0.2.1:49152 host" within 5s
			alice: expect audio tone 440 within 5s
			wait 1m
			alice: expect ice connected
			alice: expect rtp rtt < 200ms`},
		"the other does not speak it": {"ice=on", "", `
			alice: call carol
			alice: expect ice off within 5s
			alice: expect audio tone 440 within 5s
			carol: hang up
			carol: call alice
			alice: expect call incoming within 5s
			alice: answer
			alice: expect audio tone 440 within 5s`},
		"required, and the caller does not": {"ice=required", "", `
			carol: call alice
			carol: expect call ended with 488 within 5s
			alice: expect error no-common-audio within 1s`},
		"required, and who is called does not": {"ice=required", "", `
			alice: call carol
			alice: expect error no-common-audio within 5s
			alice: expect call ended by us within 5s`},
		"required by both": {"ice=required", "ice=required", `
			alice: call carol
			alice: expect ice connected within 5s`},
		"the peer is gone": {"ice=on", "ice=on", `
			alice: call carol
			alice: expect ice connected within 5s
			carol: kill
			alice: expect ice lost within 35s
			alice: expect warning consent-lost within 1s
			wait 5s
			alice: expect rtp sent > 0`},
		"rtcp-mux alone": {"rtcp-mux=on", "", `
			alice: call carol
			alice: expect audio tone 440 within 5s
			wait 20s
			alice: expect rtp rtt < 200ms
			alice: expect rtp far-lost = 0`},
	} {
		t.Run(name, func(t *testing.T) { play(t, tt.alice, tt.carol, tt.script) })
	}
}

// play plays a script for two phones of a kind that is never suspended.
func play(t *testing.T, alice, carol, script string) {
	t.Parallel()
	w := phonetest.New(t, "use lab", strings.TrimSpace("use phone alice device=desktop "+alice), strings.TrimSpace("use phone carol device=desktop auto=answer "+carol))
	w.Play("alice: expect registered within 5s\ncarol: expect registered within 5s\n" + strings.ReplaceAll(script, "\t", ""))
}

// TestSTUN: a server of STUN is asked before the call is made, by its address or its name;
// one that is of no use is said, and holds nothing up for long.
func TestSTUN(t *testing.T) {
	for name, tt := range map[string]struct{ alice, script string }{
		"answers": {"ice=on stun=192.0.2.1:5060", `
			alice: call carol
			alice: expect ice connected within 2s
			alice: expect no warning within 1s`},
		"by its name": {"stun=lab:5060", `
			alice: call carol
			carol: expect ice off within 2s
			alice: expect audio tone 440 within 5s
			alice: expect no warning within 1s`},
		"when called": {"ice=on stun=lab:5060", `
			carol: call alice
			alice: expect call incoming within 2s
			alice: answer
			alice: expect ice connected with controlled within 5s`},
		"silent": {"ice=on stun=192.0.2.1:9", `
			alice: call carol
			alice: expect warning stun-silent within 3s
			alice: expect ice connected within 5s
			carol: expect no warning within 1s`},
		"unknown": {"stun=nowhere.invalid", `
			alice: call carol
			alice: expect warning stun-silent within 10s
			carol: expect ice off within 5s
			alice: expect audio tone 440 within 5s`},
	} {
		t.Run(name, func(t *testing.T) { play(t, tt.alice, "ice=on", tt.script) })
	}
}
