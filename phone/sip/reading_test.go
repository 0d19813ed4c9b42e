package sip

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/emiago/sipgo/sip"
)

// optionsWith is an OPTIONS with some of its lines as given.
func optionsWith(lines ...string) string {
	given := strings.Join(lines, "\r\n")
	text := "OPTIONS sip:alice@192.0.2.1 SIP/2.0\r\n"
	for _, line := range []string{
		"Via: SIP/2.0/UDP 192.0.2.9:5060;branch=z9hG4bK1", "Max-Forwards: 70", "From: <sip:bob@b>;tag=f", "To: <sip:alice@a>", "Call-ID: c", "CSeq: 1 OPTIONS",
	} {
		if name, _, _ := strings.Cut(line, ":"); !slices.ContainsFunc(lines, func(line string) bool { return names(line, name) }) {
			text += line + "\r\n"
		}
	}
	return text + given + "\r\n\r\n"
}

func names(line, field string) bool {
	name, _, _ := strings.Cut(line, ":")
	return fieldName(strings.TrimSpace(name)) == field
}

// TestReading has the header fields of the world, and what is understood of them.
// What is legal is read without a word (RFC 3261 §7.3.1, §25.1).
func TestReading(t *testing.T) {
	from := func(m sip.Message) string {
		f := m.From()
		tag, _ := Param(f.Params, "tag")
		return fmt.Sprintf("%s|%s|%s", DisplayName(f.DisplayName), f.Address.String(), tag)
	}
	contacts := func(m sip.Message) string {
		var all []string
		for _, h := range m.GetHeaders("contact") {
			c := h.(*sip.ContactHeader)
			expires, _ := Param(c.Params, "expires")
			instance, _ := Param(c.Params, "+sip.instance")
			all = append(all, fmt.Sprintf("%s|%s|%s|%s", DisplayName(c.DisplayName), c.Address.String(), expires, instance))
		}
		return strings.Join(all, " ")
	}
	via := func(m sip.Message) string {
		var all []string
		for _, h := range m.GetHeaders("via") {
			v := h.(*sip.ViaHeader)
			branch, _ := Param(v.Params, "branch")
			received, _ := Param(v.Params, "received")
			all = append(all, fmt.Sprintf("%s/%s/%s %s %d|%s|%s|%t", v.ProtocolName, v.ProtocolVersion, v.Transport, v.Host, v.Port, branch, received, v.Params.Has("rport")))
		}
		return strings.Join(all, " ")
	}
	for _, test := range []struct {
		name, line string
		read       func(sip.Message) string
		want       string
		untidy     string
	}{
		{"spaces around the signs", "From : <sip:bob@b> ; tag = x", from, "|sip:bob@b|x", ""},
		{"tabs", "From:\t<sip:bob@b>\t;\ttag\t=\tx", from, "|sip:bob@b|x", ""},
		{"folds", "From: \"Bob\"\r\n <sip:bob@b>\r\n\t;tag\r\n  =\r\n x", from, "Bob|sip:bob@b|x", ""},
		{"a name in capitals", "FROM: <sip:bob@b>;TAG=x", from, "|sip:bob@b|x", ""},
		{"the short name", "f: sip:bob@b;Tag=x", from, "|sip:bob@b|x", ""},
		{"the short name in a capital", "F: sip:bob@b;tAg=x", from, "|sip:bob@b|x", ""},
		{"a quoted value", `From: <sip:bob@b>;x="a;tag=no";tag=x`, from, "|sip:bob@b|x", ""},
		{"a quoted pair in a value", `From: <sip:bob@b>;x="a\";tag=no";tag=x`, from, "|sip:bob@b|x", ""},
		{"a quoted tag", `From: <sip:bob@b>;tag="x"`, from, "|sip:bob@b|x", quotedToken},
		{"quoted pairs in a name", `From: "A \"q\" \\ B" <sip:bob@b>;tag=x`, from, `A "q" \ B|sip:bob@b|x`, ""},
		{"a semicolon in a name", `From: "a;tag=no" <sip:bob@b>;tag=x`, from, "a;tag=no|sip:bob@b|x", ""},
		{"a name of tokens", "From: Bob  Smith <sip:bob@b>;tag=x", from, "Bob  Smith|sip:bob@b|x", ""},
		{"a name without quotes", "From: Bell, Alexander <sip:bob@b>;tag=x", from, "Bell, Alexander|sip:bob@b|x", nameUnquoted},
		{"commas that part nothing", `From: "a, <sip:x@y>, b" <sip:bob,tel:1@b> ; x=",sip:a@b,<" ; tag=x`, from, "a, <sip:x@y>, b|sip:bob,tel:1@b|x", ""},
		{"a comma in a name without quotes", "From: Doe, John <sip:bob@b>;tag=x", from, "Doe, John|sip:bob@b|x", nameUnquoted},
		{"no space before the bracket", `From: "Bob"<sip:bob@b>;tag=x`, from, "Bob|sip:bob@b|x", ""},
		{"no brackets after a name", `From: "Bob" sip:bob@b;tag=x`, from, "Bob|sip:bob@b|x", bareAfterName},
		{"an empty parameter", "From: <sip:bob@b>;;tag=x;", from, "|sip:bob@b|x", emptyParameter},
		{"a parameter twice", "From: <sip:bob@b>;tag=x;TAG=y", from, "|sip:bob@b|x", parameterTwice},
		{"no semicolon", "From: <sip:bob@b> tag=x", from, "|sip:bob@b|x", textAfterValue},
		{"no tag", "From: <sip:bob@b>", from, "|sip:bob@b|", noTag},
		{"a telephone number", "From: <tel:+1-201-555-0123;phone-context=a>;tag=x", from, "|tel:+1-201-555-0123;phone-context=a|x", ""},
		{"a scheme in capitals", "From: <SIP:bob@b>;tag=x", from, "|sip:bob@b|x", ""},
		{"a list", `Contact: "A, B" <sip:a@a;x=1,2> ; Expires = 300 , sip:b@b;expires="60"`, contacts, `A, B|sip:a@a;x=1,2|300| |sip:b@b|60|`, quotedToken},
		{"an instance", `m: <sip:a@a>; +SIP.INSTANCE = "<urn:uuid:0>"`, contacts, `|sip:a@a||<urn:uuid:0>`, ""},
		{"everything", "Contact: *", contacts, "|sip:*||", ""},
		{"a Via", "Via: SIP/2.0/TCP h;branch=b", via, "SIP/2.0/TCP h 0|b||false", ""},
		{
			"a Via with spaces", "v:  SIP  / 2.0  / TCP     h : 5070   ;\r\n branch  =   b  ,\r\n SIP  /    2.0   / UDP  192.0.2.1   ; Branch=\r\n c;RPORT;received = 192.0.2.7", via,
			"SIP/2.0/TCP h 5070|b||false SIP/2.0/UDP 192.0.2.1 0|c|192.0.2.7|true", "",
		},
		{"a Via of IPv6", "Via: SIP/2.0/UDP [2001:db8::9]:5070;received=[2001:db8::1];branch=b", via, "SIP/2.0/UDP 2001:db8::9 5070|b|[2001:db8::1]|false", ""},
		{"one without brackets", "Via: SIP/2.0/UDP 2001:db8::9;branch=b", via, "SIP/2.0/UDP 2001:db8::9 0|b||false", bareIPv6},
		{"a CSeq", "CSeq:  7 \t OPTIONS ", func(m sip.Message) string { return m.CSeq().Value() }, "7 OPTIONS", ""},
		{"a folded CSeq", "CSEQ: 7\r\n  OPTIONS", func(m sip.Message) string { return m.CSeq().Value() }, "7 OPTIONS", ""},
		{"a Call-ID", "CALL-id \t:\t x@y ", func(m sip.Message) string { return m.CallID().Value() }, "x@y", ""},
		{"a short name that is not read", "K: path , outbound", func(m sip.Message) string { return strings.Join(Values(m, "supported"), "|") }, "path|outbound", ""},
		{"a line that is none", "this is not", func(m sip.Message) string { return "" }, "", notAField},
		{"two lengths", "l: 0\r\nContent-Length: 0", func(m sip.Message) string { return m.ContentLength().Value() }, "0", fieldTwice},
		{"two events", "Event: presence\r\no: dialog", func(m sip.Message) string { return strings.Join(Values(m, "event"), "|") }, "presence", fieldTwice},
		{"two events, short first", "o: presence\r\nevent: dialog", func(m sip.Message) string { return strings.Join(Values(m, "event"), "|") }, "presence", fieldTwice},
		{"two states", "subscription-state: active\r\nSubscription-State: terminated", func(m sip.Message) string { return strings.Join(Values(m, "subscription-state"), "|") }, "active", fieldTwice},
		{"two of what may be more", "Supported: a\r\nk: b", func(m sip.Message) string { return strings.Join(Values(m, "supported"), "|") }, "a|b", ""},
		{"too many hops", "Max-Forwards: 256\r\nMax-Forwards: 1", func(m sip.Message) string { return m.(*sip.Request).MaxForwards().Value() }, "256", numberTooLarge},
	} {
		m, ok := ParseDatagram([]byte(optionsWith(test.line))).(Message)
		if !ok {
			t.Errorf("%s: %v", test.name, ParseDatagram([]byte(optionsWith(test.line))))
			continue
		}
		if got := test.read(m.SIP); got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
		got := ""
		if len(m.Untidy) > 0 {
			got = m.Untidy[0].Fault
		}
		if got != test.untidy {
			t.Errorf("%s: said %q, want %q", test.name, got, test.untidy)
		}
		again, ok := ParseDatagram(Encode(m.SIP)).(Message)
		if !ok || test.read(again.SIP) != test.want {
			t.Errorf("%s, written and read again: %q", test.name, Encode(m.SIP))
		}
	}
}

