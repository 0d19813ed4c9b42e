package scenario

import (
	"slices"
	"strings"

	"github.com/sleeptalk/sleeptalk/audio/codec"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/internal/srtp"
)

// A form is one kind of expectation: the word that it begins with, and what
// reads the words after that.
type form struct {
	head, usage, help string
	keeps             string // what "as $x" keeps
	state             bool   // some of it can be fulfilled by the state
	parse             func(*args) (meaning, *problem)
}

var forms = []form{
	{"launched", "launched", "the app's process was started", "why", false, plain(happens[event.Launch](nil))},
	{"registered", "registered [from a new contact]", "the registrar accepted the binding", "the contact", true, registered},
	{"unregistered", "unregistered", "the binding was removed", "the event", false, plain(registration(event.RegistrationRemoved))},
	{"registration", "registration sending|challenged|redirected|active|failed|lost|removed [with STATUS] [reason TEXT]", "a step of the registration; reason is in what its answer says of why, as the log has it: its status and its own words, its Reason, Warning or Retry-After, such as \"Q.850 21\" or \"retry after 02:00\"; a number is whole, and quotes are left out", "the status", false, registrationStep},
	{"foreground", "foreground", "the app is on the screen", "the state", true, plain(inState(event.Foreground))},
	{"background", "background", "the app has left the screen and still runs", "the state", true, plain(inState(event.Entering, event.Background, event.Task, event.InCall))},
	{"suspended", "suspended", "no code of the app runs", "the state", true, plain(inState(event.Suspended))},
	{"awake", "awake", "the app runs in the background, for one window", "the state", true, plain(inState(event.Awake))},
	{"dead", "dead", "the app has no process", "the state", true, plain(inState(event.Dead))},
	{"state", "state NAME", "the app's state: dead, foreground, entering, background, background-task, suspended, awake, background-call", "the state", true, stateNamed},
	{"locked", "locked", "the screen is locked", "the event", true, plain(locked(true))},
	{"unlocked", "unlocked", "the screen is not locked", "the event", true, plain(locked(false))},
	{"wake", "wake [by keepalive|socket|notification|user|sip|close|METHOD|STATUS]", "the system let the suspended app run", "the cause", false, wake},
	{"frame", "frame [WHAT]", "the bytes that had arrived while suspended were read", "what they were", false, frame},
	{"tick", "tick", "the keepalive handler was called", "the event", false, plain(happens[event.Tick](nil))},
	{"mark", "mark accepted|refused|ignored|missing [RULE]", "the app marked its socket for VoIP, and what came of it, with a rule why it was not taken; missing: it was suspended and had marked none", "the event", false, mark},
	{"keepalive", "keepalive installed|refused|skipped|cleared", "the keepalive handler changed", "the event", false, keepalive},
	{"task", "task begin|refused|expiring|end", "a step in the life of a background task", "its name", false, task},
	{"ping", "ping", "a CRLF CRLF keepalive, either way", "the event", false, plain(happens[event.Ping](nil))},
	{"pong", "pong", "the CRLF that answers a ping, either way", "the event", false, plain(happens[event.Pong](nil))},
	{"socket", "socket connecting|securing|open [resumed]|failed|closed|reset|broken", "the control socket; resumed: with the TLS session of the one before it", "its local address", true, socket},
	{"reclaimed", "reclaimed", "the system took the suspended app's sockets", "the event", false, plain(happens[event.Reclaim](nil))},
	{"recovery", "recovery", "the app waits before it opens a new flow", "the event", false, plain(happens[event.Recovery](nil))},
	{"dns", "dns [NAPTR|SRV] [with TEXT]", "the DNS was asked for the servers of a domain; TEXT is in the name, the records or the failure, such as NXDOMAIN", "the name", false, lookupForm},
	{"target", "target [HOST[:PORT]] [over tcp|udp|tls|ws|wss]", "a server of a domain is tried, of those that the DNS has named", "the server", false, targetForm},
	{"network", "network wifi|cell|offline", "what joins the handset to the world", "its name", true, network},
	{"fault", "fault NAME [over]", "the emulated link has broken something, or does no longer: nat drop, nat expired, handover, server stall, loss, …", "the detail", true, faultForm},
	{"sent", "sent METHOD|STATUS [over tcp] [reason TEXT]", "a SIP message went out; reason is as for registration; over tcp: by a phone over UDP, for which it was too large", "its Call-ID", false, message(true)},
	{"received", "received METHOD|STATUS [over tcp] [reason TEXT]", "a SIP message came in; reason is as for registration; over tcp: to a phone over UDP", "its Call-ID", false, message(false)},
	{"data", "data [sent|received] [WHAT] [with TEXT]", "a frame of a raw protocol or of XMPP passed, either way by default: hello, accepted, incoming, ringing, …, or frame, which the profile does not know; message, \"jingle propose\", \"sm resumed\", …; TEXT is in it", "what it was", false, data},
	{"text", "text [from NAME] [with TEXT] | text [refused] [to NAME] [with TEXT] [reason TEXT]", "a text came from somebody or, with \"to\", one of the phone's own was accepted or, with \"refused\", was not; reason is in what the answer says of why", "the text", false, textForm},
	{"subscription", "subscription active|refused|ended [to PACKAGE|NAME] [with STATUS] [reason TEXT]", "a step of a subscription of the phone's own; reason is as for registration", "its package", false, subscriptionForm},
	{"publication", "publication active|refused|ended [with STATUS] [reason TEXT]", "a step of what the phone publishes; reason is as for registration", "its package", false, publicationForm},
	{"notify", "notify [PACKAGE] [from NAME] [with TEXT]", "a subscription of the phone's own has told something; TEXT is in it", "the body", false, notifyForm},
	{"message-waiting", "message-waiting [yes|no] [voice|fax|pager|multimedia|video|text|none] [new N] [old N]", "a server said what waits in the mailbox: whether messages do, and how many of a kind are new and old (voice messages, if none is named); a kind alone, or after yes, wants one of it at least; of a count that was not given, or cannot be read, nothing holds", "how many are new", false, messageWaiting},
	{"notification", `notification [posted|updated|tapped|withdrawn|missed|expired|refused] [from NAME]`, "a step in the life of a banner, or of a call on the system's call screen; posted by default", "its title", false, notification},
	{"push", "push [delivered|handled|queued|expired|dropped|blocked|refused|token|away|back|timer]", "a step of a push on its way to the app; delivered by default; away and back: who brings it, a distributor or a local push provider, does not run, or does again; timer: a timer event of that provider", "its number", false, pushStep},
	{"held", "held [waiting|released|dropped] [METHOD|STATUS] [from NAME] [at-least DURATION]", "bytes waited in the kernel while the app was suspended, and do not wake it (waiting), were read (released, by default), or were lost with their socket (dropped); what they were, from whom, and that they waited so long, is told of those that were read", "how long it waited", false, held},
	{"loss", "loss [likely|lost|reached] [from NAME] [at server|link|app|answer] [with STATUS]", "a call did not get through to the phone, and its user knows nothing of it (lost, by default); how far it came; STATUS is what the caller was told. It is likely while the call may come another way, and reached if it did", "the caller", false, loss},
	{"call", "call [N] PHASE [by us|peer|timeout|network] [from NAME] [with STATUS] [reason TEXT] [asserted|diverted|history|auto-answer TEXT]", "a step in the life of a call, the one numbered N if it is given: calling, incoming, ringing, waiting, redirected, early, answered, up, held, resumed, muted, unmuted, refreshed, ended; by is for the end, and by us or peer for held, resumed and refreshed; reason is as for registration, of its end, or \"answered elsewhere\"; the last are for incoming, and in P-Asserted-Identity, Diversion, History-Info, or a header field that asks for an answer at once", "the peer's address", true, call},
	{"transfer", "transfer asked|accepted|progress|completed|failed [role transferor|transferee|target] [to NAME] [by NAME] [with STATUS] [reason TEXT]", "a step of a call that is handed over to somebody else (REFER, Replaces), as the one who hands it over, who is handed over, or who gets it; reason is as for registration", "whom it is handed over to", false, transfer},
	{"audio", "audio tone [HZ] | audio like NAME [>= SCORE] | audio silence | audio offer|start|stop|back|keying|secured", "something was recognised in the received audio, or the audio stream began or ended, or the handshake for its keys; SCORE is from 0 to 1", "the tone or the name", false, audio},
	{"codec", "codec [NAME]", "the audio of a call is coded so, from now on or already: " + strings.Join(codec.Names(), ", ") + "; without the rate, at any", "the codec, such as G722/8000", true, codecForm},
	{"srtp", "srtp [sdes|dtls] [SUITE]", "the audio of a call is protected by SRTP, from now on or already, with keys that came so and by that suite, such as " + srtp.AES128SHA80, "where the keys came from, and the suite", true, srtpForm},
	{"ice", "ice gathered|checking|connected|failed|lost|restarting|off [with TEXT]", "a step of ICE, or where it stands already: the phone's candidates are known, a pair is looked for, audio goes by one, there is none, the peer no longer consents, it is begun anew with new words, it does not speak ICE; TEXT is in what is said of it, such as an address, a type (host, srflx, prflx, relay) or a role", "the peer's address", true, iceForm},
	{"heard", "heard tone [HZ] | heard sample [NAME] | heard silence", "something was recognised in the received audio", "the tone or the name", false, heard},
	{"rtp", "rtp loss|jitter|jitter-max|delay|rtt|mos|lost|late|concealed|sent|received|noise|recovered|refused|foreign|unopened|replayed|unsent|unplayed|far-loss|far-lost|far-xr-loss|far-discard|far-burst-loss|far-burst|far-gap-loss|far-rtt|far-delay|far-r|far-mos-lq|far-mos-cq OP NUMBER", "a quantity of the call's audio since its start, as the latest report has it (mos as of G.711, whatever the codec); far-loss and far-lost are by the far end's RTCP, far-xr-loss and what follows by its RTCP XR; OP is one of <= < >= > =", "the quantity", true, rtp},
	{"sound-card", "sound-card open|lost|moved|back|silent [of microphone|speaker] [with TEXT]", "a step in the life of this computer's sound card; TEXT is in the name of the device or in what is said of it", "the device", false, soundCard},
	{"dtmf", "dtmf [DIGIT] [by audio|info]", "a digit came in, in the audio or by an INFO of SIP", "the digit", false, dtmf},
	{"clock", "clock xRATE", "device time changed its pace", "the event", false, clockAt},
	{"killed", "killed [CODE]", "the system killed the app", "the code", false, killed},
	{"error", "error [RULE]", "something went wrong; with a rule also a registration, a subscription, a publication or a sound card that failed by it", "the rule", false, errorForm},
	{"lab", "lab WHAT [with TEXT]", "the lab did or saw something: registered, refreshed, unregistered, wrong password, closed, …, with TEXT in whom or what it tells of, such as alice or \"50 %\"", "what it tells", false, labForm},
	{"warning", "warning [RULE] [call N] [way in|out]", "something that a tester should know; call and way are of those about the audio of a call", "the rule", false, warning},
}

