package sip

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// A listener keeps what an agent's log says: of a registration and a subscription, of what
// is odd, and how many messages of each method are sent.
type listener struct {
	last     event.Registration
	warnings []event.Rule
	notes    []string
	waits    int
	sent     map[string]int
	phase    event.SubscriptionPhase // the last, of a subscription or a publication
	life     time.Duration           // that it was granted
}

func (l *listener) listen(r *rig) {
	l.sent = map[string]int{}
	r.seen = func(out control.Output, _ int) {
		for _, effect := range out.Effects {
			log, _ := effect.(system.Log)
			switch e := log.Event.(type) {
			case event.Registration:
				l.last = e
			case event.Warning:
				l.warnings, l.notes = append(l.warnings, e.Rule), append(l.notes, e.Note)
			case event.Subscription:
				l.phase, l.life = e.Phase, e.Expires.D()
			case event.Publication:
				l.phase, l.life = e.Phase, e.Expires.D()
			case event.Recovery:
				l.waits++
			case event.Message:
				if e.Out {
					l.sent[e.Method]++
				}
			}
		}
	}
}

const instance = `;+sip.instance="<urn:uuid:00000000-0000-1000-8000-000a95a0e128>"`

// TestGrants looks at the time that is believed of a 200 to a REGISTER that asked
// for an hour, and at what is said of it. Contacts of ours are CONTACT.
func TestGrants(t *testing.T) {
	const (
		carol   = "Contact: <sip:alice@192.0.2.77:5060;transport=tcp>"
		rewrote = "Contact: <sip:alice@203.0.113.9:61234;transport=tcp>"
		other   = `;+sip.instance="<urn:uuid:11111111-0000-1000-8000-000a95a0e128>"`
	)
	none := []event.Rule(nil)
	notOurs, odd := []event.Rule{event.RuleContactNotOurs}, []event.Rule{event.RuleOddExpiry}
	brief := []event.Rule{event.RuleShortExpires}
	for name, tc := range map[string]struct {
		fields string
		want   time.Duration
		warns  []event.Rule
	}{
		"as it should be":                     {"Contact: CONTACT;expires=300", 300 * time.Second, none},
		"in capitals":                         {"Contact: CONTACT;EXPIRES=300", 300 * time.Second, none},
		"quoted":                              {`Contact: CONTACT;expires="300"`, 300 * time.Second, []event.Rule{event.RuleUntidyMessage}},
		"with q":                              {"Contact: CONTACT;q=0.5;expires=300", 300 * time.Second, none},
		"in Expires":                          {"Contact: CONTACT | Expires: 300", 300 * time.Second, none},
		"in both":                             {"Contact: CONTACT;expires=300 | Expires: 60", 300 * time.Second, none},
		"nowhere":                             {"Contact: CONTACT", time.Hour, none},
		"for years":                           {"Contact: CONTACT;expires=4294967295", time.Hour, odd},
		"as much as was asked for":            {"Contact: CONTACT;expires=3600", time.Hour, none},
		"a second more than was asked for":    {"Contact: CONTACT;expires=3601", time.Hour, odd},
		"more in Expires":                     {"Contact: CONTACT | Expires: 7200", time.Hour, odd},
		"twice":                               {"Contact: CONTACT;expires=300 | Contact: CONTACT;expires=300", 300 * time.Second, none},
		"twice, for two times":                {"Contact: CONTACT;expires=100 | Contact: CONTACT;expires=500", 100 * time.Second, odd},
		"for three times":                     {"Contact: CONTACT;expires=500 | Contact: CONTACT;expires=100, CONTACT;expires=300", 100 * time.Second, odd},
		"once with a time":                    {"Contact: CONTACT | Contact: CONTACT;expires=300", 300 * time.Second, odd},
		"others beside":                       {carol + ";expires=60 | Contact: CONTACT;expires=300 | " + rewrote + ";expires=30", 300 * time.Second, none},
		"with an escaped user":                {carol + ";expires=60 | Contact: <sip:%61lice@192.0.2.1:49152;transport=tcp>;expires=300", 300 * time.Second, none},
		"without our parameters":              {carol + ";expires=60 | Contact: <sip:alice@192.0.2.1:49152>;expires=300", 300 * time.Second, none},
		"others in one field":                 {carol + ";expires=60, CONTACT;expires=300", 300 * time.Second, none},
		"others, and Expires":                 {carol + ";expires=60 | Contact: CONTACT | Expires: 300", 300 * time.Second, none},
		"rewritten, with the instance":        {carol + ";expires=60 | " + rewrote + ";expires=300" + instance, 300 * time.Second, none},
		"rewritten, the instance in capitals": {rewrote + ";expires=300" + strings.ToUpper(instance), 300 * time.Second, none},
		"our address at another device":       {"Contact: CONTACT;expires=60" + other + " | " + rewrote + ";expires=300" + instance, 300 * time.Second, none},
		"another flow of ours":                {rewrote + ";expires=60;reg-id=2" + instance + " | Contact: <sip:alice@203.0.113.9:5;transport=tcp>;expires=300;reg-id=1" + instance, 300 * time.Second, none},
		"rewritten":                           {rewrote + ";expires=300", 300 * time.Second, notOurs},
		"rewritten to IPv6":                   {"Contact: <sip:alice@[2001:db8::9]:61234;transport=tcp>;expires=300", 300 * time.Second, notOurs},
		"rewritten to sips":                   {"Contact: <sips:alice@203.0.113.9:61234>;expires=300", 300 * time.Second, notOurs},
		"rewritten to another user":           {"Contact: <sip:gruu-1@192.0.2.1:49152;transport=tcp>;expires=300", 300 * time.Second, notOurs},
		"rewritten, without a time":           {rewrote + " | Expires: 300", 300 * time.Second, notOurs},
		"none ours: the shortest":             {carol + ";expires=3000 | " + rewrote + ";expires=300 | Contact: <sip:x@192.0.2.3>", 300 * time.Second, notOurs},
		"none ours: a removed one":            {carol + ";expires=0 | " + rewrote + ";expires=300", 300 * time.Second, notOurs},
		"empty":                               {"Contact: CONTACT;expires=", time.Hour, odd},
		"empty, and Expires":                  {"Contact: CONTACT;expires= | Expires: 300", 300 * time.Second, odd},
		"an empty Expires":                    {"Contact: CONTACT | Expires: ", time.Hour, odd},
		"negative":                            {"Contact: CONTACT;expires=-1", time.Hour, odd},
		"a word":                              {"Contact: CONTACT;expires=abc", time.Hour, odd},
		"a word, and Expires":                 {"Contact: CONTACT;expires=abc | Expires: 300", 300 * time.Second, odd},
		"a fraction":                          {"Contact: CONTACT;expires=300.5", 300 * time.Second, odd},
		"a fraction in Expires":               {"Contact: CONTACT | Expires: 300.5", 300 * time.Second, odd},
		"with a comment":                      {"Contact: CONTACT;expires=300(five minutes)", 300 * time.Second, []event.Rule{event.RuleUntidyMessage, event.RuleOddExpiry}},
		"with a comment, in Expires":          {"Contact: CONTACT | Expires: 300 (five minutes)", 300 * time.Second, odd},
		"with a comment, in Expires twice":    {"Contact: CONTACT;expires=abc | Expires: 300 (five minutes)", 300 * time.Second, odd},
		"a fraction, and Expires":             {"Contact: CONTACT;expires=300.5 | Expires: 60", 300 * time.Second, odd},
		"none ours: the shortest, a fraction": {carol + ";expires=3000 | " + rewrote + ";expires=300.5", 300 * time.Second, append(slices.Clone(notOurs), odd...)},
		"2^32 and more":                       {"Contact: CONTACT;expires=4294967296 s", time.Hour, []event.Rule{event.RuleUntidyMessage, event.RuleOddExpiry}},
		"a second":                            {"Contact: CONTACT;expires=1", time.Second, brief},
		"two seconds":                         {"Contact: CONTACT;expires=2", 2 * time.Second, brief},
		"three seconds":                       {"Contact: CONTACT;expires=3", 3 * time.Second, none},
		"2^32":                                {"Contact: CONTACT;expires=4294967296", time.Hour, odd},
		"10^20":                               {"Contact: CONTACT;expires=100000000000000000000", time.Hour, odd},
		"nonsense in Expires":                 {"Contact: CONTACT | Expires: soon", time.Hour, odd},
		"nonsense in Expires, but a time":     {"Contact: CONTACT;expires=300 | Expires: soon", 300 * time.Second, none},
		"nonsense of another":                 {carol + ";expires=-1 | Contact: CONTACT;expires=300", 300 * time.Second, none},
		"rewritten nonsense":                  {rewrote + ";expires=-1", time.Hour, append(slices.Clone(notOurs), odd...)},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, Config{Outbound: true})
			var heard listener
			heard.listen(r)
			r.plays("register", "connected", "respond REGISTER 200 "+tc.fields)
			if got := r.a.reg.expiresAt.Sub(r.now); heard.last.Phase != event.RegistrationActive || got != tc.want || heard.last.Expires != event.Seconds(tc.want) {
				t.Errorf("%s: %s for %s, want %s", tc.fields, heard.last.Phase, got, tc.want)
			}
			if !slices.Equal(heard.warnings, tc.warns) {
				t.Errorf("%s: warnings %q, want %q", tc.fields, heard.notes, tc.warns)
			}
			r.plays("register", "respond REGISTER 200 "+tc.fields)
			if len(heard.warnings) != len(tc.warns) {
				t.Errorf("%s: said again at the refresh: %q", tc.fields, heard.notes)
			}
		})
	}
}

