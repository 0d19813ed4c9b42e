package event

import (
	"encoding/base64"
	"encoding/hex"
	"net/url"
	"reflect"
	"strings"
	"testing"
)

// canary is what must not be left of any text.
const canary = "Canary1x2y3z4w5v6u7t"

// TestMask has each shape in which a peer can send a secret. CANARY stands for
// the secret; everything else must be left as it is.
func TestMask(t *testing.T) {
	for _, text := range []string{
		"Authorization: Digest username=\"alice\", response=\"CANARY\", uri=\"sip:x\"\r\n",
		"Authorization: Digest username=\"alice\", nonce=\"CANARY\", nc=00000001, cnonce=\"CANARY\", response=CANARY\r\n",
		"proxy-authorization : DIGEST nonce = \"CANARY\" , Response = \"CANARY\"\r\nX: response=\"stays\"\r\n",
		"PROXY-AUTHORIZATION:Digest response=\"CANARY\"\r\nAuthorization:Digest response=\"CANARY\"\r\nMax-Forwards: 70\r\n",
		"Authorization: Digest username=\"alice\",\r\n response=\"CANARY\",\r\n\tcnonce=\"CANARY\"\r\nTo: <sip:bob@lab.test>\r\n",
		"Authorization: Digest response=\"CANARY\r\nX: y\r\n",
		"Authorization:\r\n Basic CANARY\r\nX: y\r\n",
		"Authorization: Basic CANARY==\r\nX: y",
		"Authorization: Bearer CANARY.CANARY\r\nX: y",
		"Authorization: CANARY\r\nX: y",
		"Authorization: Custom CANARY\r\n CANARY\r\nX: y",
		"Authentication-Info: nextnonce=\"CANARY\", rspauth=\"CANARY\", qop=auth\r\n",
		"Proxy-Authentication-Info: rspauth = CANARY\r\n",
		"SIP/2.0 200 OK\r\nContent-Type: message/sipfrag\r\n\r\nINVITE sip:bob@lab.test SIP/2.0\r\nAuthorization: Digest response=\"CANARY\"\r\n",
		"--> REGISTER sip:lab.test  Authorization: Digest username=\"alice\", response=\"CANARY\", qop=auth",
		"{\"Authorization\":\"Basic CANARY\",\"text\":\"stays\"}",
		"WWW-Authenticate: Digest realm=\"lab.test\", nonce=\"stays\"\r\n",
		"INVITE sip:bob:CANARY@lab.test;transport=tcp SIP/2.0",
		"Contact: <sips:alice;day=1:CA:NARY@[2001:db8::1]:5061>;expires=60",
		"Contact: sip:a.example.com:5060,sip:bob@lab.test",
		"https://alice:CANARY@push.example.com/3/device and sip:bob@lab.test",
		"xmpp:alice:CANARY@lab.test",
		"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>CANARY</auth>",
		"<response xmlns=\"urn:ietf:params:xml:ns:xmpp-sasl\">CANARY==</response><success xmlns='x'>CANARY</success>",
		"<sasl:challenge>CANARY</sasl:challenge>",
		"<authenticate xmlns='urn:xmpp:sasl:2'><initial-response>CANARY</initial-response></authenticate>",
		"<response>Bob says yes</response>",
		"<query xmlns='jabber:iq:auth'><username>alice</username><password>CANARY</password><digest>CANARY</digest></query>",
		"<field type='hidden' var='secret'><value>CANARY</value></field>",
		"<script>token eyJhbGciOi.CANARY.CANARY</script> and Bearer CANARY",
		"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:CANARY|2^20|1:32\r\na=ice-ufrag:8hhY\r\na=ice-pwd:CANARY\r\nk=base64:CANARY\r\na=fingerprint:sha-256 AB:CD",
		"password=CANARY user=alice", "push-secret='CANARY'", "{\"user\":\"alice\",\"password\":\"CANARY\\\"CANARY\",\"n\":1}", "access_token=CANARY&x=1",
		"no password: the environment variable PW is empty", "password-env=PW", "check user and password; not tried again",
	} {
		leak := strings.ReplaceAll(strings.ReplaceAll(text, "CANARY", canary), "CA:NARY", "Canary:x2y3z4w5v6u7t")
		got := Mask(leak)
		want := strings.ReplaceAll(strings.ReplaceAll(text, "CANARY", strings.Repeat(".", len(canary))), "CA:NARY", strings.Repeat(".", len(canary)))
		want = strings.ReplaceAll(strings.ReplaceAll(want, ".==", "..."), `..\".`, ".....")
		dots, crosses := strings.Repeat(".", len(canary)), strings.Repeat("x", len(canary))
		want = strings.ReplaceAll(want, "inline:"+dots, "inline:"+crosses) // which is Base64
		if got != want {
			t.Errorf("\n got %q\nwant %q", got, want)
		}
		if again := Mask(got); again != got || len(got) != len(leak) {
			t.Errorf("%q: again %q", got, again)
		}
	}
}

