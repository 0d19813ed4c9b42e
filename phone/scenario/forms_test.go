package scenario

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/verb"
)

// steps are the forms whose next word is one step of several, with the event
// that tells of a step.
var steps = []struct {
	head  string
	words []string
	event func(step string) event.Event
}{
	{"state", states, func(s string) event.Event { return event.State{To: event.Lifecycle(s)} }},
	{"registration", []string{"sending", "challenged", "redirected", "active", "failed", "lost", "removed"}, func(s string) event.Event { return event.Registration{Phase: event.RegistrationPhase(s)} }},
	{"mark", []string{"accepted", "refused", "ignored", "missing"}, func(s string) event.Event { return event.SocketMark{Phase: event.MarkPhase(s)} }},
	{"keepalive", []string{"installed", "refused", "skipped", "deferred", "cleared"}, func(s string) event.Event { return event.Keepalive{Phase: event.KeepalivePhase(s)} }},
	{"task", []string{"begin", "refused", "expiring", "end"}, func(s string) event.Event { return event.BackgroundTask{Phase: event.TaskPhase(s)} }},
	{"socket", []string{"connecting", "securing", "open", "failed", "closed", "reset", "broken"}, func(s string) event.Event { return event.Socket{Name: "control", Phase: event.SocketPhase(s)} }},
	{"network", []string{"wifi", "cell", "offline"}, func(s string) event.Event { return event.Network{Name: s} }},
	{"fault", verb.LoggedFaults(), func(s string) event.Event { return event.Fault{Name: s, On: true} }},
	{"notification", []string{"posted", "updated", "tapped", "withdrawn", "missed", "expired", "refused"}, func(s string) event.Event { return event.Notification{Phase: event.NotificationPhase(s)} }},
	{"push", namesOf(pushPhases()), func(s string) event.Event { return event.Push{Phase: event.PushPhase(s)} }},
	{"call", namesOf(event.CallPhases()), func(s string) event.Event { return event.Call{Phase: event.CallPhase(s)} }},
	{"transfer", namesOf(event.TransferPhases()), func(s string) event.Event { return event.Transfer{Phase: event.TransferPhase(s)} }},
	{"held", namesOf(event.HeldPhases()), func(s string) event.Event { return event.Held{Phase: event.HeldPhase(s)} }},
	{"loss", namesOf(event.LossPhases()), func(s string) event.Event { return event.Loss{Phase: event.LossPhase(s)} }},
	{"audio", []string{"offer", "start", "stop", "keying", "secured"}, func(s string) event.Event { return event.Media{Phase: event.MediaPhase(s)} }},
	{"ice", []string{"gathered", "checking", "connected", "failed", "lost", "restarting", "off"}, func(s string) event.Event { return event.ICE{Phase: event.ICEPhase(s)} }},
	{"sound-card", []string{"open", "lost", "moved", "back", "silent", "off"}, func(s string) event.Event { return event.SoundCard{Phase: event.SoundCardPhase(s)} }},
	{"heard", []string{"tone", "sample", "silence"}, func(s string) event.Event { return event.Heard{What: s} }},
	{"sent", frames[:len(frames)-3], func(s string) event.Event { return event.Message{Out: true, Method: s} }},
	{"received", frames[:len(frames)-3], func(s string) event.Event { return event.Message{Method: s} }},
	{"frame", frames, func(s string) event.Event { return event.Frame{What: s} }},
}

// TestStepsAreToldApart: of the steps of a form each matches its own event and
// no other.
func TestStepsAreToldApart(t *testing.T) {
	for _, form := range steps {
		for _, want := range form.words {
			e := must(t, form.head+" "+want)
			for _, is := range form.words {
				if got := e.Match(form.event(is)); got != (is == want) {
					t.Errorf("%q matches %+v: %t", e, form.event(is), got)
				}
			}
		}
	}
	for _, cause := range event.WakeCauses {
		for _, is := range event.WakeCauses {
			if got := must(t, "wake by "+string(cause)).Match(event.Wake{Cause: is}); got != (is == cause) {
				t.Errorf("wake by %s matches one by %s: %t", cause, is, got)
			}
		}
	}
}

