package sdp

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/sleeptalk/sleeptalk/audio/codec"
)

const (
	theirPrint = "a=fingerprint:sha-256 " + print256
	print256   = "00:01:02:03:04:05:06:07:08:09:0A:0B:0C:0D:0E:0F:10:11:12:13:14:15:16:17:18:19:1A:1B:1C:1D:1E:1F"
	print1     = "00:01:02:03:04:05:06:07:08:09:0A:0B:0C:0D:0E:0F:10:11:12:13"
	ourPrint   = "sha-256 AA:BB"
)

// certified is a side that has a certificate.
func certified(p Policy, byDTLS bool) Local {
	return Local{
		Addr: netip.MustParseAddrPort("192.0.2.1:4000"), Codecs: codec.Usual(), DTMF: true, SRTP: p,
		Keys: NewKeyring(func(b []byte) { clear(b) }), Fingerprint: func() string { return ourPrint }, ByDTLS: byDTLS,
	}
}

// described is a description of a peer over a transport, with lines of the session and of
// its audio.
func described(over, session string, media ...string) []byte {
	lines := []string{"v=0", "o=- 1 1 IN IP4 192.0.2.2", "s=-", "c=IN IP4 192.0.2.2", "t=0 0"}
	if session != "" {
		lines = append(lines, strings.Split(session, "\n")...)
	}
	lines = append(append(lines, "m=audio 5000 "+over+" 0"), media...)
	return []byte(strings.Join(lines, "\r\n") + "\r\n")
}

