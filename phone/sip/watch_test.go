package sip

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// notify sends a NOTIFY in the dialog of the agent's last SUBSCRIBE: "STATE [text]
// [Header: value]".
func (r *rig) notify(rest string) error {
	subscribe, ok := r.sent["SUBSCRIBE"].(*sip.Request)
	if !ok {
		return fmt.Errorf("the agent has not sent SUBSCRIBE")
	}
	state, extra, _ := strings.Cut(rest, " ")
	tag, _ := subscribe.From().Params.Get("tag")
	r.cseq++
	r.branch++
	text := fmt.Sprintf("NOTIFY sip:alice@192.0.2.1:49152;transport=tcp SIP/2.0\r\nVia: SIP/2.0/TCP 192.0.2.9:5060;branch=z9hG4bK-bob-%d;rport\r\n"+
		"Max-Forwards: 70\r\nFrom: <sip:alice@example.com>;tag=b0b\r\nTo: <sip:alice@example.com>;tag=%s\r\nCall-ID: %s\r\nCSeq: %d NOTIFY\r\n"+
		"Contact: <sip:192.0.2.9:5060;transport=tcp>\r\nEvent: %s\r\nSubscription-State: %s\r\nContent-Length: 0\r\n\r\n",
		r.branch, tag, subscribe.CallID().Value(), r.cseq, subscribe.GetHeader("Event").Value(), state)
	m, err := sip.ParseMessage([]byte(text))
	if err != nil {
		return err
	}
	r.extend(m, extra)
	if name, _ := EventOf(m.(*sip.Request)); name == messageSummary && len(m.Body()) > 0 && MediaType(m) == "" {
		m.AppendHeader(sip.NewHeader("Content-Type", summaryType))
	}
	r.receive(Encode(m))
	return nil
}

// TestWatchesAreBounded wants no more of them than a phone has, and each once.
func TestWatchesAreBounded(t *testing.T) {
	r := registered(t)
	for i := range maxWatches + 1 {
		_, err := r.a.Tell(r.now, control.Subscribe{Package: fmt.Sprintf("p%d", i)})
		if (err != nil) != (i == maxWatches) {
			t.Errorf("number %d: %v", i+1, err)
		}
	}
	if _, err := r.a.Tell(r.now, control.Subscribe{Package: "p0"}); err == nil {
		t.Error("two of one package")
	}
}

// TestWatchesThaw wants a subscription whose life is over to be refreshed by an app
// that was asleep, and not to be given up before it is asked: the server may know it
// still.
func TestWatchesThaw(t *testing.T) {
	r := newRig(t, Config{})
	r.plays("register", "connected", "respond REGISTER 200 Contact: CONTACT;expires=7200",
		"subscribe presence bob", "respond SUBSCRIBE 200 Expires: 600", "notify active;expires=600")
	before := r.sent["SUBSCRIBE"]
	r.plays("freeze 3000s")
	if r.sent["SUBSCRIBE"] == before || len(r.a.watches.list) != 1 {
		t.Fatal("it is not refreshed")
	}
	r.plays("respond SUBSCRIBE 481")
	if len(r.a.watches.list) != 0 || !strings.Contains(r.w.String(), "presence of sip:bob@example.com ended   481") && !strings.Contains(r.w.String(), "481") {
		t.Error("it is kept, though the server does not know it")
	}
	if at := r.a.watches.deadline(); at != (time.Time{}) {
		t.Errorf("a deadline is left: %s", at)
	}
}

// TestNotifyOutOfOrder wants an older NOTIFY to be refused, which would be believed
// to be news (RFC 3261 §12.2.2).
func TestNotifyOutOfOrder(t *testing.T) {
	r := registered(t)
	r.plays("subscribe presence bob", "respond SUBSCRIBE 200 Expires: 600", "notify active;expires=600")
	r.cseq -= 2
	r.plays("notify active;expires=600")
	if _, refused := r.sent["NOTIFY 500"]; !refused {
		t.Errorf("it was taken:\n%s", &r.w)
	}
}