// TestOddGrantOfNothing: what is odd of a 200 that binds nothing is named, too.
func TestOddGrantOfNothing(t *testing.T) {
	for _, fields := range []string{"Contact: CONTACT;expires=0x10", "Contact: CONTACT | Expires: 0x10"} {
		r := newRig(t, Config{})
		var heard listener
		heard.listen(r)
		r.plays("register", "connected", "respond REGISTER 200 "+fields)
		if heard.last.Rule != event.RuleNotBound || !slices.Equal(heard.warnings, []event.Rule{event.RuleOddExpiry}) {
			t.Errorf("%s: %+v, %q", fields, heard.last, heard.notes)
		}
	}
}

// TestBriefGrants: what is granted for a second or two is refreshed in time as long as the
// budget lasts. From then on it is said that it is over, when it is, and why. Two seconds
// are enough where an answer takes no time, three are everywhere.
func TestBriefGrants(t *testing.T) {
	for seconds, wantLost := range map[int]bool{1: true, 2: false, 3: false} {
		r := newRig(t, Config{})
		var heard listener
		heard.listen(r)
		r.plays("register", "connected")
		granted, lost := 0, []event.Registration(nil)
		var answered sip.Message
		until, expires := r.now.Add(5*time.Minute), r.now
		for seen := heard.last; r.now.Before(until); r.plays("advance 100ms") {
			if e := heard.last; e.Phase == event.RegistrationLost && e.Phase != seen.Phase {
				lost = append(lost, e)
				if late := r.now.Sub(expires); late < 0 || late >= 100*time.Millisecond {
					t.Errorf("%d s: lost %s after the end", seconds, late)
				}
			}
			seen = heard.last
			if r.sent["REGISTER"] != answered {
				answered = r.sent["REGISTER"]
				granted++
				expires = r.now.Add(time.Duration(seconds) * time.Second)
				r.plays(fmt.Sprintf("respond REGISTER 200 Contact: CONTACT;expires=%d", seconds))
				seen = heard.last
			}
		}
		if granted > 30+5*60/2+1 || (len(lost) > 0) != wantLost {
			t.Errorf("%d s: registered %d times, and lost that %d times", seconds, granted, len(lost))
		}
		for _, e := range lost {
			if !strings.Contains(e.Reason, "every 2 s at most") || strings.Contains(e.Hint, "the app") || e.Rule != event.RuleShortExpires {
				t.Fatalf("%d s: %+v", seconds, e)
			}
		}
	}
}

