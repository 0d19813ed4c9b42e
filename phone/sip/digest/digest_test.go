package digest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// TestVectors has the examples of the RFCs: 2069 §2.4 with its erratum, 2617
// §3.5, 7616 §3.9.1 and §3.9.2 with its erratum 4897.
func TestVectors(t *testing.T) {
	const rfc7616 = `realm="http-auth@example.org", qop="auth, auth-int", nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"`
	const rfc2617 = `realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5ccc069c403ebaf9f0171e9517f40e41"`
	mufasa := Answer{User: "Mufasa", Password: "Circle of Life", URI: "/dir/index.html", Cnonce: "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", Count: 1}
	of2617, of2069 := mufasa, mufasa
	of2617.Password, of2617.Cnonce = "Circle Of Life", "0a4f113b"
	of2069.Password = "CircleOfLife"
	for _, tc := range []struct {
		name, challenge, user, response string
		answer                          Answer
	}{
		{"RFC 2069", rfc2617, "Mufasa", "1949323746fe6a43ef61f9606e7febea", of2069},
		{"RFC 2617", rfc2617 + `, qop="auth,auth-int"`, "Mufasa", "6629fae49393a05397450978507c4ef1", of2617},
		{"RFC 7616 MD5", rfc7616 + ", algorithm=MD5", "Mufasa", "8ca523f5e9506fed4657c9700eebdbec", mufasa},
		{"RFC 7616 SHA-256", rfc7616 + ", algorithm=SHA-256", "Mufasa", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1", mufasa},
		{
			"RFC 7616 SHA-512-256", `realm="api@example.org", qop="auth", algorithm=SHA-512-256, nonce="5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK", ` +
				`opaque="HRPCssKJSGjCrkzDg8OhwpzCiGPChXYjwrI2QmXDnsOS", charset=UTF-8, userhash=true`,
			"793263caabb707a56211940d90411ea4a575adeccb7e360aeb624ed06ece9b0b",
			"3798d4131c277846293534c3edc11bd8a5e4cdcbff78b05db9d95eeb1cec68a5",
			Answer{User: "Jäsøn Doe", Password: "Secret, or not?", URI: "/doe.json", Cnonce: "NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v", Count: 1},
		},
	} {
		cred := answered(t, "Digest "+tc.challenge, tc.answer, Message{Method: "GET"})
		if cred.Response != tc.response || cred.Username != tc.user {
			t.Errorf("%s: username %s, response %s; want %s, %s", tc.name, cred.Username, cred.Response, tc.user, tc.response)
		}
	}
}

// TestAlgorithms has responses that were computed by another program, for all
// algorithms of RFC 8760 and their session forms.
func TestAlgorithms(t *testing.T) {
	answer := Answer{User: "alice", Password: "secret", URI: "sip:bob@example.com", Cnonce: "c0nce", Count: 2}
	message := Message{Method: "INVITE", Body: []byte("v=0\r\n")}
	for _, tc := range []struct{ algorithm, auth, authInt, none string }{
		{"", "490f5810ce750ceae590d7db5dc3b1ec", "2d0c630f9f0138c2d8fa3e3eed31812d", "0d461a51ff22c941eea4e9d649c8ea3d"},
		{"MD5", "490f5810ce750ceae590d7db5dc3b1ec", "2d0c630f9f0138c2d8fa3e3eed31812d", "0d461a51ff22c941eea4e9d649c8ea3d"},
		{"md5-SESS", "0da911078e13ded9e00a579513190991", "df9cab183852035ff0a8763f8bc4abdb", "847f9c040510110c8ffcd309b2d456dd"},
		{
			"SHA-256", "57861d2aaa3e660b8615254b5b3dd068d458fba223bcbfe1d90c3fc866b79ca2",
			"3d043c0a263feb4803a76bc90d7bd4fdad3a891d61fd45fe62cc0f6bd7bb2ad5", "0706723f9a3a33835d9ade1a3f116810bcb337e288adc64ab9a8d81cf888958f",
		},
		{
			"SHA-256-sess", "edf50d940daba1ad422224b3f8c8d2f71d58d931e1cfe47ba16385af8fe3a3b4",
			"c00e5fe2a9778ec8a2b9046bd944bcbf85da76f812f71bf83a609458f4a19d9a", "7f358231969f176f07fd6ccf9f45b2007f60c830c82058127c3acbb0468863da",
		},
		{
			"SHA-512-256", "321ee02fd55b6ba2b0b810b64643362fd4e3c791334a4b274d70001e95f2b50d",
			"cf63c522c511d7a94ff9b906a85744803f8091caeed150e92c64e293d1d407ac", "749db946e30b6bfa5a1995f4965a4ccf1d1d27259dec3c79479c3700cafaf50b",
		},
		{
			"SHA-512-256-sess", "fd517e1f96661faf62d55a2afa7094742bac5c65909c0cb3273a670c3e120abf",
			"26351641bf4520be6af1a7297c0f6986c4c2b50ebea8d7deafb9cd8065909097", "e959d332adfc8f77b03b6a9ad4df95796ae4817068792a98ef393bc3d7bfd14f",
		},
	} {
		for qop, want := range map[string]string{"auth": tc.auth, "auth-int": tc.authInt, "": tc.none} {
			c := Challenge{Realm: "example.com", Nonce: "n0nce", Algorithm: tc.algorithm}
			if qop != "" {
				c.QOP = []string{qop}
			}
			cred := answered(t, c.String(), answer, message)
			if cred.Response != want {
				t.Errorf("%s with qop %q: %s, want %s", tc.algorithm, qop, cred.Response, want)
			}
			if !cred.Proves("alice", "secret", "c0nce", message) || cred.Proves("alice", "Secret", "c0nce", message) {
				t.Errorf("%s with qop %q is not what the password gives", tc.algorithm, qop)
			}
			changed := Message{Method: "INVITE", Body: []byte("v=1\r\n")}
			if cred.Proves("alice", "secret", "c0nce", changed) != (qop != "auth-int") {
				t.Errorf("%s with qop %q and another body", tc.algorithm, qop)
			}
		}
	}
}

// answered answers a challenge, and reads what came of it as a server does.
func answered(t *testing.T, field string, a Answer, m Message) *Credentials {
	t.Helper()
	all, err := ParseChallenges(field)
	if err != nil || len(all) != 1 {
		t.Fatalf("%s: %d challenges, %v", field, len(all), err)
	}
	if err := all[0].Unsupported(); err != nil {
		t.Fatal(err)
	}
	made, err := all[0].Answer(a, m)
	if err != nil {
		t.Fatal(err)
	}
	cred, err := ParseCredentials(made.String())
	if err != nil || *cred != *made {
		t.Fatalf("%s is read as %+v, %v", made, cred, err)
	}
	return cred
}

func TestParseChallenges(t *testing.T) {
	for field, want := range map[string]string{
		`Digest realm="r", nonce="n"`:                                                     `Digest realm="r", nonce="n"`,
		"DIGEST Realm=\"r\",NONCE = \"n\" ,\tQOP= \" AUTH-INT ,auth\"":                    `Digest realm="r", nonce="n", qop="auth-int,auth"`,
		"Digest\r\n realm=\"a\r\n b\",\r\n\tnonce=\"n\"":                                  `Digest realm="a  b", nonce="n"`,
		`Digest realm=r, nonce=a/b==, algorithm="md5", stale="TRUE", qop=auth`:            `Digest realm="r", nonce="a/b==", algorithm=md5, qop="auth", stale=true`,
		`Digest realm="a \"b\" \\ c, d", nonce="n", opaque="x,y", userhash=true`:          `Digest realm="a \"b\" \\ c, d", nonce="n", opaque="x,y", userhash=true`,
		`Digest realm="", nonce="n"`:                                                      `Digest realm="", nonce="n"`,
		`Digest realm="r", nonce="n", qop=""`:                                             `Digest realm="r", nonce="n"`,
		`Digest realm="r", realm="s", nonce="n", x, domain="sip:a sip:b", charset=UTF-8,`: `Digest realm="r", nonce="n"`,
		`Digest realm="r", nonce="n`:                                                      `Digest realm="r", nonce="n"`,
		`Digest realm="r", nonce="n", algorithm=MD5, Digest realm="s", nonce="m"`:         `Digest realm="r", nonce="n", algorithm=MD5 | Digest realm="s", nonce="m"`,
		`Basic realm="r", Digest realm="s", nonce="m"`:                                    `Digest realm="s", nonce="m" | the scheme is not Digest but "Basic"`,
		`Digest realm="r"`: `a digest challenge without a nonce`,
		`Bearer x`:         `the scheme is not Digest but "Bearer"`,
		`Digest`:           ``,
		``:                 ``,
		`nonce="n"`:        ``,
	} {
		var got []string
		all, err := ParseChallenges(field)
		for _, c := range all {
			got = append(got, c.String())
		}
		if err != nil {
			got = append(got, err.Error())
		}
		if s := strings.Join(got, " | "); s != want {
			t.Errorf("%q is read as\n %s\nwant\n %s", field, s, want)
		}
	}
	if all, _ := ParseChallenges(strings.Repeat(`Digest realm="r", nonce="n", `, 1000)); len(all) != maxChallenges {
		t.Errorf("%d challenges of one header field are kept", len(all))
	}
}

func TestUnsupported(t *testing.T) {
	for field, want := range map[string]string{
		`algorithm=SHA-256-sess`:         "<nil>",
		`algorithm=AKAv1-MD5`:            `digest algorithm "AKAv1-MD5" is not supported`,
		`algorithm=-sess`:                `digest algorithm "-sess" is not supported`,
		`algorithm=MD5, qop="auth-conf"`: `digest qop "auth-conf" is not supported`,
		`qop="auth-conf,auth-int"`:       "<nil>",
	} {
		all, _ := ParseChallenges(`Digest realm="r", nonce="n", ` + field)
		if got := fmt.Sprint(all[0].Unsupported()); got != want {
			t.Errorf("%s: %s, want %s", field, got, want)
		}
	}
}

func TestStronger(t *testing.T) {
	order := []string{"MD5", "SHA-256", "SHA-512-256"}
	for i, upper := range order {
		for j, lower := range order {
			if got := (&Challenge{Algorithm: lower + "-sess"}).Stronger(&Challenge{Algorithm: upper}); got != (j > i) {
				t.Errorf("%s below %s: preferred is %t", lower, upper, got)
			}
		}
	}
}

func TestParseCredentials(t *testing.T) {
	for field, want := range map[string]string{
		`digest Username="alice", REALM=r, nonce = "n", uri="sip:x", response="AB", Algorithm="MD5", NC=0000000a, cnonce=c, qop="auth"`: `Digest username="alice", realm="r", nonce="n", uri="sip:x", algorithm=MD5, cnonce="c", qop=auth, nc=0000000a, response="AB"`,
		`Digest username*=UTF-8''J%C3%A4s%C3%B8n%20Doe, realm="r", nonce="n", uri="sip:x", response=""`:                                 `Digest username="Jäsøn Doe", realm="r", nonce="n", uri="sip:x", response=""`,
		`Digest username*=latin1''x`:  `username* "latin1''x" is not UTF-8''NAME`,
		`Digest username="a", nc=xyz`: `nc "xyz" is not eight hexadecimal digits`,
		`Basic YWxpY2U6c2VjcmV0`:      `the scheme is not Digest`,
		``:                            `the scheme is not Digest`,
	} {
		c, err := ParseCredentials(field)
		got := fmt.Sprint(err)
		if err == nil {
			got = c.String()
		}
		if got != want {
			t.Errorf("%s is read as\n %s\nwant\n %s", field, got, want)
		}
	}
}

func TestInfo(t *testing.T) {
	for field, want := range map[string]Info{
		`nextnonce="47364c23432d2e131a5fb210812c"`:                            {NextNonce: "47364c23432d2e131a5fb210812c"}, // RFC 3261 §20.6
		`QOP = "auth", rspauth="x", NextNonce = abc, cnonce="c", nc=0000000a`: {"abc", "auth", "x", "c", 10},
		`rspauth=x, nc=many`: {RspAuth: "x", Count: -1}, `nc=00000000`: {Count: -1}, ``: {},
	} {
		got := ParseInfo(field)
		if got != want {
			t.Errorf("%s: %+v, want %+v", field, got, want)
		}
		if again := ParseInfo(got.String()); got.Count >= 0 && again != got {
			t.Errorf("%s: written as %q", field, got.String())
		}
	}
	if got := (Info{"n2", "auth", "x", "c", 1}).String(); got != `qop=auth, rspauth="x", cnonce="c", nc=00000001, nextnonce="n2"` {
		t.Error(got)
	}
}

// TestConfirm has what shows that a server knows the password, computed by another
// program (RFC 7616 §3.5), and what does not.
func TestConfirm(t *testing.T) {
	for qop, proofs := range map[string][3]string{
		"":         {"74333d88b480a3a21e699a29e85d1428", "79e2ddb8cdec8d5b3740bf2b6a8d5786bd79d6676aa982f0b0bc64ba575466c7", "e2a59b0900ffab36b62f0924ebb0b46d"},
		"auth":     {"6981775a2d1be4a7e92b890fe820369d", "05884ba68c0232f56edc8c020bd367cd4ad4e6df57837743585c55d802d89a05", "ca3295ca5d5a6384745f035ca72c7ef6"},
		"auth-int": {"6f23b6f4ac4d262f216dd25b4d2cb68d", "37a9d63d6232a1e37fdd0b6fdc0e6f76a0fd2a73bcc8c8e11022e2583587f325", "43bbd2ef14354d698e254ad45338cff3"},
	} {
		for i, algorithm := range []string{"MD5", "SHA-256", "MD5-sess"} {
			cred := Credentials{Username: "alice", Realm: "lab.test", Nonce: "n0nce", URI: "sip:lab.test", Algorithm: algorithm, QOP: qop, Cnonce: "c0nce", Count: 2}
			info := cred.Confirm("alice", "secret", "first", []byte("v=0\r\n"))
			if info.RspAuth != proofs[i] {
				t.Errorf("%s, qop %q: %s, want %s", algorithm, qop, info.RspAuth, proofs[i])
			}
			confirms := func(i Info, password, body string) bool {
				return cred.Confirms(i, "alice", password, "first", []byte(body))
			}
			if !confirms(info, "secret", "v=0\r\n") || confirms(info, "Secret", "v=0\r\n") {
				t.Errorf("%s, qop %q: by another password, or not by the right one", algorithm, qop)
			}
			if confirms(info, "secret", "v=1\r\n") != (qop != "auth-int") {
				t.Errorf("%s, qop %q: the body", algorithm, qop)
			}
			for name, change := range map[string]func(*Info){
				"another cnonce": func(i *Info) { i.Cnonce = "other" }, "another nc": func(i *Info) { i.Count = 3 }, "no nc": func(i *Info) { i.Count = -1 },
				"another proof": func(i *Info) { i.RspAuth = "0" + i.RspAuth[1:] }, "none": func(i *Info) { i.RspAuth = "" }, "another qop": func(i *Info) { i.QOP = "auth-conf" },
			} {
				other := info
				if change(&other); other != info && confirms(other, "secret", "v=0\r\n") {
					t.Errorf("%s, qop %q: %s is right", algorithm, qop, name)
				}
			}
		}
	}
	cred := Credentials{Realm: "r", Nonce: "n", URI: "u", QOP: "auth-int", Cnonce: "c", Count: 1}
	auth := cred
	auth.QOP = "auth"
	if !cred.Confirms(auth.Confirm("a", "p", "c", nil), "a", "p", "c", nil) {
		t.Error("a server that protects less of its response")
	}
}

func TestSameAlgorithm(t *testing.T) {
	for _, tc := range []struct {
		one, other string
		same       bool
	}{{"", "md5", true}, {"MD5", "MD5-sess", false}, {"sha-256-SESS", "SHA-256-sess", true}, {"SHA-256", "SHA-512-256", false}, {"x", "x", false}} {
		if SameAlgorithm(tc.one, tc.other) != tc.same {
			t.Errorf("%q and %q: want same %t", tc.one, tc.other, tc.same)
		}
	}
	if all := Algorithms(); len(all) != 6 || !slices.Contains(all, "SHA-512-256-sess") {
		t.Errorf("algorithms %q", all)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(`Digest realm="a \"b\"", nonce="n", qop="auth,auth-int", algorithm=SHA-256-sess, Digest realm=x, nonce="m"`)
	f.Add("Digest\r\n Realm=\"r\" ,\tNonce = n")
	f.Add(`Digest username*=UTF-8''x, nc=0000001, response="`)
	f.Fuzz(func(t *testing.T, field string) {
		all, _ := ParseChallenges(field)
		for _, c := range all {
			again, err := ParseChallenges(c.String())
			if strings.ContainsAny(c.String(), "\r\n") {
				t.Errorf("%q has a line break", c.String())
			}
			if c.Unsupported() == nil && (err != nil || len(again) != 1 || again[0].Realm != c.Realm || again[0].Nonce != c.Nonce) {
				t.Errorf("%q is read again as %+v, %v", c.String(), again, err)
			}
		}
		if i := ParseInfo(field).String(); strings.ContainsAny(i, "\r\n") {
			t.Errorf("%q has a line break", i)
		}
		if c, err := ParseCredentials(field); err == nil && strings.ContainsAny(c.String(), "\r\n") {
			t.Errorf("%q has a line break", c.String())
		}
	})
}
