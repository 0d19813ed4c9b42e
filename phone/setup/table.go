package setup

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sleeptalk/sleeptalk/audio/endpoint"
	"github.com/sleeptalk/sleeptalk/phone"
	"github.com/sleeptalk/sleeptalk/phone/app"
	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/device"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/link"
	"github.com/sleeptalk/sleeptalk/phone/push"
	"github.com/sleeptalk/sleeptalk/phone/raw"
)

// maxCalls bounds the calls at a time that a phone can be made to take.
const maxCalls = 1000

// anybody is the value of accept-from that takes in what comes from anywhere.
const anybody = "any"

// showRedirects is the value of redirects that follows none.
const showRedirects = "show"

// phoneRows say what the phone is like, whoever it is: "use phone" lines have
// them, too. A recording has them in this order.
func phoneRows() []Setting {
	rows := []Setting{
		{
			Key: "device", Of: ThePhone, Value: "NAME", Script: true,
			Help:  "emulated device: " + strings.Join(device.Names(), ", ") + ", one with a release such as ios-voip-socket@ios4; outside of a scenario also FILE.yaml",
			set:   notHere,
			usual: func(app.Config) string { return DefaultDevice },
			said:  func(s event.Start) string { return s.Profile },
		},
		{
			Key: "strict", Of: ThePhone, Value: "on|off", Script: true, Example: "on", Help: "off allows numbers that no real device allowed; on by default",
			check: onOff, set: notHere,
		},
		{
			Key: "strategy", Of: ThePhone, Value: strings.Join(app.StrategyNames(), "|"), Script: true, Help: "how the app stays reachable asleep",
			check: parsed(app.ParseStrategy), set: func(d *draft, v string) (err error) { d.app.Strategy, err = app.ParseStrategy(v); return err },
			usual: func(c app.Config) string { return string(c.Strategy) },
			said:  func(s event.Start) string { return s.Strategy },
		},
	}
	return slices.Concat(rows, carrierRows(), backgroundRows(), lifeRows(), soundRows(), wayRows(), sessionRows(), pushRows(), localPushRows())
}

// notHere is a setting that is seen to before anything is built: see [Kit].
func notHere(*draft, string) error { return nil }

// carrierRows say what the phone speaks, and over what.
func carrierRows() []Setting {
	return []Setting{
		{
			Key: "transport", Of: EachAccount, Value: "tcp|udp|tls|ws|wss", Script: true, Guard: Way, Example: "tcp",
			Help:  "transport to the server: tcp, udp, tls, WebSocket (ws), the same over TLS (wss); what the DNS says of a domain without a port, else tcp unless the strategy is wake-socket",
			check: checkTransport, set: func(d *draft, v string) error { d.transport = strings.ToLower(v); return nil },
			said: func(s event.Start) string { return s.Transport },
		},
		{
			Key: "accept-from", Of: EachAccount, In: []string{control.SIP}, Value: "server|any", Script: true, Guard: Reach, reaches: letsIn, Example: "server",
			Help:  "whom SIP over UDP and audio are taken from: server, which is the server, its proxies and where a call says that its audio comes from, or any; server by default",
			check: OneOf("server", anybody), set: func(d *draft, v string) error { d.sip.AcceptAny = v == anybody; return nil },
			show: func(c phone.Config) string {
				return word(sipOf(c).AcceptAny, anybody)
			},
		},
		{
			Key: "redirects", Of: EachAccount, In: []string{control.SIP}, Value: "follow|show", Script: true, Example: "follow",
			Help:  "what becomes of a 3xx: follow it, or show where it leads and fail; follow by default",
			check: OneOf("follow", showRedirects), set: func(d *draft, v string) error { d.sip.ShowRedirects = v == showRedirects; return nil },
			show: func(c phone.Config) string {
				return word(sipOf(c).ShowRedirects, showRedirects)
			},
		},
		{
			Key: "control", Of: EachAccount, Value: strings.Join(protocolNames(), "|"), Script: true, Guard: Way,
			Help:  "what is spoken on the control connection: " + strings.Join(protocolNames(), ", ") + "; sip unless raw is set",
			check: OneOf(protocolNames()...), set: notHere,
			said: func(s event.Start) string { return s.Protocol },
		},
		{
			Key: "raw", Of: EachAccount, Value: "NAME|FILE.yaml", Script: true, Guard: Way, Help: "raw protocol: " + raw.List() + ", or FILE.yaml, in a scenario beside it",
			check: isRaw, set: func(d *draft, v string) error { d.rawName = v; return nil },
			said: func(s event.Start) string { return s.Raw },
		},
	}
}

// isRaw wants a protocol that there is. A file is read when it is needed.
func isRaw(value string) error {
	if raw.IsFile(value) {
		return nil
	}
	_, err := raw.Source(value)
	return err
}

