package event

import (
	"strings"
	"time"
)

// Lifecycle is the state of the app as the mobile system sees it.
type Lifecycle string

// The states of an app. Package phone/device describes what holds in each.
const (
	Dead       Lifecycle = "dead"            // no process
	Foreground Lifecycle = "foreground"      // on the screen, running
	Entering   Lifecycle = "entering"        // left the screen, still running
	Background Lifecycle = "background"      // off the screen, and free to run
	Task       Lifecycle = "background-task" // running on borrowed time
	Suspended  Lifecycle = "suspended"       // no code runs
	Awake      Lifecycle = "awake"           // woken in the background, for one window
	InCall     Lifecycle = "background-call" // an active audio session keeps it running
)

// Runs reports whether the app's code runs in this state.
func (l Lifecycle) Runs() bool { return l != Suspended && l != Dead && l != "" }

// Start opens a handset's log: its kind and its settings. A later Start reports
// that they have changed.
type Start struct {
	Version  string `json:"version,omitempty"`
	Profile  string `json:"profile"`
	Strategy string `json:"strategy"`
	// Protocol is the protocol on the control socket; empty is sip.
	Protocol string `json:"protocol,omitempty"`
	// Raw is the name of a raw protocol.
	Raw    string `json:"raw,omitempty"`
	AOR    string `json:"aor"`
	Server string `json:"server"`
	// Transport is the transport to the server; empty is tcp.
	Transport string `json:"transport,omitempty"`
	Mic       string `json:"mic"`
	Speaker   string `json:"speaker"`
	Seed      uint64 `json:"seed"`
	// Emulated numbers that the screen shows.
	Window    Seconds `json:"window_s"`
	Budget    int     `json:"budget"`
	BudgetPer Seconds `json:"budget_per_s"`
	// Unfaithful lists settings that no real system allowed (strict = off).
	Unfaithful []string `json:"unfaithful,omitempty"`
	// Settings lists the settings that differ from the device profile,
	// KEY=VALUE each.
	Settings []string `json:"settings,omitempty"`
	// Choices lists the assumptions: settings whose value no published
	// source confirms.
	Choices []Choice `json:"choices,omitempty"`
	// Display is the name that others see, Auto how the app answers calls
	// by itself, Expires the length of the registration that it requests.
	Display string  `json:"display,omitempty"`
	Auto    string  `json:"auto,omitempty"`
	Expires Seconds `json:"expires_s,omitempty"`
	// App lists the other settings of the app, KEY=VALUE each, Faults the
	// faults of its link from the start, separated by commas.
	App    []string `json:"app,omitempty"`
	Faults string   `json:"faults,omitempty"`
	// Accounts are those of a phone that has several, the first of which is the one
	// above.
	Accounts []Account `json:"accounts,omitempty"`
}

// A Choice is an assumption: a setting whose value no published source
// confirms, chosen by the emulator or by the tester.
type Choice struct {
	Key   string `json:"key"`
	Value string `json:"value"`
	About string `json:"about,omitempty"` // what the setting says
	Yours bool   `json:"yours,omitempty"` // set by the tester
}

// State is a change of the app's lifecycle state.
type State struct {
	From Lifecycle `json:"from"`
	To   Lifecycle `json:"to"`
	Why  string    `json:"why"`
	// Left is how long the app may run in the new state; 0: no limit.
	Left Seconds `json:"left_s,omitempty"`
}

// Lock is the screen being locked or unlocked.
type Lock struct {
	On bool `json:"on"`
}

// Launch is a start of the app's process.
type Launch struct {
	Background bool   `json:"background"`
	Why        string `json:"why"`
}

// Killed is the end of the app's process: by the system, the user, or itself.
type Killed struct {
	Code   string `json:"code,omitempty"` // such as 0xbad22222
	Rule   Rule   `json:"rule,omitempty"` // for "sleeptalk explain"
	Reason string `json:"reason"`
}

// BackgroundTask is a step in the life of a background task: begin, refused,
// expiring, end.
type BackgroundTask struct {
	Task   int       `json:"task"`
	Name   string    `json:"name"`
	Phase  TaskPhase `json:"phase"`
	Budget Seconds   `json:"budget_s,omitempty"`
}

// Keepalive is a change to the keepalive handler: installed, refused, skipped
// (for another timeout, because the app is in the foreground), deferred (the
// device is idle), cleared, cut (the app was suspended before its handler had
// returned).
type Keepalive struct {
	Phase   KeepalivePhase `json:"phase"`
	Timeout Seconds        `json:"timeout_s"`
	// Due is how long from now the handler must be called at the latest.
	Due Seconds `json:"due_s,omitempty"`
	Why string  `json:"why,omitempty"`
}

