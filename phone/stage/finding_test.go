package stage

import (
	"strings"
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/diagnose"
	"github.com/sleeptalk/sleeptalk/phone/event"
)

// TestFindings brings the ways about in which a call is lost, or heard by one side only, and
// wants each to be found in the log, with the numbers of the case.
func TestFindings(t *testing.T) {
	for name, c := range map[string]struct{ text, lost, why, mend string }{
		"server restart":        {"register\nexpect registered\nbackground\nexpect suspended within 30s\nlab: stop\nwait 1s\nlab: start\nbob: call alice\nwait 40s", "bob, 00:09.13: nothing of it came to the phone; bob was told 480 Temporarily Unavailable", "our registration was lost at 00:08.15: the flow failed: the server closed the connection", "let the server hold a call until the phone is back, or keep its bindings when it restarts; next chance 00:47.99"},
		"wrong password":        {"use phone alice password=wrong\nregister\nwait 2s\nbob: call alice\nwait 40s", "bob, 00:02.00: nothing of it came to the phone; bob was told 480 Temporarily Unavailable", "the server refused the credentials: 403 Forbidden at 00:00.13", "sleeptalk doctor tries the account"},
		"404":                   {"register\nexpect registered\ncall nobody\nwait 5s", "our call to nobody: 404 Not Found", "the server knows nobody of that name (RFC 3261 §21.4.5)", "see the name that was dialled, and whether the other has registered"},
		"486":                   {"register\nexpect registered\ncall busy\nwait 5s", "our call to busy: 486 Busy Here", "the other is busy: that is the answer of a person or of their phone, and nothing is broken (RFC 3261 §21.4.24)", "call again later"},
		"403 to a call":         {"use phone alice\nuse phone carol\nregister\nexpect registered\ncarol: register\ncarol: expect registered\nlab: respond 403 to INVITE\ncarol: call alice\nwait 5s", "carol, 00:00.13: nothing of it came to the phone; carol was told 403 Forbidden after 46 ms", "the server refused the call of carol: 403 Forbidden", "See the response on the caller's side; check the dial plan and the caller's rights"},
		"503 to a call of ours": {"register\nexpect registered\nlab: respond 503 to INVITE retry after 30s\ncall bob\nwait 5s", "our call to bob: 503 Service Unavailable, retry after 00:30", "the server is overloaded, or out of service (RFC 3261 §21.5.4)", "wait 30 s, as the answer asks; another server of the domain may serve; else call again later"},
		"early CANCEL":          {"register\nexpect registered\nbackground\nexpect suspended within 30s\nbob: call alice\nbob: hang up\nwait 5s", "Bob rang for 49 ms, and was missed", "the caller cancelled sooner than anybody can answer: a person, or a server between that gave up: 487 cancelled", "see in the caller's log who sent the CANCEL, and why so soon"},
		"wake-socket race":      {"use phone alice strategy=wake-socket\nregister\nexpect registered\nlock\nexpect suspended within 15s\nexpect reclaimed within 1s\nbob: call alice\nwait 45s", "bob, 00:08.09: nothing of it came to the phone; bob was told 408 Request Timeout after 32.0 s", "the INVITE did not come within 32.0 s of the wake line; the UDP socket was gone; we were registered again 48 ms after the line", "Carry SIP itself over the marked TCP socket (strategy voip-socket), or hold the INVITE until the phone has registered"},
		"NAT drop asleep":       {"register\nexpect registered\nfault nat short\nbackground\nexpect suspended within 30s\nwait 245s\nbob: call alice\nwait 40s", "Bob, 04:13.15: INVITE, 981 B, swallowed at the NAT; Bob was told 408 Request Timeout after 32.0 s", "the NAT forgot us at 04:00.18, 240 s after the last bytes; we ping every 600 s", "something must pass every 240 s at the latest: let the server ping (our own pings are 600 s apart); next chance 10:00.13"},
		"one-way":               {"register\nexpect registered\nlab: misbehave one-way-audio\ncall bob\nexpect call up within 3s\nwait 15s", "nothing arrives in a call: nothing has come from 192.0.2.1:49152 for 2.0 s; nor does it report", "one-way audio: bob hears us, and none of its packets reach us: bob has sent 197 packets, and 0 have come", "Let the phone send first, also silence; turn the server's media relay or symmetric RTP on"},
		"deaf":                  {"register\nexpect registered\nlab: misbehave deaf\ncall bob\nexpect call up within 3s\nwait 15s", "the far end receives nothing of what is sent: the far end reports nothing of what we sent to 192.0.2.1:49152 in the last 7.7 s: 386 packets in all", "one-way audio: we hear bob, and none of our packets reach bob: we have sent 449 packets, and 0 have arrived", "Let the phone send first, also silence; turn the server's media relay or symmetric RTP on"},
		"killed by the user":    {"register\nexpect registered\nkill\nbob: call alice\nwait 40s", "bob, 00:00.13: nothing of it came to the phone; bob was told 480 Temporarily Unavailable after 24 ms", "there was no process of the app since 00:00.13: the user force-quit the app", "Nothing wakes it but the user or a push"},
		"offline":               {"register\nexpect registered\nbackground\nexpect suspended within 30s\nfault network offline\nbob: call alice\nwait 40s", "bob, 00:08.13: nothing of it came to the phone; bob was told 408 Request Timeout after 32.0 s", "the phone was without a network since 00:08.13", "Only the next keepalive or a push mends it; next chance 10:00.13"},
		"forgotten binding":     {"lab: misbehave forget-binding\nregister\nexpect registered\nbob: call alice\nwait 40s", "bob, 00:00.13: nothing of it came to the phone; bob was told 480 Temporarily Unavailable", "the registrar has lost our binding: bob was told 480 Temporarily Unavailable, and we are registered until 01:00:00.13", "Compare the server's location table with the Contact in the messages"},
		"not routed":            {"lab: misbehave no-invite\nregister\nexpect registered\nbob: call alice\nwait 40s", "bob, 00:00.13: nothing of it came to the phone; bob was told 408 Request Timeout after 32.0 s", "the proxy did not route the call to our contact sip:alice@192.0.2.10:49152", "Look at the server's log for the contact that the messages name; is it the right domain, the right port, the right transport?"},
		"lapsed":                {"use lab max-expires=60s\nregister\nexpect registered\nbackground\nexpect suspended within 30s\nwait 90s\nbob: call alice\nwait 40s", "bob, 01:38.13: nothing of it came to the phone; bob was told 480 Temporarily Unavailable", "our registration lapsed at 01:00.13, and nothing had refreshed it", "a registration of 60 s must be refreshed while the app sleeps, or be longer (it is woken every 600 s); next chance 10:00.13"},
		"handover":              {"register\nexpect registered\nbackground\nexpect suspended within 30s\nfault network wifi -> cell\nbob: call alice\nwait 40s", "Bob, 00:08.15: INVITE, 981 B, swallowed on the way: the phone had left the network; Bob was told 408 Request Timeout after 32.0 s", "the phone has changed networks at 00:08.13: 192.0.2.10:49152 is dead, and nobody was told", "Only the next keepalive or a push mends it; next chance 10:00.13"},
		"server stall":          {"register\nexpect registered\nbackground\nexpect suspended within 30s\nfault server stall\nbob: call alice\nwait 40s", "bob, 00:08.13: nothing of it came to the phone; bob was told 408 Request Timeout after 32.0 s", "the server hangs since 00:08.13 (server stall): its machine takes what comes, and nothing answers", "Is the server overloaded, or stopped? sleeptalk doctor asks it with OPTIONS; next chance 10:00.13"},
		"closed at the INVITE":  {"lab: misbehave close-at-invite\nregister\nexpect registered\nbackground\nexpect suspended within 30s\nbob: call alice\nwait 45s", "Bob rang for 3 ms, and was missed", "the server closed the connection right after our 180 to INVITE (00:08.15), and the call went with it", "The message before the close is the suspect; look at it, and look for a parser error or a limit in the server's log"},
		"closed at ringing":     {"lab: misbehave close-at-ringing\nregister\nexpect registered\nbackground\nexpect suspended within 30s\nbob: call alice\nwait 45s", "Bob rang for 49 ms, and was missed", "the server closed the connection right after our 180 to INVITE (00:08.20), and the call went with it", "The message before the close is the suspect; look at it, and look for a parser error or a limit in the server's log"},
		"another token":         {"use lab\nuse device ios-pushkit\nuse phone alice strategy=push\nregister\nexpect registered\nbackground\nexpect suspended within 30s\ntoken rotate\nbob: call alice\nwait 45s", "bob, 00:08.13: nothing of it came to the phone; bob was told 480 Temporarily Unavailable", "the push service refused the push: 410 Unregistered: the device has another token now; that was at 00:08.13, and the app has not registered since", "Drop the token at 410 and wait for the phone's next REGISTER, which has the new one"},
		"push too late":         {"use lab\nuse device ios-pushkit\nuse phone alice strategy=push\nlab: misbehave push-late\nregister\nexpect registered\nbackground\nexpect suspended within 30s\nbob: call alice\nwait 10s\nbob: hang up\nwait 45s", "bob, 00:08.13: nothing of it came to the phone; bob gave up after 10.0 s", "bob gave up after 10.0 s, and the server pushed 20.0 s after the call", "See in the server's log what lies between the INVITE and the push"},
		"stale flow":            {"lab: misbehave stale-connection\nregister\nexpect registered\nbackground\nexpect suspended within 30s\nfault network wifi -> cell\nexpect wake by keepalive within 600s\nexpect registered from a new contact within 90s\nexpect suspended again within 30s\nbob: call alice\nwait 45s", "Bob, 09:21.50: INVITE, 981 B, swallowed on the way: the phone had left the network; Bob was told 408 Request Timeout after 32.0 s", "the server sent it to 192.0.2.10:49152, which is gone since 00:08.13 (handover): we had registered anew at 09:21.28 as sip:alice@192.0.2.10:49153", "Register with outbound (instance and reg-id), and let the server drop a binding with its connection"},
		"offline in a call":     {"register\nexpect registered\ncall bob\nexpect call up within 3s\nwait 3s\nfault network offline\nwait 30s", "nothing arrives in a call: nothing has come from 192.0.2.1:49152 for 2.0 s, after 148 packets; it reports that it has sent 90 packets", "the phone is without a network since 00:03.22: nothing comes, and nothing goes", "the audio itself is not at fault; see how long the call outlives a network that is gone"},
		"wake budget":           {"use device ios-voip-socket wake-budget=5\nregister\nexpect registered\nbackground\nexpect suspended within 30s\n" + strings.Repeat("lab: ping alice\nexpect wake again within 2s\nwait 12s\n", 5) + "lab: ping alice\nwait 1s", "killed 0xbad22222: SBUnsuspendLimit: exceeded 5 wakes in 300 sec", "this was wake 6 since 00:08.15: more than 5 in 300 s end the process here", "let the server ping more slowly than every 61 s, and take a background task when woken, so that an answer costs no wake of its own"},
	} {
		t.Run(name, func(t *testing.T) {
			_, log := playFile(t, parse(t, c.text), 1)
			f, ok := newestFinding(log)
			if !ok || f.Lost != c.lost || f.Why != c.why || f.Mend != c.mend {
				t.Errorf("%s, %t\nlost %s\nwhy  %s\nmend %s", f.Rule, ok, f.Lost, f.Why, f.Mend)
			}
		})
	}
}

// newestFinding is that of the last lost call of alice, or else of the last anomaly.
func newestFinding(log *event.Log) (f diagnose.Finding, ok bool) {
	var loss, other uint64
	for r := range log.From(0) {
		if r.Phone != "alice" {
			continue
		}
		if l, is := r.Event.(event.Loss); is {
			if loss = r.Seq; l.Phase == event.LossOver {
				loss = 0
			}
		} else if _, is := diagnose.FindingOf(log, r.Seq, event.Stamp); is {
			other = r.Seq
		}
	}
	if loss == 0 {
		loss = other
	}
	return diagnose.FindingOf(log, loss, event.Stamp)
}
