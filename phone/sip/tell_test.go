package sip

import (
	"strings"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/control"
)

// TestOrdersThatCannotBe wants each to be refused with a reason, before anything is
// sent.
func TestOrdersThatCannotBe(t *testing.T) {
	for _, tt := range []struct {
		order control.Order
		want  string
	}{
		{control.SendText{To: "bob"}, "no text"},
		{control.SendText{To: "a b", Text: "hello"}, "a character that does not belong in a SIP URI"},
		{control.SendText{To: "bob", Text: "hello"}, "not connected to the server"},
		{control.Force{Method: "INVITE", Status: 100}, "100 is no answer"},
		{control.Force{Method: "INVITE", Status: 700}, "700 is no answer"},
		{control.Force{Method: "INVITE", Status: 180, After: time.Second}, "180 cannot come later"},
		{control.Force{Method: "ACK", Status: 200}, `nothing answers "ACK"`},
		{control.Force{Status: 200}, `nothing answers ""`},
		{control.Force{Method: "BYE", Status: 200, Times: -1}, "-1 times"},
		{control.Force{Method: "INVITE", Status: 302}, "first, header 302 Contact: <sip:carol@example.com>"},
		{control.AddHeader{On: "486", Name: "Contact", Value: "<sip:a@b>"}, "Contact is written by the phone itself"},
		{control.AddHeader{On: "302", Name: "Contact", Value: "<sip:a@b>\r\nX: y"}, "a control character in Contact"},
		{control.AddHeader{On: "INVITE", Name: "Via", Value: "x"}, "Via is written by the phone itself"},
		{control.AddHeader{On: "INVITE", Name: "l", Value: "0"}, "l is written by the phone itself"},
		{control.AddHeader{On: "REGISTER", Name: "Authorization", Value: "Digest x"}, "Authorization is written by the phone itself"},
		{control.AddHeader{On: "any", Name: "proxy-authorization", Value: "Digest x"}, "proxy-authorization is written by the phone itself"},
		{control.AddHeader{On: "INVITE", Name: "X Y", Value: "x"}, `"X Y" is no name of a header field`},
		{control.AddHeader{On: "INVITE", Name: "Xé", Value: "x"}, `"Xé" is no name of a header field`},
		{control.AddHeader{On: "INVITE", Name: "X", Value: "a\r\nVia: b"}, "a control character in X"},
	} {
		r := newRig(t, Config{})
		out, err := r.a.Tell(epoch, tt.order)
		if err == nil || !strings.Contains(err.Error(), tt.want) || len(out.Effects) > 0 {
			t.Errorf("%+v: %v, want %s", tt.order, err, tt.want)
		}
	}
}

// TestHeadersAreBounded wants a message to stay one that is read.
func TestHeadersAreBounded(t *testing.T) {
	r := newRig(t, Config{})
	for i := range maxExtras + 1 {
		_, err := r.a.Tell(epoch, control.AddHeader{On: "INVITE", Name: "X-" + strings.Repeat("a", i+1), Value: "v"})
		if (err != nil) != (i == maxExtras) {
			t.Errorf("number %d: %v", i+1, err)
		}
	}
	if _, err := r.a.Tell(epoch, control.AddHeader{On: "INVITE", Name: "x-a", Value: "another"}); err != nil {
		t.Errorf("one in place of another: %v", err)
	}
	if _, err := r.a.Tell(epoch, control.AddHeader{On: "INVITE", Name: "X-z"}); err != nil || len(r.a.author.extras) != maxExtras {
		t.Errorf("one that is not there, taken out: %v, %d are left", err, len(r.a.author.extras))
	}
	r = newRig(t, Config{})
	for _, name := range []string{"Subject", "s", "SUBJECT"} {
		if _, err := r.a.Tell(epoch, control.AddHeader{On: "INVITE", Name: name, Value: "v"}); err != nil || len(r.a.author.extras) != 1 {
			t.Errorf("%s: %v, %d header fields", name, err, len(r.a.author.extras))
		}
	}
}

// TestRedirectKeepsItsContact: a redirect that is forced, or owed, says where to: that is
// not taken out, under its short name either.
func TestRedirectKeepsItsContact(t *testing.T) {
	r := registered(t)
	tell := func(o control.Order) string {
		if _, err := r.a.Tell(r.now, o); err != nil {
			return err.Error()
		}
		return ""
	}
	want := func(what, got, want string) {
		t.Helper()
		if got != want {
			t.Errorf("%s: %q, want %q", what, got, want)
		}
	}
	want("where to", tell(control.AddHeader{On: "302", Name: "m", Value: "<sip:carol@example.com>"}), "")
	want("302", tell(control.Force{Method: "OPTIONS", Status: 302, After: time.Second, Times: 1}), "")
	want("another", tell(control.AddHeader{On: "301", Name: "Contact"}), "")
	want("in its place", tell(control.AddHeader{On: "302", Name: "Contact", Value: "<sip:dave@example.com>"}), "")
	out := control.AddHeader{On: "302", Name: "m"}
	want("taken out", tell(out), "OPTIONS is answered 302, which says where else to ask: first, respond normally to OPTIONS")
	r.plays("peer OPTIONS")
	want("taken out while it is owed", tell(out), "a 302 is still to be sent, and says where else to ask")
	r.plays("advance 2s")
	want("taken out later", tell(out), "")
	if n := len(r.a.author.extras); n != 0 {
		t.Errorf("%d header fields are left", n)
	}
}

// TestNothingIsForgotten wants a request that is never answered to be forgotten when
// its sender has given up.
func TestNothingIsForgotten(t *testing.T) {
	r := registered(t)
	r.plays("force OPTIONS 0", "peer OPTIONS", "advance 31s")
	if n := r.a.wire.txs.Len(); n != 1 {
		t.Fatalf("%d transactions while the peer waits", n)
	}
	if r.plays("advance 2s"); r.a.wire.txs.Len() != 0 {
		t.Errorf("%d transactions after 64*T1", r.a.wire.txs.Len())
	}
}
