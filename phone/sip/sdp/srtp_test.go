package sdp

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/internal/golden"
	"github.com/sleeptalk/sleeptalk/phone/internal/srtp"
)

// secret is alice with keys that say which draw they are of.
func secret(policy Policy) Local {
	l, n := alice(), byte(0)
	l.SRTP, l.Keys = policy, NewKeyring(func(b []byte) {
		n++
		copy(b, bytes.Repeat([]byte{n}, len(b)))
	})
	return l
}

// cryptoOf is an a=crypto line of bob's, whose key is made of one octet.
func cryptoOf(tag int, suite Suite, octet byte, more ...string) string {
	key, salt := suite.sizes()
	inline := base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{octet}, key+salt))
	return strings.TrimSpace(fmt.Sprintf("a=crypto:%d %s inline:%s", tag, suite, inline+strings.Join(more, " ")))
}

func bobsKey(suite Suite, octet byte) Key {
	key, salt := suite.sizes()
	return KeyOf(bytes.Repeat([]byte{octet}, key), bytes.Repeat([]byte{octet}, salt))
}

func TestOfferSRTP(t *testing.T) {
	for _, policy := range []Policy{Optional, Required} {
		golden.File(t, "testdata/offer-srtp-"+policy.String()+".sdp", string(secret(policy).Offer()))
	}
	plain := string(alice().Offer())
	for _, policy := range []Policy{Accept, Off} {
		if got := string(secret(policy).Offer()); got != plain {
			t.Errorf("%s offers\n%s", policy, got)
		}
	}
	if offer := string(secret(Preferred).Offer()); offer != string(secret(Required).Offer()) {
		t.Errorf("preferred is another offer than required:\n%s", offer)
	}
}

// All suites that have a name are spoken.
func TestSuites(t *testing.T) {
	for i, name := range srtp.Suites() {
		if i >= len(suites) || string(suites[i].suite) != name || len(suites) != len(srtp.Suites()) {
			t.Errorf("%s is not suite %d of %d", name, i, len(suites))
		}
	}
	for i, name := range append([]string{""}, srtp.Keyings()...) {
		if got := Keying(i).String(); got != name {
			t.Errorf("%q is %q", name, got)
		}
	}
}

func TestTransports(t *testing.T) {
	for _, test := range []struct {
		proto string
		keys  bool
		by    Keying
	}{
		{"RTP/AVP", false, Plain},
		{"RTP/AVPF", false, Plain},
		{"RTP/AVP", true, SDES},
		{"RTP/AVPF", true, SDES},
		{"RTP/SAVP", true, SDES},
		{"RTP/SAVPF", true, SDES},
	} {
		media := []string{"m=audio 5000 " + test.proto + " 0", "a=rtcp-fb:* nack"}
		if test.keys {
			media = append(media, cryptoOf(3, GCM128, 'b'))
		}
		answer, n, err := secret(Accept).Answer(offer(media...))
		if err != nil || n.Proto != test.proto || n.SRTP.By != test.by {
			t.Errorf("%s: %+v, %v", test.proto, n, err)
			continue
		}
		if text := string(answer); !strings.Contains(text, "m=audio 40000 "+test.proto+" 0\r\n") || strings.Contains(text, "a=crypto:3 AEAD_AES_128_GCM inline:") != test.keys || strings.Contains(text, "rtcp-fb") {
			t.Errorf("%s is answered\n%s", test.proto, text)
		}
	}
}

