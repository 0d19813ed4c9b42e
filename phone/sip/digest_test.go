package sip

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/sip/digest"
)

// credentialsOf are those of the last request of a method, by "FIELD realm".
func (r *rig) credentialsOf(method string) map[string]*digest.Credentials {
	all := map[string]*digest.Credentials{}
	for _, fields := range challengeFields {
		for _, h := range r.sent[method].GetHeaders(fields.answers) {
			c, err := digest.ParseCredentials(h.Value())
			if err != nil {
				r.t.Fatal(err)
			}
			all[fields.answers+" "+c.Realm] = c
		}
	}
	return all
}

// TestDigest answers challenges and looks at the credentials: which challenge was
// taken, and that the password makes them.
func TestDigest(t *testing.T) {
	const d = `WWW-Authenticate: Digest realm="r", nonce="n", `
	for name, tc := range map[string]struct{ challenges, want string }{
		"MD5":                     {d + `qop="auth", opaque="o", algorithm=MD5`, `algorithm=MD5, cnonce, opaque="o", qop=auth`},
		"no algorithm":            {d + `qop="auth"`, `cnonce, qop=auth`},
		"SHA-256":                 {d + `qop="auth-int, auth", algorithm=SHA-256`, `algorithm=SHA-256, cnonce, qop=auth`},
		"SHA-512-256-sess":        {d + `qop="auth", algorithm=SHA-512-256-sess`, `algorithm=SHA-512-256-sess, cnonce, qop=auth`},
		"RFC 2069":                {d + `algorithm=MD5`, `algorithm=MD5`},
		"auth-int":                {d + `qop="auth-int"`, `cnonce, qop=auth-int`},
		"strongest last":          {d + `qop="auth", algorithm=MD5 | ` + d + `qop="auth", algorithm=SHA-256`, `algorithm=SHA-256, cnonce, qop=auth`},
		"strongest first":         {d + `qop="auth", algorithm=SHA-256 | ` + d + `qop="auth", algorithm=MD5`, `algorithm=SHA-256, cnonce, qop=auth`},
		"topmost of equals":       {d + `opaque="1" | ` + d + `opaque="2"`, `opaque="1"`},
		"unknown beside known":    {d + `algorithm=AKAv1-MD5 | ` + d + `qop="auth-conf" | ` + d + `algorithm=MD5`, `algorithm=MD5`},
		"two in one header field": {d + `algorithm=AKAv1-MD5, Digest realm="r", nonce="n", algorithm=MD5`, `algorithm=MD5`},
		"another scheme":          {`WWW-Authenticate: Basic realm="r" | ` + d + `algorithm=MD5`, `algorithm=MD5`},
		"untidy":                  {"WWW-Authenticate: DIGEST Realm = \"r\" ,NONCE=\"n\",\tQop=\"AUTH\",Algorithm=\"sha-256\"", `algorithm=sha-256, cnonce, qop=auth`},
		"userhash":                {d + `qop="auth", userhash=true`, `cnonce, qop=auth, userhash=true`},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, Config{})
			r.plays("register", "connected", "respond REGISTER 401 "+tc.challenges)
			req := r.sent["REGISTER"].(*sip.Request)
			c := r.credentialsOf("REGISTER")["Authorization r"]
			if c == nil {
				t.Fatal("no credentials")
			}
			if c.URI != req.Recipient.String() || !c.Proves("alice", "secret", c.Cnonce, digest.Message{Method: "REGISTER"}) {
				t.Errorf("%s is not what the password gives", c)
			}
			if strings.Contains(r.raw["REGISTER"], c.Response) || strings.Contains(r.raw["REGISTER"], `nonce="n"`) {
				t.Error("the log has the credentials")
			}
			user := `username="alice"`
			if c.UserHash {
				user = fmt.Sprintf(`username="%s"`, digest.UserHash("MD5", "alice", "r"))
			}
			if c.Cnonce != "" {
				tc.want = strings.Replace(tc.want, "cnonce", `cnonce="`+c.Cnonce+`"`, 1)
				tc.want = strings.Replace(tc.want, "qop=auth-int", "qop=auth-int, nc=00000001", 1)
				tc.want = strings.Replace(tc.want, "qop=auth,", "qop=auth, nc=00000001,", 1)
				if strings.HasSuffix(tc.want, "qop=auth") {
					tc.want += ", nc=00000001"
				}
			}
			want := strings.Replace(fmt.Sprintf(`Digest %s, realm="r", nonce="n", uri="sip:example.com", %s, response="%s"`, user, tc.want, c.Response), ", , ", ", ", 1)
			if c.String() != want {
				t.Errorf("sent\n %s\nwant\n %s", c, want)
			}
		})
	}
}