// TestNotifyIsCut wants a document that is too long to be shown to say that it goes on.
func TestNotifyIsCut(t *testing.T) {
	for length, want := range map[int]string{control.MaxText: "x", control.MaxText + 1: "x…"} {
		r := registered(t)
		r.plays("subscribe presence bob", "respond SUBSCRIBE 200 Expires: 600")
		shown := ""
		r.seen = func(out control.Output, _ int) {
			for _, e := range out.Effects {
				if l, ok := e.(system.Log); ok {
					if n, ok := l.Event.(event.Notify); ok {
						shown = n.Body
					}
				}
			}
		}
		r.plays(fmt.Sprintf("notify active;expires=600 %q", strings.Repeat("x", length)))
		if shown != strings.Repeat("x", control.MaxText-1)+want {
			t.Errorf("%d bytes: %d are shown, …%s", length, len(shown), shown[max(0, len(shown)-5):])
		}
	}
}

// TestNotifyOfAnother: a NOTIFY in the dialog of a subscription that is of another one is
// refused and named, and nothing is told of it.
func TestNotifyOfAnother(t *testing.T) {
	for value, status := range map[string]int{
		"presence": 200, "Presence": 200, "presence;id=7": 481, "dialog": 489, "message-summary": 489, "dialog;id=7": 489,
	} {
		r := registered(t)
		r.plays("subscribe presence bob", "respond SUBSCRIBE 200 Expires: 600", "notify active;expires=600", "notify active;expires=600 text Event: "+value)
		log := r.w.String()
		told, named := strings.Count(log, " told active"), strings.Contains(log, "warning: unknown-package")
		if r.raw[fmt.Sprintf("NOTIFY %d", status)] == "" || (told == 2) != (status == 200) || named == (status == 200) {
			t.Errorf("%q: not answered %d, or told %d times, or named %t\n%s", value, status, told, named, log)
		}
	}
}

// TestNotifyAgain: a NOTIFY with the CSeq of the last one is not told again.
func TestNotifyAgain(t *testing.T) {
	r := registered(t)
	r.plays("subscribe presence bob", "respond SUBSCRIBE 200 Expires: 600", "notify active;expires=600")
	r.cseq--
	r.plays("notify active;expires=600")
	if log := r.w.String(); strings.Count(log, " told active") != 1 || strings.Count(log, "200 OK (NOTIFY)") != 2 {
		t.Error(log)
	}
}

// TestOddSubscriptionState: a NOTIFY that does not say how its subscription stands is
// taken, and named.
func TestOddSubscriptionState(t *testing.T) {
	for state, fault := range map[string]string{
		"active": "", "active;expires=3600": "", "active;expires=3601": longStateTime, "active;expires=0": noStateTime, "pending;expires=0": noStateTime, "terminated": "", "terminated;expires=0": "", "terminated;expires=4000": "", "bogus": unknownState, "active;expires=-1": oddStateExpiry, "active;expires=": oddStateExpiry, "": noState,
	} {
		r := registered(t)
		r.plays("subscribe presence bob", "respond SUBSCRIBE 200 Expires: 600", "notify "+state)
		log := r.w.String()
		if strings.Contains(log, "Subscription-State: ") != (fault != "") || !strings.Contains(log, fault) || r.raw["NOTIFY 200"] == "" {
			t.Errorf("%q:\n%s", state, log)
		}
	}
}

// TestNotifiedShortTime: a second is much of a short life.
func TestNotifiedShortTime(t *testing.T) {
	r := registered(t)
	var heard listener
	heard.listen(r)
	r.plays("subscribe presence bob", "respond SUBSCRIBE 200 Expires: 2 | Contact: <sip:192.0.2.9:5060;transport=tcp>", "notify active;expires=1", "advance 500ms")
	if heard.sent["SUBSCRIBE"] != 2 || heard.life != time.Second {
		t.Errorf("sent %d times, lives for %s", heard.sent["SUBSCRIBE"], heard.life)
	}
}

