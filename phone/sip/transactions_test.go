package sip

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/emiago/sipgo/sip"
)

func request(t testing.TB, method sip.RequestMethod) *sip.Request {
	t.Helper()
	text := strings.ReplaceAll(inviteText, "INVITE sip", string(method)+" sip")
	text = strings.ReplaceAll(text, "1 INVITE", "1 "+string(method))
	m, err := sip.ParseMessage([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return m.(*sip.Request)
}

// schedule runs a transaction layer for two minutes: when it sent something,
// and how it ended.
func schedule(ts *Transactions, now time.Time) (sent []float64, ended float64, err error) {
	for at := ts.Deadline(); !at.IsZero() && at.Sub(now) < 2*time.Minute; at = ts.Deadline() {
		_, _, s := ts.Advance(at)
		if s.Send != nil {
			sent = append(sent, at.Sub(now).Seconds())
		}
		if s.Err != nil {
			err = s.Err
		}
		ended = at.Sub(now).Seconds()
	}
	return sent, ended, err
}

// TestClientTimers holds the client transactions to RFC 3261 §17.1, table 4.
func TestClientTimers(t *testing.T) {
	tests := []struct {
		name      string
		method    sip.RequestMethod
		reliable  bool
		responses []int
		sent      []float64
		ended     float64
		timer     string
	}{
		{"INVITE over UDP", sip.INVITE, false, nil, []float64{.5, 1.5, 3.5, 7.5, 15.5, 31.5}, 32, "B"},
		{"INVITE over TCP", sip.INVITE, true, nil, nil, 32, "B"},
		{"INVITE that rings", sip.INVITE, false, []int{180}, nil, 0, ""},
		{"INVITE refused over UDP", sip.INVITE, false, []int{486}, nil, 32, ""},
		{"INVITE refused over TCP", sip.INVITE, true, []int{486}, nil, 0, ""},
		{"INVITE accepted", sip.INVITE, true, []int{180, 200}, nil, 32, ""},
		{"OPTIONS over UDP", sip.OPTIONS, false, nil, []float64{.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5}, 32, "F"},
		{"OPTIONS over TCP", sip.OPTIONS, true, nil, nil, 32, "F"},
		{"OPTIONS trying over UDP", sip.OPTIONS, false, []int{100}, []float64{4, 8, 12, 16, 20, 24, 28}, 32, "F"},
		{"OPTIONS answered over UDP", sip.OPTIONS, false, []int{200}, nil, 5, ""},
		{"OPTIONS answered over TCP", sip.OPTIONS, true, []int{200}, nil, 0, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var ts Transactions
			req := request(t, test.method)
			ts.Send(epoch, req, test.reliable)
			for _, status := range test.responses {
				if tx, s := ts.Response(epoch, NewResponse(req, status, "t")); tx == nil || !s.Pass {
					t.Fatalf("%d did not reach the user", status)
				}
			}
			sent, ended, err := schedule(&ts, epoch)
			if !slices.Equal(sent, test.sent) || ended != test.ended {
				t.Errorf("sent at %v, ended at %v; want %v, %v", sent, ended, test.sent, test.ended)
			}
			var timeout *TimeoutError
			if got := errors.As(err, &timeout); got != (test.timer != "") || got && timeout.Timer != test.timer {
				t.Errorf("got %v, want timer %q", err, test.timer)
			}
		})
	}
}

// TestServerTimers holds the server transactions to RFC 3261 §17.2 and RFC
// 6026.
func TestServerTimers(t *testing.T) {
	tests := []struct {
		name     string
		method   sip.RequestMethod
		reliable bool
		status   int
		ack      bool
		sent     []float64
		ended    float64
		timer    string
	}{
		{"INVITE refused over UDP", sip.INVITE, false, 486, false, []float64{.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5}, 32, "H"},
		{"INVITE refused over TCP", sip.INVITE, true, 486, false, nil, 32, "H"},
		{"INVITE refused, ACK over UDP", sip.INVITE, false, 486, true, nil, 5, ""},
		{"INVITE refused, ACK over TCP", sip.INVITE, true, 486, true, nil, 0, ""},
		{"INVITE accepted", sip.INVITE, true, 200, false, nil, 32, ""},
		{"OPTIONS over UDP", sip.OPTIONS, false, 200, false, nil, 32, ""},
		{"OPTIONS over TCP", sip.OPTIONS, true, 200, false, nil, 0, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var ts Transactions
			req := request(t, test.method)
			tx := ts.Accept(req, test.reliable)
			if s := ts.Respond(epoch, tx, NewResponse(req, test.status, "t")); s.Send == nil {
				t.Fatal("the response was not sent")
			}
			if test.ack {
				if tx, s := ts.Request(epoch, request(t, sip.ACK)); tx == nil || s.Pass {
					t.Fatal("the ACK missed its transaction")
				}
			}
			sent, ended, err := schedule(&ts, epoch)
			var timeout *TimeoutError
			got := errors.As(err, &timeout)
			if !slices.Equal(sent, test.sent) || ended != test.ended || got != (test.timer != "") || got && timeout.Timer != test.timer {
				t.Errorf("sent at %v, ended at %v by %v; want %v, %v, %q", sent, ended, err, test.sent, test.ended, test.timer)
			}
			if ts.Len() != 0 {
				t.Errorf("%d transactions are left", ts.Len())
			}
		})
	}
}