func TestSRTPRefused(t *testing.T) {
	usual := cryptoOf(1, AES128SHA80, 'b')
	for name, test := range map[string]struct {
		policy Policy
		media  []string
		code   int
		reason string
	}{
		"off":                       {Off, []string{"m=audio 5000 RTP/SAVP 0", usual}, 302, "SRTP is off"},
		"required":                  {Required, []string{"m=audio 5000 RTP/AVP 0"}, 302, "SRTP is required"},
		"no keys":                   {Accept, []string{"m=audio 5000 RTP/SAVP 0"}, 399, "there is no a=crypto"},
		"a suite that nobody knows": {Accept, []string{"m=audio 5000 RTP/SAVP 0", "a=crypto:1 F8_128_HMAC_SHA1_80 inline:AAAA"}, 399, "a=crypto line 1: F8_128_HMAC_SHA1_80 is not spoken"},
		"a parameter":               {Accept, []string{"m=audio 5000 RTP/SAVP 0", usual + " UNENCRYPTED_SRTP"}, 399, "it wants UNENCRYPTED_SRTP"},
		"five lines":                {Accept, slices.Concat([]string{"m=audio 5000 RTP/SAVP 0"}, slices.Repeat([]string{"a=crypto:0 X Y"}, 5)), 399, "…"},
		"another transport":         {Accept, []string{"m=audio 5000 TCP/RTP/AVP 0", usual}, 302, `"TCP/RTP/AVP"; spoken are RTP/AVP, RTP/AVPF, RTP/SAVP, RTP/SAVPF, UDP/TLS/RTP/SAVP, UDP/TLS/RTP/SAVPF`},
	} {
		_, _, err := secret(test.policy).Answer(offer(test.media...))
		var why *Error
		if !errors.As(err, &why) || why.Warning != test.code || !strings.Contains(why.Reason, test.reason) {
			t.Errorf("%s: %v, want %d %s", name, err, test.code, test.reason)
		}
	}
}

// An encrypted section that cannot be taken leaves one that can.
func TestSRTPBesidePlain(t *testing.T) {
	both := offer("m=audio 5000 RTP/SAVP 0", cryptoOf(1, AES128SHA80, 'b'), "m=audio 5002 RTP/AVP 0")
	for policy, want := range map[Policy]string{Accept: "RTP/SAVP", Off: "RTP/AVP"} {
		if _, n, err := secret(policy).Answer(both); err != nil || n.Proto != want {
			t.Errorf("%s: %+v, %v", policy, n, err)
		}
	}
}

func TestCryptoLines(t *testing.T) {
	const sha80 = AES128SHA80
	line := cryptoOf(1, sha80, 'b')
	for name, test := range map[string]struct {
		lines  []string
		want   SRTP // but for Out
		untidy string
	}{
		"plain":                    {[]string{line}, SRTP{By: SDES, Suite: sha80, In: bobsKey(sha80, 'b'), Tag: 1}, ""},
		"the first that is spoken": {[]string{"a=crypto:1 F8_128_HMAC_SHA1_80 inline:x", cryptoOf(2, GCM256, 'c'), cryptoOf(3, sha80, 'b')}, SRTP{By: SDES, Suite: GCM256, In: bobsKey(GCM256, 'c'), Tag: 2}, ""},
		"lifetime and MKI":         {[]string{cryptoOf(1, sha80, 'b', "|2^20|258:4")}, SRTP{By: SDES, Suite: sha80, In: bobsKey(sha80, 'b'), MKI: "\x00\x00\x01\x02", Tag: 1}, ""},
		"MKI alone":                {[]string{cryptoOf(1, sha80, 'b', "|1:1")}, SRTP{By: SDES, Suite: sha80, In: bobsKey(sha80, 'b'), MKI: "\x01", Tag: 1}, ""},
		"an absurd lifetime":       {[]string{cryptoOf(1, sha80, 'b', "|2^99")}, SRTP{By: SDES, Suite: sha80, In: bobsKey(sha80, 'b'), Tag: 1}, "lifetime"},
		"a lifetime of nothing":    {[]string{cryptoOf(1, sha80, 'b', "|0")}, SRTP{By: SDES, Suite: sha80, In: bobsKey(sha80, 'b'), Tag: 1}, "lifetime"},
		"two MKIs":                 {[]string{cryptoOf(1, sha80, 'b', "|1:4|2:4")}, SRTP{By: SDES, Suite: sha80, In: bobsKey(sha80, 'b'), MKI: "\x00\x00\x00\x01", Tag: 1}, "in that order"},
		"a lifetime and two MKIs":  {[]string{cryptoOf(1, sha80, 'b', "|2^20|1:4|2:4")}, SRTP{By: SDES, Suite: sha80, In: bobsKey(sha80, 'b'), MKI: "\x00\x00\x00\x01", Tag: 1}, "in that order"},
		"an MKI before a lifetime": {[]string{cryptoOf(1, sha80, 'b', "|1:4|2^20")}, SRTP{By: SDES, Suite: sha80, In: bobsKey(sha80, 'b'), MKI: "\x00\x00\x00\x01", Tag: 1}, "in that order"},
		"two lifetimes":            {[]string{cryptoOf(1, sha80, 'b', "|2^20|2^21")}, SRTP{By: SDES, Suite: sha80, In: bobsKey(sha80, 'b'), Tag: 1}, "in that order"},
		"parameters to be ignored": {[]string{cryptoOf(1, sha80, 'b', "", "WSH=128", "KDR=0", "-X=y")}, SRTP{By: SDES, Suite: sha80, In: bobsKey(sha80, 'b'), Tag: 1}, ""},
		"another case":             {[]string{strings.NewReplacer("AES_CM", "aes_cm", "inline", "INLINE").Replace(line)}, SRTP{By: SDES, Suite: sha80, In: bobsKey(sha80, 'b'), Tag: 1}, "other letters"},
		"the same tag again":       {[]string{line, cryptoOf(1, GCM128, 'c')}, SRTP{By: SDES, Suite: sha80, In: bobsKey(sha80, 'b'), Tag: 1}, "same tag"},
		"no padding":               {[]string{strings.TrimRight(cryptoOf(1, GCM128, 'b'), "=")}, SRTP{By: SDES, Suite: GCM128, In: bobsKey(GCM128, 'b'), Tag: 1}, ""},
		"a large tag":              {[]string{cryptoOf(999999999, sha80, 'b')}, SRTP{By: SDES, Suite: sha80, In: bobsKey(sha80, 'b'), Tag: 999999999}, ""},
	} {
		_, n, err := secret(Accept).Answer(offer(append([]string{"m=audio 5000 RTP/SAVP 0"}, test.lines...)...))
		got := n.SRTP
		got.Out = Key{}
		if err != nil || got != test.want || n.SRTP.Out == (Key{}) || !strings.Contains(n.Untidy, test.untidy) || test.untidy == "" && n.Untidy != "" {
			t.Errorf("%s: %+v tag %d MKI %q, %q, %v", name, n.SRTP, n.SRTP.Tag, n.SRTP.MKI, n.Untidy, err)
		}
	}
}

