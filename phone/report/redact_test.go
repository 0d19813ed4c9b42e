package report

import (
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/pion/rtcp"

	"github.com/sleeptalk/sleeptalk/phone/diagnose"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/scenario/play"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

var someone = regexp.MustCompile(`(?i)\balice\b|\bbob\b|127\.0\.0\.1|lab\.test`)

// TestRedactAll writes a whole report and looks for names in it.
func TestRedactAll(t *testing.T) {
	r, log := broken(t)
	dir := t.TempDir()
	if err := Folder(Dir{Path: dir}, r, log, FolderOptions{RedactAll: true}); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		b, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if at := someone.FindIndex(b); at != nil {
			t.Errorf("%s has %q", e.Name(), b[max(0, at[0]-40):min(len(b), at[1]+40)])
		}
	}
	if log.After(0)[1].Phone != "bob" || r.Phone != "sip:alice@lab.test" {
		t.Error("the originals were changed")
	}
}

// TestRedactedStart masks a phone's display name, even before a message has it,
// and keeps the phone's kind.
func TestRedactedStart(t *testing.T) {
	log := new(event.Log)
	log.Append(event.Record{Phone: "alice", Event: event.Start{Display: "Alice in the office", Auto: "echo", Settings: []string{"grace=3s"}}})
	got := NewRedactor(log).Log(log).After(0)[0].Event.(event.Start)
	if got.Display != "name1" || got.Auto != "echo" || got.Settings[0] != "grace=3s" {
		t.Errorf("got %+v", got)
	}
}

// TestRedactedMessages checks that masked messages can still be parsed.
func TestRedactedMessages(t *testing.T) {
	_, log := passing(t)
	length := regexp.MustCompile(`Content-Length: (\d+)`)
	calls := make(map[string]bool)
	for _, r := range NewRedactor(log).Log(log).After(0) {
		m, ok := r.Event.(event.Message)
		if !ok {
			continue
		}
		_, body, _ := strings.Cut(m.Raw, "\r\n\r\n")
		if got := length.FindStringSubmatch(m.Raw); got == nil || got[1] != strconv.Itoa(len(body)) {
			t.Errorf("Content-Length %v, and %d bytes follow:\n%s", got, len(body), m.Raw)
		}
		calls[r.Phone+" "+m.Method] = true
	}
	if !calls["user1 INVITE"] || !calls["user2 INVITE"] {
		t.Errorf("the two cannot be told apart: %v", calls)
	}
	masked := NewRedactor(log).Log(log)
	dissect(t, captured(t, masked, nil))
	written(t, func(w io.Writer) error { return Events(w, masked) })
}

// TestRedactedLength: a header ends with its first empty line, whose lines may end with LF alone.
func TestRedactedLength(t *testing.T) {
	for raw, want := range map[string]string{
		"A\r\nl: 9\r\n\r\nab":       "A\r\nl: 2\r\n\r\nab",
		"A\nl: 9\n\nl: 7\r\n\r\nab": "A\nl: 10\n\nl: 7\r\n\r\nab",
		"A\r\nl: 9\n\r\na":          "A\r\nl: 1\n\r\na",
		"A\nl: 9\n":                 "A\nl: 9\n",
	} {
		if got := withLength(raw); got != want {
			t.Errorf("%q: %q, want %q", raw, got, want)
		}
	}
}

