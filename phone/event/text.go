package event

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/clean"
)

// Line is r as one line of text: device time since the start, the phone, what
// happened, the detail.
func Line(r Record) string {
	what, detail := r.Event.Text()
	line := clean.Line(strings.TrimRight(fmt.Sprintf("%s  %-7s %-34s %s", Stamp(r.Device), r.Who(), what, detail), " "))
	return clean.Cut(line, clean.MaxLine)
}

// Printable is [clean.Line]: s on one line, with escapes for what a peer could
// manipulate the reader with.
func Printable(s string) string { return clean.Line(s) }

// Stamp writes a device time as "mm:ss.cc", with hours where there are any.
func Stamp(d time.Duration) string {
	return fmt.Sprintf("%s.%02d", Clock(d), d/(10*time.Millisecond)%100)
}

// join joins the parts that are not empty.
func join(sep string, parts ...string) string {
	kept := parts[:0]
	for _, p := range parts {
		if p != "" {
			kept = append(kept, p)
		}
	}
	return strings.Join(kept, sep)
}

func unless(empty bool, format string, args ...any) string {
	if empty {
		return ""
	}
	return fmt.Sprintf(format, args...)
}

func arrow(out bool) string {
	if out {
		return "-->"
	}
	return "<--"
}

func (e Start) Text() (string, string) {
	detail := join("  ", e.AOR, unless(e.Server == "", "at %s", e.Server), unless(e.Protocol == "", "in %s", strings.TrimSpace(e.Protocol+" "+e.Raw)), unless(e.Transport == "", "over %s", e.Transport),
		"device "+e.Profile+" (emulated)", "strategy "+e.Strategy, "mic "+e.Mic, "speaker "+e.Speaker)
	if set := slices.Concat(e.Settings, e.App); len(set) > 0 {
		detail += "  set " + strings.Join(set, " ")
	}
	if e.Faults != "" {
		detail += "  broken: " + e.Faults
	}
	for _, a := range e.Accounts {
		detail += "  account " + a.text()
	}
	if len(e.Unfaithful) > 0 {
		detail += "  UNFAITHFUL: " + strings.Join(e.Unfaithful, "; ")
	}
	return "on", detail
}

func (e State) Text() (string, string) {
	return string(e.To), join(", ", e.Why, unless(e.Left == 0, "%s left to run", e.Left))
}

func (e Lock) Text() (string, string) {
	if e.On {
		return "locked", ""
	}
	return "unlocked", ""
}

func (e Launch) Text() (string, string) {
	if e.Background {
		return "launched in the background", e.Why
	}
	return "launched", e.Why
}

func (e Killed) Text() (string, string) {
	return join(" ", "killed", e.Code), e.Reason
}

func (e BackgroundTask) Text() (string, string) {
	return "background task " + string(e.Phase), join(", ", e.Name, unless(e.Budget == 0, "%s", e.Budget))
}

func (e Keepalive) Text() (string, string) {
	return "keepalive " + string(e.Phase), join(", ", unless(e.Timeout == 0, "every %g s at the latest", e.Timeout.D().Seconds()), e.Why)
}

func (e Tick) Text() (string, string) {
	return fmt.Sprintf("keepalive tick %d", e.N), fmt.Sprintf("%s early, next within %s", e.Early, e.Next)
}

func (e TickDone) Text() (string, string) {
	return fmt.Sprintf("keepalive tick %d done", e.N), fmt.Sprintf("ran for %s", e.Ran)
}

func (e Wake) Text() (string, string) {
	return "woken by " + string(e.Cause), join(", ", fmt.Sprintf("suspended for %s", e.Suspended),
		unless(e.Window == 0, "may run for %s", e.Window), unless(e.Stamps == 0, "wake %d of the budget", e.Stamps))
}

func (e Frame) Text() (string, string) {
	return "wake frame " + e.What, join(", ", unless(e.Bytes == 0, "%d B", e.Bytes),
		fmt.Sprintf("read %s after the wake", e.Latency))
}

func (e WakeEnd) Text() (string, string) {
	return fmt.Sprintf("wake %d over", e.N), join(", ", fmt.Sprintf("ran for %s", e.Ran), e.Why)
}

func (e Notification) Text() (string, string) {
	if e.Screen {
		return "call screen " + string(e.Phase), join(", ", join(": ", e.Title, e.Body), e.Action, e.Why, unless(e.AfterWake == 0, "%s after the wake", e.AfterWake))
	}
	what := "banner " + string(e.Phase)
	if e.Phase == NotificationPosted && !e.Shown {
		what = "banner not shown"
	}
	return what, join(", ", join(": ", e.Title, e.Body), e.Action, e.Why, unless(e.AfterWake == 0, "%s after the wake", e.AfterWake))
}

