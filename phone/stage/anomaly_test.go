package stage

import (
	"slices"
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/diagnose"
	"github.com/sleeptalk/sleeptalk/phone/event"
)

// ills are the phases, of each kind of event that has them, that tell of
// something gone wrong.
var ills = map[string][]string{
	"task":         {"refused"},
	"keepalive":    {"refused"},
	"mark":         {"refused", "missing"},
	"notification": {"refused", "missed", "expired"},
	"push":         {"refused", "dropped", "expired", "blocked"},
	"socket":       {"failed", "reset", "broken"},
	"registration": {"failed", "lost"},
}

// anomalous reports whether an event tells of something gone wrong, by its
// kind and phase alone: [diagnose.Of] is not asked.
func anomalous(e event.Event) bool {
	ill := func(phase string) bool { return slices.Contains(ills[e.Kind()], phase) }
	switch e := e.(type) {
	case event.Warning, event.Killed, event.Error, event.Reclaim, event.Recovery:
		return true
	case event.Tick:
		return e.Early < 0
	case event.BackgroundTask:
		return ill(string(e.Phase))
	case event.SocketMark:
		return ill(string(e.Phase))
	case event.Keepalive:
		return ill(string(e.Phase))
	case event.Notification:
		return ill(string(e.Phase))
	case event.Push:
		return ill(string(e.Phase))
	case event.Socket:
		return ill(string(e.Phase))
	case event.Registration:
		return ill(string(e.Phase))
	case event.Call:
		return e.Phase == "ended" && (e.By == "timeout" || e.By == "network")
	}
	return false
}

// haveRules wants of every anomaly in a log that it has a rule, and that the
// rule can be explained; and of every wake that found nothing that it is one.
func haveRules(t *testing.T, log *event.Log) {
	t.Helper()
	unexplained := map[string]int{}
	folds := map[string]*event.Fold{}
	for _, r := range log.After(0) {
		id := diagnose.Of(r.Event)
		if _, err := diagnose.Find(string(id)); id != "" && err != nil || id == "" && anomalous(r.Event) {
			t.Errorf("%s: no rule (%q)", event.Line(r), id)
		}
		if id == "unexplained-wake" {
			unexplained[r.Phone]++
		}
		if _, ok := r.Event.(event.Start); ok && folds[r.Phone] == nil {
			folds[r.Phone] = &event.Fold{Phone: r.Phone}
		}
		for _, f := range folds {
			f.Apply(r)
		}
	}
	for phone, f := range folds {
		if f.Counts.Unexplained != unexplained[phone] {
			t.Errorf("%s: %d wakes found nothing, and %d are said to", phone, f.Counts.Unexplained, unexplained[phone])
		}
	}
}
