package sip

import (
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// forked is a request as a fork of a proxy sends it once more: with another branch.
func forked(req *sip.Request) *sip.Request {
	copied := req.Clone()
	copied.Via().Params.Add("branch", "z9hG4bK-the-other-way")
	return copied
}

// replacing is the INVITE of somebody who takes the place of the peer.
func (p *twoFlows) replacing() *sip.Request {
	return p.one.peerRequest("INVITE", "as=carol sdp Replaces: REPLACES")
}

// TestReplacesByAnotherFlow: an INVITE that names a call of another flow replaces it (RFC
// 3891 §3), and its copy by that flow is a merged request; one that names none is refused.
func TestReplacesByAnotherFlow(t *testing.T) {
	for _, over := range []Transport{TCP, UDP} {
		p := inCall(t, over)
		invite := p.replacing()
		var sent []string
		p.one.seen = func(out control.Output, _ int) { sent = append(sent, byFlows(out.Effects)...) }
		p.two.receive(Encode(invite))
		p.two.receive(Encode(forked(invite)))
		p.one.receive(Encode(forked(invite)))
		if want := []string{"flow2 INVITE 100", "flow2 INVITE 482", "flow1 INVITE 482"}; !slices.Equal(sent, want) {
			t.Errorf("%s: %q, want %q", over, sent, want)
		}
		if calls := p.one.a.calls.list; len(calls) != 2 || calls[1].place.wanted != calls[0] || len(p.two.a.calls.list) != 0 {
			t.Fatalf("%s: %d calls and %d\n%s", over, len(calls), len(p.two.a.calls.list), p.two.w.String())
		}
		sent = nil
		p.one.plays("answer 2")
		if want := []string{"flow2 INVITE 200", "flow1 BYE 0"}; !slices.Equal(sent, want) {
			t.Errorf("%s: %q, want %q", over, sent, want)
		}
		p.one.plays("respond BYE 200")
		p.two.plays("peer INVITE as=carol sdp Replaces: nobody;to-tag=a;from-tag=b")
		if _, refused := p.two.sent["INVITE 481"]; !refused {
			t.Errorf("%s: a call that nobody has is replaced", over)
		}
	}
}

// TestReplacedBeforeItsCopy: a copy of an INVITE that has replaced a call is a merged
// request, whatever has become of that call.
func TestReplacedBeforeItsCopy(t *testing.T) {
	p := inCall(t, TCP)
	invite := p.replacing()
	p.two.receive(Encode(invite))
	p.one.plays("answer 2", "respond BYE 200")
	p.one.receive(Encode(forked(invite)))
	if _, merged := p.one.sent["INVITE 482"]; !merged {
		t.Errorf("not refused as merged\n%s", p.one.w.String())
	}
}

// TestCancelByAnotherFlow: a CANCEL ends what its INVITE asks for, though the call is of
// another flow, or has come from there (RFC 3261 §9.2); also if both are read at once.
func TestCancelByAnotherFlow(t *testing.T) {
	for _, inherited := range []bool{false, true} {
		for _, what := range []string{"re-INVITE", "Replaces"} {
			for _, atOnce := range []bool{false, true} {
				p := inCall(t, TCP)
				invite := p.one.peerRequest("INVITE", "sdp")
				if what == "Replaces" {
					invite = p.replacing()
				}
				cancel := invite.Clone()
				cancel.Method = sip.CANCEL
				cancel.CSeq().MethodName = sip.CANCEL
				cancel.SetBody(nil)
				switch {
				case atOnce && inherited:
					continue
				case atOnce:
					p.two.receive(append(Encode(invite), Encode(cancel)...))
				default:
					p.two.receive(Encode(invite))
					if inherited {
						p.one.plays("closed")
						p.takeOver()
					}
					p.two.receive(Encode(cancel))
				}
				owner := p.one
				if inherited {
					owner = p.two
				}
				calls := owner.a.calls.list
				if len(calls) != 1 || calls[0].uas != nil {
					t.Errorf("%s, inherited %t, at once %t: %d calls, or it is still asked for", what, inherited, atOnce, len(calls))
				}
				log := p.one.w.String() + p.two.w.String()
				if !strings.Contains(log, "--> 487") || strings.Contains(log, "481") {
					t.Errorf("%s, inherited %t, at once %t: no 487\n%s", what, inherited, atOnce, log)
				}
			}
		}
	}
}

// TestAskedByAnotherFlow: what the peer asks by flow 2 is answered by that, though the
// call's own flow is gone.
func TestAskedByAnotherFlow(t *testing.T) {
	for _, what := range []string{"INVITE", "UPDATE"} {
		p := inCall(t, TCP)
		p.byTwo(what + " sdp")
		p.one.plays("closed")
		p.takeOver()
		p.two.plays("answer 1")
		if _, answered := p.two.sent[what+" 200"]; !answered {
			t.Errorf("%s is not answered\n%s", what, p.two.w.String())
		}

		p = inCall(t, TCP)
		p.byTwo(what + " sdp")
		p.one.plays("closed", "hangup 1")
		if log := p.one.w.String(); !strings.Contains(log, "--> 487") {
			t.Errorf("%s is not refused when the call ends\n%s", what, log)
		}
	}
}

// TestIncomingByAnotherFlow: a call that has come by flow 2, for it replaces one of flow 1,
// goes on without flow 1.
func TestIncomingByAnotherFlow(t *testing.T) {
	p := inCall(t, TCP)
	p.two.receive(Encode(p.replacing()))
	p.one.plays("closed")
	p.takeOver()
	p.two.plays("answer 2")
	for _, what := range []string{"INVITE 200", "BYE"} {
		if _, sent := p.two.sent[what]; !sent {
			t.Errorf("%s was not sent\n%s", what, p.two.w.String())
		}
	}
	if n := len(p.one.a.calls.list); n != 0 {
		t.Errorf("%d calls are left behind", n)
	}
}

// TestFlowDiesUnderAStray: what has come by a flow that is gone cannot be answered: the
// call of the other flow goes on, and one that rings ends. What has come by its own flow
// stands.
func TestFlowDiesUnderAStray(t *testing.T) {
	for _, what := range []string{"INVITE", "UPDATE"} {
		p := inCall(t, TCP)
		p.byTwo(what + " sdp")
		p.one.plays("reinvite 1")
		p.two.plays("closed")
		if c := p.one.a.calls.list[0]; c.uas != nil || c.update.asked != nil || c.over {
			t.Errorf("%s: it is asked still, or the call is over", what)
		}
		if log := p.one.w.String(); !strings.Contains(log, "NOTICE ModifyAgain") {
			t.Errorf("%s: what has waited for it waits on\n%s", what, log)
		}
	}
	p := inCall(t, TCP)
	p.two.receive(Encode(p.replacing()))
	p.two.plays("closed")
	if calls := p.one.a.calls.list; len(calls) != 1 || calls[0].over || !strings.Contains(p.one.w.String(), "NOTICE Ended{ID:2 By:network") {
		t.Errorf("it rings on\n%s", p.one.w.String())
	}
	p = inCall(t, TCP)
	p.one.plays("peer INVITE sdp")
	p.two.plays("closed")
	if p.one.a.calls.list[0].uas == nil {
		t.Error("what has come by flow 1 is dropped with flow 2")
	}
}

// TestBypassBreaksUnderAStray: what has come over the connection beside flow 2 goes with
// it; what has come over UDP does not.
func TestBypassBreaksUnderAStray(t *testing.T) {
	for _, over := range []string{"UDP", "TCP"} {
		p := inCall(t, UDP)
		p.byTwo("INVITE sdp")
		uas := p.one.a.calls.list[0].uas
		uas.Request.Via().Transport = over
		s := newStep(p.two.now)
		p.two.a.bypassBroke(s, errNoPong, false)
		p.pass(s.Out.Notices)
		if kept := p.one.a.calls.list[0].uas != nil; kept != (over == "UDP") {
			t.Errorf("%s: kept %t", over, kept)
		}
	}
}

// TestDialogsWayByAnotherFlow: over UDP a proxy on the way of a dialog may send by any flow
// of the account; a stranger may not.
func TestDialogsWayByAnotherFlow(t *testing.T) {
	proxy := netip.MustParseAddrPort("198.51.100.7:5060")
	p := newFlows(t, UDP)
	p.one.plays("peer INVITE sdp Record-Route: <sip:198.51.100.7;lr>", "answer 1", "peer ACK")
	by := func(from netip.AddrPort) bool {
		p.two.sent = map[string]sip.Message{}
		info := p.one.peerRequest("INFO", "")
		p.two.print(p.two.a.Receive(p.two.now, system.Received{Socket: p.two.socket, From: from, Data: Encode(info)}))
		return strings.Contains(p.one.w.String(), "--> 200 OK (INFO)")
	}
	if by(netip.MustParseAddrPort("198.51.100.8:5060")) {
		t.Error("a stranger is answered")
	}
	if !by(proxy) {
		t.Errorf("the proxy of the dialog is not\n%s", p.two.w.String())
	}
}

// TestNamesOfAnotherFlow: the way of a dialog is known by the addresses that its own flow
// has looked up, and a caller is told from the proxy of any flow.
func TestNamesOfAnotherFlow(t *testing.T) {
	addr := netip.MustParseAddr("198.51.100.7")
	p := newFlows(t, UDP)
	p.one.plays("peer INVITE sdp Record-Route: <sip:edge.example.net;lr>", "answer 1", "peer ACK")
	p.one.print(p.one.a.Receive(p.one.now, system.Resolved{Host: "edge.example.net", Addrs: []netip.Addr{addr}}))
	info := p.one.peerRequest("INFO", "")
	p.two.print(p.two.a.Receive(p.two.now, system.Received{Socket: p.two.socket, From: netip.AddrPortFrom(addr, 5060), Data: Encode(info)}))
	if !strings.Contains(p.one.w.String(), "--> 200 OK (INFO)") {
		t.Errorf("not taken in\n%s", p.two.w.String())
	}
	source := func() netip.Addr {
		return p.one.a.calls.source(&step{from: netip.AddrPortFrom(addr, 5060)}, info)
	}
	if source() != addr {
		t.Error("a proxy of a dialog is taken for the server's")
	}
	p.two.a.peers.flow = addr
	if source().IsValid() {
		t.Error("the server of the other flow is taken for a caller")
	}
}

const okReport = ` "SIP/2.0 200 OK\r\n" Content-Type: message/sipfrag | Event: refer | Subscription-State: terminated;reason=noresource`

// TestReportOfAnotherType: a report that is no message/sipfrag, and cannot be read as one, is refused
// with 415 and what is taken; one that is, or says no type, with 400.
func TestReportOfAnotherType(t *testing.T) {
	const mixed = `"--b\r\nContent-Type: message/sipfrag\r\n\r\nSIP/2.0 200 OK\r\n--b\r\nContent-Type: image/png\r\n\r\nx\r\n--b--\r\n" Content-Type: multipart/mixed;boundary=b`
	for body, want := range map[string]string{
		mixed: "NOTIFY 415", `"x" Content-Type: text/plain`: "NOTIFY 415",
		`"x" Content-Type: message/sipfrag;version=2.0`: "NOTIFY 400", `"x" Accept-Language: en`: "NOTIFY 400",
	} {
		p := inCall(t, TCP)
		p.one.plays("transfer 1 carol", "respond REFER 202", "peer NOTIFY "+body+" | Event: refer | Subscription-State: active")
		answer, log := p.one.raw[want], p.one.w.String()
		if answer == "" || strings.Contains(answer, "Accept: message/sipfrag") != (want == "NOTIFY 415") {
			t.Errorf("%s: not %s\n%s", body, want, log)
		}
		if !strings.Contains(log, "transfer-unreported") {
			t.Errorf("%s:\n%s", body, log)
		}
	}
}

// TestTransferOutlivesItsFlow: a transfer goes where its call goes.
func TestTransferOutlivesItsFlow(t *testing.T) {
	t.Run("ours", func(t *testing.T) {
		p := inCall(t, TCP)
		p.one.plays("transfer 1 carol", "respond REFER 202", "closed")
		p.takeOver()
		p.byTwo("NOTIFY" + okReport)
		p.one.plays("advance 5m")
		for _, what := range []string{"NOTIFY 200", "BYE"} {
			if _, sent := p.two.sent[what]; !sent {
				t.Errorf("%s was not sent\n%s", what, p.two.w.String())
			}
		}
		if strings.Contains(p.one.w.String(), "transfer-unreported") {
			t.Error("flow 1 waits for a report still")
		}
	})
	t.Run("waits", func(t *testing.T) {
		p := inCall(t, TCP)
		p.byTwo("INVITE sdp")
		p.one.plays("transfer 1 carol", "closed")
		p.takeOver()
		p.two.plays("answer 1")
		p.byTwo("ACK")
		if _, sent := p.two.sent["REFER"]; !sent {
			t.Errorf("no REFER\n%s%s", p.one.w.String(), p.two.w.String())
		}
	})
	t.Run("theirs", func(t *testing.T) {
		p := inCall(t, TCP)
		p.one.plays("peer REFER Refer-To: <sip:carol@example.com>", "follow 1", "respond NOTIFY 200", "respond INVITE 200 sdp", "closed")
		p.takeOver()
		p.two.plays("advance 6s")
		for _, what := range []string{"NOTIFY", "BYE"} {
			if _, sent := p.two.sent[what]; !sent {
				t.Errorf("%s was not sent\n%s", what, p.two.w.String())
			}
		}
		if log := p.two.w.String(); strings.Count(log, "--> NOTIFY") != 1 {
			t.Errorf("the report is not sent once\n%s", log)
		}
	})
	t.Run("undecided", func(t *testing.T) {
		p := inCall(t, TCP)
		p.one.plays("peer REFER Refer-To: <sip:carol@example.com>", "consider 1", "closed")
		p.takeOver()
		if p.one.a.transfers.find(1) == nil {
			t.Error("the program finds it no more by its number")
		}
	})
}

// TestTransferToAnotherFlow: a call is handed over to the peer of one on another flow
// (RFC 5589 §7).
func TestTransferToAnotherFlow(t *testing.T) {
	p := inCall(t, TCP)
	p.two.plays("peer INVITE as=carol sdp", "reject 1 486", "peer INVITE as=carol sdp", "answer 2")
	p.one.plays("transferto 1 2")
	refer, _ := p.one.sent["REFER"].(*sip.Request)
	want := escape(p.two.a.calls.list[0].dialog.replacing())
	if refer == nil || !strings.Contains(Text(refer, "refer-to"), want) {
		t.Errorf("%v, want Replaces=%s\n%s", refer, want, p.one.w.String())
	}
}

// TestDepartedFlowIsGone: the program hears that a flow is closed for another server, so
// that it does not count as one that is registered.
func TestDepartedFlowIsGone(t *testing.T) {
	r := registered(t)
	r.w.Reset()
	s := newStep(r.now)
	r.a.depart(s, errDeparted{why: "by us: on to the next server"})
	r.a.depart(s, errDeparted{why: "again"})
	if len(s.Out.Notices) != 1 {
		t.Fatalf("%+v", s.Out.Notices)
	}
	if n, ok := s.Out.Notices[0].(control.FlowFailed); !ok || n.Err.Error() != "closed by us: on to the next server" {
		t.Errorf("%+v", s.Out.Notices[0])
	}
}