func TestCryptoLinesRefused(t *testing.T) {
	line := cryptoOf(1, AES128SHA80, 'b')
	for line, reason := range map[string]string{
		"a=crypto:1":                                      "too few words",
		"a=crypto:0" + line[10:]:                          "tag",
		"a=crypto:1000000000" + line[10:]:                 "tag",
		"a=crypto:x" + line[10:]:                          "tag",
		line + ";" + line[strings.Index(line, "inline"):]: "more than one key",
		line[:len(line)-4]:                                "27 octets",
		line + "!":                                        "Base64",
		line + "|1:0":                                     "MKI",
		line + "|256:1":                                   "MKI",
		line + "|1:129":                                   "MKI",
		line + "|x:1":                                     "MKI",
		line + " KDR=1":                                   "wants KDR",
		line + " UNENCRYPTED_SRTCP":                       "UNENCRYPTED_SRTCP",
		line + " UNAUTHENTICATED_SRTP":                    "UNAUTHENTICATED_SRTP",
		line + " FEC_ORDER=FEC_SRTP":                      "FEC_ORDER",
		strings.Replace(line, "inline", "outline", 1):     "not inline",
	} {
		if _, err := secret(Accept).Judge(offer("m=audio 5000 RTP/SAVP 0", line)); err == nil || !strings.Contains(err.Error(), reason) {
			t.Errorf("%s: %v, want %q", line, err, reason)
		}
	}
}