// TestCopies checks what a transaction does with what it has seen before.
func TestCopies(t *testing.T) {
	var ts Transactions
	req := request(t, sip.INVITE)
	ts.Send(epoch, req, false)
	busy := NewResponse(req, 486, "t")
	for i, pass := range []bool{true, false} {
		_, s := ts.Response(epoch, busy)
		if ack, ok := s.Send.(*sip.Request); !ok || !ack.IsAck() || s.Pass != pass {
			t.Errorf("486 number %d: %+v", i+1, s)
		}
	}
	tx := ts.Accept(req, false)
	if s := ts.Respond(epoch, tx, NewResponse(req, 180, "t")); s.Send == nil {
		t.Fatal("180 was not sent")
	}
	if _, s := ts.Request(epoch, req); s.Send == nil || s.Send.(*sip.Response).StatusCode != 180 {
		t.Errorf("a copy of the INVITE was answered %v", s.Send)
	}
	ts.Respond(epoch, tx, NewResponse(req, 200, "t"))
	if _, s := ts.Request(epoch, req); s.Send != nil || s.Pass {
		t.Errorf("a copy of an accepted INVITE gave %+v", s)
	}
	if s := ts.Respond(epoch, tx, NewResponse(req, 486, "t")); s.Send != nil {
		t.Error("a second final response was sent")
	}
}

// TestServerKey tells requests of RFC 2543 apart, which have no cookie.
func TestServerKey(t *testing.T) {
	a, b := request(t, sip.INVITE), request(t, sip.INVITE)
	for _, req := range []*sip.Request{a, b} {
		req.Via().Params.Add("branch", "1")
	}
	b.CSeq().SeqNo = 2
	if ServerKey(a) == ServerKey(b) {
		t.Error("two requests of RFC 2543 have one key")
	}
	if ServerKey(request(t, sip.ACK)) != ServerKey(request(t, sip.INVITE)) {
		t.Error("an ACK has another key than its INVITE")
	}
}

// TestMerged: an INVITE that comes on another way as well is refused, though its call
// has gone on in its dialog meanwhile (RFC 3261 §8.2.2.2).
func TestMerged(t *testing.T) {
	for _, between := range [][]string{{"ring 1"}, {"ring 1", "peer PRACK RAck: RSEQ 1 INVITE"}} {
		r := registered(t)
		r.plays("peer INVITE sdp Require: 100rel")
		invite := r.asked
		r.plays(between...)
		other := invite.Clone()
		other.Via().Params.Add("branch", "z9hG4bK-another-way")
		r.receive(Encode(other))
		if _, refused := r.sent["INVITE 482"]; !refused || len(r.a.calls.list) != 1 {
			t.Errorf("after %q: %d calls", between, len(r.a.calls.list))
		}
	}
}