// Tick is one call of the keepalive handler.
type Tick struct {
	N     int     `json:"n"`
	Early Seconds `json:"early_s"` // how long before it was due
	Next  Seconds `json:"next_s"`  // when the next one is due, from now
}

// TickDone is the keepalive handler's return.
type TickDone struct {
	N   int    `json:"n"`
	Ran Millis `json:"ran_ms"`
}

// WakeCause is the reason why the system woke the app.
type WakeCause string

// The causes of a wake.
const (
	BySocket       WakeCause = "socket"
	ByKeepalive    WakeCause = "keepalive"
	ByNotification WakeCause = "notification" // the user tapped one
	ByUser         WakeCause = "user"         // the user opened the app, or took the idle device up
	ByPush         WakeCause = "push"         // a push came
	ByAlarm        WakeCause = "alarm"        // an alarm that is allowed while the device is idle
	ByMaintenance  WakeCause = "maintenance"  // a maintenance window of an idle device
	ByQuit         WakeCause = "quit"         // this program ends, and the app is to sign off
)

// WakeCauses are all causes of a wake.
var WakeCauses = []WakeCause{BySocket, ByKeepalive, ByPush, ByAlarm, ByMaintenance, ByNotification, ByUser, ByQuit}

// Letter returns the letter of the cause in the timeline.
func (c WakeCause) Letter() string {
	switch c {
	case ByKeepalive:
		return "K"
	case ByPush:
		return "P"
	case ByAlarm:
		return "A"
	case ByMaintenance:
		return "M"
	case ByNotification:
		return "n"
	case ByUser:
		return "f"
	case ByQuit:
		return "q"
	}
	return "S" // the socket
}

// Wake is the system letting a suspended app run again, or launching a dead
// one for a push.
type Wake struct {
	N         int       `json:"n"`
	Cause     WakeCause `json:"cause"`
	Suspended Seconds   `json:"suspended_s"` // for how long it had been
	Window    Seconds   `json:"window_s"`    // how long it may run; 0: no limit
	// Stamps is how many wakes count against the budget now, this one
	// included; 0 where the wake does not count.
	Stamps int `json:"stamps,omitempty"`
}

// Frame is the first read of the control socket after a wake: the bytes that
// arrived while the app was suspended.
type Frame struct {
	Wake  int    `json:"wake"`
	What  string `json:"what"` // "INVITE", "200 OK", "CRLF", "FIN", "RST", …
	Bytes int    `json:"bytes"`
	// Latency is from the wake, when the emulator has seen that the socket is readable, to
	// this read: the difference of their records. What the kernel and the scheduler took
	// before the wake is not in it.
	Latency Millis `json:"latency_ms"`
}

// WakeEnd is the end of a wake: the app is suspended again, or stays awake
// for another reason.
type WakeEnd struct {
	N   int     `json:"n"`
	Ran Seconds `json:"ran_s"`
	Why string  `json:"why"`
}

// Notification is a step in the life of a local notification: posted,
// updated, tapped, withdrawn, missed, expired, refused.
type Notification struct {
	ID int `json:"id"`
	// Screen says that it is the system's own call screen, not a banner.
	Screen bool              `json:"screen,omitempty"`
	Phase  NotificationPhase `json:"phase"`
	Title  string            `json:"title,omitempty"`
	Body   string            `json:"body,omitempty"`
	Action string            `json:"action,omitempty"`
	Shown  bool              `json:"shown"` // false in the foreground, where the app draws its own
	Sound  Seconds           `json:"sound_s,omitempty"`
	// AfterWake is from the wake, when the emulator has seen that the socket is readable or
	// a push is there, to the notification: the difference of their records.
	AfterWake Millis `json:"after_wake_ms,omitempty"`
	// Why is the app's reason to take it back, if it has said one.
	Why string `json:"why,omitempty"`
}

// Push is a step of a push on its way to the app: sent (by a server),
// delivered (to the device), handled (its handler has returned), queued,
// expired, dropped, blocked, refused, token (the app has a new one); away, back and timer
// are of who brings it, a distributor or a local push provider.
type Push struct {
	Phase    PushPhase `json:"phase"`
	ID       string    `json:"id,omitempty"`
	Token    string    `json:"token,omitempty"`
	Priority string    `json:"priority,omitempty"` // high, normal
	// Background is a push that is no call (apns-push-type background).
	Background bool              `json:"background,omitempty"`
	Payload    map[string]string `json:"payload,omitempty"`
	Bytes      int               `json:"bytes,omitempty"`  // of an encrypted payload (RFC 8291)
	Body       string            `json:"body,omitempty"`   // that itself, in base64url, where a line of the log is how it travels
	Age        Millis            `json:"age_ms,omitempty"` // since it was sent
	TTL        Millis            `json:"ttl_ms,omitempty"` // for how long it may still be delivered; 0: it is tried once
	Why        string            `json:"why,omitempty"`
}