// TestReadingRefuses has what nobody can be sure of.
func TestReadingRefuses(t *testing.T) {
	for _, line := range []string{
		`From: "Bob <sip:bob@b>;tag=x`, "From: <sip:bob@b;tag=x", "From: <sip: bob@b>;tag=x", "From: <sip:b\"b@b>", `From: <sip:b@b>;x="y`, "From: ", "From: *",
		"From: <sip:bob@b:70000>;tag=x", `From: B"ob <sip:bob@b>;tag=x`, "From: <sip:bob@b>;" + strings.Repeat("a=b;", 1) + manyParameters(),
		"Via: SIP/2.0 h", "Via: SIP/2.0/UDP", "Via: SIP/2.0/UDP h;;,;,,", "Via: SIP/2.0/UDP h:x", "Via: SIP/2.0/UDP [::1]x:5060", "Via: SIP/2.0/UDP [::1", "Via: SIP/2.0/UDP [1:2]", "Via: SIP/2.0/UDP a b;branch=c", "Via: SI P/2.0/UDP h", "Via: ",
		"CSeq: 1OPTIONS", "CSeq: -1 OPTIONS", "CSeq: 2147483648 OPTIONS", "CSeq: 1 OPTIONS x", "CSeq: 1 INFO", "CSeq: 1", "Call-ID: ",
		"Contact: <sip:a@a>, ", "From: <sip:a@a>;tag=1\r\nFrom: <sip:a@a>;tag=1", "To: <sip:a@a>\r\nt: <sip:a@a>", "Call-ID: a\r\nCall-ID: a", "CSeq: 1 OPTIONS\r\nCSeq: 1 OPTIONS",
		"From: <sip:a@a>, <sip:b@b>;tag=1", "From: sip:a@a,SIP:b@b;tag=1", "From: <sip:a@a>;tag=1, \"B\" <sip:b@b>", "From: sip:a@a, B <sip:b@b>;tag=1", "To: <sip:a@a>;x=\",\",<tel:+1>", "From: \"A\" <sip:a@a>, sips:b@b",
		"Subject: \x07", "Subject: \"a\\\rb\"", "Subject: a\\\x07", "Subject: \"a\\\\\x07\"", "Subject: \"a\" \\\x07",
	} {
		if m, ok := ParseDatagram([]byte(optionsWith(line))).(Message); ok {
			t.Errorf("%q is read as %s", line, m.SIP)
		}
	}
	for _, start := range []string{
		"OPTIONS  sip:a@b SIP/2.0", "OPTIONS sip:a@b  SIP/2.0", "OPTIONS sip:a@b SIP/2.0 ", "OPTIONS <sip:a@b> SIP/2.0", "OPT,IONS sip:a@b SIP/2.0", "OPTIONS * SIP/2.0",
		"OPTIONS sip:a@b SIP/3.0", "OPTIONS sip:a@b?x=y SIP/2.0", "OPTIONS sip:a@b", "options sip:a@b SIP/2.0", "SIP/2.0 0200 OK", "SIP/2.0 20 OK", "SIP/2.0 700 OK", "SIP/3.0 200 OK",
	} {
		text := optionsWith("X: y")
		if m, ok := ParseDatagram([]byte(start + text[strings.Index(text, "\r\n"):])).(Message); ok {
			t.Errorf("%q is read as %s", start, m.SIP)
		}
	}
}