// TestMaskCrypto: a key of SDES or MIKEY is masked wherever it stands in its line, and what
// is known to be none is left.
func TestMaskCrypto(t *testing.T) {
	const suite = "AES_CM_128_HMAC_SHA1_80"
	key := "Kq3bV8nZpL0w/c5tR7uJ1mXe9sGdHfA2iOkB4+Qv"
	for _, text := range []string{
		"a=crypto:1 " + suite + " inline:#|2^20|1:32 WSH=64 KDR=1 UNENCRYPTED_SRTCP FEC_ORDER=FEC_SRTP\r\na=ptime:20\r\n",
		"a=crypto:999999999 F8_128_HMAC_SHA1_80 inline:#|1048576;inline:#|2:1\r\nm=audio 5000 RTP/SAVP 0\r\n",
		"a=crypto:1 " + suite + " inline: #\r\n", "a=crypto:1 " + suite + " inline #\n", "a=crypto:1 " + suite + " #",
		"a=crypto:1 " + suite + " uri:#", "a=crypto:1 " + suite + " inline:\"#\"", "a=crypto:1 " + suite + " inline:#;#",
		"a=crypto:1 " + suite + " inline:#|#", "a=crypto:1 " + suite + " inline:#|2^20|#:4", "a=crypto:1 " + suite + " inline:# #",
		"a=crypto:1 " + suite + " inline:#|12#", "a=crypto:1 " + suite + " inline:#|1:4#", "a=crypto:1 " + suite + " FEC_KEY=inline:#",
		"a=crypto:# " + suite + " inline:#", "a=crypto:1 # inline:#", "a=crypto:1 inline:# " + suite, "a=crypto:#", "a=crypto #",
		"A=CRYPTO:1\t" + suite + "\tINLINE:#", " a = crypto :1 " + suite + " inline: #", "a=acap:1 crypto:1 " + suite + " inline: #",
		"a=3Dcrypto:1 " + suite + " #", `"a=crypto:1 ` + suite + ` inline: #\r\na=ptime:20\r\n"`,
		"a=key-mgmt:mikey #\r\na=ptime:20", "a=key-mgmt: #", "A=Key-Mgmt:MIKEY\t# #",
	} {
		leak := strings.ReplaceAll(text, "#", key)
		want := strings.NewReplacer("FEC_KEY=inline:#", "xxxxxxxxxxxxxx:#", "uri:#", "xxx:#", "|12#", "|xx#", "|1:4#", "|x:x#", "#:4", "#:x").Replace(text)
		want = strings.ReplaceAll(want, "#", strings.Repeat("x", len(key)))
		got := Mask(leak)
		if strings.Contains(got, key[20:]) || got != want {
			t.Errorf("\n got %q\nwant %q", got, want)
		}
		if again := Mask(got); again != got || len(got) != len(leak) {
			t.Errorf("%q: again %q", got, again)
		}
	}
}