// TestAnswerDTLS: an offer with keys by DTLS is answered with our fingerprint, and the end
// that is to begin.
func TestAnswerDTLS(t *testing.T) {
	const savpf = "UDP/TLS/RTP/SAVPF"
	for name, test := range map[string]struct {
		policy  Policy
		offer   []byte
		setup   string // of the answer; "": no DTLS
		untidy  string
		refused string
	}{
		"we may choose":       {Accept, described(dtlsSavp, "", theirPrint, "a=setup:actpass"), active, "", ""},
		"it begins":           {Accept, described(savpf, "", theirPrint, "a=setup:active"), passive, "", ""},
		"we are to begin":     {Required, described(savpf, "", theirPrint, "a=setup:passive"), active, "", ""},
		"of the session":      {Accept, described(dtlsSavp, theirPrint+"\na=setup:passive"), active, "", ""},
		"of the old WebRTC":   {Accept, described("RTP/SAVPF", "", theirPrint, "a=setup:actpass"), active, "", ""},
		"opportunistic":       {Accept, described(avp, "", theirPrint, "a=setup:actpass"), active, "", ""},
		"no setup":            {Accept, described(dtlsSavp, "", theirPrint), passive, "without a=setup", ""},
		"holdconn":            {Accept, described(dtlsSavp, "", theirPrint, "a=setup:holdconn"), active, "holdconn", ""},
		"odd setup":           {Accept, described(dtlsSavp, "", theirPrint, "a=setup:both"), passive, `says "both"`, ""},
		"capitals":            {Accept, described(dtlsSavp, "", "a=Fingerprint:SHA-256 "+strings.ToLower(print256), "a=SETUP:ActPass"), active, "capital letters", ""},
		"SHA-1":               {Accept, described(dtlsSavp, "", "a=fingerprint:sha-1 "+print1, "a=setup:actpass"), active, "", ""},
		"several":             {Accept, described(dtlsSavp, "", "a=fingerprint:sha-3 00", theirPrint, "a=fingerprint:sha-1 "+print1, "a=setup:actpass", "a=tls-id:abc", "a=connection:new"), active, "", ""},
		"off":                 {Off, described(dtlsSavp, "", theirPrint, "a=setup:actpass"), "", "", "SRTP is off"},
		"opportunistic, off":  {Off, described(avp, "", theirPrint, "a=setup:actpass"), "", "", ""},
		"no fingerprint":      {Accept, described(dtlsSavp, "", "a=setup:actpass"), "", "", "without a fingerprint that can be taken: there is none"},
		"MD5":                 {Accept, described(dtlsSavp, "", "a=fingerprint:md5 "+print1[:47], "a=setup:actpass"), "", "", `"md5 00:01`},
		"a short fingerprint": {Accept, described(dtlsSavp, "", "a=fingerprint:sha-256 "+print1), "", "", "is none"},
		"required, plain":     {Required, described(avp, ""), "", "", "SRTP is required"},
		"a=crypto first":      {Accept, described(avp, "", theirPrint, "a=setup:actpass", "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwd"), "", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			answer, n, err := certified(test.policy, false).Answer(test.offer)
			if test.refused != "" {
				if err == nil || !strings.Contains(err.Error(), test.refused) {
					t.Errorf("error %v, want %q", err, test.refused)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			text := string(answer)
			if by := n.SRTP.By == DTLS; by != (test.setup != "") || by != strings.Contains(text, "a=fingerprint:"+ourPrint+"\r\n") {
				t.Errorf("by DTLS: %t, answered\n%s", by, text)
			}
			if test.setup != "" && (!strings.Contains(text, "a=setup:"+test.setup+"\r\n") || n.DTLS.Active != (test.setup == active)) {
				t.Errorf("active %t, answered\n%s", n.DTLS.Active, text)
			}
			if !strings.Contains(n.Untidy, test.untidy) || test.untidy == "" && n.Untidy != "" {
				t.Errorf("untidy %q, want %q", n.Untidy, test.untidy)
			}
			if over := strings.Fields(string(test.offer[strings.Index(string(test.offer), "m=audio"):]))[2]; !strings.Contains(text, " "+over+" 0") {
				t.Errorf("the answer has another transport than %s:\n%s", over, text)
			}
		})
	}
}

// TestFingerprints: what is agreed has all that can be compared, in one form.
func TestFingerprints(t *testing.T) {
	_, n, err := certified(Accept, false).Answer(described(dtlsSavp, "", "a=fingerprint:SHA-1  "+strings.ToLower(print1), "a=fingerprint:sha-9 00", theirPrint, "a=setup:active", "a=tls-id:abc"))
	want := Handshake{Fingerprints: "sha-1 " + print1 + "\nsha-256 " + print256, ID: "abc", Own: strings.Repeat("A", 24)}
	if err != nil || n.DTLS != want {
		t.Errorf("agreed %+v, %v", n.DTLS, err)
	}
}

// TestOfferDTLS: what our offers have, by the setting.
func TestOfferDTLS(t *testing.T) {
	for name, test := range map[string]struct {
		policy Policy
		byDTLS bool
		over   string
		has    bool
	}{
		"accept":    {Accept, true, avp, false},
		"off":       {Off, true, avp, false},
		"optional":  {Optional, true, avp, true},
		"preferred": {Preferred, true, dtlsSavp, true},
		"required":  {Required, true, dtlsSavp, true},
		"by SDES":   {Required, false, savp, false},
	} {
		text := string(certified(test.policy, test.byDTLS).Offer())
		lines := "a=rtcp-mux\r\na=fingerprint:" + ourPrint + "\r\na=setup:actpass\r\na=tls-id:AAAAAAAAAAAAAAAAAAAAAAAA\r\n"
		if !strings.Contains(text, " "+test.over+" 0") || strings.Contains(text, lines) != test.has || test.has && strings.Contains(text, "a=crypto") {
			t.Errorf("%s:\n%s", name, text)
		}
	}
}

// TestAcceptDTLS: what an answer makes of our offer.
func TestAcceptDTLS(t *testing.T) {
	for name, test := range map[string]struct {
		policy  Policy
		answer  []byte
		by      Keying
		active  bool
		mux     bool
		untidy  string
		refused string
	}{
		"it begins":       {Required, described(dtlsSavp, "", theirPrint, "a=setup:active", "a=rtcp-mux"), DTLS, false, true, "", ""},
		"we begin":        {Required, described(dtlsSavp, "", theirPrint, "a=setup:passive"), DTLS, true, false, "", ""},
		"nobody says":     {Required, described(dtlsSavp, "", theirPrint), DTLS, true, false, "which end begins", ""},
		"both may":        {Required, described(dtlsSavp, "", theirPrint, "a=setup:actpass"), DTLS, true, false, "which end begins", ""},
		"holdconn":        {Required, described(dtlsSavp, "", theirPrint, "a=setup:holdconn"), 0, false, false, "", "nobody begins"},
		"no fingerprint":  {Preferred, described(dtlsSavp, "", "a=setup:active"), 0, false, false, "", "no fingerprint"},
		"plain":           {Preferred, described(avp, ""), 0, false, false, "", "the answer's RTP/AVP"},
		"optional, taken": {Optional, described(avp, "", theirPrint, "a=setup:active"), DTLS, false, false, "", ""},
		"optional, left":  {Optional, described(avp, ""), Plain, false, false, "", ""},
	} {
		n, err := certified(test.policy, true).Accept(test.answer)
		if test.refused != "" {
			if err == nil || !strings.Contains(err.Error(), test.refused) {
				t.Errorf("%s: error %v, want %q", name, err, test.refused)
			}
			continue
		}
		if err != nil || n.SRTP.By != test.by || n.DTLS.Active != test.active || n.Mux != test.mux || !strings.Contains(n.Untidy, test.untidy) {
			t.Errorf("%s: %+v, %v", name, n, err)
		}
		if n.Mux != (n.RemoteRTCP == n.Remote) {
			t.Errorf("%s: RTCP to %v", name, n.RemoteRTCP)
		}
	}
}

// TestReofferDTLS: an offer in a call with keys by DTLS has them again, whatever the setting
// is, and the answer to one leaves the ends of the association what they are.
func TestReofferDTLS(t *testing.T) {
	l := certified(Accept, false)
	for _, setup := range []string{active, passive} {
		offer := described(dtlsSavp, "", theirPrint, "a=setup:"+setup)
		_, n, err := l.Answer(offer)
		if err != nil {
			t.Fatal(err)
		}
		next := l.Following(n)
		if text := string(next.Offer()); !strings.Contains(text, dtlsSavp) || !strings.Contains(text, "a=setup:actpass") || !strings.Contains(text, ourPrint) {
			t.Errorf("the next offer is\n%s", text)
		}
		again := described(dtlsSavp, "", theirPrint, "a=setup:actpass")
		if _, m, err := next.Answer(again); err != nil || m.DTLS != n.DTLS {
			t.Errorf("after setup:%s: %+v became %+v, %v", setup, n.DTLS, m.DTLS, err)
		}
		other := described(dtlsSavp, "", "a=fingerprint:sha-1 "+print1, "a=setup:actpass")
		if _, m, err := next.Answer(other); err != nil || !m.DTLS.Active {
			t.Errorf("another certificate: %+v, %v", m.DTLS, err)
		}
	}
}

// named is a side whose every a=tls-id is another.
func named() Local {
	l, n := certified(Required, true), byte(0)
	l.Keys = NewKeyring(func(b []byte) { n++; clear(b); b[0] = n })
	return l
}

// ownName is the a=tls-id of a description; "" if it has none.
func ownName(description []byte) string {
	_, rest, _ := strings.Cut(string(description), "a=tls-id:")
	name, _, _ := strings.Cut(rest, "\r\n")
	return name
}

// TestOurTLSID: our offers name the association, and keep the name while it lasts; answers do
// so for those who do, and take another name where the peer wants another association.
func TestOurTLSID(t *testing.T) {
	theirs := func(id, print string) []byte {
		return described(dtlsSavp, "", "a=fingerprint:"+print, "a=setup:active", "a=tls-id:"+id)
	}
	const sha256, sha1 = "sha-256 " + print256, "sha-1 " + print1
	l := named()
	first := ownName(l.Offer())
	if len(first) < 20 || ownName(l.Offer()) != first {
		t.Fatalf("our offer has the name %q, and then %q", first, ownName(l.Offer()))
	}
	n, err := l.Accept(theirs("one", sha256))
	if err != nil || n.DTLS.ID != "one" || n.DTLS.Own != first {
		t.Fatalf("%+v, %v", n.DTLS, err)
	}
	l = l.Following(n)
	if got := ownName(l.Offer()); got != first {
		t.Errorf("the next offer has %q, the first %q", got, first)
	}
	for _, tt := range []struct {
		what, id, print string
		same            bool
	}{{"a hold", "one", sha256, true}, {"another association", "two", sha256, false}, {"another certificate", "one", sha1, false}} {
		answer, m, err := l.Answer(theirs(tt.id, tt.print))
		if got := ownName(answer); err != nil || got != m.DTLS.Own || len(got) < 20 || (got == first) != tt.same {
			t.Errorf("%s: we answer %q, agreed is %+v, %v; before %q", tt.what, got, m.DTLS, err, first)
		}
		if again, _, _ := l.Answer(theirs(tt.id, tt.print)); ownName(again) != ownName(answer) {
			t.Errorf("%s: the same answer has another name", tt.what)
		}
	}
	l.Anew = true
	second := ownName(l.Offer())
	if second == first || ownName(l.Offer()) != second {
		t.Errorf("after a failure our offer has %q, before %q", second, first)
	}
	if answer, _, _ := l.Answer(theirs("one", sha256)); ownName(answer) == first {
		t.Error("after a failure our answer has the name of what has failed")
	}
}

// TestNoTLSID: who gives no name is told none, and changes nothing by that.
func TestNoTLSID(t *testing.T) {
	nameless := described(dtlsSavp, "", theirPrint, "a=setup:active")
	l := named()
	answer, n, err := l.Answer(nameless)
	if err != nil || ownName(answer) != "" || n.DTLS.Own != "" {
		t.Errorf("we answer %q, agreed is %+v, %v", ownName(answer), n.DTLS, err)
	}
	next, err := l.Following(n).Accept(nameless)
	if err != nil || next.DTLS != n.DTLS {
		t.Errorf("%+v became %+v, %v", n.DTLS, next.DTLS, err)
	}
	l.Keys = nil
	if got := ownName(l.Offer()); got != "" {
		t.Errorf("without keys of our own, the name is %q", got)
	}
}
