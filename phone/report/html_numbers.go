package report

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/clean"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/scenario/play"
)

// harmless is a text of several lines, with escapes for what a reader would obey.
func harmless(s string) string {
	return string(clean.Lines(strings.ReplaceAll(s, "\r\n", "\n")))
}

// numbers returns the measurements of a run.
func numbers(r *play.Result, fold *event.Fold) []tile {
	causes, latencies, longest := wakeFigures(fold)
	list := []tile{
		{"wakes", joinWord(fmt.Sprint(fold.Counts.Wakes), causes), ""},
		{"late or unexplained", fmt.Sprintf("%d and %d", fold.Counts.Late, fold.Counts.Unexplained), zero("failed", fold.Counts.Late+fold.Counts.Unexplained)},
		{"awake in the background", orNone(fold.Woken(fold.Device)) + " of " + longClock(r.Device), ""},
		{"longest wake", orNone(longest), ""},
	}
	if len(latencies) > 0 {
		list = append(list, tile{"wake to first read", fmt.Sprintf("median %s, most %s", event.Round(latencies[len(latencies)/2]), event.Round(slices.Max(latencies))), ""})
	}
	list = append(list,
		tile{"socket losses", fmt.Sprint(fold.Socket.Losses), zero("failed", fold.Socket.Losses)},
		tile{"SIP messages", fmt.Sprint(fold.Messages), ""},
		tile{"errors", fmt.Sprint(fold.Counts.Errors), zero("failed", fold.Counts.Errors)})
	if fold.Keepalive.Ticks > 0 && fold.Keepalive.Ponged {
		list = append(list, tile{"keepalives", fmt.Sprintf("%d, last pong after %s", fold.Keepalive.Ticks, event.Round(fold.Keepalive.RTT)), ""})
	}
	if sound := fold.Sound(); sound.Counted {
		q := sound.RTP
		list = append(list,
			tile{"RTP of the last call", fmt.Sprintf("sent %d, received %d, lost %d (%.1f %%)", q.Sent, q.Received, q.Lost, q.LossPct), ""},
			tile{"jitter", fmt.Sprintf("%.1f ms, most %.1f ms", millis(q.Jitter), millis(q.JitterMax)), ""},
			tile{"quality (estimate)", quality(q), ""})
	}
	return list
}

// quality is the opinion score of a call's audio, if there is any to judge.
func quality(q event.RTP) string {
	switch {
	case q.Received == 0:
		return "none: nothing came"
	case q.MOS == 0:
		return "none: nothing came in the last " + event.Round(q.DeadIn.D())
	}
	return fmt.Sprintf("MOS %.1f", q.MOS)
}

// orNone returns a duration as text, or "none".
func orNone(d time.Duration) string {
	if d == 0 {
		return "none"
	}
	return event.Round(d)
}

func millis(m event.Millis) float64 { return float64(m.D()) / float64(time.Millisecond) }

// wakeFigures returns the wakes by cause as text, their latencies in order, and
// the longest of them.
func wakeFigures(fold *event.Fold) (causes string, latencies []time.Duration, longest time.Duration) {
	by := make(map[event.WakeCause]int)
	for i := range fold.Wakes {
		w := &fold.Wakes[i]
		by[w.Cause]++
		longest = max(longest, w.Running(fold.Device))
		if w.Timed && w.Cause == event.BySocket {
			latencies = append(latencies, w.Latency)
		}
	}
	var words []string
	for _, c := range event.WakeCauses {
		if by[c] > 0 {
			words = append(words, fmt.Sprintf("%d by %s", by[c], c))
		}
	}
	slices.Sort(latencies)
	if len(words) > 0 {
		causes = "(" + strings.Join(words, ", ") + ")"
	}
	return causes, latencies, longest
}

// maxWakeRows is how many wakes the page lists.
const maxWakeRows = 100

type pageWake struct {
	N                                                 int
	Stamp, Cause, What, Slept, Latency, Ran, Of, Then string
	Late                                              bool
}

// wakesOf lists the wakes, and returns how many are left out.
func wakesOf(fold *event.Fold) (list []pageWake, left int) {
	for i := range fold.Wakes {
		if len(list) == maxWakeRows {
			break
		}
		w := &fold.Wakes[i]
		row := pageWake{
			N: w.N, Stamp: stamp(w.At), Cause: string(w.Cause), What: w.What, Slept: event.Round(w.Suspended),
			Ran: event.Round(w.Running(fold.Device)), Then: string(w.Result), Late: w.Late,
		}
		if w.Bytes > 0 {
			row.What += fmt.Sprintf(", %d B", w.Bytes)
		}
		if w.From != "" {
			row.What += " from " + w.From
		}
		if w.Timed {
			row.Latency = event.Round(w.Latency)
		}
		if w.Window > 0 {
			row.Of = event.Round(w.Window)
		}
		list = append(list, row)
	}
	return list, fold.Counts.Wakes - len(list)
}