// TestCryptoIsNotQuoted: wherever a peer puts its key, nothing of it is in the error, which
// goes out in a Warning and into the log.
func TestCryptoIsNotQuoted(t *testing.T) {
	const suite = string(AES128SHA80)
	for _, line := range []string{
		"1 " + suite + " inline: KEY", "1 " + suite + " inline KEY", "1 " + suite + " KEY", "1 " + suite + " uri:KEY", "1 " + suite + ` inline:"KEY"`,
		"1 " + suite + " inline:USUAL KEY", "1 " + suite + " inline:USUAL KEY=1", "1 " + suite + " inline:USUAL KDR=KEY", "1 " + suite + " inline:USUAL FEC_KEY=inline:KEY",
		"1 " + suite + " inline:USUAL|2^20|KEY:4", "1 " + suite + " inline:USUAL|1:KEY", "1 " + suite + " inline:USUAL;KEY", "1 " + suite + " inline:KEY9",
		"KEY " + suite + " inline:USUAL", "KEY", "1 KEY", "1 KEY inline:USUAL", "1 inline:KEY " + suite, "inline:KEY " + suite + " x", suite + " inline:KEY x",
	} {
		const key = "Kq3bV8nZpL0wYc5tR7uJ1mXe9sGdHfA2iOkB4yQv"
		line = strings.NewReplacer("KEY", key, "USUAL", strings.Repeat("A", 40)).Replace(line)
		_, refused := secret(Accept).Judge(offer("m=audio 5000 RTP/SAVP 0", "a=crypto:"+line))
		l := secret(Required)
		l.Offer()
		n, answered := l.Accept(offer("m=audio 5000 RTP/SAVP 0", "a=crypto:"+line))
		if refused == nil || answered == nil {
			t.Errorf("%s: %v, %v", line, refused, answered)
			continue
		}
		said := strings.ToLower(refused.Error() + answered.Error() + n.Untidy)
		for at := range len(key) - 3 {
			if strings.Contains(said, strings.ToLower(key[at:at+4])) {
				t.Errorf("%s:\n%v\n%v %s", line, refused, answered, n.Untidy)
				break
			}
		}
	}
}

// No more lines are read than there are suites; nothing grows with what a peer sends.
func TestCryptoLinesBounded(t *testing.T) {
	var lines []string
	for n := range maxCrypto {
		lines = append(lines, fmt.Sprintf("a=crypto:%d F8_128_HMAC_SHA1_80 inline:x", n+1))
	}
	lines = append(lines, cryptoOf(99, GCM128, 'b'))
	n, err := secret(Accept).Judge(offer(append([]string{"m=audio 5000 RTP/AVP 0"}, lines...)...))
	if err != nil || n.SRTP.By != Plain || !strings.Contains(n.Untidy, "more a=crypto lines than are read") {
		t.Errorf("%+v, %v", n, err)
	}
}

func TestAcceptSRTP(t *testing.T) {
	const savp, avp = "m=audio 5000 RTP/SAVP 0", "m=audio 5000 RTP/AVP 0"
	for name, test := range map[string]struct {
		policy Policy
		media  []string
		suite  Suite
		untidy string
		err    string
	}{
		"the first":                   {Required, []string{savp, cryptoOf(1, AES128SHA80, 'b')}, AES128SHA80, "", ""},
		"another":                     {Required, []string{savp, cryptoOf(4, GCM256, 'b')}, GCM256, "", ""},
		"optional, taken":             {Optional, []string{avp, cryptoOf(2, AES128SHA32, 'b')}, AES128SHA32, "", ""},
		"optional, not taken":         {Optional, []string{avp}, "", "", ""},
		"with feedback":               {Required, []string{"m=audio 5000 RTP/SAVPF 0", cryptoOf(1, AES128SHA80, 'b')}, AES128SHA80, "another transport", ""},
		"two lines":                   {Required, []string{savp, cryptoOf(3, GCM128, 'b'), cryptoOf(1, AES128SHA80, 'b')}, GCM128, "more than one a=crypto", ""},
		"our own key":                 {Required, []string{savp, cryptoOf(1, AES128SHA80, 1)}, AES128SHA80, "our own key", ""},
		"another suite":               {Required, []string{savp, cryptoOf(1, GCM128, 'b')}, "", "", "the tag 1 and the suite AEAD_AES_128_GCM"},
		"another tag":                 {Required, []string{savp, cryptoOf(7, AES128SHA80, 'b')}, "", "", "the tag 7"},
		"a suite that is not ours":    {Required, []string{savp, cryptoOf(5, AES256SHA80, 'b')}, "", "", "the tag 5"},
		"a bad key":                   {Required, []string{savp, "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:AAAA"}, "", "", "3 octets"},
		"no key":                      {Required, []string{savp}, "", "", "no a=crypto"},
		"another transport":           {Required, []string{avp, cryptoOf(1, AES128SHA80, 'b')}, "", "", "the answer's RTP/AVP"},
		"encrypted, though not asked": {Accept, []string{savp, cryptoOf(1, AES128SHA80, 'b')}, "", "", "the answer's RTP/SAVP"},
		"keys, though not asked":      {Accept, []string{avp, cryptoOf(1, AES128SHA80, 'b')}, "", "the offer has none", ""},
	} {
		l := secret(test.policy)
		l.Offer()
		n, err := l.Accept(offer(test.media...))
		if test.err != "" && (err == nil || !strings.Contains(err.Error(), test.err)) || test.err == "" && err != nil {
			t.Errorf("%s: %v, want %q", name, err, test.err)
			continue
		}
		if test.suite != "" && n.SRTP.Out != l.Keys.key(test.suite) || n.SRTP.Suite != test.suite || !strings.Contains(n.Untidy, test.untidy) {
			t.Errorf("%s: %+v, %q", name, n.SRTP, n.Untidy)
		}
	}
}

