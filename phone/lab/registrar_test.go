package lab

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	grammar "github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/sip/digest"
)

const contact = "Contact: <sip:alice@192.168.7.7:1234;transport=tcp>"

func TestRegister(t *testing.T) {
	for _, algorithm := range digest.Algorithms() {
		b := newBench(t, func(c *Config) { c.Algorithms = []string{algorithm} })
		c := b.wire()
		res := c.register("alice", "secret", contact+";expires=120")
		if got := text(res, "Contact"); res.StatusCode != 200 || !strings.Contains(got, "192.168.7.7:1234") || !strings.Contains(got, "expires=120") {
			t.Errorf("%s: %d, Contact %q", algorithm, res.StatusCode, got)
		}
		if via := res.Via(); !strings.Contains(via.Value(), "received=10.0.1.1") || !strings.Contains(via.Value(), "rport=49152") {
			t.Errorf("Via %q does not say where the request came from", via.Value())
		}
	}
}

// TestExpiresAsItIsWritten has the parameter in each way that is legal (RFC 3261
// §7.3.1, §25.1), and in some that are not, which say nothing.
func TestExpiresAsItIsWritten(t *testing.T) {
	for param, want := range map[string]string{
		";expires=120": "120", ";EXPIRES=120": "120", " ; expires = 120": "120", "\t;\tExpires\t=\t120": "120", `;expires="120"`: "120",
		";expires=-1": "3600", ";expires=abc": "3600", ";expires=4294967296": "3600", "": "3600",
	} {
		c := newBench(t, nil).wire()
		res := c.register("alice", "secret", contact+param)
		if got := text(res, "Contact"); res.StatusCode != 200 || !strings.HasSuffix(got, ";expires="+want) {
			t.Errorf("%q: %d, Contact %q, want %s s", param, res.StatusCode, got, want)
		}
	}
}

func TestRegisterRefused(t *testing.T) {
	for _, tc := range []struct {
		name, user, password, contact string
		status                        int
	}{
		{"wrong password", "alice", "wrong", contact, 403},
		{"unknown user", "mallory", "secret", contact, 403},
		{"too brief", "alice", "secret", contact + ";expires=3", 423},
		{"star without zero", "alice", "secret", "Contact: *", 400},
	} {
		b := newBench(t, nil)
		if res := b.wire().register(tc.user, tc.password, tc.contact); res.StatusCode != tc.status {
			t.Errorf("%s: %d, want %d", tc.name, res.StatusCode, tc.status)
		}
		if len(b.lab.sip.Bindings("alice")) != 0 {
			t.Errorf("%s: bound all the same", tc.name)
		}
	}
}

func TestRegisterForSomebodyElse(t *testing.T) {
	b := newBench(t, nil)
	c := b.wire()
	res := c.request("REGISTER", "sip:lab.test", "<sip:carol@lab.test>", contact)
	if res = c.request("REGISTER", "sip:lab.test", "<sip:carol@lab.test>", contact, credentials(t, res, "alice", "secret")); res.StatusCode != 403 {
		t.Errorf("alice registered carol: %d", res.StatusCode)
	}
}

// TestExpires holds the registrar to its bounds, and to who may say how long:
// the Contact, then the Expires header field, then the default (RFC 3261
// §10.2.1.1).
func TestExpires(t *testing.T) {
	for _, tc := range []struct {
		contact, header string
		status          int
		granted         string
	}{
		{"", "", 200, "3600"},
		{";expires=120", "", 200, "120"},
		{";EXPIRES=120", "", 200, "120"},
		{" ;\t expires\r\n = 120", "", 200, "120"},
		{`;expires="120"`, "", 200, "120"},
		{"", "Expires: 120", 200, "120"},
		{";expires=120", "Expires: 240", 200, "120"},
		{";expires=soon", "", 200, "3600"},
		{";expires=10", "", 200, "10"},
		{";expires=9", "", 423, ""},
		{"", "Expires: 9", 423, ""},
		{";expires=3600", "", 200, "3600"},
		{";expires=3601", "", 200, "3600"},
	} {
		b := newBench(t, nil)
		more := []string{contact + tc.contact}
		if tc.header != "" {
			more = append(more, tc.header)
		}
		res := b.wire().register("alice", "secret", more...)
		_, granted, _ := strings.Cut(text(res, "Contact"), "expires=")
		if res.StatusCode != tc.status || granted != tc.granted {
			t.Errorf("%q %q: %d for %q, want %d for %q", tc.contact, tc.header, res.StatusCode, granted, tc.status, tc.granted)
		}
		if tc.status == 423 && text(res, "Min-Expires") != "10" {
			t.Errorf("%q %q: Min-Expires %q", tc.contact, tc.header, text(res, "Min-Expires"))
		}
	}
}