// TestEachFormCanFail has, for each form and each condition that it can have,
// an event that it takes and one that it does not, which differ in that only.
func TestEachFormCanFail(t *testing.T) {
	tested := make(map[string]bool)
	for _, form := range steps {
		tested[form.head] = true
	}
	up := event.Call{Phase: "up", Peer: "sip:bob@lab", Name: "Robert"}
	ended := event.Call{Phase: "ended", By: "peer", Status: 486}
	for _, c := range []struct {
		text    string
		yes, no event.Event
	}{
		{"launched", event.Launch{}, event.Killed{}},
		{"registered", event.Registration{Phase: "active"}, event.Registration{Phase: "lost"}},
		{"unregistered", event.Registration{Phase: "removed"}, event.Registration{Phase: "lost"}},
		{"registration failed with 403", event.Registration{Phase: "failed", Status: 403}, event.Registration{Phase: "failed", Status: 404}},
		{"registration failed with 403", event.Registration{Phase: "failed", Status: 403}, event.Registration{Phase: "lost", Status: 403}},
		{"foreground", event.State{To: event.Foreground}, event.State{From: event.Foreground, To: event.Entering}},
		{"background", event.State{To: event.Entering}, event.State{To: event.Awake}},
		{"background", event.State{To: event.Background}, event.State{To: event.Suspended}},
		{"background", event.State{To: event.InCall}, event.State{To: event.Foreground}},
		{"suspended", event.State{To: event.Suspended}, event.State{From: event.Suspended, To: event.Awake}},
		{"awake", event.State{To: event.Awake}, event.State{From: event.Awake, To: event.Suspended}},
		{"dead", event.State{To: event.Dead}, event.State{From: event.Dead, To: event.Suspended}},
		{"locked", event.Lock{On: true}, event.Lock{}},
		{"unlocked", event.Lock{}, event.Lock{On: true}},
		{"wake", event.Wake{Cause: event.ByPush}, event.WakeEnd{}},
		{"wake by sip", event.Frame{What: "200 OK"}, event.Frame{What: "CRLF"}},
		{"wake by sip", event.Frame{What: "INVITE"}, event.Frame{What: "FIN"}},
		{"wake by close", event.Frame{What: "FIN"}, event.Frame{What: "INVITE"}},
		{"wake by close", event.Frame{What: "RST"}, event.Frame{What: "CRLF"}},
		{"wake by 200", event.Frame{What: "200 OK"}, event.Frame{What: "202 Accepted"}},
		{"wake by INVITE", event.Frame{What: "INVITE"}, event.Frame{What: "200 INVITE"}},
		{"frame", event.Frame{What: "CRLF"}, event.Wake{}},
		{"tick", event.Tick{}, event.TickDone{}},
		{"ping", event.Ping{}, event.Pong{}},
		{"pong", event.Pong{}, event.Ping{}},
		{"socket open", event.Socket{Name: "control", Phase: "open"}, event.Socket{Name: "rtp", Phase: "open"}},
		{"reclaimed", event.Reclaim{}, event.Socket{Name: "control", Phase: "broken"}},
		{"recovery", event.Recovery{}, event.Socket{Name: "control", Phase: "failed"}},
		{"dns", event.Lookup{Type: "SRV"}, event.Target{}},
		{"dns naptr", event.Lookup{Type: "NAPTR"}, event.Lookup{Type: "SRV"}},
		{"dns with nxdomain", event.Lookup{Type: "SRV", Fault: "NXDOMAIN"}, event.Lookup{Type: "SRV", Fault: "SERVFAIL"}},
		{"dns SRV with sip1", event.Lookup{Type: "SRV", Answers: []string{"1 0 5060 sip1.example.org"}}, event.Lookup{Type: "SRV", Name: "_sip._tcp.example.org"}},
		{"target", event.Target{Server: "sip1:5060"}, event.Lookup{}},
		{"target sip1", event.Target{Server: "sip1:5060"}, event.Target{Server: "sip2:5060"}},
		{"target sip1:5060 over UDP", event.Target{Server: "sip1:5060", Transport: "udp"}, event.Target{Server: "sip1:5060", Transport: "tcp"}},
		{"fault loss", event.Fault{Name: "loss", On: true}, event.Fault{Name: "loss"}},
		{"fault loss over", event.Fault{Name: "loss"}, event.Fault{Name: "loss", On: true}},
		{"fault loss over", event.Fault{Name: "loss"}, event.Fault{Name: "handover"}},
		{"sent INVITE", event.Message{Out: true, Method: "INVITE"}, event.Message{Method: "INVITE"}},
		{"sent INVITE", event.Message{Out: true, Method: "INVITE"}, event.Message{Out: true, Method: "INVITE", Status: 180}},
		{"sent 180", event.Message{Out: true, Status: 180}, event.Message{Out: true, Status: 183}},
		{"sent 180", event.Message{Out: true, Status: 180}, event.Message{Status: 180}},
		{"received 200", event.Message{Status: 200}, event.Message{Status: 200, Out: true}},
		{"received BYE", event.Message{Method: "BYE"}, event.Message{Method: "BYE", Out: true}},
		{"data", event.Data{What: "hello"}, event.Text{Body: "hello"}},
		{"data sent", event.Data{Out: true}, event.Data{}},
		{"data received", event.Data{}, event.Data{Out: true}},
		{"data hello", event.Data{What: "Hello"}, event.Data{What: "hello there"}},
		{"data with x42", event.Data{Raw: "<a>X42</a>"}, event.Data{Raw: "<a>x43</a>"}},
		{"data with 0aff", event.Data{Hex: "00 0aff"}, event.Data{Hex: "0a ff"}},
		{"text", event.Text{}, event.Data{What: "text"}},
		{"text from bob", event.Text{From: "sip:bob@lab"}, event.Text{From: "sip:carol@lab", Body: "bob"}},
		{"sent INVITE over tcp", event.Message{Out: true, Method: "INVITE", Socket: "tcp"}, event.Message{Out: true, Method: "INVITE"}},
		{"received 200 over tcp", event.Message{Status: 200, Socket: "tcp"}, event.Message{Status: 200}},
		{"sent INVITE", event.Message{Out: true, Method: "INVITE", Socket: "tcp"}, event.Message{Method: "INVITE", Socket: "tcp"}},
		{"text from bob", event.Text{Name: "Bob"}, event.Text{Name: "Carol"}},
		{"text with hi", event.Text{Body: "Hi!"}, event.Text{Body: "ho", From: "hi"}},
		{"held", event.Held{Phase: "released"}, event.Held{Phase: "waiting"}},
		{"held waiting", event.Held{Phase: "waiting"}, event.Held{Phase: "dropped"}},
		{"held INVITE", event.Held{Phase: "released", What: "INVITE"}, event.Held{Phase: "released", What: "OPTIONS"}},
		{"held released 200", event.Held{Phase: "released", What: "200 OK"}, event.Held{Phase: "released"}},
		{"held from bob", event.Held{Phase: "released", From: "Bob"}, event.Held{Phase: "released", From: "Carol"}},
		{"held INVITE at-least 2s", event.Held{Phase: "released", What: "INVITE", For: 2e9}, event.Held{Phase: "released", What: "INVITE", For: 19e8}},
		{"loss", event.Loss{Phase: "lost"}, event.Loss{Phase: "likely"}},
		{"loss likely", event.Loss{Phase: "likely"}, event.Loss{Phase: "lost"}},
		{"loss from bob", event.Loss{Phase: "lost", From: "Bob"}, event.Loss{Phase: "lost", From: "Carol"}},
		{"loss at link", event.Loss{Phase: "lost", Where: "link"}, event.Loss{Phase: "lost", Where: "server"}},
		{"loss at server with 403", event.Loss{Phase: "lost", Where: "server", Status: 403}, event.Loss{Phase: "lost", Where: "server", Status: 404}},
		{"loss reached from bob", event.Loss{Phase: "reached", From: "Bob"}, event.Loss{Phase: "lost", From: "Bob"}},
		{"sound-card lost of speaker", event.SoundCard{Phase: "lost", Way: "speaker"}, event.SoundCard{Phase: "lost", Way: "microphone"}},
		{"sound-card back with ear", event.SoundCard{Phase: "back", Name: "Ear"}, event.SoundCard{Phase: "back", Name: "Mouth"}},
		{"sound-card moved with mouth", event.SoundCard{Phase: "moved", Why: "now Mouth"}, event.SoundCard{Phase: "moved"}},
		{"message-waiting", event.MessageWaiting{}, event.Text{}},
		{"message-waiting yes", event.MessageWaiting{Waiting: true}, event.MessageWaiting{}},
		{"message-waiting no", event.MessageWaiting{}, event.MessageWaiting{Waiting: true}},
		{"message-waiting no fax", event.MessageWaiting{}, event.MessageWaiting{Waiting: true, Others: []event.MailCount{{Kind: "fax", Tally: event.Tally{New: 1}}}}},
		{"message-waiting no fax new 0", event.MessageWaiting{Others: []event.MailCount{{Kind: "fax"}}}, event.MessageWaiting{Others: []event.MailCount{{Kind: "fax", Tally: event.Tally{New: 1}}}}},
		{"message-waiting no fax", event.MessageWaiting{Others: []event.MailCount{{Kind: "fax", Tally: event.Tally{Old: 1}}}}, event.MessageWaiting{Others: []event.MailCount{{Kind: "fax", Tally: event.Tally{New: 1}}}}},
		{"message-waiting fax new 0", event.MessageWaiting{Others: []event.MailCount{{Kind: "fax"}}}, event.MessageWaiting{Waiting: true, Tally: &event.Tally{}}}, // of fax nothing is known
		{"message-waiting fax old 0", event.MessageWaiting{Others: []event.MailCount{{Kind: "fax"}}}, event.MessageWaiting{Waiting: true}},
		{"message-waiting new 0", event.MessageWaiting{Tally: &event.Tally{}}, event.MessageWaiting{}},
		{"message-waiting new 4294967295", event.MessageWaiting{Tally: &event.Tally{New: 1<<32 - 1}}, event.MessageWaiting{Tally: &event.Tally{New: 1}}},
		{"message-waiting old 3 new 2", event.MessageWaiting{Tally: &event.Tally{New: 2, Old: 3}}, event.MessageWaiting{Tally: &event.Tally{New: 2}}},
		{"message-waiting yes fax", event.MessageWaiting{Waiting: true, Others: []event.MailCount{{Kind: "fax", Tally: event.Tally{New: 1}}}}, event.MessageWaiting{Waiting: true, Tally: &event.Tally{New: 1}}},
		{"message-waiting new 2", event.MessageWaiting{Tally: &event.Tally{New: 2}}, event.MessageWaiting{Tally: &event.Tally{Old: 2}}},
		{"message-waiting fax", event.MessageWaiting{Others: []event.MailCount{{Kind: "fax", Tally: event.Tally{Old: 1}}}}, event.MessageWaiting{Tally: &event.Tally{New: 1}, Others: []event.MailCount{{Kind: "fax"}, {Kind: "text", Tally: event.Tally{New: 1}}}}},
		{"message-waiting yes text new 2", event.MessageWaiting{Waiting: true, Others: []event.MailCount{{Kind: "text", Tally: event.Tally{New: 2}}}}, event.MessageWaiting{Waiting: true, Tally: &event.Tally{New: 2}}},
		{"message-waiting pager new 0", event.MessageWaiting{Others: []event.MailCount{{Kind: "pager"}}}, event.MessageWaiting{Others: []event.MailCount{{Kind: "pager", Tally: event.Tally{New: 1}}}}},
		{"message-waiting voice", event.MessageWaiting{Tally: &event.Tally{New: 1}}, event.MessageWaiting{Others: []event.MailCount{{Kind: "fax", Tally: event.Tally{New: 1}}}}},
		{"message-waiting yes old 0", event.MessageWaiting{Waiting: true, Tally: &event.Tally{}}, event.MessageWaiting{Waiting: true, Tally: &event.Tally{Old: 1}}},
		{"subscription active", event.Subscription{Phase: "active"}, event.Subscription{Phase: "ended"}},
		{"subscription active to presence", event.Subscription{Phase: "active", Package: "presence"}, event.Subscription{Phase: "active", Package: "dialog"}},
		{"subscription active to bob", event.Subscription{Phase: "active", To: "sip:bob@lab"}, event.Subscription{Phase: "active", To: "sip:eve@lab"}},
		{"subscription refused with 489", event.Subscription{Phase: "refused", Status: 489}, event.Subscription{Phase: "refused", Status: 403}},
		{"publication active", event.Publication{Phase: "active"}, event.Subscription{Phase: "active"}},
		{"publication refused with 489", event.Publication{Phase: "refused", Status: 489}, event.Publication{Phase: "refused", Status: 403}},
		{"notify", event.Notify{}, event.Text{}},
		{"notify presence", event.Notify{Package: "presence"}, event.Notify{Package: "presence.winfo"}},
		{"notify presence from bob", event.Notify{Package: "presence", From: "sip:bob@lab"}, event.Notify{Package: "presence", From: "sip:eve@lab"}},
		{"notify with open", event.Notify{Body: "<basic>open</basic>"}, event.Notify{Body: "<basic>closed</basic>"}},
		{"text to bob", event.Text{Out: true, To: "sip:bob@lab", Status: 200}, event.Text{Out: true, To: "sip:bob@lab", Status: 404}},
		{"text to bob", event.Text{Out: true, To: "sip:bob@lab", Status: 200}, event.Text{From: "sip:bob@lab"}},
		{"text from bob", event.Text{From: "sip:bob@lab"}, event.Text{Out: true, To: "sip:bob@lab", Status: 200}},
		{"notification", event.Notification{Phase: "posted"}, event.Notification{Phase: "updated"}},
		{"notification from bob", event.Notification{Phase: "posted", Title: "Bob"}, event.Notification{Phase: "posted", Title: "Eve"}},
		{"notification from bob", event.Notification{Phase: "posted", Body: "Bob calls"}, event.Notification{Phase: "tapped", Body: "Bob calls"}},
		{"push", event.Push{Phase: "delivered"}, event.Push{Phase: "sent"}},
		{"call", event.Call{}, event.Media{}},
		{"call up from bob", up, event.Call{Phase: "up", Peer: "sip:eve@lab", Name: "Eve"}},
		{"call up from robert", up, event.Call{Phase: "up", Peer: "sip:bob@lab"}},
		{"call 2", event.Call{ID: 2}, event.Call{ID: 1}},
		{"call 2 up from bob", event.Call{ID: 2, Phase: "up", Peer: "sip:bob@lab"}, event.Call{ID: 1, Phase: "up", Peer: "sip:bob@lab"}},
		{"call ended by peer", ended, event.Call{Phase: "ended", By: "us", Status: 486}},
		{"call held by peer", event.Call{Phase: "held", By: "peer"}, event.Call{Phase: "held", By: "us"}},
		{"call incoming asserted +1555", event.Call{Phase: "incoming", Asserted: []event.Identity{{URI: "sip:+1555@a"}}}, event.Call{Phase: "incoming", Diverted: []event.Identity{{URI: "sip:+1555@a"}}}},
		{"call incoming diverted busy", event.Call{Phase: "incoming", Diverted: []event.Identity{{Why: "user-busy"}}}, event.Call{Phase: "incoming", Diverted: []event.Identity{{Why: "no-answer"}}}},
		{"call incoming history carol", event.Call{Phase: "incoming", History: []event.Identity{{Name: "Carol"}}}, event.Call{Phase: "incoming", Peer: "carol"}},
		{"call incoming auto-answer answer-after", event.Call{Phase: "incoming", AutoAnswer: "Call-Info: ;answer-after=0"}, event.Call{Phase: "incoming"}},
		{"call ended with 486", ended, event.Call{Phase: "ended", By: "peer", Status: 603}},
		{"transfer failed role target", event.Transfer{Phase: "failed", Role: "target"}, event.Transfer{Phase: "failed", Role: "transferor"}},
		{"transfer failed to carol", event.Transfer{Phase: "failed", Target: "sip:carol@lab"}, event.Transfer{Phase: "failed", Target: "sip:bob@lab", By: "sip:carol@lab"}},
		{"transfer failed by carol", event.Transfer{Phase: "failed", By: "sip:carol@lab"}, event.Transfer{Phase: "failed", By: "sip:bob@lab", Target: "sip:carol@lab"}},
		{"transfer failed with 486", event.Transfer{Phase: "failed", Status: 486}, event.Transfer{Phase: "failed", Status: 603}},
		{"audio tone", event.Heard{What: "tone"}, event.Heard{What: "silence"}},
		{"audio tone 440", event.Heard{What: "tone", Hz: 450}, event.Heard{What: "tone", Hz: 450.5}},
		{"audio tone 440", event.Heard{What: "tone", Hz: 430}, event.Heard{What: "tone", Hz: 429.5}},
		{"audio tone 440", event.Heard{What: "tone", Hz: 440}, event.Heard{What: "sample", Hz: 440}},
		{"audio silence", event.Heard{What: "silence"}, event.Heard{What: "tone"}},
		{"audio like hi.wav", event.Heard{What: "sample", Name: "hi"}, event.Heard{What: "sample", Name: "ho"}},
		{"audio like hi >= 0.8", event.Heard{What: "sample", Name: "hi", Score: 0.8}, event.Heard{What: "sample", Name: "hi", Score: 0.79}},
		{"audio like hi >= 0.8", event.Heard{What: "sample", Name: "hi", Score: 0.9}, event.Heard{What: "sample", Name: "ho", Score: 0.9}},
		{"codec", event.Media{Phase: "start", Codec: "PCMU/8000"}, event.Media{Phase: "offer"}},
		{"codec g722", event.Media{Phase: "start", Codec: "G722/8000"}, event.Media{Phase: "start", Codec: "PCMU/8000"}},
		{"ice connected", event.ICE{Phase: "connected"}, event.ICE{Phase: "failed"}},
		{"ice connected with srflx", event.ICE{Phase: "connected", Local: "a", Remote: "b srflx"}, event.ICE{Phase: "connected", Local: "a", Remote: "b host"}},
		{"codec l16", event.Media{Phase: "start", Codec: "L16/8000"}, event.Media{Phase: "stop", Codec: "L16/8000"}},
		{"codec L16/16000", event.Media{Phase: "start", Codec: "L16/16000"}, event.Media{Phase: "start", Codec: "L16/8000"}},
		{"srtp", event.Media{Phase: "start", SRTP: "sdes AEAD_AES_128_GCM"}, event.Media{Phase: "start", Codec: "PCMU/8000"}},
		{"srtp sdes", event.Media{Phase: "start", SRTP: "sdes AEAD_AES_128_GCM"}, event.Media{Phase: "start", SRTP: "dtls AEAD_AES_128_GCM"}},
		{"srtp dtls", event.Media{Phase: "start", SRTP: "dtls AEAD_AES_128_GCM"}, event.Media{Phase: "stop", SRTP: "dtls AEAD_AES_128_GCM"}},
		{"srtp sdes aead_aes_128_gcm", event.Media{Phase: "start", SRTP: "sdes AEAD_AES_128_GCM"}, event.Media{Phase: "start", SRTP: "sdes AEAD_AES_256_GCM"}},
		{"srtp AEAD_AES_256_GCM", event.Media{Phase: "start", SRTP: "dtls AEAD_AES_256_GCM"}, event.Media{Phase: "start", SRTP: "dtls AEAD_AES_128_GCM"}},
		{"heard sample hi", event.Heard{What: "sample", Name: "hi"}, event.Heard{What: "sample", Name: "ho"}},
		{"heard tone 440", event.Heard{What: "tone", Hz: 445}, event.Heard{What: "tone", Hz: 460}},
		{"rtp lost > 3", event.RTP{Lost: 4}, event.RTP{Lost: 3}},
		{"dtmf", event.DTMF{Digit: "5"}, event.DTMF{Digit: "5", Out: true}},
		{"dtmf 5", event.DTMF{Digit: "5"}, event.DTMF{Digit: "6"}},
		{"dtmf a", event.DTMF{Digit: "A"}, event.DTMF{Digit: "B"}},
		{"dtmf by info", event.DTMF{Digit: "5", By: "info"}, event.DTMF{Digit: "5"}},
		{"dtmf 5 by audio", event.DTMF{Digit: "5"}, event.DTMF{Digit: "5", By: "info"}},
		{"clock x60", event.ClockRate{Rate: 60}, event.ClockRate{Rate: 61}},
		{"killed", event.Killed{}, event.State{To: event.Dead}},
		{"killed 0xbad22222", event.Killed{Code: "0xBAD22222"}, event.Killed{Code: "0x8badf00d"}},
		{"error", event.Error{}, event.Warning{}},
		{"error no-session", event.Error{Rule: "no-session"}, event.Error{Rule: "malformed-message"}},
		{"error server-loop", event.Error{Rule: "server-loop"}, event.Warning{Rule: "server-loop"}},
		{"error not-registered", event.Registration{Phase: event.RegistrationFailed, Rule: "not-registered"}, event.Registration{Phase: event.RegistrationFailed, Rule: "wrong-password"}},
		{"error request-refused", event.Subscription{Rule: "request-refused"}, event.Subscription{}},
		{"error request-refused", event.Publication{Rule: "request-refused"}, event.Publication{}},
		{"error", event.Error{Rule: "not-registered"}, event.Registration{Rule: "not-registered"}},
		{"lab refreshed", event.Server{What: "refreshed"}, event.Server{What: "registered", Detail: "refreshed"}},
		{"lab wrong password", event.Server{What: "wrong password"}, event.Server{What: "wrong"}},
		{"lab refreshed with alice", event.Server{What: "refreshed", Peer: "alice 192.0.2.1:1"}, event.Server{What: "refreshed", Peer: "bob 192.0.2.1:1"}},
		{"lab refreshed with \"50 %\"", event.Server{What: "refreshed", Detail: "after 5 s of 10 (50 %)"}, event.Server{What: "refreshed", Detail: "after 4 s of 10 (40 %)"}},
		{"warning", event.Warning{Rule: "wake-race"}, event.Error{}},
		{"warning wake-race", event.Warning{Rule: "wake-race"}, event.Warning{Rule: "wake-budget"}},
		{"warning no-audio-in call 2", event.Warning{Rule: "no-audio-in", Call: 2}, event.Warning{Rule: "no-audio-in", Call: 1}},
		{"warning call 2", event.Warning{Rule: "no-audio-in", Call: 2}, event.Warning{Rule: "no-audio-in"}},
		{"warning unproven-address way out", event.Warning{Rule: "unproven-address", Way: event.Outward}, event.Warning{Rule: "unproven-address"}},
		{"warning way in call 3", event.Warning{Call: 3, Way: event.Inward}, event.Warning{Call: 3, Way: event.Outward}},
	} {
		e := must(t, c.text)
		tested[e.Head()] = true
		if !e.Match(c.yes) {
			t.Errorf("%q does not take %+v", c.text, c.yes)
		}
		if e.Match(c.no) {
			t.Errorf("%q takes %+v", c.text, c.no)
		}
	}
	for _, head := range heads() {
		if !tested[head] {
			t.Errorf("no case in which %q fails", head)
		}
	}
}