// What follows what was agreed on has the same transport, suite and keys, whoever has
// offered first.
func TestOffersGoOn(t *testing.T) {
	l := secret(Accept)
	_, n, err := l.Answer(offer("m=audio 5000 RTP/SAVPF 0", cryptoOf(9, AES256SHA80, 'b')))
	if err != nil {
		t.Fatal(err)
	}
	next := string(l.Following(n).Offer())
	if first := strings.Index(next, "a=crypto:"); !strings.Contains(next, "RTP/SAVPF") || !strings.HasPrefix(next[first:], "a=crypto:5 AES_256_CM_HMAC_SHA1_80 inline:AQEB") {
		t.Errorf("goes on with\n%s", next)
	}
	again, err := l.Following(n).Accept(offer("m=audio 5000 RTP/SAVPF 0", cryptoOf(5, AES256SHA80, 'b')))
	if again.SRTP.Tag != 5 || again.SRTP.Out != n.SRTP.Out || again.SRTP.In != n.SRTP.In {
		t.Errorf("%+v, %v", again.SRTP, err)
	}
	if plain := string(secret(Required).Following(Negotiated{Proto: "RTP/AVP"}).Offer()); strings.Contains(plain, "crypto") {
		t.Errorf("a plain call goes on with\n%s", plain)
	}
}

// TestKeysAreNotUsedAgain: a key that was in use and is no longer never protects anything
// again (RFC 3711 §9.1), whoever offers; the one in use stays, also in what is said twice.
func TestKeysAreNotUsedAgain(t *testing.T) {
	offers := map[string][]byte{
		"plain": offer("m=audio 5000 RTP/AVP 0"),
		"a":     offer("m=audio 5000 RTP/SAVP 0", cryptoOf(1, AES128SHA80, 'b')),
		"b":     offer("m=audio 5000 RTP/SAVP 0", cryptoOf(3, GCM128, 'b')),
	}
	for _, way := range []string{"a plain a", "a b a", "a plain b plain a b", "a a", "b b a a b"} {
		for _, weOffer := range []bool{false, true} {
			l, n := secret(Required), Negotiated{}
			l.SRTP = Preferred
			seen, last := map[Key]bool{}, Key{}
			for _, step := range strings.Fields(way) {
				before, l := n, l
				if n.Proto != "" {
					l = l.Following(n)
				}
				var err error
				if weOffer && step != "plain" && before.SRTP.By != Plain {
					first := l.Offer()
					if again := l.Offer(); !bytes.Equal(first, again) {
						t.Errorf("%s: an offer is, said again,\n%s, and was\n%s", way, again, first)
					}
					if n, err = l.Accept(offers[step]); err == nil {
						n, err = l.Accept(offers[step]) // the answer comes in a 183 and in the 200
					}
				} else if _, n, err = l.Answer(offers[step]); err == nil {
					_, n, err = l.Answer(offers[step])
				}
				if err != nil {
					t.Fatalf("%s: %v", way, err)
				}
				if key := n.SRTP.Out; key != (Key{}) && key != last && seen[key] {
					t.Errorf("%s, offered by us %t: at %s a key comes back", way, weOffer, step)
				}
				if n.SRTP.Suite == before.SRTP.Suite && n.SRTP.Out != before.SRTP.Out {
					t.Errorf("%s: another key of the same suite", way)
				}
				last = n.SRTP.Out
				seen[last] = true
			}
		}
	}
}

