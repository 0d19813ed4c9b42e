package event

import (
	"strings"
	"time"
)

// The limits of the lists of a [Fold]; the oldest entries are dropped. The log
// keeps everything.
const (
	maxWakes      = 500
	maxSIP        = 1000
	maxSIPText    = 2 << 20 // bytes of the messages' texts
	maxUnanswered = 8
	maxRecent     = 20
	maxHeard      = 8
	maxProblems   = 100
	maxChecks     = 200
	maxCalls      = 16
	maxPhases     = 32 // of pushes: there are fewer
)

// A Fold is the state of one phone, computed from its records: what the screen
// and the reports need, and nothing that is not in the log.
//
// The phone is the one named in Phone, or, if that is empty, the one of the
// first [Start]. Records of others are ignored. Every time in it is device
// time. Its lists are bounded. A Fold is a plain value for one goroutine.
type Fold struct {
	Phone    string
	Started  bool // whether its first record was seen
	Start    Start
	Revision uint64 // Seq of the last record that was applied

	Wall   time.Time     // of the last record
	Device time.Duration // of the last record
	Epoch  time.Time     // the wall time at which device time was zero
	Rate   float64       // device seconds in a wall second
	Warped bool          // whether the rate was ever other than 1

	Life      Life
	Stood     Stood // of this program, or its computer
	Locked    bool
	Idle      Idleness
	Standby   Standby // "": the app is in no bucket
	Pushes    Pushes
	Wakes     []WakeRow // oldest first
	Counts    Counts
	Keepalive KeepaliveTimer
	Online
	Standings
	Banner     *Banner  // the notification on the screen; nil: none
	Unanswered []Banner // notifications that nobody answered, oldest first
	Calls      []CallRow
	Recent     []CallRow // ended calls, oldest first
	CallSounds
	Card     Card // of this computer
	SIP      []SIPRow
	Messages int // SIP messages so far, those no longer in SIP included
	Problems []Problem
	Checks   []CheckRow
	Network  string     // how the handset is connected: wifi, cell or offline
	Joined   string     // the same; of an offline handset, its last network
	Faults   []FaultRow // the link's active faults, oldest first
	Cuts     []CutRow   // what the network has lost of the signalling, and forgotten
	Losses   []LossRow  // calls that did not get through, in the order in which that was known

	reach reaching
	about string        // of several accounts, the one that the record is about
	woken time.Duration // in wakes that are over
	ran   int           // the wake since which the app has run without suspension; 0: none
	frame int           // the wake whose frame was read but not yet parsed
	hush  bool          // whether nothing has been sent yet in the wake
	text  int           // bytes of the texts in SIP, at most
}

// Life is where the app is in its life.
type Life struct {
	State  Lifecycle
	Since  time.Duration
	Until  time.Duration // the end of its time to run; 0: no limit
	Window time.Duration // how long that time was when it was given
	Why    string
	Before Lifecycle     // the state before
	Lasted time.Duration // how long that one lasted
	Killed Killed        // the last death, if State is Dead
}

// Counts are totals since the beginning.
type Counts struct {
	Wakes       int
	Late        int // wakes later than they should have been
	Unexplained int // wakes by the socket with nothing to read
	Kills       int
	Errors      int
	Passed      int // checks
	Failed      int
}

// KeepaliveTimer is the keepalive handler as the system sees it.
type KeepaliveTimer struct {
	Installed bool
	Timeout   time.Duration
	Due       time.Duration // when it must have been called
	Ticks     int
	LastTick  time.Duration
	Early     time.Duration // of the last tick
	Ponged    bool          // whether the last tick's ping was answered
	RTT       time.Duration // of the last pong
	PongAt    time.Duration
	Refused   string // why it was refused, if it was
	Cut       bool   // the last tick was cut: the app was suspended before it had returned
}

// Binding is the binding at the registrar.
type Binding struct {
	Phase   RegistrationPhase // as in [Registration]; "": never tried
	At      time.Duration
	Active  bool
	Expires time.Duration // its life
	Until   time.Duration // when it lapses
	Refresh time.Duration // when it will be refreshed; 0: not known
	Contact string
	Status  int
	Reason  string
	Hint    string
	RTT     time.Duration
}