func manyParameters() string {
	var b strings.Builder
	for i := range maxParams {
		fmt.Fprintf(&b, ";p%d", i)
	}
	return b.String()
}

// A version is the same in any letters (RFC 3261 §7.1), a method is not.
func TestReadingStartLine(t *testing.T) {
	text := optionsWith("X: y")
	m, ok := ParseDatagram([]byte("OPTIONS sip:a@b sip/2.0" + text[strings.Index(text, "\r\n"):])).(Message)
	if !ok || m.SIP.(*sip.Request).SipVersion != version {
		t.Errorf("%v", m)
	}
	res, ok := ParseDatagram([]byte("SIP/2.0 200" + text[strings.Index(text, "\r\n"):])).(Message)
	if !ok || len(res.Untidy) == 0 || res.Untidy[0] != (Untidy{"start line", noReason}) {
		t.Errorf("%v", res)
	}
}

// The names of parameters of a URI count in any letters, and it keeps those that it
// came with.
func TestURIParam(t *testing.T) {
	for route, loose := range map[string]bool{"<sip:p;lr>": true, "<sip:p;LR>;x": true, `"P" <sip:p;Lr=on>`: true, "<sip:p>;lr": false, "<sip:p;lr2>": false, "": true} {
		if looseRoute(route) != loose {
			t.Errorf("%s: %t", route, !loose)
		}
	}
	_, uri, _, err := ParseAddress("<sip:p;Transport=TCP;x>")
	if got, ok := URIParams(&uri)("TRANSPORT"); err != nil || !ok || got != "TCP" || uri.String() != "sip:p;Transport=TCP;x" {
		t.Errorf("%q %t, %s", got, ok, uri.String())
	}
	if _, ok := URIParam(&uri, "y"); ok {
		t.Error("there is no y")
	}
}