// TestKeysOfForks: two answers to one offer may have two keys in use; that of the one that
// is left is not used again.
func TestKeysOfForks(t *testing.T) {
	l := secret(Required)
	l.Offer()
	first, err := l.Accept(offer("m=audio 5000 RTP/SAVP 0", cryptoOf(1, AES128SHA80, 'b')))
	if err != nil {
		t.Fatal(err)
	}
	second, err := l.Accept(offer("m=audio 5000 RTP/SAVP 0", cryptoOf(3, GCM128, 'c')))
	if err != nil {
		t.Fatal(err)
	}
	l = l.Following(second)
	l.Offer()
	again, err := l.Accept(offer("m=audio 5000 RTP/SAVP 0", cryptoOf(1, AES128SHA80, 'b')))
	if err != nil || again.SRTP.Out == first.SRTP.Out {
		t.Errorf("%v: the key of the first fork comes back: %t", err, again.SRTP.Out == first.SRTP.Out)
	}
}

// Keys are in no text that is made of what was agreed on.
func TestKeysDoNotShow(t *testing.T) {
	_, n, _ := secret(Accept).Answer(offer("m=audio 5000 RTP/SAVP 0", cryptoOf(1, AES128SHA80, 'b')))
	for _, format := range []string{"%v", "%+v", "%#v", "%s"} {
		if text := fmt.Sprintf(format, n); strings.Contains(text, "bbbb") || strings.Contains(text, `\x01\x01`) {
			t.Errorf("%s shows %s", format, text)
		}
	}
}

// Where SRTP is preferred, what is protected is taken though it comes second; else the first
// that can be.
func TestPreferredIsTakenFirst(t *testing.T) {
	const plain, keys = "m=audio 5000 RTP/AVP 0", "m=audio 6000 RTP/SAVP 0"
	line := cryptoOf(1, AES128SHA80, 'b')
	for policy, want := range map[Policy]uint16{Off: 5000, Accept: 5000, Optional: 5000, Preferred: 6000, Required: 6000} {
		body, n, err := secret(policy).Answer(offer(plain, keys, line))
		if err != nil || n.Remote.Port() != want || (n.SRTP.By == SDES) != (want == 6000) || strings.Contains(string(body), "m=audio 0 RTP/SAVP") != (want == 5000) {
			t.Errorf("%s: %+v, %v\n%s", policy, n, err, body)
		}
	}
	for name, test := range map[string]struct {
		lines []string
		want  uint16
	}{
		"protected first":    {[]string{keys, line, plain}, 6000},
		"one is beyond help": {[]string{plain, keys}, 5000},
		"two of each":        {[]string{plain, "m=audio 5002 RTP/AVP 0", keys, line, "m=audio 6002 RTP/SAVP 0", line}, 6000},
		"two plain ones":     {[]string{plain, "m=audio 5002 RTP/AVP 0"}, 5000},
	} {
		if _, n, err := secret(Preferred).Answer(offer(test.lines...)); err != nil || n.Remote.Port() != test.want {
			t.Errorf("%s: %v, %v", name, n.Remote, err)
		}
	}
}

// An error says that there may have been more than was read.
func TestManyCrypto(t *testing.T) {
	lines := []string{"m=audio 5000 RTP/SAVP 0"}
	for i := range maxCrypto + 1 {
		lines = append(lines, fmt.Sprintf("a=crypto:%d FOO inline:x", i+1))
	}
	_, _, err := secret(Accept).Answer(offer(lines...))
	if err == nil || !strings.HasSuffix(err.Error(), "…, no more than 16 are read") {
		t.Errorf("%v", err)
	}
}