func TestRedactText(t *testing.T) {
	m := new(Redactor)
	for _, c := range []struct{ text, want string }{
		{"SIP/2.0 100 Trying", "SIP/2.0 100 Trying"},
		{"To: <sip:100@pbx.example.test:5060>", "To: <sip:user1@host1.invalid:5060>"},
		{"SIP/2.0 100 Trying", "SIP/2.0 100 Trying"},
		{`From: "Bob B." <sip:bob@192.0.2.7>;tag=1`, `From: "name1" <sip:user2@198.18.0.1>;tag=1`},
		{"bob: call carol", "user2: call carol"},
		{"o=- 1 1 IN IP6 2001:db8::5", "o=- 1 1 IN IP6 2001:2::2"},
		{"[2001:db8::5]:5060 and 192.0.2.7:9", "[2001:2::2]:5060 and 198.18.0.1:9"},
		{"09:21:37 and 14:32:06.031", "09:21:37 and 14:32:06.031"},
		{"sleeptalk 1.2.3", "sleeptalk 1.2.3"},
		{"pbx.example.test refused bob", "host1.invalid refused user2"},
		{"", ""},
		{"<message from='eve@example.net/x' to=\"mallory@example.net\">", "<message from='user3@host2.invalid/x' to=\"user4@host2.invalid\">"},
		{"<jid>trent@example.net/x</jid> of example.net", "<jid>user5@host2.invalid/x</jid> of host2.invalid"},
		{"<stream:stream from='example.org'>", "<stream:stream from='host3.invalid'>"},
		{"<nick xmlns='http://jabber.org/protocol/nick'>Eve E.</nick>", "<nick xmlns='http://jabber.org/protocol/nick'>name2</nick>"},
		{"P-Asserted-Identity: <tel:+49-170.5551234>", "P-Asserted-Identity: <tel:user6>"},
		{"From: Bob Builder <sip:bob@192.0.2.7>", "From: name3 <sip:user2@198.18.0.1>"},
		{"Route: <sip:192.0.2.7;lr>", "Route: <sip:198.18.0.1;lr>"},
		{`From: "Émile" <sip:bob@192.0.2.7>`, `From: "name4" <sip:user2@198.18.0.1>`},
		{"Émile rings, Émile.", "name4 rings, name4."},
		{`From: "Bob (office)" <sip:bob@192.0.2.7>`, `From: "name5" <sip:user2@198.18.0.1>`},
		{"Incoming call: Bob (office)  sip:bob@192.0.2.7", "Incoming call: name5  sip:user2@198.18.0.1"},
		{"bobsleigh, kabob", "bobsleigh, kabob"},
		{"sip:1234@192.0.2.7 sip:12345@192.0.2.7 sip:x@192.0.2.7", "sip:user7@198.18.0.1 sip:user8@198.18.0.1 sip:user9@198.18.0.1"},
		{"1234, 12345, x", "1234, user8, x"},
		{"o=carla 1 1 IN IP4 0.0.0.0", "o=user10 1 1 IN IP4 0.0.0.0"},
		{"INVITE sip:eve;day=1:pass@192.0.2.7", "INVITE sip:user11:pass@198.18.0.1"},
		{"Route: <sip:192.0.2.7;lr>,<sip:bob@192.0.2.7>", "Route: <sip:198.18.0.1;lr>,<sip:user2@198.18.0.1>"},
		{"Contact: <sip:bob@192.0.2.7;pn-provider=apns;pn-prid=74a8b8d900000000;ob>", "Contact: <sip:user2@198.18.0.1;pn-provider=apns;pn-prid=token1;ob>"},
		{"pn-prid=74a8b8d95c146fb7", "pn-prid=token1"},
		{`Digest username="dave", realm="pbx.example.test"`, `Digest username="user12", realm="host1.invalid"`},
	} {
		if got := m.Text(c.text); got != c.want {
			t.Errorf("%q became %q, want %q", c.text, got, c.want)
		}
	}
}

// TestRedactedPeople: who stands in an event is masked in it and in what is
// said later, whatever protocol the phone speaks.
func TestRedactedPeople(t *testing.T) {
	leak := regexp.MustCompile(`(?i)eve|carol|mallory|trent|peggy`)
	through := func(events ...event.Event) {
		t.Helper()
		log := new(event.Log)
		for _, e := range events {
			log.Append(event.Record{Phone: "alice", Event: e})
		}
		b := written(t, func(w io.Writer) error { return Events(w, NewRedactor(log).Log(log)) })
		if at := leak.FindIndex(b); at != nil {
			t.Errorf("%q came through in\n%s", b[at[0]:at[1]], b)
		}
	}
	payload := map[string]string{"peer": "trent@example.net", "name": "Trent T.", "other": "sip:trent@example.net"}
	people := []event.Event{
		event.Start{AOR: "carol@example.net", Display: "Carol C.", App: []string{"display=Carol C."}},
		event.Call{ID: 1, Peer: "eve@example.net", Name: "Eve E."},
		event.Call{ID: 2, Peer: "x", Asserted: []event.Identity{{Name: "Mallory", URI: "tel:+1555"}}},
		event.MessageWaiting{Account: "peggy@example.net"},
		event.Text{From: "mallory@example.net", Name: "Mallory", Body: "it is Mallory"},
		event.Push{Phase: event.PushSent, Payload: payload},
		event.Push{Phase: event.PushToken, Token: "eve4carol4mallory"},
		event.Data{From: "peggy@example.net/x"},
		event.Data{To: "carol@example.net"},
		event.Data{Raw: "<iq from='peggy@example.net/x' to='carol@example.net'/>"},
	}
	for _, e := range people {
		through(e)
	}
	through(append(people,
		event.Notification{Title: "Incoming call", Body: "Eve E.  eve@example.net"},
		event.Error{Op: "call", Err: "Trent T. does not answer Peggy"})...)
	if payload["peer"] != "trent@example.net" {
		t.Errorf("the original was changed: %v", payload)
	}
}