// TestQuantities: each quantity of a call's audio reads its own number, in the
// unit in which it is written, and each operator means what it says.
func TestQuantities(t *testing.T) {
	ms := func(n int) event.Millis { return event.Millis(time.Duration(n) * time.Millisecond) }
	known := func(n int) event.Reading { return event.Reading{Value: n, Known: true} }
	all := event.RTP{
		LossPct: 7, Jitter: ms(11), JitterMax: ms(13), Delay: ms(17), RTT: ms(19), MOS: 2.3,
		Lost: 29, Late: 31, Concealed: 37, Sent: 41, Received: 43, Refused: 47, Foreign: 67, Unopened: 79, Replayed: 83, Unsent: 71, Unplayed: 61, Noise: 73, Recovered: 89, FarOf: 51, FarLost: 53, FarLossPct: 59,
		FarXR: event.VoIPMetrics{Gmin: 16, LossPct: 61, DiscardPct: 63, BurstLossPct: 65, Burst: ms(67), GapLossPct: 69, RTT: ms(71), EndSystem: ms(73), R: known(75), MOSLQ: 3.1, MOSCQ: 2.9},
	}
	values := map[string]string{
		"loss": "7%", "jitter": "11ms", "jitter-max": "13ms", "delay": "17ms", "rtt": "19ms", "mos": "2.3",
		"lost": "29", "late": "31", "concealed": "37", "sent": "41", "received": "43", "refused": "47", "far-lost": "53", "far-loss": "59%",
		"far-xr-loss": "61%", "far-discard": "63%", "far-burst-loss": "65%", "far-burst": "67ms", "far-gap-loss": "69%", "far-rtt": "71ms", "far-delay": "73ms", "far-r": "75", "far-mos-lq": "3.1", "far-mos-cq": "2.9",
		"unplayed": "61", "foreign": "67", "unopened": "79", "replayed": "83", "unsent": "71", "noise": "73", "recovered": "89",
	}
	if len(values) != len(quantities) {
		t.Errorf("%d of %d quantities are tested", len(values), len(quantities))
	}
	less := event.RTP{RTT: ms(1), MOS: 1, Received: 1, FarOf: 1, FarXR: event.VoIPMetrics{Gmin: 1, RTT: 1, EndSystem: 1, R: known(0), MOSLQ: 1, MOSCQ: 1}}
	more := event.RTP{
		LossPct: 8, Jitter: ms(12), JitterMax: ms(14), Delay: ms(18), RTT: ms(20), MOS: 2.4,
		Lost: 30, Late: 32, Concealed: 38, Sent: 42, Received: 44, Refused: 48, Foreign: 68, Unopened: 80, Replayed: 84, Unsent: 72, Unplayed: 62, Noise: 74, Recovered: 90, FarOf: 52, FarLost: 54, FarLossPct: 60,
		FarXR: event.VoIPMetrics{Gmin: 16, LossPct: 62, DiscardPct: 64, BurstLossPct: 66, Burst: ms(68), GapLossPct: 70, RTT: ms(72), EndSystem: ms(74), R: known(76), MOSLQ: 3.2, MOSCQ: 3},
	}
	for name, value := range values {
		for op, want := range map[string][3]bool{ // of less, the same, more
			"<": {true, false, false}, "<=": {true, true, false}, "=": {false, true, false}, ">=": {false, true, true}, ">": {false, false, true},
		} {
			e := must(t, "rtp "+name+" "+op+" "+value)
			for i, is := range []event.RTP{less, all, more} {
				if got := e.Match(is); got != want[i] {
					t.Errorf("%q matches %+v: %t", e, is, got)
				}
				if holds, known := e.Holds(folded(is)); !known || holds != want[i] {
					t.Errorf("%q holds after %+v: %t, known %t", e, is, holds, known)
				}
			}
		}
	}
}