// ControlSocket is the connection that carries signalling.
type ControlSocket struct {
	Phase         SocketPhase
	At            time.Duration
	Local, Remote string
	Error         string
	ByUs          bool // the app has closed it itself
	Resumed       bool // the TLS session of an earlier one goes on
	Losses        int  // times that it was lost
}

// A Banner is a notification on the screen.
type Banner struct {
	ID          int
	At          time.Duration
	Phase       NotificationPhase
	Title, Body string
	AfterWake   time.Duration
	Screen      bool // the system's own call screen
}

// A CallRow is one call.
type CallRow struct {
	Call
	At    time.Duration // when it began
	Up    time.Duration // when it was up; 0: never
	Ended time.Duration
	Until time.Duration // when its caller gives it up, if it rings till then; 0: not known
	Held  bool          // by us
	Muted bool          // the microphone is not sent
	// Account is by which one it is, of several.
	Account string
	// HeldByPeer says that the other side holds it, perhaps beside us.
	HeldByPeer bool
}

// A SIPRow is a message, a ping or a pong on the control socket, or a frame of
// another protocol on it.
type SIPRow struct {
	Seq     uint64
	At      time.Duration
	Message Message // Method "ping" or "pong" for those; of [Data] its What
	RTT     time.Duration
	State   Lifecycle // of the app, when the app read or sent it
	Wake    int       // the wake that it caused; 0: none
	Account string    // of several, by which it went
	Note    Note
}

// A Note is a remark on a SIP row.
type Note struct {
	Kind string // "wake", "banner", "call", "fault", ""
	Text string
}

// A Problem is an error or a warning.
type Problem struct {
	Seq     uint64 // of its record
	At      time.Duration
	Warning bool
	What    string
	Detail  string
	Hint    string
}

// A CheckRow is the verdict on an expectation.
type CheckRow struct {
	At time.Duration
	Check
}

// Apply takes r into account. Records must come in the order of the log.
func (s *Fold) Apply(r Record) {
	if start, ok := r.Event.(Start); ok && (s.Phone == "" || s.Phone == r.Phone) && !s.Started {
		s.Started, s.Phone = true, r.Phone
		s.begin(start)
		s.Rate, s.Network, s.Joined = 1, startNetwork, startNetwork
		s.Epoch = r.Wall.Add(-r.Device)
	}
	if check, ok := r.Event.(Check); ok {
		s.check(r.Device, check)
	}
	if r.Phone != s.Phone || !s.Started {
		return
	}
	s.Revision, s.Wall, s.Device = r.Seq, r.Wall, r.Device
	s.reach.apply(r.Seq, r.Device, r.Account, r.Event)
	s.applyAs(r.Account, r.Seq, r.Device, r.Event)
}

// apply only routes.
func (s *Fold) apply(seq uint64, at time.Duration, e Event) {
	switch e := e.(type) {
	case Start:
		s.begin(e)
	case State:
		s.state(at, e)
	case Lock:
		s.Locked = e.On
	case Killed:
		s.killed(at, e)
	case Keepalive:
		s.keepalive(at, e)
	case SocketMark:
		s.mark(at, e)
	case Tick:
		s.tick(at, e)
	case Wake:
		s.wake(seq, at, e)
	case Frame:
		s.wakeFrame(e)
	case WakeEnd:
		s.wakeEnd(seq, e)
	case Notification:
		s.notification(at, e)
	case DeviceIdle:
		s.deviceIdle(at, e)
	case Standby:
		s.Standby = e
	case Push:
		s.push(at, e)
	case Network:
		s.network(e)
	case Fault:
		s.fault(at, e)
	case Standstill:
		s.standstill(at, e)
	case ClockRate:
		s.Rate, s.Warped = e.Rate, s.Warped || e.Rate != 1
	case Socket:
		s.socket(at, e)
	case Message, Data, Ping, Pong:
		s.wire(seq, at, e)
	case Registration:
		s.registration(at, e)
	case MessageWaiting:
		s.Mailbox = e
	case Recovery:
		s.Recovery, s.RecoveryAt = e, at
	case Call:
		s.call(at, e)
	case Media:
		s.media(e)
	case ICE:
		s.ice(e)
	case RTP:
		s.rtp(at, e)
	case SoundCard:
		s.soundCard(seq, at, e)
	case Loss:
		s.loss(seq, at, e)
	case Swallowed, Mapping:
		s.cutOff(seq, at, e)
	case Heard:
		s.Heard = keep(s.Heard, e, maxHeard)
	case Error:
		s.problem(seq, at, Problem{What: e.Op, Detail: e.Err, Hint: e.Hint})
	case Warning:
		s.problem(seq, at, Problem{Warning: true, What: string(e.Rule), Detail: e.Note, Hint: e.Hint})
	}
}