// TestRedactedPhones: who speaks is masked, but for the lab and nobody.
func TestRedactedPhones(t *testing.T) {
	for phone, want := range map[string]string{"lab": "lab", "": "", "carol": "user1"} {
		log := new(event.Log)
		log.Append(event.Record{Phone: phone, Event: event.Lock{On: true}})
		m := NewRedactor(log)
		if got := m.Log(log).After(0)[0].Phone; got != want || m.Text("the lab of carol") != map[bool]string{true: "the lab of user1", false: "the lab of carol"}[phone == "carol"] {
			t.Errorf("%q became %q, and %q", phone, got, m.Text("the lab of carol"))
		}
	}
}

// TestRedactedResult: each text of a result is masked, and none of the
// original.
func TestRedactedResult(t *testing.T) {
	log := new(event.Log)
	log.Append(event.Record{Phone: "carol", Event: event.Lock{On: true}})
	said := "carol says no"
	r := &play.Result{
		Phone: said, Invariants: []play.InvariantResult{{Text: said, Detail: said}},
		Cases: []play.CaseResult{{
			Name: said, Why: said, Steps: []play.StepResult{{Text: said}},
			Failure: &play.Failure{Message: said, Likely: said, Source: []play.SourceLine{{Text: said}}, Facts: []diagnose.Fact{{Subject: said, Text: said}}},
		}},
	}
	texts := func(r *play.Result) []string {
		c, i := r.Cases[0], r.Invariants[0]
		return []string{r.Phone, i.Text, i.Detail, c.Name, c.Why, c.Steps[0].Text, c.Failure.Message, c.Failure.Likely, c.Failure.Source[0].Text, c.Failure.Facts[0].Subject, c.Failure.Facts[0].Text}
	}
	for i, text := range texts(NewRedactor(log).Result(r)) {
		if text != "user1 says no" {
			t.Errorf("text %d is %q", i, text)
		}
	}
	for i, text := range texts(r) {
		if text != said {
			t.Errorf("text %d of the original is %q", i, text)
		}
	}
}

// TestRedactedHex: nobody looks for names in bytes.
func TestRedactedHex(t *testing.T) {
	m := new(Redactor)
	for hex, want := range map[string]string{"": "", "616c696365": "masked"} {
		if got := m.Record(event.Record{Event: event.Data{Hex: hex}}).Event.(event.Data).Hex; got != want {
			t.Errorf("%q became %q", hex, got)
		}
	}
}

// TestRTCPOnTheWire: the texts of RTCP are masked in a capture, too, and those
// of the original stay.
func TestRTCPOnTheWire(t *testing.T) {
	data, err := rtcp.Marshal([]rtcp.Packet{&rtcp.ReceiverReport{SSRC: 7}, &rtcp.Goodbye{Sources: []uint32{7}, Reason: "sip:carol@192.0.2.7"}})
	if err != nil {
		t.Fatal(err)
	}
	w := &Wire{packets: []system.Datagram{{Local: netip.MustParseAddrPort("192.0.2.7:9"), Remote: netip.MustParseAddrPort("192.0.2.8:9"), Data: data}}}
	got := new(Redactor).Wire(w).kept()[0]
	if masked := string(got.Data); strings.Contains(masked, "carol") || !strings.Contains(masked, "sip:user1@198.18.0.1") || !strings.Contains(string(data), "carol") {
		t.Errorf("%q became %q", data, masked)
	}
}

// TestManyAddresses: each address has one of its own.
func TestManyAddresses(t *testing.T) {
	m, seen := new(Redactor), map[string]bool{}
	for i := range 600 {
		seen[m.addr(netip.AddrFrom4([4]byte{10, 0, byte(i / 256), byte(i % 256)}).String())] = true
	}
	if len(seen) != 600 || !seen["198.18.1.0"] || !seen["198.18.2.88"] {
		t.Errorf("600 addresses became %d", len(seen))
	}
	if got := m.addr("0.0.0.0"); got != "0.0.0.0" {
		t.Errorf("no address became %s", got)
	}
}

// TestRedactLostCaller: who called in vain may stand in no other record.
func TestRedactLostCaller(t *testing.T) {
	for _, e := range []event.Event{
		event.Swallowed{What: "INVITE", From: "Mallory", Local: "192.168.7.9:5060"}, event.Loss{From: "Mallory", Reason: "Mallory is not welcome"},
	} {
		line, err := event.AppendJSON(nil, NewRedactor(new(event.Log)).Record(event.Record{Phone: "alice", Event: e}))
		if err != nil || strings.Contains(string(line), "allory") || strings.Contains(string(line), "192.168.7.9") {
			t.Errorf("%s, %v", line, err)
		}
	}
}