// TestNotifiedTime: the time that a NOTIFY names is when the subscription is refreshed, be it
// more or less than was granted, and is said. 600 s are granted, and 3600 were asked for.
func TestNotifiedTime(t *testing.T) {
	for state, want := range map[string]struct{ after, life time.Duration }{
		"active":                    {290 * time.Second, 600 * time.Second},
		"active;expires=590":        {290 * time.Second, 600 * time.Second},
		"active;expires=589":        {290 * time.Second, 600 * time.Second},
		"active;expires=591":        {290 * time.Second, 600 * time.Second},
		"active;expires=592":        {296 * time.Second, 592 * time.Second},
		"active;expires=588":        {294 * time.Second, 588 * time.Second},
		"active;expires=1200":       {600 * time.Second, 1200 * time.Second},
		"pending;expires=1200":      {600 * time.Second, 1200 * time.Second},
		"active;expires=4":          {2 * time.Second, 4 * time.Second},
		"active;expires=4294967295": {1800 * time.Second, time.Hour},
		"active;expires=0":          {290 * time.Second, 600 * time.Second},
		"active;expires=x":          {290 * time.Second, 600 * time.Second},
	} {
		r := registered(t)
		var heard listener
		heard.listen(r)
		r.plays("subscribe presence bob", "respond SUBSCRIBE 200 Expires: 600 | Contact: <sip:192.0.2.9:5060;transport=tcp>", "advance 10s", "notify "+state)
		if heard.phase != event.SubscriptionActive || heard.life != want.life {
			t.Errorf("%s: %s for %s, want %s", state, heard.phase, heard.life, want.life)
		}
		if r.plays("advance " + (want.after - 1).String()); heard.sent["SUBSCRIBE"] != 1 {
			t.Errorf("%s: it is refreshed before %s", state, want.after)
		}
		if r.plays("advance 1ns"); heard.sent["SUBSCRIBE"] != 2 {
			t.Errorf("%s: it is not refreshed after %s", state, want.after)
		}
	}
}

// TestRefusedNotify: a NOTIFY that is refused tells nothing and changes nothing, but it has
// come.
func TestRefusedNotify(t *testing.T) {
	for name, c := range map[string]struct{ of, notify, status string }{
		"unreadable":   {messageSummary, `active;expires=600 "garbage"`, "400"},
		"another type": {messageSummary, `active;expires=600 "<x/>" Content-Type: application/xml`, "415"},
		"the end":      {messageSummary, `terminated;reason=noresource "garbage"`, "400"},
		"packed":       {"dialog", `active;expires=600 "<x/>" Content-Type: application/dialog-info+xml | Content-Encoding: gzip`, "415"},
		"required":     {"dialog", `active;expires=600 "<x/>" Content-Type: application/dialog-info+xml | Require: what`, "420"},
	} {
		r := registered(t)
		r.plays("subscribe "+c.of, "respond SUBSCRIBE 200 Expires: 3600 | Contact: <sip:192.0.2.9>")
		w := r.a.watches.list[0]
		until, target := w.expiresAt, w.dialog.target.String()
		r.w.Reset()
		r.plays("notify " + c.notify)
		log := r.w.String()
		if r.sent["NOTIFY "+c.status] == nil || strings.Contains(log, " told ") || strings.Contains(log, "subscription") || strings.Contains(log, "NOTICE") {
			t.Errorf("%s:\n%s", name, log)
		}
		if !w.expiresAt.Equal(until) || w.dialog.target.String() != target {
			t.Errorf("%s: it ends at %s, asks %s", name, w.expiresAt, w.dialog.target.String())
		}
		if r.plays("advance 33s"); len(r.a.watches.list) != 1 {
			t.Errorf("%s: it is given up:\n%s", name, r.w.String())
		}
	}
}
