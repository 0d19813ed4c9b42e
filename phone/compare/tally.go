package compare

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// A Row has the results of one day.
type Row struct {
	Profile  string `json:"profile"`
	Strategy string `json:"strategy"`
	Fault    string `json:"fault"`
	Control  string `json:"control,omitempty"` // "sip", "xmpp", or a raw protocol
	// Gateway is the push service, "apns" or "fcm", if the phone is reached
	// by push.
	Gateway string `json:"gateway,omitempty"`

	Offered  int `json:"offered"`  // calls that bob made
	Rung     int `json:"rung"`     // of those, how often the phone rang within half a minute
	Answered int `json:"answered"` // of those, how often the call came up
	// Missed are the calls that were not answered, by the rule that explains
	// them ("sleeptalk explain"), the most frequent first.
	Missed []Reason `json:"missed,omitempty"`
	// RingP50 and RingP95 are the times from bob's INVITE to the ringing,
	// quantiles by the nearest rank; 0 if it never rang.
	RingP50 event.Millis `json:"ring_p50_ms"`
	RingP95 event.Millis `json:"ring_p95_ms"`

	// Per hour of the day:
	Wakes float64 `json:"wakes_per_hour"` // by the system, not by the user
	Awake float64 `json:"awake_s_per_hour"`
	Bytes float64 `json:"bytes_per_hour"` // of signalling, both ways, without the headers of TCP and IP
	// Radio is an estimate: see [radioTail].
	Radio float64 `json:"radio_s_per_hour"`
	Kills int     `json:"kills"` // in the whole day
}

// A Reason is a rule that explains missed calls, and how many.
type Reason struct {
	Rule  string `json:"rule"`
	Calls int    `json:"calls"`
}

// radioTail is how long a cellular radio stays in its high-power state after
// each transmission: the inactivity timer of RRC_CONNECTED, which networks set
// to about 10 s (Huang et al., MobiSys 2012, measured 11.6 s in an LTE
// network). The estimate is the time in such tails, overlaps counted once. It
// knows of no paging, no discontinuous reception and no other app.
const radioTail = 10 * time.Second

// A tally counts the events of alice's phone.
type tally struct {
	seen uint64
	call attempt

	offered, rung, answered int
	missed                  map[string]int
	rings                   []time.Duration

	wakes, kills int
	bytes        int
	state        event.Lifecycle
	since        time.Duration // when it became so
	awake        time.Duration
	radio        time.Duration
	radioUntil   time.Duration
}

// An attempt is the call that bob is making.
type attempt struct {
	since    time.Duration
	rung, up bool
}

func newTally() *tally { return &tally{missed: map[string]int{}} }

// offer begins a call.
func (t *tally) offer(now time.Duration) {
	t.offered++
	t.call.since = now
}

func (t *tally) answer() { t.answered++; t.call = attempt{} }

func (t *tally) miss(rule string) { t.missed[rule]++; t.call = attempt{} }

// apply counts one record.
func (t *tally) apply(r event.Record) {
	t.seen = r.Seq
	if r.Phone != alice {
		return
	}
	switch e := r.Event.(type) {
	case event.State:
		t.become(r.Device, e.To)
	case event.Wake:
		if e.Cause != event.ByUser && e.Cause != event.ByNotification && e.Cause != event.ByQuit {
			t.wakes++
		}
	case event.Killed:
		if e.Code != "" {
			t.kills++
		}
	case event.Notification:
		if e.Phase == event.NotificationPosted && e.Shown {
			t.ring(r.Device)
		}
	case event.Call:
		t.step(r.Device, e)
	default:
		t.traffic(r.Device, e)
	}
}

// step counts a step of a call: an incoming call rings at once if the app is on
// the screen.
func (t *tally) step(at time.Duration, e event.Call) {
	switch {
	case e.Phase == event.CallRinging && t.state == event.Foreground:
		t.ring(at)
	case e.Phase == event.CallUp:
		t.call.up = true
	}
}

// ring counts the first ringing of an attempt.
func (t *tally) ring(at time.Duration) {
	if t.call.rung || t.call.since == 0 {
		return
	}
	t.call.rung = true
	t.rung++
	t.rings = append(t.rings, at-t.call.since)
}

// The sizes of a ping and a pong (RFC 5626 §3.5.1).
const (
	pingBytes = 4
	pongBytes = 2
)

// traffic counts signalling.
func (t *tally) traffic(at time.Duration, e event.Event) {
	switch e := e.(type) {
	case event.Message:
		t.sent(at, e.Bytes)
	case event.Data:
		t.sent(at, e.Bytes)
	case event.Ping:
		t.sent(at, cmp.Or(e.Bytes, pingBytes))
	case event.Pong:
		t.sent(at, cmp.Or(e.Bytes, pongBytes))
	case event.Push:
		if e.Phase == event.PushDelivered {
			t.sent(at, 0) // a push costs no bytes of signalling
		}
	}
}

func (t *tally) sent(at time.Duration, bytes int) {
	t.bytes += bytes
	end := at + radioTail
	t.radio += end - max(at, min(t.radioUntil, end))
	t.radioUntil = max(t.radioUntil, end)
}

// become counts a change of the app's state.
func (t *tally) become(at time.Duration, to event.Lifecycle) {
	t.pass(at)
	t.state = to
}

// pass counts the time that the app has run in the background, neither on the
// screen nor in a call.
func (t *tally) pass(at time.Duration) {
	switch t.state {
	case event.Awake, event.Task, event.Entering, event.Background:
		t.awake += at - t.since
	}
	t.since = at
}

// end counts the end of the day.
func (t *tally) end(at time.Duration) { t.pass(at) }

// row fills in the counts.
func (t *tally) row(r *Row, day time.Duration) {
	hours := day.Hours()
	r.Offered, r.Rung, r.Answered, r.Kills = t.offered, t.rung, t.answered, t.kills
	r.Missed = t.reasons()
	slices.Sort(t.rings)
	r.RingP50, r.RingP95 = quantile(t.rings, 0.5), quantile(t.rings, 0.95)
	r.Wakes, r.Bytes = float64(t.wakes)/hours, float64(t.bytes)/hours
	r.Awake, r.Radio = t.awake.Seconds()/hours, t.radio.Seconds()/hours
}

func (t *tally) reasons() []Reason {
	var list []Reason
	for _, rule := range slices.Sorted(maps.Keys(t.missed)) {
		list = append(list, Reason{rule, t.missed[rule]})
	}
	slices.SortStableFunc(list, func(a, b Reason) int { return cmp.Compare(b.Calls, a.Calls) })
	return list
}

// quantile returns the value at a share of a sorted list, by the nearest rank.
func quantile(sorted []time.Duration, share float64) event.Millis {
	if len(sorted) == 0 {
		return 0
	}
	rank := int(share*float64(len(sorted))+0.999999) - 1
	return event.Millis(sorted[max(0, min(rank, len(sorted)-1))])
}
