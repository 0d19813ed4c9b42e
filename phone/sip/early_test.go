package sip

import (
	"fmt"
	"strings"
	"testing"
)

// TestEarlyDialogsAreBounded: however many phones answer one INVITE, no more
// than maxEarly are told apart, and the others get no PRACK.
func TestEarlyDialogsAreBounded(t *testing.T) {
	r := registered(t)
	r.plays("invite bob")
	for i := range 3 * maxEarly {
		r.plays(fmt.Sprintf("respond INVITE 183 tag=fork-%d sdp Require: 100rel | RSeq: 1", i))
	}
	if n := len(r.a.calls.list[0].early.list); n != maxEarly {
		t.Errorf("%d early dialogs, want %d", n, maxEarly)
	}
	if n := strings.Count(r.w.String(), "--> PRACK"); n != maxEarly {
		t.Errorf("%d PRACKs, want %d", n, maxEarly)
	}
	r.w.Reset()
	r.plays(fmt.Sprintf("respond INVITE 200 tag=fork-%d sdp Contact: <sip:bob@example.com>", 2*maxEarly))
	if got := r.w.String(); !strings.Contains(got, "call up") {
		t.Errorf("a fork that was not told apart answers, and the call is not up:\n%s", got)
	}
}

// TestSessionExpires reads the header field as the world writes it.
func TestSessionExpires(t *testing.T) {
	for value, want := range map[string]string{
		"1800":                               "30m0s",
		"1800;refresher=uac":                 "30m0s uac",
		" 90 ; Refresher = UAS ; x=y":        "1m30s uas",
		`90;refresher="uas"`:                 "1m30s uas",
		"90;refresher":                       "1m30s unclear",
		"90;refresher=":                      "1m30s unclear",
		"90;refresher=uac;Refresher=uas":     "1m30s uac unclear",
		"4294967295":                         "24h0m0s",
		"90;refresher=me":                    `1m30s unclear`,
		"0":                                  "0s unclear",
		"-5":                                 "0s unclear",
		"99999999999999999999":               "0s unclear",
		"4294967296":                         "24h0m0s unclear",
		"ninety":                             "0s unclear",
		"":                                   "0s unclear",
		"90;refresher=uac, 45;refresher=uas": "1m30s uac unclear",
	} {
		r := newRig(t, Config{})
		req := r.peerRequest("UPDATE", "Session-Expires: "+value)
		se := sessionExpiresOf(req)
		got := strings.TrimSpace(se.Every.String() + " " + se.Refresher)
		if se.Unclear != "" {
			got += " unclear"
		}
		if got != want {
			t.Errorf("%q: %s, want %s", value, got, want)
		}
	}
}

// TestRAck reads what a PRACK acknowledges.
func TestRAck(t *testing.T) {
	for value, want := range map[string]string{
		"1 2 INVITE":          "1 2 INVITE true",
		"  1\t 2  invite ":    "1 2 INVITE true",
		"4294967295 1 INVITE": "4294967295 1 INVITE true",
		"4294967296 1 INVITE": "4294967295 1 INVITE false",
		"1 INVITE":            "0 0  false",
		"1 2 INVITE 3":        "0 0  false",
		"-1 2 INVITE":         "0 2 INVITE false",
		"":                    "0 0  false",
	} {
		r := newRig(t, Config{})
		got, ok := rackOf(r.peerRequest("PRACK", "RAck: "+value))
		if s := fmt.Sprint(got.rseq, " ", got.cseq, " ", got.method, " ", ok); s != want {
			t.Errorf("%q: %s, want %s", value, s, want)
		}
	}
}

// TestRefreshRepeatsTheSession: a re-INVITE that refreshes says what we have said
// last, in an offer or in an answer.
func TestRefreshRepeatsTheSession(t *testing.T) {
	answers := func(r *rig, sdp string) {
		r.print(r.a.Answer(r.now, 1, []byte(sdp)))
	}
	for name, c := range map[string]struct {
		do   func(r *rig)
		want string
	}{
		"an answer": {func(r *rig) {}, "s=first"},
		"an answer to an UPDATE": {func(r *rig) {
			r.plays("peer UPDATE sdp Supported: timer | Session-Expires: 90;refresher=uas")
			answers(r, "v=0\r\ns=second\r\n")
		}, "s=second"},
		"our change": {func(r *rig) {
			r.print(r.a.Reinvite(r.now, 1, offering("v=0\r\ns=third\r\n")))
			r.plays("respond INVITE 200 sdp Session-Expires: 90;refresher=uac")
		}, "s=third"},
		"a change that was refused": {func(r *rig) {
			r.print(r.a.Reinvite(r.now, 1, offering("v=0\r\ns=third\r\n")))
			r.plays("respond INVITE 488")
		}, "s=first"},
	} {
		r := registered(t)
		r.plays("peer INVITE sdp Supported: timer | Session-Expires: 90;refresher=uas")
		answers(r, "v=0\r\ns=first\r\n")
		r.plays("peer ACK")
		c.do(r)
		delete(r.sent, "INVITE")
		r.plays("advance 45s")
		req, ok := r.sent["INVITE"]
		if !ok {
			t.Errorf("%s: no refresh", name)
			continue
		}
		if !strings.Contains(string(req.Body()), c.want) {
			t.Errorf("%s: the refresh says %q, want %s", name, req.Body(), c.want)
		}
	}
}
