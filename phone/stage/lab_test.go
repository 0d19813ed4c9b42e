package stage

import "testing"

// TestZeroIsASetting has the lab's edge told zero, which is not its default: a
// push is tried once, and a registration ends without a push for its refresh.
func TestZeroIsASetting(t *testing.T) {
	const (
		phone   = "\nuse device ios-pushkit\nuse phone alice strategy=push expires=180s\n" + asleep
		offline = phone + "fault network offline\nbob: call alice\n"
	)
	for name, text := range map[string]string{
		"a push is kept while the caller waits": "use lab" + offline + "expect push queued within 3s\nfault network wifi\nexpect push delivered within 15s",
		"a push is tried once":                  "use lab push-ttl=0s" + offline + "expect push expired within 3s\nexpect no push for 30s",
		"a registration is refreshed by a push": "use lab max-expires=180s" + phone + "expect push delivered within 3m",
		"a registration is not refreshed":       "use lab max-expires=180s push-refresh=0s" + phone + "expect no push for 10m",
	} {
		t.Run(name, func(t *testing.T) {
			r, log := playFile(t, parse(t, text), 1)
			if got := outcome(r); got != "passed" {
				t.Errorf("got  %s\nwant passed", got)
				explain(t, r, log)
			}
		})
	}
}