// TestMaskEncoded: a part of a body in Base64 is as readable as any other. Its mask is
// Base64 of the same length, in the same lines.
func TestMaskEncoded(t *testing.T) {
	sdp := "v=0\r\nm=audio 5000 RTP/SAVP 0\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline: " + canary + "\r\na=ptime:20\r\n"
	for _, format := range []string{
		"INVITE sip:bob@lab.test SIP/2.0\r\nContent-Transfer-Encoding: base64\r\nContent-Length: 1\r\n\r\nBODY",
		"--b\r\ncontent-transfer-encoding :BASE64\r\nContent-Type: application/sdp\r\n\r\nBODY\r\n--b\r\n\r\nBODY\r\n--b--\r\n",
		"--b\nContent-Transfer-Encoding: base64\n\nFOLDED\n--b--\n",
	} {
		write := func(text string) string {
			body := base64.StdEncoding.EncodeToString([]byte(text))
			folded := body[:20] + "\r\n" + body[20:40] + " \r\n" + body[40:]
			return strings.Replace(strings.Replace(format, "BODY", body, 1), "FOLDED", folded, 1)
		}
		leak, want := write(sdp), write(strings.Replace(sdp, canary, strings.Repeat("x", len(canary)), 1))
		if got := Mask(leak); got != want || Mask(got) != got {
			t.Errorf("\n got %q\nwant %q", got, want)
		}
	}
	for _, text := range []string{"\r\n\r\n", "====", "AAA", "QUJD\r\n", "@@@@", "QUJDQQ==more"} {
		if text = "Content-Transfer-Encoding: base64\r\n\r\n" + text; Mask(text) != text {
			t.Errorf("%q became %q", text, Mask(text))
		}
	}
}

// TestMaskAnywhere: credentials stand in other places than where a standard has
// them, and words that look like theirs are no secrets.
func TestMaskAnywhere(t *testing.T) {
	const basic, bearer, hash = "Ym9iOm90aGVycGFzc3dvcmQ", "qqqqwwwweeeerrrr1", "fedcba9876543210fedcba9876543210"
	hidden := func(text string) string { return strings.Repeat(".", len(text)) }
	for text, want := range map[string]string{
		"X-B: a=Basic " + basic + "=":                           "X-B: a=Basic " + hidden(basic+"="),
		"X-C: [\"Basic " + basic + "\"]":                        "X-C: [\"Basic " + hidden(basic) + "\"]",
		"X-D: Authorization%3A%20Bearer%20" + bearer:            "X-D: Authorization%3A%20Bearer%20" + hidden(bearer),
		"X-E: Authorization=Bearer:" + bearer:                   "X-E: Authorization=Bearer:" + hidden(bearer),
		"X-F: foo;bearer=" + bearer:                             "X-F: foo;bearer=" + hidden(bearer),
		"X-H: response='" + hash + "'":                          "X-H: response='" + hidden(hash) + "'",
		"X-I: a, response=\\\"" + hash + "\\\", cnonce=" + hash: "X-I: a, response=\\\"" + hidden(hash) + "\\\", cnonce=" + hidden(hash),
		"a basic understanding of Basic English":                "a basic understanding of Basic English",
		"no response=404 yet":                                   "no response=404 yet",
		"clear-password=on sends it all the same":               "clear-password=on sends it all the same",
		"cannot read \"/etc/passwd\": open it: no such":         "cannot read \"/etc/passwd\": open it: no such",
	} {
		if got := Mask(text); got != want {
			t.Errorf("\n got %q\nwant %q", got, want)
		}
	}
}

// TestMaskToken: of the token of a device its beginning is left, by which two
// are told apart, and its kind of characters, by which its service is known.
func TestMaskToken(t *testing.T) {
	for text, want := range map[string]string{
		"Contact: <sip:alice@h;pn-provider=apns;pn-prid=74A8b8d95c146fb7a537;pn-param=x>": "Contact: <sip:alice@h;pn-provider=apns;pn-prid=74A8b8d9000000000000;pn-param=x>",
		"PN-PRID=fMEP0vJqS0:APA91bHx_y-z":                                                 "PN-PRID=fMEP0vJqX0:AXA000Xx_x-x",
		"pn-p256dh=BAmii;pn-auth=ZoyfGuDqpLibYiIrjsmQ_A>":                                 "pn-p256dh=BAmii;pn-auth=......................>",
		"pn-prid=t1;x": "pn-prid=t1;x",
		"<enable xmlns='urn:xmpp:push:0' jid='push.example.com' node='yxs32uqsflafdk3iuqo'/>": "<enable xmlns='urn:xmpp:push:0' jid='push.example.com' node='yxs32uqs0x000x0xxxx'/>",
	} {
		if got := Mask(text); got != want || Mask(got) != got {
			t.Errorf("\n got %s\nwant %s", got, want)
		}
	}
}