// lifeRows say what the app does by itself, and what it sounds like.
func lifeRows() []Setting {
	return []Setting{
		{
			Key: "auto", Of: ThePhone, Live: true, Value: "answer|echo|busy|ring", Script: true, Guard: Reach, reaches: answers, Help: "what it does by itself when called; nothing by default",
			check: OneOf(string(app.Accept), string(app.Echo), string(app.Busy), string(app.Ring)),
			set:   func(d *draft, v string) error { d.app.Auto = app.Behaviour(v); return nil },
			said:  func(s event.Start) string { return s.Auto },
		},
		{
			Key: "auto-answer-header", Of: ThePhone, Live: true, Value: "on|off", Script: true, Guard: Reach, reaches: answers,
			Help:  "on answers a call by itself whose caller asks for that by Call-Info or Alert-Info (answer-after=0, info=alert-autoanswer) or Answer-Mode; off by default, with a warning",
			check: onOff, set: func(d *draft, v string) error { d.app.AutoAnswerHeader = on(v); return nil },
			show: func(c phone.Config) string { return word(c.App.AutoAnswerHeader, "on") },
		},
		{
			Key: "transfer", Of: ThePhone, Live: true, Value: "accept|ask|refuse", Script: true, Guard: Reach, reaches: transfers,
			Help:  "what it does when somebody wants it to call somebody else (REFER): accept, ask the user, refuse; by default it accepts in a call and asks outside of one",
			check: OneOf(string(app.HandoverAccept), string(app.HandoverAsk), string(app.HandoverRefuse)),
			set:   func(d *draft, v string) error { d.app.Handover = app.Handover(v); return nil },
			show:  func(c phone.Config) string { return string(c.App.Handover) },
		},
		{
			Key: "mic", Of: ThePhone, Value: "ENDPOINT", Script: true, Guard: Reach, reaches: plays, Example: "device",
			Help:  "microphone, the sound card if there is one: device[:NAME], file:PATH, tone:HZ, silence, none; in a scenario one of the last three, tone:440 by default",
			check: parsed(endpoint.ParseMic), set: notHere,
			said: func(s event.Start) string { return word(playable(s.Mic), s.Mic) },
		},
		{
			Key: "speaker", Of: ThePhone, Value: "ENDPOINT", Guard: Reach, reaches: writes, Example: "device", Help: "speaker, the sound card if there is one: device[:NAME], file:PATH, none",
			check: parsed(endpoint.ParseSpeaker), set: notHere,
		},
		{
			Key: "display", Of: EachAccount, In: []string{control.SIP, control.Raw}, Value: "NAME", Script: true, Example: "Alice", Help: "name shown to those who are called",
			set:  func(d *draft, v string) error { d.display = v; return nil },
			said: func(s event.Start) string { return s.Display },
		},
		{
			Key: "expires", Of: EachAccount, In: []string{control.SIP}, Value: Duration, Script: true, Help: "for how long to register",
			check: isDuration(time.Second), set: func(d *draft, v string) (err error) { d.sip.Expires, err = time.ParseDuration(v); return err },
			usual: func(c app.Config) string { return short(c.Strategy.Traits().Expires) },
			said:  saidExpires,
		},
		{
			Key: "max-calls", Of: EachAccount, In: []string{control.SIP, control.XMPP}, Value: "N", Script: true, Example: "8", Help: "calls at a time; the next caller hears busy; 8 by default",
			check: isCount(maxCalls), set: func(d *draft, v string) (err error) { d.maxCalls, err = strconv.Atoi(v); return err },
			show: func(c phone.Config) string {
				if n := sipOf(c).MaxCalls; n > 0 {
					return strconv.Itoa(n)
				}
				return ""
			},
		},
	}
}

// UsualMic is the microphone of a phone in a scenario that names none.
const UsualMic = "tone:440"

// playable reports whether a microphone is to stand in a scenario that is recorded: no
// sound card, no file, and none that a scenario has anyway.
func playable(mic string) bool {
	m, err := endpoint.ParseMic(mic)
	return err == nil && mic != UsualMic && !m.Device() && m.Kind != endpoint.KindFile
}

// answers says why nobody else may have the phone answer by itself: its caller
// would hear the room.
func answers(all Values) string {
	if (all["auto"] == string(app.Accept) || on(all["auto-answer-header"])) && openMic(all) {
		return "only a file that you trust may have calls answered while the microphone is that of this machine"
	}
	return ""
}

// transfers says why nobody else may have the phone call whomever a stranger
// names: who is called would hear the room.
func transfers(all Values) string {
	if all["transfer"] == string(app.HandoverAccept) && openMic(all) {
		return "only a file that you trust may have the phone call whom others name while the microphone is that of this machine"
	}
	return ""
}

// openMic reports whether a call would hear the room.
func openMic(all Values) bool {
	mic, err := endpoint.ParseMic(cmp.Or(all["mic"], endpoint.KindDevice))
	return err != nil || mic.Device()
}

// letsIn says why nobody else may open the phone to callers that its server does
// not know.
func letsIn(all Values) string {
	if all["accept-from"] == anybody {
		return "only a file that you trust may let anybody call the phone"
	}
	return ""
}

// plays says why nobody else may choose a microphone: a file would be heard, or
// the room where calls are answered by themselves.
func plays(all Values) string {
	if mic, err := endpoint.ParseMic(all["mic"]); err != nil || mic.Kind == endpoint.KindFile {
		return "only a file that you trust may play a file of this machine"
	}
	return answers(all)
}