// TestUntidyContact: parameters count in any letters, with white space and in quotes,
// where the lab serves. What is not allowed is said once.
func TestUntidyContact(t *testing.T) {
	b := newBench(t, nil)
	c := b.wire()
	const address = "Contact: <sip:alice@192.168.7.%d:1234;PN-Provider=apns;Pn-Param=T.app;pn-PRID=token>"
	for i, params := range []string{
		`;+sip.instance="<urn:uuid:0>";reg-id=1`, ` ; +SIP.Instance = "<urn:uuid:0>" ; REG-ID = 1`, `;+sip.instance="<urn:uuid:0>";reg-id="1"`, `;+sip.instance="<urn:uuid:0>";reg-id="1"`,
	} {
		if res := c.register("alice", "secret", fmt.Sprintf(address, i)+params, "k: path, outbound"); res.StatusCode != 200 || text(res, "Require") != "outbound" {
			t.Errorf("%q: %d %q", params, res.StatusCode, text(res, "Require"))
		}
		all := b.lab.sip.Bindings("alice")
		if len(all) != 1 || all[0].Contact.Host != fmt.Sprintf("192.168.7.%d", i) {
			t.Errorf("%q: bound %v", params, all)
		}
	}
	said := 0
	for _, r := range b.log.After(0) {
		if w, ok := r.Event.(event.Warning); ok && w.Rule == event.RuleUntidyMessage && strings.HasPrefix(w.Note, "REGISTER from 10.0.1.1:49152: Contact: a parameter that is") {
			said++
		}
	}
	if said != 1 {
		t.Errorf("said %d times that there are quotes", said)
	}
}

// TestContactsThatCannotBe refuses all of a REGISTER for one Contact in it.
func TestContactsThatCannotBe(t *testing.T) {
	const other = "Contact: <sip:alice@192.168.7.8:1234>"
	for _, more := range [][]string{
		{"Contact: *"},
		{"Contact: *", "Expires: 60"},
		{"Contact: *", contact, "Expires: 0"},
		{"Contact: *", "Expires: soon"},
		{"Contact: *", "Expires: 0", "Expires: 60"},
		{"Contact: *", "Expires: 60", "Expires: 0"},
		{"Contact: *, *", "Expires: 0"},
		{"Contact: *", "Contact: *", "Expires: 0"},
		{"Contact: <*>", "Expires: 0"},
		{"m: <*>;expires=0", "Expires: 0"},
		{`Contact: "all" <*>`, "Expires: 0"},
		{"Contact: *;expires=0", "Expires: 0"},
		{"Contact: *, " + strings.TrimPrefix(contact, "Contact: "), "Expires: 0"},
		{contact, "Contact: *", "Expires: 0"},
		{other, contact + ";expires=3"},
		{other, "Contact: <sip:>"},
	} {
		b := newBench(t, nil)
		c := b.wire()
		c.register("alice", "secret", contact)
		if res := c.register("alice", "secret", more...); res.StatusCode < 400 {
			t.Errorf("%q: %d", more, res.StatusCode)
		}
		if all := b.lab.sip.Bindings("alice"); len(all) != 1 || all[0].Contact.Host != "192.168.7.7" {
			t.Errorf("%q: something was done all the same", more)
		}
	}
}

// TestRegisterOutOfOrder sends a REGISTER again that is older than the one that
// made the binding (RFC 3261 §10.3 steps 6 and 7).
func TestRegisterOutOfOrder(t *testing.T) {
	for _, tc := range []struct {
		name string
		back int // how much lower the CSeq is than the next would be
		call string
		more []string
		left int
	}{
		{"the next one", 0, "one@", []string{contact + ";expires=0"}, 0},
		{"the same CSeq", 1, "one@", []string{contact + ";expires=0"}, 1},
		{"a lower one", 2, "one@", []string{contact + ";expires=0"}, 1},
		{"a lower one of another call", 2, "two@", []string{contact + ";expires=0"}, 0},
		{"all contacts, the next", 0, "one@", []string{"Contact: *", "Expires: 0"}, 0},
		{"all contacts, the same CSeq", 1, "one@", []string{"Contact: *", "Expires: 0"}, 1},
		{"all contacts, of another call", 1, "two@", []string{"Contact: *", "Expires: 0"}, 0},
		{"another contact", 1, "one@", []string{"Contact: <sip:alice@10.1.1.1:1>"}, 2},
		{"a refresh, the same CSeq", 1, "one@", []string{contact + ";expires=90"}, 1},
	} {
		b := newBench(t, nil)
		c := b.wire()
		c.register("alice", "secret", contact)
		chal := c.request("REGISTER", "sip:lab.test", "<sip:alice@lab.test>", contact)
		c.register("alice", "secret", contact)
		c.cseq -= tc.back - 1
		more := append(tc.more, answerTo(t, chal).header())
		branch := strings.NewReplacer("z9hG4bKb", "z9hG4bKagain", "one@", tc.call)
		n := len(c.resps)
		c.send(branch.Replace(c.text("REGISTER", "sip:lab.test", "<sip:alice@lab.test>", more...)))
		status := c.resps[n].StatusCode
		if refused := tc.back > 0 && tc.left == 1; refused != (status == 500) || !refused && status != 200 {
			t.Errorf("%s: %d", tc.name, status)
		}
		if all := b.lab.sip.Bindings("alice"); len(all) != tc.left || tc.left == 1 && all[0].Expires.Sub(b.w.Now()) < time.Minute*59 {
			t.Errorf("%s: %d bindings left, want %d as they were", tc.name, len(all), tc.left)
		}
	}
}