// TestMasked plants a secret in every text of every kind of event.
func TestMasked(t *testing.T) {
	for _, zero := range Types() {
		v := reflect.New(reflect.TypeOf(zero)).Elem()
		const leak = "Authorization: Basic " + canary
		plant(v, leak)
		if _, verb := zero.(Verb); verb {
			v.FieldByName("Line").SetString("call sip:bob:" + canary + "@lab.test")
		}
		log := new(Log)
		log.Append(Record{Event: v.Interface().(Event)})
		line, err := AppendJSON(nil, log.After(0)[0])
		if err != nil || strings.Contains(string(line), canary) {
			t.Errorf("%s, %v", line, err)
		}
		if strings.Contains(Line(log.After(0)[0]), canary) {
			t.Errorf("%s", Line(log.After(0)[0]))
		}
	}
}

// plant sets all texts of a struct that are not our own words.
func plant(v reflect.Value, text string) {
	for i := range v.NumField() {
		switch f := v.Field(i); f.Type() {
		case reflect.TypeFor[string]():
			f.SetString(text)
		case reflect.TypeFor[[]string]():
			f.Set(reflect.ValueOf([]string{text}))
		case reflect.TypeFor[map[string]string]():
			f.Set(reflect.ValueOf(map[string]string{"a": text}))
		case reflect.TypeFor[Cause]():
			f.Set(reflect.ValueOf(Cause{Reasons: []Reason{{Text: text}}, Warnings: []SIPWarning{{Text: text}}}))
		}
	}
}

