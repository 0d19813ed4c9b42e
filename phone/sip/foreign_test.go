package sip

import (
	"strings"
	"testing"
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// TestForeignResponses answers requests of ours with responses that have their branch
// and are to others: they are dropped and named, once, and the right one counts.
func TestForeignResponses(t *testing.T) {
	for name, change := range map[string]func(*sip.Response){
		"Call-ID": func(res *sip.Response) { res.ReplaceHeader(sip.NewHeader("Call-ID", "another")) },
		"Call-ID, \"": func(res *sip.Response) {
			res.ReplaceHeader(sip.NewHeader("Call-ID", strings.ToUpper(res.CallID().Value())))
		},
		"CSeq,":          func(res *sip.Response) { res.CSeq().SeqNo++ },
		"CSeq method":    func(res *sip.Response) { res.CSeq().MethodName = "PUBLISH" },
		"From tag":       func(res *sip.Response) { res.From().Params.Add("tag", "other") },
		"From tag, ":     func(res *sip.Response) { res.From().Params.Remove("tag") },
		"sender":         func(res *sip.Response) { res.Via().Host = "192.0.2.66" },
		"sender, ":       func(res *sip.Response) { res.Via().Port++ },
		"number of Vias": func(res *sip.Response) { res.AppendHeader(sip.HeaderClone(res.Via())) },
		"":               func(*sip.Response) {},
	} {
		for _, method := range []string{"INVITE", "BYE", "REGISTER", "CANCEL"} {
			for _, status := range []int{180, 200, 486} {
				if method == "REGISTER" && status == 200 && name != "CSeq method" {
					continue // see TestNotBound
				}
				r := registered(t)
				switch method {
				case "REGISTER":
					r.plays("register")
				case "BYE":
					r.plays("invite bob", "respond INVITE 200 Contact: <sip:bob@192.0.2.9;transport=tcp> | body", "hangup 1")
				case "INVITE":
					r.plays("invite bob")
				case "CANCEL":
					r.plays("invite bob", "respond INVITE 180", "hangup 1")
				}
				res := NewResponse(r.sent[method].(*sip.Request).Clone(), status, "b0b")
				change(res)
				res.SetBody(nil)
				var told []event.Warning
				notices := 0
				for range 2 {
					out := r.a.Receive(r.now, system.Received{Socket: r.socket, From: rigServer, Data: Encode(res)})
					for _, e := range out.Effects {
						if l, ok := e.(system.Log); ok {
							if w, ok := l.Event.(event.Warning); ok && w.Rule == event.RuleForeignResponse {
								told = append(told, w)
							}
						}
					}
					for _, n := range out.Notices {
						if _, fine := n.(control.Ponged); !fine {
							notices++
						}
					}
				}
				if name == "" {
					if len(told) > 0 {
						t.Errorf("%d to %s as it must be: %v", status, method, told)
					}
					continue
				}
				if notices > 0 || len(told) != 1 || !strings.Contains(told[0].Note, "our ") || !strings.Contains(told[0].Note, "another "+strings.TrimRight(name, `, "`)) {
					t.Errorf("%d to %s with another %s: %d notices, %v", status, method, name, notices, told)
				}
				if tx := r.a.client.txs.SentWith(NewResponse(r.sent[method].(*sip.Request), 200, "")); tx == nil || tx.State() != StateCalling && tx.State() != StateTrying {
					t.Errorf("%d to %s with another %s ended the transaction", status, method, name)
				}
			}
		}
	}
}

// TestReaddressedRegistration: the 200 to a REGISTER with another address in its From is
// taken by its tag, and named, as any other response.
func TestReaddressedRegistration(t *testing.T) {
	r := newRig(t, Config{})
	r.plays("register", "connected", "respond REGISTER 200 Contact: CONTACT;expires=3600 | From: <sip:al@example.com>;tag=FROMTAG")
	if log := r.w.String(); !strings.Contains(log, "From: "+otherAddress) || !strings.Contains(log, "NOTICE Registered") {
		t.Error(log)
	}
}

// TestReaddressedOnce: a From or To without a readable address was named when it was
// read, and is not another address as well.
func TestReaddressedOnce(t *testing.T) {
	req, ok := ParseDatagram([]byte(optionsWith())).(Message)
	if !ok {
		t.Fatal("the request is not read")
	}
	for line, want := range map[string]string{
		"To: Alice alice;tag=x":               "",
		"From: <sip:b@h>, <sip:c@h>;tag=x;y=": "",
		"To: <sip:elsewhere@example.com>":     "To",
	} {
		res, ok := ParseDatagram([]byte(responseWith(line))).(Message)
		if !ok {
			t.Fatalf("%q is not read", line)
		}
		var named []string
		for _, u := range readdressed(req.SIP.(*sip.Request), res.SIP.(*sip.Response)) {
			named = append(named, u.Field)
		}
		if got := strings.Join(named, ", "); got != want {
			t.Errorf("%s: %q is named, want %q", line, got, want)
		}
	}
}

// TestSentWithForgets: a response to a request that is over is nobody's, whatever its
// method; a CANCEL, which has the branch of its INVITE, does not take its place.
func TestSentWithForgets(t *testing.T) {
	now := time.Unix(0, 0)
	request := func(method sip.RequestMethod) *sip.Request {
		req := sip.NewRequest(method, sip.Uri{Scheme: "sip", Host: "example.com"})
		req.AppendHeader(&sip.ViaHeader{ProtocolName: "SIP", ProtocolVersion: "2.0", Transport: "TCP", Host: "a", Params: sip.HeaderParams{{K: "branch", V: "z9hG4bKx"}}})
		req.AppendHeader(&sip.CSeqHeader{SeqNo: 1, MethodName: method})
		return req
	}
	var ts Transactions
	of := func(method sip.RequestMethod) *ClientTransaction {
		res := sip.NewResponse(200, "OK")
		sip.CopyHeaders("Via", request(method), res)
		res.AppendHeader(&sip.CSeqHeader{SeqNo: 1, MethodName: method})
		return ts.SentWith(res)
	}
	invite := ts.Send(now, request("INVITE"), true)
	cancel := ts.Send(now, request("CANCEL"), true)
	if of("INVITE") != invite || of("CANCEL") != cancel || of("BYE") != invite {
		t.Error("it is not the request with that branch")
	}
	ts.Fail(cancel)
	if of("CANCEL") != nil {
		t.Error("the answer to a CANCEL that is over is foreign to its INVITE")
	}
	ts.Fail(invite)
	if of("INVITE") != nil || of("BYE") != nil || len(ts.requests) > 0 {
		t.Error("a request that is over is remembered")
	}
}