// TestParseValue has values that are followed by parameters.
func TestParseValue(t *testing.T) {
	for text, want := range map[string]string{
		"SIP ; Cause = 200 ; Text = \"a;b\"": "SIP|200", "Q.850;cause=31": "Q.850|31", `"a;cause=1";cause=2`: `"a;cause=1"|2`, "SIP": "SIP|", "": "|", ";cause=1": "|1", `SIP;cause="x`: "SIP|",
	} {
		value, params := ParseValue(text)
		cause, _ := Param(params, "cause")
		if got := value + "|" + cause; got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}

func TestDisplayName(t *testing.T) {
	if got := DisplayName("a\\\x07b\\\x00"); got != "ab" {
		t.Errorf("control characters are shown: %q", got)
	}
}

// What is untidy is noted once, and not without end.
func TestUntidyIsBounded(t *testing.T) {
	var lines []string
	for _, name := range []string{"Contact", "From", "To", "m"} {
		lines = append(lines, name+`: "x" sip:a@a;;tag="y";tag=z;q= a b`)
	}
	m, ok := ParseDatagram([]byte(optionsWith(lines...))).(Message)
	if !ok || len(m.Untidy) != maxUntidy {
		t.Errorf("%q", m.Untidy)
	}
}

// FuzzReading reads any lines for header fields: what is understood of them is
// written so that it is understood as the same, and without a line too many.
func FuzzReading(f *testing.F) {
	for _, lines := range []string{
		"From: \"A \\\"q\\\" B\" <sip:bob@b> ; TAG =\r\n \"x;y\"", "f: Bell, A <tel:+1-2;x=y>;;tag=a;tag=b", "m: \"A, B\" <sip:a@a>;Expires = \"3\" , sip:b@b; +sip.instance = \"<urn:x y>\"",
		"v:  SIP  / 2.0  / TCP [::1] : 5070 ; Branch = b ,\r\n SIP/2.0/UDP ::1;received=\"x\"", "CSeq: 7\t OPTIONS", "Max-Forwards: 256\r\nl: 0", "no field\r\nX", "To: sip:a@b;tag=\"\\\x07\"",
		"Contact: foo bar\r\nTo: \"A <sip:a@a>;tag=x\r\nf: ;tag=y\x07", "X: \x07\r\nt: <sip:a@a>\r\nTo: b\r\nl: many",
	} {
		f.Add(lines)
	}
	f.Fuzz(func(t *testing.T, lines string) {
		all := strings.Split(lines, "\r\n")
		readTwice(t, optionsWith(all...))
		readTwice(t, responseWith(all...))
	})
}

// readTwice reads a message, if it can be read, writes it, and reads that.
func readTwice(t *testing.T, text string) {
	m, ok := ParseDatagram([]byte(text)).(Message)
	if !ok {
		return
	}
	written := Encode(m.SIP)
	again, ok := ParseDatagram(written).(Message)
	if !ok {
		t.Fatalf("%q is written as %q, which cannot be read", text, written)
	}
	if second := Encode(again.SIP); string(second) != string(written) {
		t.Fatalf("%q is written as %q, and then as %q", text, written, second)
	}
	for _, p := range [][2]sip.HeaderParams{{m.SIP.From().Params, again.SIP.From().Params}, {m.SIP.To().Params, again.SIP.To().Params}} {
		a, _ := Param(p[0], "tag")
		if b, _ := Param(p[1], "tag"); a != b {
			t.Fatalf("%q: the tag %q is read as %q", text, a, b)
		}
	}
}

// A tag is the same with quotes and without.
func TestDialogOfQuotedTags(t *testing.T) {
	for _, remote := range []string{`"x"`, "x"} {
		d := dialog{callID: "c", localTag: "l", remoteTag: remote}
		for _, from := range []string{`"x"`, "x"} {
			m := ParseDatagram([]byte(optionsWith("From: <sip:b@b>;tag="+from, `To: <sip:a@a>;tag="l"`))).(Message)
			if !d.matches(m.SIP.(*sip.Request)) {
				t.Errorf("a request from %s is not in the dialog with %s", from, remote)
			}
		}
	}
}

// Our own display name is written so that it is read as it is.
func TestOwnDisplayName(t *testing.T) {
	r := newRig(t, Config{})
	r.a.cfg.Display = `Al "A" \ B`
	d := dialog{callID: "c", localTag: "l", local: r.a.author.aor, remote: r.a.author.aor, target: r.a.author.aor}
	for _, from := range []string{
		r.a.author.self("t").Value(), r.a.author.inDialog(&d, sip.BYE, 1).From().Value(), r.a.reg.registerRequest().To().Value(),
	} {
		if name, _, _, err := ParseAddress(from); name != r.a.cfg.Display || err != nil {
			t.Errorf("%s is read as %q, %v", from, name, err)
		}
	}
}