// DeviceIdle is a change of the device's own idleness (Android's Doze):
// active, inactive, light-idle, light-maintenance, deep-idle,
// deep-maintenance and the steps between.
type DeviceIdle struct {
	From string  `json:"from"`
	To   string  `json:"to"`
	Why  string  `json:"why"`
	Left Seconds `json:"left_s,omitempty"` // until the next change by itself
}

// Standby is how freely the system lets the app run off the screen (Android's
// App Standby).
type Standby struct {
	Bucket      string `json:"bucket"`
	Allowlisted bool   `json:"allowlisted"` // spared most of it by the user
	Why         string `json:"why"`
}

// Network is the handset's network from now on: wifi, cell or offline.
type Network struct {
	Name string `json:"name"`
	Why  string `json:"why"`
}

// Fault is a fault of the emulated link that begins or ends.
type Fault struct {
	Name   string `json:"name"` // such as "nat drop"
	On     bool   `json:"on"`
	Detail string `json:"detail,omitempty"`
}

// Reclaim is the system taking sockets from a suspended app.
type Reclaim struct {
	Sockets int    `json:"sockets"`
	Why     string `json:"why"`
}

// ClockRate is a change in how fast device time runs against wall time.
type ClockRate struct {
	Rate float64 `json:"rate"`
	Why  string  `json:"why,omitempty"`
}

// Standstill is a time in which this program did not run: it was stopped, or
// starved, or the computer slept. It is told when the program runs again. The
// device's clock ran on meanwhile.
type Standstill struct {
	For    Seconds `json:"for_s"`
	Asleep bool    `json:"asleep,omitempty"` // the computer slept
}

// longStandstill is a standstill that timers of signalling notice (RFC 3261 §17.1.1.2: T1
// is half of it); a shorter one is told only where audio is moved, which notices it.
const longStandstill = time.Second

// Long reports whether the standstill may have cost more than sound.
func (e Standstill) Long() bool { return e.For.D() >= longStandstill }

// Socket is a step in the life of one of the app's sockets: connecting,
// securing (TLS begins), open, failed, closed, reset, broken.
type Socket struct {
	Name   string      `json:"name"` // "control", "rtp", or "tcp": beside a control socket over UDP
	Phase  SocketPhase `json:"phase"`
	Local  string      `json:"local,omitempty"`
	Remote string      `json:"remote,omitempty"`
	Error  string      `json:"error,omitempty"`
	By     string      `json:"by,omitempty"` // who closed it, if that was the app itself: "us"
	Took   Millis      `json:"took_ms,omitempty"`
	// Why it was opened, where that does not go without saying.
	Why string `json:"why,omitempty"`
	// Security is the TLS version, the cipher suite, and whose certificate it
	// is, where the socket speaks TLS. Resumed says that the TLS session of an
	// earlier connection goes on; without it, the handshake was a whole one.
	Security string `json:"security,omitempty"`
	Resumed  bool   `json:"resumed,omitempty"`
}

// Signalling reports whether calls are signalled over the socket.
func (e Socket) Signalling() bool { return e.Name == "control" || e.Name == "tcp" }

// ByUs reports whether the app has closed the socket itself. Recordings from
// before there was By say it in Error.
func (e Socket) ByUs() bool {
	before := e.By == "" && (e.Error == "" || strings.HasPrefix(e.Error, "by us"))
	return e.Phase == SocketClosed && (e.By == "us" || before)
}

// Message is one SIP message on the control socket, credentials redacted.
type Message struct {
	Out      bool   `json:"out"`
	Method   string `json:"method"`           // of a response: the method of its CSeq
	Status   int    `json:"status,omitempty"` // 0 for a request
	Reason   string `json:"reason,omitempty"`
	URI      string `json:"uri,omitempty"`
	From     string `json:"from,omitempty"`
	CallID   string `json:"call_id"`
	CSeq     uint32 `json:"cseq"`
	Bytes    int    `json:"bytes"`
	Segments int    `json:"segments,omitempty"` // reads it arrived in
	SDP      bool   `json:"sdp,omitempty"`
	// Socket is the one that it went over, if that is not the control socket.
	Socket string `json:"socket,omitempty"`
	Raw    string `json:"raw,omitempty"`
	// What it says of why.
	Cause
}