func TestRegisterAtAnotherDomain(t *testing.T) {
	c := newBench(t, nil).wire()
	if res := c.request("REGISTER", "sip:lab.test", "<sip:alice@elsewhere.test>", contact); res.StatusCode != 404 {
		t.Errorf("%d for an address of record of another domain", res.StatusCode)
	}
}

func TestUnregister(t *testing.T) {
	for _, how := range [][]string{{contact + ";expires=0"}, {contact, "Expires: 0"}, {"Contact: *", "Expires: 0"}, {"m : \t*", "expires:00"}} {
		b := newBench(t, nil)
		c := b.wire()
		c.register("alice", "secret", contact)
		if n := len(b.lab.sip.Bindings("alice")); n != 1 {
			t.Fatalf("%d bindings", n)
		}
		res := c.register("alice", "secret", how...)
		if res.StatusCode != 200 || len(b.lab.sip.Bindings("alice")) != 0 || text(res, "Contact") != "" {
			t.Errorf("%q: %d, %d bindings left", how, res.StatusCode, len(b.lab.sip.Bindings("alice")))
		}
	}
}

func TestRegistrationExpires(t *testing.T) {
	b := newBench(t, nil)
	c := b.wire()
	c.register("alice", "secret", contact+";expires=60")
	b.run(59 * time.Second)
	if len(b.lab.sip.Bindings("alice")) != 1 {
		t.Error("gone too early")
	}
	b.run(2 * time.Second)
	if len(b.lab.sip.Bindings("alice")) != 0 {
		t.Error("still bound")
	}
}

func TestInstanceReplacesItsOldBinding(t *testing.T) {
	b := newBench(t, nil)
	const instance = `;reg-id=1;+sip.instance="<urn:uuid:1>"`
	b.wire().register("alice", "secret", "Contact: <sip:alice@10.1.1.1:1>"+instance)
	res := b.wire().register("alice", "secret", "Contact: <sip:alice@10.1.1.1:2>"+instance, "Supported: outbound, path")
	if all := b.lab.sip.Bindings("alice"); len(all) != 1 || all[0].Contact.Port != 2 {
		t.Errorf("%d bindings", len(all))
	}
	if text(res, "Require") != "outbound" {
		t.Error("the registrar does not say that it did outbound")
	}
}

func TestBindingsAreBounded(t *testing.T) {
	b := newBench(t, nil)
	c := b.wire()
	var res *grammar.Response
	for i := range maxBindings + 5 {
		res = c.register("alice", "secret", "Contact: <sip:alice@10.1.1.1:"+strings.Repeat("1", 1+i%3)+";n="+string(rune('a'+i))+">;+sip.instance=\"<urn:x:"+string(rune('a'+i))+">\"")
	}
	if res.StatusCode != 403 || res.Reason != "More Than 10 Contacts" {
		t.Errorf("one too many: %s", res)
	}
	if n := len(b.lab.sip.Bindings("alice")); n != maxBindings {
		t.Errorf("%d bindings, the limit is %d", n, maxBindings)
	}
}

// TestRegisterIsAllOrNothing: two contacts for the last place are refused both.
func TestRegisterIsAllOrNothing(t *testing.T) {
	b := newBench(t, nil)
	c := b.wire()
	contact := func(i int) string {
		return fmt.Sprintf("Contact: <sip:alice@10.1.1.1;n=%d>;+sip.instance=\"<urn:x:%d>\"", i, i)
	}
	for i := range maxBindings - 1 {
		c.register("alice", "secret", contact(i))
	}
	res := c.register("alice", "secret", contact(100), contact(101))
	if n := len(b.lab.sip.Bindings("alice")); res.StatusCode != 403 || n != maxBindings-1 {
		t.Errorf("%d, and %d bindings, want 403 and %d", res.StatusCode, n, maxBindings-1)
	}
	if res := c.register("alice", "secret", contact(100)); res.StatusCode != 200 {
		t.Errorf("one for the last place: %d", res.StatusCode)
	}
}