func (e Push) Text() (string, string) {
	what := "push " + string(e.Phase)
	if e.Phase == PushToken {
		what = "push token"
	}
	return what, join(", ", e.ID, e.Priority, unless(!e.Background, "background"), unless(e.Bytes == 0, "%d B encrypted", e.Bytes), unless(e.Age == 0, "sent %s ago", e.Age), e.Why)
}

func (e DeviceIdle) Text() (string, string) {
	return "device " + e.To, join(", ", e.Why, unless(e.Left == 0, "for %s", e.Left))
}

func (e Standby) Text() (string, string) {
	return "standby bucket " + e.Bucket, join(", ", unless(!e.Allowlisted, "on the battery allowlist"), e.Why)
}

func (e Network) Text() (string, string) { return "network " + e.Name, e.Why }

func (e Fault) Text() (string, string) {
	if !e.On {
		return "fault over: " + e.Name, e.Detail
	}
	return "fault: " + e.Name, e.Detail
}

func (e Reclaim) Text() (string, string) {
	if e.Sockets == 1 {
		return "1 socket reclaimed", e.Why
	}
	return fmt.Sprintf("%d sockets reclaimed", e.Sockets), e.Why
}

func (e ClockRate) Text() (string, string) {
	return fmt.Sprintf("clock x%g", e.Rate), e.Why
}

func (e Standstill) Text() (string, string) {
	if e.Asleep {
		return "stood still", "this computer slept for " + Round(e.For.D())
	}
	return "stood still", "this process did not run for " + Round(e.For.D())
}

func (e Socket) Text() (string, string) {
	ends := e.Remote
	if e.Local != "" && e.Remote != "" {
		ends = e.Local + " <-> " + e.Remote
	} else if e.Remote == "" {
		ends = e.Local
	}
	return e.Name + " socket " + string(e.Phase), join(", ", ends, e.Why, e.Error, unless(e.Took == 0, "in %s", e.Took), e.Security, unless(!e.Resumed, "%s", "the session is resumed"))
}

func (e Message) Text() (string, string) {
	what := e.Method + " " + e.URI
	if e.Status != 0 {
		what = fmt.Sprintf("%d %s (%s)", e.Status, e.Reason, e.Method)
	}
	if e.SDP {
		what += " (SDP)"
	}
	return arrow(e.Out) + " " + what, join(", ", fmt.Sprintf("%d B", e.Bytes), unless(e.Segments < 2, "%d segments", e.Segments), over(e.Socket), e.Said())
}

func (e Data) Text() (string, string) {
	return arrow(e.Out) + " " + e.What, join(", ", unless(e.From == "", "from %s", e.From), unless(e.To == "", "to %s", e.To),
		fmt.Sprintf("%d B", e.Bytes), unless(e.Segments < 2, "%d segments", e.Segments), unless(e.Sharing < 2, "one of %d in a read", e.Sharing))
}

// over names the socket that something went over, if it is not the control socket.
func over(socket string) string { return unless(socket == "", "over the %s socket", socket) }

func (e Ping) Text() (string, string) {
	return arrow(e.Out) + " ping", join(", ", cmp.Or(e.What, "CRLF CRLF"), over(e.Socket))
}

func (e Pong) Text() (string, string) {
	return arrow(e.Out) + " pong", join(", ", cmp.Or(e.What, "CRLF"), unless(e.RTT == 0, "after %s", e.RTT), over(e.Socket))
}

func (e Registration) Text() (string, string) {
	what := map[RegistrationPhase]string{
		RegistrationSending: "registering", RegistrationChallenged: "registering again with credentials", RegistrationRedirected: "registering elsewhere", RegistrationActive: "registered",
		RegistrationFailed: "registration failed", RegistrationLost: "registration lost", RegistrationRemoved: "unregistered",
	}[e.Phase]
	if what == "" {
		what = "registration " + string(e.Phase)
	}
	return what, join(", ", unless(e.Status == 0, "%d %s", e.Status, e.Reason), unless(e.Status != 0, "%s", e.Reason),
		unless(e.RTT == 0, "in %s", e.RTT), unless(e.Expires == 0, "for %s", e.Expires), e.Said(), e.Hint)
}

func (e Recovery) Text() (string, string) {
	return fmt.Sprintf("next try in %s", e.Wait), join(", ", e.Why, unless(e.Failures == 0, "failure %d", e.Failures))
}