// TestNotBound has 200s to a REGISTER that bind nothing: they are failures, which
// are tried again.
func TestNotBound(t *testing.T) {
	ours := sip.NewHeader("Contact", "<sip:alice@192.0.2.1:49152;transport=tcp>;expires=300")
	for name, tc := range map[string]struct {
		change func(res *sip.Response)
		reason string
	}{
		"no Contact": {func(res *sip.Response) { res.RemoveHeader("Contact") }, "no Contact"},
		"no Contact, Expires": {func(res *sip.Response) {
			res.ReplaceHeader(sip.NewHeader("Expires", "300"))
			res.RemoveHeader("Contact")
		}, "no Contact"},
		"a star": {func(res *sip.Response) { res.ReplaceHeader(sip.NewHeader("Contact", "*")) }, "no Contact"},
		"no time": {func(res *sip.Response) {
			res.ReplaceHeader(sip.NewHeader("Contact", strings.Replace(ours.Value(), "=300", "=0", 1)))
		}, "granted no time"},
		"another Call-ID":      {func(res *sip.Response) { res.ReplaceHeader(sip.NewHeader("Call-ID", "another")) }, `another Call-ID, "another"`},
		"another CSeq":         {func(res *sip.Response) { res.ReplaceHeader(&sip.CSeqHeader{SeqNo: 99, MethodName: "REGISTER"}) }, `another CSeq, "99"`},
		"another user":         {func(res *sip.Response) { res.To().Address.User = "carol" }, `another address of record, "sip:carol@example.com"`},
		"another domain":       {func(res *sip.Response) { res.To().Address.Host = "example.org" }, `another address of record, "sip:alice@example.org"`},
		"a domain in capitals": {func(res *sip.Response) { res.To().Address.Host = "EXAMPLE.com" }, ""},
	} {
		for _, when := range []string{"at first", "at the refresh"} {
			r := newRig(t, Config{})
			var heard listener
			heard.listen(r)
			r.plays("register", "connected")
			if when == "at the refresh" {
				r.plays("respond REGISTER 200 Contact: CONTACT;expires=300", "advance 150s")
			}
			res := NewResponse(r.sent["REGISTER"].(*sip.Request), 200, "b0b")
			res.AppendHeader(ours)
			tc.change(res)
			res.SetBody(nil)
			r.receive(Encode(res))
			if tc.reason == "" {
				if heard.last.Phase != event.RegistrationActive {
					t.Errorf("%s, %s: %+v", name, when, heard.last)
				}
				continue
			}
			if e := heard.last; e.Phase != event.RegistrationFailed || e.Rule != event.RuleNotBound || !strings.Contains(e.Reason, tc.reason) || e.Hint == "" || r.a.reg.active() {
				t.Errorf("%s, %s: %+v", name, when, e)
			}
			before := r.sent["REGISTER"]
			r.plays("advance 29s")
			if heard.waits != 1 || r.sent["REGISTER"] != before {
				t.Errorf("%s, %s: waits %d times before the next try", name, when, heard.waits)
			}
			r.plays("advance 31s")
			if r.sent["REGISTER"] == before {
				t.Errorf("%s, %s: not tried again", name, when)
			}
		}
	}
}