// problem takes an error or a warning in.
func (s *Fold) problem(seq uint64, at time.Duration, p Problem) {
	if !p.Warning {
		s.Counts.Errors++
	}
	p.Seq, p.At, p.What, p.Detail = seq, at, brief(p.What), brief(p.Detail)
	s.Problems = keep(s.Problems, p, maxProblems)
}

// maxBrief bounds a text of a row, in bytes: what a peer sends may be as long as
// it likes.
const maxBrief = 4 << 10

// brief is a text for a row.
func brief(s string) string { return Brief(s, maxBrief) }

// Brief returns a text to keep: cut off where it is longer than most, in bytes, and
// not a part of a message whose memory it would hold.
func Brief(s string, most int) string {
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + "…"
	}
	return strings.Clone(s)
}

// keep appends v to list, which never gets longer than limit. It drops the
// oldest, an eighth at a time, so that a full list is not copied for each
// event; and it moves the rest, so that the list's memory stays bounded too.
func keep[T any](list []T, v T, limit int) []T {
	if len(list) >= limit {
		list = list[:copy(list, list[max(1, limit/8):])]
	}
	return append(list, v)
}

// Newest drops the oldest entries of a list, until the lengths of the others sum up
// to no more than most, and returns what is left and that sum. The newest stays.
func Newest[T any](list []T, most int, length func(*T) int) (rest []T, sum int) {
	first := len(list) - 1
	for sum = length(&list[first]); first > 0 && sum+length(&list[first-1]) <= most; first-- {
		sum += length(&list[first-1])
	}
	n := copy(list, list[first:])
	clear(list[n:])
	return list[:n], sum
}

// Now returns the device time at wall time wall, extrapolated from the last
// record by the clock rate. It is never before the last record.
func (s *Fold) Now(wall time.Time) time.Duration {
	gone := wall.Sub(s.Wall)
	if !s.Started || gone <= 0 {
		return s.Device
	}
	return s.Device + time.Duration(float64(gone)*s.Rate)
}

// Clock is the time of day that the handset's clock shows at device time d.
func (s *Fold) Clock(d time.Duration) time.Time { return s.Epoch.Add(d) }

// Woken is for how long the app has run in wakes, until now: the sum of what they ran, tasks
// that began in them included.
func (s *Fold) Woken(now time.Duration) time.Duration {
	if w := s.openWake(); w != nil {
		return s.woken + w.Running(now)
	}
	return s.woken
}

// Call is the call that matters most now: one that is up before one that
// rings; nil if there is none.
func (s *Fold) Call() *CallRow {
	var found *CallRow
	for i := range s.Calls {
		if c := &s.Calls[i]; found == nil || c.matters() > found.matters() {
			found = c
		}
	}
	return found
}

// Ringing is the incoming call that waits for an answer; nil if there is none.
func (s *Fold) Ringing() *CallRow {
	for i := range s.Calls {
		if c := &s.Calls[i]; c.Rings() {
			return c
		}
	}
	return nil
}

func (s *Fold) check(at time.Duration, e Check) {
	if e.OK {
		s.Counts.Passed++
	} else {
		s.Counts.Failed++
	}
	s.Checks = keep(s.Checks, CheckRow{At: at, Check: e}, maxChecks)
}
