package grade

import "github.com/sleeptalk/sleeptalk/phone/event"

// judgeSession looks for what the robots have found untidy in the descriptions of the
// phone, and understood all the same.
func judgeSession(v view) finding {
	described := v.all(v.message(func(m event.Message) bool { return m.Out && m.SDP }))
	if len(described) == 0 {
		return untold("it described no session")
	}
	untidy, found := v.first(func(r event.Record) bool {
		w, is := r.Event.(event.Warning)
		return is && r.Phone != v.cfg.User && (w.Rule == event.RuleUntidySDP || w.Rule == event.RuleUntidyBody)
	})
	if found {
		return failed("%s", untidy.Event.(event.Warning).Note).showing(shows(described[0]), shows(untidy))
	}
	return passed("nothing was untidy in %d of them", len(described)).showing(shows(described[0]))
}