// TestContactsThatAreOne: Contacts of one REGISTER that are about one binding take one place
// (RFC 3261 §10.3 step 7), and the last of them counts.
func TestContactsThatAreOne(t *testing.T) {
	const instance = `;+sip.instance="<urn:x:a>"`
	for name, tc := range map[string]struct {
		uri    string // N is a number
		params string
		binds  int // 0: it is refused
	}{
		"one URI":                {"<sip:alice@10.1.1.1>", "", 1},
		"one instance":           {"<sip:alice@10.1.1.N>", instance, 1},
		"others":                 {"<sip:alice@10.1.1.N>", "", 0},
		"others, by a parameter": {"<sip:alice@10.1.1.1;n=N>", "", 0},
	} {
		b := newBench(t, nil)
		var contacts []string
		for i := range maxBindings + 2 {
			contacts = append(contacts, fmt.Sprintf("Contact: %s%s;expires=%d", strings.Replace(tc.uri, "N", strconv.Itoa(i), 1), tc.params, 600+i))
		}
		res := b.wire().register("alice", "secret", contacts...)
		bound := b.lab.sip.Bindings("alice")
		if len(bound) != tc.binds || (res.StatusCode == 200) != (tc.binds > 0) {
			t.Errorf("%s: %d bindings: %s", name, len(bound), res)
		}
		if tc.binds > 0 && !strings.Contains(text(res, "Contact"), fmt.Sprint(";expires=", 600+maxBindings+1)) {
			t.Errorf("%s: %s", name, res)
		}
	}
}

func TestRegisterRequires(t *testing.T) {
	for require, unsupported := range map[string]string{"outbound": "", "gruu": "gruu", "outbound, gruu, path": "gruu, path"} {
		res := newBench(t, nil).wire().register("alice", "secret", contact, "Require: "+require)
		if got := text(res, "Unsupported"); got != unsupported || (res.StatusCode == 200) != (unsupported == "") {
			t.Errorf("Require: %s: %d, Unsupported %q", require, res.StatusCode, got)
		}
	}
}

// TestContactsAreComparedAsURIs: one that is another URI is another binding (RFC 3261
// §10.3 step 7, §19.1.4).
func TestContactsAreComparedAsURIs(t *testing.T) {
	for _, tc := range []struct {
		one, other string
		want       int
	}{
		{"sip:alice@10.1.1.1", "sip:alice@10.1.1.1", 1},
		{"sip:alice@phone.test", "sip:%61lice@PHONE.test", 1},
		{"sip:alice@10.1.1.1", "sip:Alice@10.1.1.1", 2},
		{"sip:alice@10.1.1.1", "sip:alice@10.1.1.1:5060", 2},
		{"sip:alice@10.1.1.1;transport=tcp", "sip:alice@10.1.1.1;Transport=TCP", 1},
		{"sip:alice@10.1.1.1;transport=tcp", "sip:alice@10.1.1.1;transport=udp", 2},
		{"sip:alice@10.1.1.1;transport=tcp", "sip:alice@10.1.1.1", 2},
		{"sip:alice@10.1.1.1;line=1", "sip:alice@10.1.1.1", 1},
		{"sip:alice@10.1.1.1;line=1", "sip:alice@10.1.1.1;line=2", 2},
		{"sip:alice@10.1.1.1;pn-provider=apns;pn-param=T.app;pn-prid=old", "sip:alice@10.1.1.1;pn-provider=apns;pn-param=T.app;pn-prid=new", 1},
		{"sip:alice@10.1.1.1", "sips:alice@10.1.1.1", 2},
	} {
		b := newBench(t, nil)
		c := b.wire()
		c.register("alice", "secret", "Contact: <"+tc.one+">")
		c.register("alice", "secret", "Contact: <"+tc.other+">")
		if n := len(b.lab.sip.Bindings("alice")); n != tc.want {
			t.Errorf("%s and %s: %d bindings, want %d", tc.one, tc.other, n, tc.want)
		}
		c.register("alice", "secret", "Contact: <"+tc.one+">;expires=0")
		if n := len(b.lab.sip.Bindings("alice")); n != tc.want-1 {
			t.Errorf("%s and %s: %d bindings are left when the first is removed, want %d", tc.one, tc.other, n, tc.want-1)
		}
	}
}
