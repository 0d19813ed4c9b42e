package event

import "time"

// lateFrame is how long after a wake its first read counts as late. No
// system promises a time; a caller who waits a second longer notices.
const lateFrame = time.Second

// A WakeRow is one wake with its result.
type WakeRow struct {
	N         int
	At        time.Duration
	Cause     WakeCause
	What      string // what arrived, as in [Frame]; "" if nothing was read
	Bytes     int
	From      string        // who calls, if a call did it
	Due       time.Duration // of a keepalive: when it was due
	Suspended time.Duration // for how long the app had slept
	Latency   time.Duration // from the wake to the first read, or to the handler's call
	Timed     bool          // whether Latency is known
	Ran       time.Duration // how long it ran; while Over is false see Running
	Window    time.Duration // how long it might have; 0: no limit
	Over      bool
	Late      bool
	Result    Result
	Call      int // the call that came of it; 0: none
	Why       string
	// Its records in the log, from what woke the app to the end; Last is 0 before that.
	First, Last uint64
}

// Running is how long the wake has run at device time now.
func (w *WakeRow) Running(now time.Duration) time.Duration {
	if w.Over {
		return w.Ran
	}
	return now - w.At
}

// A Result is the outcome of a wake.
type Result string

// The results of a wake; a later one in this list replaces the earlier ones.
const (
	ResultNone       Result = ""
	ResultNothing    Result = "nothing useful"
	ResultNoCause    Result = "no cause"
	ResultNoPong     Result = "no pong"
	ResultTapped     Result = "tapped"
	ResultOK         Result = "ok"
	ResultConnected  Result = "reconnected"
	ResultRegistered Result = "re-registered"
	ResultRinging    Result = "ringing"
	ResultMissed     Result = "missed"
	ResultElsewhere  Result = "taken elsewhere" // at another phone of the user
	ResultDeclined   Result = "declined"
	ResultAnswered   Result = "answered"
	ResultKilled     Result = "killed"
)

var resultOrder = []Result{
	ResultNone, ResultNothing, ResultNoCause, ResultNoPong, ResultTapped, ResultOK, ResultConnected,
	ResultRegistered, ResultRinging, ResultMissed, ResultElsewhere, ResultDeclined, ResultAnswered, ResultKilled,
}

func (r Result) rank() int {
	for i, o := range resultOrder {
		if o == r {
			return i
		}
	}
	return 0
}

// Good reports whether the wake served its purpose.
func (r Result) Good() bool {
	switch r {
	case ResultOK, ResultConnected, ResultRegistered, ResultAnswered, ResultTapped, ResultDeclined, ResultElsewhere:
		return true
	}
	return false
}

func (w *WakeRow) become(r Result) {
	if r.rank() > w.Result.rank() {
		w.Result = r
	}
}

// openWake returns the current wake; nil if there is none.
func (s *Fold) openWake() *WakeRow {
	if n := len(s.Wakes); n > 0 && !s.Wakes[n-1].Over {
		return &s.Wakes[n-1]
	}
	return nil
}

// LastWake is the last wake; nil if there was none.
func (s *Fold) LastWake() *WakeRow {
	if n := len(s.Wakes); n > 0 {
		return &s.Wakes[n-1]
	}
	return nil
}

func (s *Fold) wakeOfCall(id int) *WakeRow {
	for i := len(s.Wakes) - 1; i >= 0; i-- {
		if s.Wakes[i].Call == id {
			return &s.Wakes[i]
		}
	}
	return nil
}

func (s *Fold) wake(seq uint64, at time.Duration, e Wake) {
	s.Counts.Wakes++
	s.hush, s.ran = true, e.N
	if before := s.openWake(); before != nil { // whose end was not logged
		before.Last = seq - 1
	}
	w := WakeRow{N: e.N, At: at, Cause: e.Cause, Suspended: e.Suspended.D(), Window: e.Window.D(), First: seq}
	switch e.Cause {
	case ByNotification:
		w.Result = ResultTapped
	case ByPush:
		s.pushWoke(at)
	}
	s.Wakes = keep(s.Wakes, w, maxWakes)
}

func (s *Fold) wakeFrame(e Frame) {
	w := s.openWake()
	if w == nil || w.N != e.Wake {
		return
	}
	if e.Bytes > 0 {
		s.frame = e.Wake
	}
	w.What, w.Bytes, w.Latency, w.Timed = brief(Printable(e.What)), e.Bytes, e.Latency.D(), true
	if w.Latency > lateFrame {
		s.late(w)
	}
}

func (s *Fold) late(w *WakeRow) {
	if !w.Late {
		w.Late = true
		s.Counts.Late++
	}
}

// wakeEnd sets the result of a wake that has none yet.
func (s *Fold) wakeEnd(seq uint64, e WakeEnd) {
	w := s.openWake()
	if w == nil || w.N != e.N {
		return
	}
	w.Ran, w.Over, w.Why, w.Last = e.Ran.D(), true, e.Why, seq
	s.woken += w.Ran
	switch {
	case w.Cause == BySocket && !w.Timed:
		w.become(ResultNoCause)
		s.Counts.Unexplained++
	case w.Cause == ByKeepalive && w.Result == ResultNone:
		w.become(ResultNoPong)
	default:
		w.become(ResultNothing)
	}
}

// serve records a result of the current wake.
func (s *Fold) serve(r Result) {
	if w := s.openWake(); w != nil {
		w.become(r)
	}
}