// writes says why nobody else may choose a speaker: a file would be written.
func writes(all Values) string {
	if speaker, err := endpoint.ParseSpeaker(all["speaker"]); err != nil || speaker.Kind == endpoint.KindFile {
		return "only a file that you trust may write a file"
	}
	return ""
}

// saidExpires is for how long a phone registers, where that is not what its
// app does anyway.
func saidExpires(s event.Start) string {
	if d := s.Expires.D(); d != app.Strategy(s.Strategy).Traits().Expires {
		return short(d)
	}
	return ""
}

// pushRows say how the app lives by pushes, and what is broken on its way.
func pushRows() []Setting {
	return []Setting{
		{
			Key: "push-provider", Of: ThePhone, Value: "NAME", Script: true, Example: "apns",
			Help:  "push service that the server is told (RFC 8599), that of the device if not said: apns, fcm, webpush; an app has one, and one token, for all its accounts",
			check: push.CheckValue, set: func(d *draft, v string) error { d.app.Push.Provider = v; return nil },
			show: func(c phone.Config) string {
				if p := c.App.Push.Provider; p != c.Profile.PushService() {
					return p
				}
				return ""
			},
		},
		{
			Key: "push-param", Of: ThePhone, Value: "TEXT", Script: true, Help: "app that the server is told, such as TEAMID.org.example.app.voip; the same for all its accounts",
			check: push.CheckValue, set: func(d *draft, v string) error { d.app.Push.Param = v; return nil },
			show: func(c phone.Config) string { return c.App.Push.Param },
		},
		{
			Key: "push-keys", Of: ThePhone, Value: "on|off", Script: true, Example: "on",
			Help:  "off has an app with webpush name no keys to its server, so that a push carries nothing, as RFC 8599 has it; on by default",
			check: onOff, set: func(d *draft, v string) error { d.app.Push.Plain = !on(v); return nil },
			show: func(c phone.Config) string { return word(c.App.Push.Plain, "off") },
		},
		{
			Key: "refresh", Of: ThePhone, Value: "push|timer", Script: true, Example: "push",
			Help:  "timer tells the server that the app refreshes its registration by itself (+sip.pnsreg of RFC 8599), which one that sleeps does not",
			check: OneOf("push", "timer"), set: func(d *draft, v string) error { d.app.Push.Timer = v == "timer"; return nil },
			show: func(c phone.Config) string { return word(c.App.Push.Timer, "timer") },
		},
		{
			Key: "report", Of: ThePhone, Live: true, Value: "late|never|must", Script: true,
			Help:  "when the app reports the call of a push: when the INVITE is there, never, or at once but only where the system wants it (mustReport); before all else by default",
			check: OneOf(string(app.ReportLate), string(app.ReportNever), string(app.ReportMust)), set: func(d *draft, v string) error { d.app.Push.Report = app.Report(v); return nil },
			show: func(c phone.Config) string { return string(c.App.Push.Report) },
		},
		{
			Key: "early-audio", Of: ThePhone, Live: true, Value: "on|off", Script: true, Example: "off", Help: "on does not wait for the audio session that the system activates",
			check: onOff, set: func(d *draft, v string) error { d.app.Push.EarlyAudio = on(v); return nil },
			show: func(c phone.Config) string { return word(c.App.Push.EarlyAudio, "on") },
		},
		{
			Key: "invite-wait", Of: ThePhone, Live: true, Value: Duration, Script: true, Example: "15s", Help: "how long a reported call waits for its INVITE; 15s by default",
			check: isDuration(1), set: func(d *draft, v string) (err error) { d.app.Push.InviteWait, err = time.ParseDuration(v); return err },
			show: func(c phone.Config) string { return short(c.App.Push.InviteWait) },
		},
		{
			Key: "stay-awake-by", Of: ThePhone, Value: strings.Join(app.AwakeByNames(), "|"), Script: true, Example: "options",
			Help:  "what the strategy stay-awake asks the server for: a pong, or the answer to OPTIONS; a pong by default",
			check: OneOf(app.AwakeByNames()...), set: func(d *draft, v string) error { d.app.StayAwakeBy = app.AwakeBy(v); return nil },
			show: func(c phone.Config) string { return word(c.App.StayAwakeBy == app.ByOptions, string(app.ByOptions)) },
		},
		{
			Key: "fault", Of: ThePhone, Value: "FAULT", Script: true, List: true, Example: "nat home, latency 50ms",
			Help:  "what is broken on the way to the server from the start, such as 'nat short, latency 200ms': sleeptalk help faults",
			check: parsed(link.ParseList), set: func(d *draft, v string) (err error) { d.faults, err = link.ParseList(v); return err },
			said: func(s event.Start) string { return s.Faults },
		},
	}
}

// word is the value of a switch that is set; empty if it is not.
func word(set bool, value string) string {
	if set {
		return value
	}
	return ""
}

// short is a duration without units that are zero: 10m, not 10m0s. Nothing is
// empty.
func short(d time.Duration) string {
	if d == 0 {
		return ""
	}
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}