func (e Call) Text() (string, string) {
	who := e.Peer
	if e.Name != "" {
		who = fmt.Sprintf("%q %s", e.Name, e.Peer)
	}
	return "call " + string(e.Phase), join(", ", who, e.Introduction(), unless(e.Status == 0, "%d %s", e.Status, e.Reason),
		unless(e.Status != 0, "%s", e.Reason), unless(e.To == "", "to %s", e.To), unless(e.Elsewhere == e.Reason, "%s", e.Elsewhere), unless(e.By == "", "by %s", e.By), unless(!e.Missed, "missed"),
		unless(e.Rings == 0, "may ring for %s", e.Rings), unless(e.Fork == 0, "fork %d", e.Fork), unless(e.Refresher == "", "session timer %s, refreshed by %s", e.Expires, e.Refresher),
		unless(e.Lasted == 0, "after %s", e.Lasted), e.Said())
}

// Introduction is what the INVITE of an incoming call says of its caller and its
// way, besides who it is from.
func (e Call) Introduction() string {
	return join(", ", all("asserted as", e.Asserted), all("diverted by", e.Diverted), all("by way of", e.History),
		unless(e.AutoAnswer == "", "asks to be answered at once (%s)", e.AutoAnswer))
}

func all(what string, list []Identity) string {
	var parts []string
	for _, id := range list {
		parts = append(parts, join(" ", unless(id.Name == "", "%q", id.Name), id.URI, unless(id.Why == "", "(%s)", id.Why)))
	}
	return unless(len(parts) == 0, "%s %s", what, strings.Join(parts, " and "))
}

func (e Media) Text() (string, string) {
	return "audio " + string(e.Phase), join(", ", e.Codec, unless(e.PTime == 0, "%s", e.PTime),
		unless(e.Remote == "", "%s <-> %s", e.Local, e.Remote), unless(e.SRTP == "", "srtp %s", e.SRTP), e.Detail)
}

func (e RTP) Text() (string, string) {
	return "rtp", join(", ", fmt.Sprintf("sent %d", e.Sent), unless(e.Unsent == 0, "refused by this computer %d", e.Unsent), fmt.Sprintf("received %d", e.Received),
		fmt.Sprintf("lost %d (%.1f %%)", e.Lost, e.LossPct), unless(e.Late == 0, "late %d", e.Late),
		unless(e.Unplayed == 0, "not asked for by the sound card %d", e.Unplayed), unless(e.Recovered == 0, "recovered %d", e.Recovered), unless(e.Noise == 0, "comfort noise %d", e.Noise), unless(e.Refused == 0, "refused %d", e.Refused), unless(e.Foreign == 0, "no audio of this call %d", e.Foreign), unless(e.Unopened == 0, "not opened by the key %d", e.Unopened), unless(e.Replayed == 0, "sent twice %d", e.Replayed), fmt.Sprintf("jitter %.1f ms", e.Jitter.D().Seconds()*1000), unless(e.RTT == 0, "round trip %s", e.RTT),
		unless(e.MOS == 0, "MOS %.1f (estimate)", e.MOS), unless(e.FarOf == 0, "the far end lost %d of %d (%.1f %%)", e.FarLost, e.FarOf, e.FarLossPct),
		unless(!e.FarXR.Known(), "the far end by RTCP XR: %s", e.FarXR), unless(!e.XR.Known(), "we by RTCP XR: %s", e.XR),
		unless(e.DeadIn == 0, "nothing in for %s", e.DeadIn), unless(e.DeadOut == 0, "nothing out for %s", e.DeadOut),
		unless(e.UnknownIn == 0, "whether anything gets in, unknown for %s", e.UnknownIn))
}

func (e Heard) Text() (string, string) {
	return join(" ", "heard", e.What, unless(e.Hz == 0, "%.0f Hz", e.Hz), e.Name),
		join(", ", unless(e.Score == 0, "%.2f", e.Score), unless(e.For == 0, "for %s", e.For))
}

func (e DTMF) Text() (string, string) {
	return arrow(e.Out) + " tone " + e.Digit, join(", ", unless(e.Length == 0 && e.By != "", "%s", e.Length), unless(e.By == "", "by %s", strings.ToUpper(e.By)))
}

func (e Verb) Text() (string, string) { return "> " + e.Line, "by " + e.By }

func (e Error) Text() (string, string) {
	return "error: " + e.Op, join("; ", e.Err, unless(e.Hint == "", "try: %s", e.Hint))
}

func (e Warning) Text() (string, string) {
	return "warning: " + string(e.Rule) + unless(e.Call == 0, ", call %d", e.Call), join("; ", e.Note, unless(e.Hint == "", "try: %s", e.Hint))
}

func (e Check) Text() (string, string) {
	if e.OK {
		return "ok   " + e.Name, e.Detail
	}
	return "FAIL " + e.Name, e.Detail
}

func (e Server) Text() (string, string) {
	return e.What, join(", ", e.Peer, e.Detail, strings.Join(e.Settings, " "))
}