// TestMaskVerb: the lab can be told a password.
func TestMaskVerb(t *testing.T) {
	for line, want := range map[string]string{
		"password alice " + canary:      "password alice ....................",
		"lab: password alice " + canary: "lab: password alice ....................",
		"password alice secret":         "password alice secret",
		"call bob":                      "call bob",
	} {
		if got := Masked(Verb{Line: line}).(Verb).Line; got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// TestHide: a word that is known to be secret is masked however a server sends
// it back, and what is no secret is not.
func TestHide(t *testing.T) {
	log := new(Log)
	log.Hide(canary, "short", "secret", "")
	for _, leak := range []string{
		"403 no " + canary + " for you", hex.EncodeToString([]byte(canary)), strings.ToUpper(hex.EncodeToString([]byte(canary))),
		base64.StdEncoding.EncodeToString([]byte(canary)), base64.StdEncoding.EncodeToString([]byte("\x00alice\x00" + canary)),
		base64.StdEncoding.EncodeToString([]byte("\x00al\x00" + canary)), url.QueryEscape(canary),
	} {
		r := log.Append(Record{Event: Text{Body: "short secret " + leak}})
		if got := r.Event.(Text).Body; strings.Contains(got, leak) || !strings.HasPrefix(got, "short secret ") || len(got) != len("short secret ")+len(leak) {
			t.Errorf("%q became %q", leak, got)
		}
		if at := log.After(0)[len(log.After(0))-1].Event.(Text).Body; at != r.Event.(Text).Body {
			t.Errorf("the log has %q", at)
		}
	}
}

// TestMaskOfBytes: what a stranger sends is not always text. These once ended the
// program.
func TestMaskOfBytes(t *testing.T) {
	for text, want := range map[string]string{
		"\xffSIP:bob@lab":        "\xffSIP:bob@lab",
		"\xff\xff\xffsip:a@b":    "\xff\xff\xffsip:a@b",
		"\xffSip:bob:secret@lab": "\xffSip:bob:......@lab",
		"\u0130sip:a:secret@b":   "\u0130sip:a:......@b", // its small form is longer
		"\u212asip:a:secret@b":   "\u212asip:a:......@b", // and that of this one shorter
		"sip:\xc3\x28@":          "sip:\xc3\x28@",
	} {
		if got := Mask(text); got != want {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
	}
}

func FuzzMask(f *testing.F) {
	f.Add("\xffSIP:bob:secret@lab\r\nAuthorization: Digest response=\"1\"")
	f.Fuzz(func(t *testing.T, text string) {
		if got := Mask(text); len(got) != len(text) {
			t.Errorf("%q became %q", text, got)
		}
	})
}

// TestMaskUserinfo: of a password in an address nothing is left, and of the
// address everything else is.
func TestMaskUserinfo(t *testing.T) {
	for text, want := range map[string]string{
		"sip:bob:p@ss@host":                           "sip:bob:....@host",
		"<sip:bob:p@ss@host;x=a@b>;y=c@d":             "<sip:bob:....@host;x=a@b>;y=c@d",
		"sip:bob:pw@host?to=a@b":                      "sip:bob:..@host?to=a@b",
		"sip:bob:pw@host,sip:ann:p@w@[2001:db8::1]:5": "sip:bob:..@host,sip:ann:...@[2001:db8::1]:5",
		"sip:bob@host:5060;x=sip:ann:pw@h":            "sip:bob@host:5060;x=sip:ann:..@h",
		"<sip:10.0.0.1:5060;did=a@b;lr>":              "<sip:10.0.0.1:5060;did=a@b;lr>",
		"<sip:[2001:db8::1]:5060;x=a@b>":              "<sip:[2001:db8::1]:5060;x=a@b>",
		"<sip:bob@[2001:db8::1]:5060;x=a@b>":          "<sip:bob@[2001:db8::1]:5060;x=a@b>",
		"sip:bob@host;x=a:b@c":                        "sip:bob@host;x=a:b@c",
		"sip:bob:p;w/x?@host":                         "sip:bob:......@host",
		"sip:alice;day=1:pw@host":                     "sip:alice;day=1:..@host",
		"m:sip:tim:pw@host":                           "m:sip:tim:..@host", // im: is a scheme as well
		"sip:im:pw@host":                              "sip:im:..@host",
		"https://host:8080/x@y":                       "https://host:8080/x@y",
		"https://host/x:y@z":                          "https://host/x:y@z",
		"https://ann:p@w@host/x@y":                    "https://ann:...@host/x@y",
		"sip:bob@host:5060;x=https://ann:pw@host":     "sip:bob@host:5060;x=https://ann:..@host",
		"svn+x2://ann:pw@host":                        "svn+x2://ann:..@host",
		"a:b:c@d":                                     "a:b:c@d",
	} {
		if got := Mask(text); got != want || Mask(got) != got {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
	}
}

// TestSigns finds each sign in either case, wherever it stands, and none that lacks a
// letter.
func TestSigns(t *testing.T) {
	for i, s := range shapes {
		for _, sign := range []string{s.sign, strings.ToUpper(s.sign)} {
			for _, text := range []string{sign, "x" + sign, sign + "x", sign[:1] + sign, strings.Repeat("#", 99) + sign + sign} {
				if signsIn(text)&(1<<i) == 0 {
					t.Errorf("%q was not found in %q", sign, text)
				}
			}
			for n := range len(sign) {
				if text := sign[:n] + "#" + sign[n+1:]; signsIn(text)&(1<<i) != 0 {
					t.Errorf("%q was found in %q", sign, text)
				}
			}
		}
	}
}

func BenchmarkMask(b *testing.B) {
	invite := strings.Repeat("Via: SIP/2.0/TCP 192.0.2.1:5060;branch=z9hG4bK1\r\nFrom: <sip:bob@lab.test>;tag=1\r\n", 10)
	b.SetBytes(int64(len(invite)))
	for b.Loop() {
		Mask(invite)
	}
}