// TestNothingIsMeasuredOfNothing: a call in which nothing came has no quality, good or
// bad, and what the far end has not reported is not known.
func TestNothingIsMeasuredOfNothing(t *testing.T) {
	for _, q := range quantities {
		if q.known == nil { // what is counted of what did not come, or was not sent
			continue
		}
		zero := "0"
		switch {
		case strings.Contains(q.unit, "%"):
			zero = "0%"
		case strings.Contains(q.unit, "ms"):
			zero = "0ms"
		}
		for _, op := range operators {
			e := must(t, "rtp "+q.name+" "+op+" "+zero)
			nothing := event.RTP{Sent: 50}
			if holds, known := e.Holds(folded(nothing)); e.Match(nothing) || holds || known {
				t.Errorf("%q of a call without packets: matches %t, holds %t, known %t", e, e.Match(nothing), holds, known)
			}
		}
	}
}

// TestNumbersAreBounded: what is no value of its quantity is refused.
func TestNumbersAreBounded(t *testing.T) {
	for text, ok := range map[string]bool{
		"rtp loss <= 0%": true, "rtp loss <= 100%": true, "rtp loss <= 100.1%": false, "rtp loss <= 1": false, "rtp loss <= -1%": false,
		"rtp jitter <= 0s": true, "rtp jitter <= -1ms": false, "rtp jitter <= 30": false,
		"rtp lost <= 0": true, "rtp lost <= -1": false, "rtp mos >= Inf": false, "rtp mos >= NaN": false,
		"audio like x >= 0": true, "audio like x >= 1": true, "audio like x >= 1.01": false, "audio like x >= -0.01": false,
		"audio tone 20000": true, "audio tone 20001": false, "audio tone 19": false, "audio tone 0": false, "audio tone -1": false, "audio tone NaN": false,
		"codec l16": true, "codec pcmu/8000": true, "codec l16/48000": false, "codec opus": true, "codec opus/48000/2": true, "codec opus/16000": false, "codec speex": false,
		"srtp sdes": true, "srtp SDES AES_CM_128_HMAC_SHA1_80": true, "srtp zrtp": false, "srtp sdes dtls": false, "srtp AEAD_AES_128_GCM sdes": false, "srtp sdes AES_512": false,
		"sent 100": true, "sent 99": false, "sent 699": true, "sent 700": false,
	} {
		if _, err := Parse(text); (err == nil) != ok {
			t.Errorf("Parse(%q): %v", text, err)
		}
	}
}