// Data is one frame on the control socket of a protocol other than SIP: a
// stanza of XMPP, or a frame of a raw protocol. Credentials are redacted.
type Data struct {
	Out      bool   `json:"out"`
	What     string `json:"what"` // "message", "iq result", "incoming", …
	To       string `json:"to,omitempty"`
	From     string `json:"from,omitempty"`
	CallID   string `json:"call_id,omitempty"`
	Bytes    int    `json:"bytes"`
	Segments int    `json:"segments,omitempty"` // reads it arrived in
	// Sharing is how many frames were in the read that completed it, this
	// one included; 0: it was alone.
	Sharing int    `json:"sharing,omitempty"`
	Raw     string `json:"raw,omitempty"` // as text
	Hex     string `json:"hex,omitempty"` // of one that is not only text, by "hex -C"
}

// Ping is a keepalive on the control socket: CRLF CRLF in SIP (RFC 5626
// §3.5.1).
type Ping struct {
	Out bool `json:"out"`
	// What it is, and its length, if it is not CRLF CRLF.
	What   string `json:"what,omitempty"`
	Bytes  int    `json:"bytes,omitempty"`
	Socket string `json:"socket,omitempty"` // as that of a [Message]
}

// Pong is the answer to a ping: CRLF in SIP.
type Pong struct {
	Out bool `json:"out"`
	// What it is, and its length, if it is not CRLF.
	What   string `json:"what,omitempty"`
	Bytes  int    `json:"bytes,omitempty"`
	RTT    Millis `json:"rtt_ms,omitempty"`
	Socket string `json:"socket,omitempty"` // as that of a [Message]
}

// Registration is a step in the life of the binding at the registrar:
// sending, challenged, redirected, active, failed, lost, removed.
type Registration struct {
	Phase   RegistrationPhase `json:"phase"`
	Status  int               `json:"status,omitempty"`
	Reason  string            `json:"reason,omitempty"`
	Hint    string            `json:"hint,omitempty"`
	Contact string            `json:"contact,omitempty"`
	Expires Seconds           `json:"expires_s,omitempty"`
	Refresh Seconds           `json:"refresh_s,omitempty"` // when it will be refreshed, from now
	// FlowTimer is the server's promise to keep the flow (RFC 5626 §4.4.1).
	FlowTimer Seconds `json:"flow_timer_s,omitempty"`
	RTT       Millis  `json:"rtt_ms,omitempty"`
	// Rule says why it failed or was lost.
	Rule Rule `json:"rule,omitempty"`
	// What the answer says of why.
	Cause
}

// Recovery is a wait before the next try to open a flow (RFC 5626 §4.5).
type Recovery struct {
	Failures int     `json:"failures"`
	Wait     Seconds `json:"wait_s"`
	Why      string  `json:"why"`
}

// Verb is a command in the language of scenarios.
type Verb struct {
	Line string `json:"line"`
	By   string `json:"by"` // key, prompt, input, script
}

// Error is something that went wrong, and what to do about it. The call and the
// phone continue.
type Error struct {
	Op   string `json:"op"`
	Err  string `json:"error"`
	Hint string `json:"hint,omitempty"`
	// Rule says what kind of anomaly it is. Old recordings have none.
	Rule Rule `json:"rule,omitempty"`
}

// Warning is something that a tester should know but that breaks nothing.
type Warning struct {
	Rule Rule   `json:"rule"`
	Note string `json:"note"`
	Hint string `json:"hint,omitempty"`
	// Call is the call whose audio it is about, and Way the direction of that.
	Call int `json:"call,omitempty"`
	Way  Way `json:"way,omitempty"`
}

// A Way is a direction of a call's audio, as the phone sees it.
type Way string

// The ways.
const (
	Inward  Way = "in"
	Outward Way = "out"
)

// Check is the verdict on one expectation.
type Check struct {
	Name   string  `json:"name"`
	OK     bool    `json:"ok"`
	Detail string  `json:"detail,omitempty"`
	Waited Seconds `json:"waited_s,omitempty"`
}

// Server is something that the lab or the push service did or saw.
type Server struct {
	What   string `json:"what"`
	Peer   string `json:"peer,omitempty"`
	Detail string `json:"detail,omitempty"`
	// Settings lists how a lab that listens was set up, KEY=VALUE each.
	Settings []string `json:"settings,omitempty"`
}