// TestStillBound: what is left of the account after the removal of a binding is ours unless
// it is of another device or, by its number, of another flow (RFC 5626 §6).
func TestStillBound(t *testing.T) {
	const there = "Contact: <sip:alice@203.0.113.9:61234;transport=tcp>;expires=300"
	for name, tc := range map[string]struct {
		fields   string
		outbound bool
		flow     int
		ours     bool
	}{
		"this flow":                     {there + ";reg-id=1" + instance, true, 1, true},
		"another flow":                  {there + ";reg-id=2" + instance, true, 1, false},
		"another flow at our address":   {"Contact: CONTACT;expires=300;reg-id=2" + instance, true, 1, false},
		"the first, and we the second":  {there + ";reg-id=1" + instance, true, 2, false},
		"of a number, and we have none": {there + ";reg-id=2" + instance, false, 1, true},
		"without a number":              {there + instance, true, 1, true},
		"at our address, of no device":  {"Contact: CONTACT;expires=300;reg-id=2", true, 1, true},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, Config{Outbound: tc.outbound, Flow: control.Flow{Number: tc.flow}})
			var heard listener
			heard.listen(r)
			r.plays("register", "connected", "respond REGISTER 200 "+tc.fields)
			if kept := len(heard.warnings) == 0; kept != tc.ours {
				t.Errorf("taken for ours: %t; %q", kept, heard.notes)
			}
			r.plays("unregister", "respond REGISTER 200 "+tc.fields)
			if removed := heard.last.Phase == event.RegistrationRemoved; removed == tc.ours {
				t.Errorf("removed: %t; %+v", removed, heard.last)
			}
		})
	}
}

// TestGrantOfWhatWasAsked: it is the REGISTER that says what was asked for. What the next
// asks for is another thing.
func TestGrantOfWhatWasAsked(t *testing.T) {
	r := newRig(t, Config{})
	var heard listener
	heard.listen(r)
	r.plays("register", "connected", "respond REGISTER 423 Min-Expires: 7200", "register", "respond REGISTER 200 Contact: CONTACT;expires=7200")
	if heard.last.Expires.D() != 2*time.Hour || len(heard.warnings) != 0 {
		t.Errorf("%+v, %q", heard.last, heard.notes)
	}
}