// TestDigestOfABody changes the body of an INVITE that was protected.
func TestDigestOfABody(t *testing.T) {
	r := newRig(t, Config{})
	r.plays("register", "connected", "respond REGISTER 200 Contact: CONTACT;expires=60", "invite bob",
		`respond INVITE 407 Proxy-Authenticate: Digest realm="r", nonce="n", qop="auth-int"`)
	c := r.credentialsOf("INVITE")["Proxy-Authorization r"]
	if !c.Proves("alice", "secret", c.Cnonce, digest.Message{Method: "INVITE", Body: []byte(testSDP)}) {
		t.Errorf("%s is not of the body", c)
	}
	if c.Proves("alice", "secret", c.Cnonce, digest.Message{Method: "INVITE", Body: []byte(testSDP + "a")}) {
		t.Error("the body is not protected")
	}
}

// TestSeveralRealms answers all that ask, in one response or one after the other
// (RFC 3261 §22.3).
func TestSeveralRealms(t *testing.T) {
	const (
		registrar = `WWW-Authenticate: Digest realm="home", nonce="1"`
		one       = `Proxy-Authenticate: Digest realm="one", nonce="2"`
		two       = `Proxy-Authenticate: Digest realm="two", nonce="3", qop="auth"`
		foreign   = `Proxy-Authenticate: Digest realm="other", nonce="4", algorithm=X`
	)
	for name, responses := range map[string][]string{
		"407 of two proxies":         {"407 " + one + " | " + two + " | " + registrar},
		"401 and 407 in a 401":       {"401 " + registrar + " | " + one + " | " + two},
		"one after the other":        {"401 " + registrar, "407 " + one, "407 " + two},
		"one that nobody can answer": {"401 " + foreign + " | " + registrar, "407 " + one + " | " + two + " | " + foreign},
	} {
		r := newRig(t, Config{})
		r.plays("register", "connected")
		for _, response := range responses {
			r.plays("respond REGISTER " + response)
		}
		all := r.credentialsOf("REGISTER")
		for _, realm := range []string{"Authorization home", "Proxy-Authorization one", "Proxy-Authorization two"} {
			if c := all[realm]; c == nil || !c.Proves("alice", "secret", c.Cnonce, digest.Message{Method: "REGISTER"}) {
				t.Errorf("%s: %s has %v", name, realm, c)
			}
		}
		if len(all) != 3 {
			t.Errorf("%s: %d credentials", name, len(all))
		}
	}
}

// TestNonces looks at what becomes of a nonce with the REGISTERs that follow.
func TestNonces(t *testing.T) {
	const auth = `respond REGISTER 401 WWW-Authenticate: Digest realm="r", nonce="n1", qop="auth"`
	ok := func(info string) string {
		return "respond REGISTER 200 Contact: CONTACT;expires=60 | Authentication-Info: " + info
	}
	for name, tc := range map[string]struct {
		script []string
		want   []string // "nonce nc", of each REGISTER with credentials
	}{
		"counted":                   {[]string{auth, ok(`qop=auth`), "register", ok(`qop=auth`), "register"}, []string{"n1 1", "n1 2", "n1 3"}},
		"the next is named":         {[]string{auth, ok(`nextnonce="n2"`), "register", ok(`NextNonce=n3`), "register"}, []string{"n1 1", "n2 1", "n3 1"}},
		"the next is that of now":   {[]string{auth, ok(`nextnonce="n1"`), "register"}, []string{"n1 1", "n1 2"}},
		"the next of somebody else": {[]string{auth, ok(`nextnonce="n2", rspauth="0123456789abcdef0123456789abcdef"`), "register"}, []string{"n1 1", "n1 2"}},
		"stale": {
			[]string{auth, ok(`qop=auth`), "register", strings.Replace(auth, "n1", "n2", 1) + ", stale=TRUE"},
			[]string{"n1 1", "n1 2", "n2 1"},
		},
		"stale, but in vain": {
			[]string{auth, strings.Replace(auth, "n1", "n2", 1) + ", stale=true", strings.Replace(auth, "n1", "n3", 1)},
			[]string{"n1 1", "n2 1"},
		},
		"a session keeps its own": {
			[]string{auth + ", algorithm=MD5-sess", ok(`nextnonce="n2"`), "register"}, []string{"n1 1", "n1 2"},
		},
	} {
		r := newRig(t, Config{})
		r.plays("register", "connected")
		var got, cnonces []string
		before := r.sent["REGISTER"]
		for _, line := range tc.script {
			r.plays(line)
			if r.sent["REGISTER"] == before {
				continue
			}
			before = r.sent["REGISTER"]
			c := r.credentialsOf("REGISTER")["Authorization r"]
			got, cnonces = append(got, fmt.Sprintf("%s %d", c.Nonce, c.Count)), append(cnonces, c.Cnonce)
			if !c.Proves("alice", "secret", cnonces[0], digest.Message{Method: "REGISTER"}) && !c.Proves("alice", "secret", c.Cnonce, digest.Message{Method: "REGISTER"}) {
				t.Errorf("%s: %s is not what the password gives", name, c)
			}
		}
		if !slices.Equal(got, tc.want) {
			t.Errorf("%s: used %q, want %q", name, got, tc.want)
		}
		if same := cnonces[0] == cnonces[len(cnonces)-1]; same != strings.Contains(tc.script[0], "-sess") {
			t.Errorf("%s: cnonces %q", name, cnonces)
		}
	}
}