// happens is fulfilled by the events of one type for which ok holds; all of
// them if it is nil.
func happens[E event.Event](ok func(E) bool) meaning {
	return meaning{match: func(_ *event.Fold, ev event.Event) bool {
		e, is := ev.(E)
		return is && (ok == nil || ok(e))
	}}
}

// keeping adds what "as" keeps of an event, and, of a state, in.
func keeping[E event.Event](m meaning, of func(E) string, in func(*event.Fold) string) meaning {
	m.value = func(f *event.Fold, ev event.Event) string {
		if e, is := ev.(E); is {
			return of(e)
		}
		if in != nil && f != nil {
			return in(f)
		}
		return ""
	}
	return m
}

// while adds the state that is enough, too.
func (m meaning) while(holds func(*event.Fold) bool) meaning {
	m.holds = func(f *event.Fold) (bool, bool) { return holds(f), true }
	return m
}

// plain is a form without words after its head.
func plain(m meaning) func(*args) (meaning, *problem) {
	return func(*args) (meaning, *problem) { return m, nil }
}

// option reads "WORD VALUE" if it comes next.
func (a *args) option(word string) (value token, ok bool, p *problem) {
	if !a.skip(word) {
		return token{}, false, nil
	}
	value, p = a.need("what comes after " + `"` + word + `"`)
	return value, p == nil, p
}

// options reads pairs of a known word and its value, in any order.
func (a *args) options(known ...string) (map[string]token, *problem) {
	got := make(map[string]token)
	for len(a.tokens) > 0 {
		word, p := a.oneOf("word", "there may follow", known)
		if p != nil {
			return nil, p
		}
		if _, twice := got[word]; twice {
			return nil, wrong(a.head, "%q stands twice", word)
		}
		if got[word], p = a.need(`what comes after "` + word + `"`); p != nil {
			return nil, p
		}
	}
	return got, nil
}

// contains reports whether part stands in s, in any case.
func contains(s, part string) bool {
	return strings.Contains(strings.ToLower(s), strings.ToLower(part))
}

// among reports whether s is in list, in any case.
func among(s string, list []string) bool {
	return slices.ContainsFunc(list, func(l string) bool { return strings.EqualFold(l, s) })
}