// TestStatesHold: each form that a state fulfils is fulfilled in that state and
// not in another, and no other form is.
func TestStatesHold(t *testing.T) {
	up := event.Call{ID: 1, Phase: "up", Peer: "sip:bob@lab"}
	on := func(phase event.CallPhase) []event.Event { return []event.Event{up, event.Call{ID: 1, Phase: phase}} }
	one := func(e event.Event) []event.Event { return []event.Event{e} }
	tested := []string{}
	for _, c := range []struct {
		text    string
		yes, no []event.Event
	}{
		{"registered", one(event.Registration{Phase: "active"}), one(event.Registration{Phase: "failed"})},
		{"foreground", one(event.State{To: event.Foreground}), one(event.State{To: event.Suspended})},
		{"background", one(event.State{To: event.InCall}), one(event.State{To: event.Awake})},
		{"suspended", one(event.State{To: event.Suspended}), one(event.State{To: event.Dead})},
		{"awake", one(event.State{To: event.Awake}), one(event.State{To: event.Background})},
		{"dead", one(event.State{To: event.Dead}), one(event.State{To: event.Suspended})},
		{"state awake", one(event.State{To: event.Awake}), one(event.State{To: event.Suspended})},
		{"locked", one(event.Lock{On: true}), one(event.Lock{})},
		{"unlocked", one(event.Lock{}), one(event.Lock{On: true})},
		{"socket open", one(event.Socket{Name: "control", Phase: "open"}), one(event.Socket{Name: "control", Phase: "closed"})},
		{"network cell", one(event.Network{Name: "cell"}), one(event.Network{Name: "offline"})},
		{"network wifi", nil, one(event.Network{Name: "cell"})},
		{"fault loss", one(event.Fault{Name: "loss", On: true}), []event.Event{event.Fault{Name: "loss", On: true}, event.Fault{Name: "loss"}}},
		{"fault loss over", nil, one(event.Fault{Name: "loss", On: true})},
		{"call up", one(up), on("ended")},
		{"call held", on("held"), one(up)},
		{"call held by us", append(on("held"), event.Call{ID: 1, Phase: "held", By: "peer"}, event.Call{ID: 1, Phase: "resumed", By: "peer"}), []event.Event{up, event.Call{ID: 1, Phase: "held", By: "peer"}}},
		{"call held by peer", []event.Event{up, event.Call{ID: 1, Phase: "held", By: "peer"}}, on("held")},
		{"call muted", on("muted"), on("unmuted")},
		{"codec g722", one(event.Media{Phase: "start", Codec: "G722/8000"}), []event.Event{event.Media{Phase: "start", Codec: "G722/8000"}, event.Media{Phase: "stop"}}},
		{"codec g722", []event.Event{event.Media{Phase: "start", Codec: "PCMU/8000"}, event.Media{Phase: "start", Codec: "G722/8000"}}, one(event.Media{Phase: "start", Codec: "PCMU/8000"})},
		{"srtp sdes", one(event.Media{Phase: "start", SRTP: "sdes AEAD_AES_128_GCM"}), []event.Event{event.Media{Phase: "start", SRTP: "sdes AEAD_AES_128_GCM"}, event.Media{Phase: "start", Codec: "PCMU/8000"}}},
		{"ice connected", one(event.ICE{Call: 1, Phase: "connected"}), []event.Event{event.ICE{Call: 1, Phase: "connected"}, event.ICE{Call: 1, Phase: "lost"}}},
		{"ice connected", one(event.ICE{Call: 1, Phase: "connected"}), []event.Event{event.ICE{Call: 1, Phase: "connected"}, event.Media{Call: 1, Phase: "stop"}}},
		{"rtp lost = 0", one(event.RTP{Received: 1}), one(event.RTP{Lost: 1})},
	} {
		e := must(t, c.text)
		tested = append(tested, e.Head())
		if holds, known := e.Holds(folded(c.yes...)); !holds || !known {
			t.Errorf("%q does not hold after %+v", c.text, c.yes)
		}
		if holds, known := e.Holds(folded(c.no...)); holds || !known {
			t.Errorf("%q holds after %+v, known %t", c.text, c.no, known)
		}
	}
	for _, f := range Forms() {
		if f.State != slices.Contains(tested, f.Head) {
			t.Errorf("%q is marked as a state: %t; tested: %v", f.Head, f.State, strings.Join(tested, " "))
		}
	}
}
