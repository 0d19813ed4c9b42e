package stage

import "testing"

// TestSet changes settings of a phone while it runs: each case shows that the device, or the
// app, then goes by them; and what cannot be changed is refused.
func TestSet(t *testing.T) {
	const up = "register\nexpect registered within 5s\n"
	for name, c := range map[string]struct{ text, want string }{
		"a window":                         {asleep + "set wake-window=3s\nlab: ping alice\nexpect wake within 1s\nexpect suspended again within 4s", "passed"},
		"the window of before":             {asleep + "lab: ping alice\nexpect wake within 1s\nexpect suspended again within 4s", "failed 6: no suspended again within 4 s"},
		"a window taken back":              {asleep + "set wake-window=3s\nset wake-window=\nlab: ping alice\nexpect wake within 1s\nexpect suspended again within 4s", "failed 8: no suspended again within 4 s"},
		"a keepalive":                      {up + "set keepalive=700s\nbackground\nexpect keepalive installed within 1s\nexpect suspended within 15s\nwait 610s\nexpect no tick for 1s", "passed"},
		"a keepalive below the least":      {up + "set keepalive=240s\nbackground\nexpect keepalive refused within 1s", "passed"},
		"a keepalive that is rounded":      {"use phone alice keepalive=30s keepalive-round=on\n" + up + "background\nexpect keepalive refused within 1s\nexpect keepalive installed within 1s\nexpect no wake for 530s\nexpect wake by keepalive within 70s", "passed"},
		"one that is not":                  {"use phone alice keepalive=30s\n" + up + "background\nexpect keepalive refused within 1s\nexpect no keepalive installed for 1s\nexpect no wake for 30m", "passed"},
		"a device that allows it":          {up + "set keepalive-min=200s keepalive=240s\nbackground\nexpect keepalive installed within 1s", "passed"},
		"the device's own keepalive":       {up + "set keepalive=off\nset keepalive=700s\nbackground\nexpect keepalive refused within 1s", "passed"},
		"two settings of one family":       {up + "set boot-unlock=on\nset keepalive-bug=on\nbackground\nexpect suspended within 15s\nother app quit\nexpect keepalive cleared within 1s", "passed"},
		"an app that answers":              {up + "set auto=answer\nbob: call alice\nexpect call up within 2s", "passed"},
		"and no longer":                    {up + "set auto=answer\nset auto=\nbob: call alice\nexpect call up within 2s", "failed 6: no call up within 2 s"},
		"asleep, the app hears of nothing": {asleep + "set auto=answer", "failed 4: set: the app is suspended: nothing in it runs; open it first (foreground)"},
		"what counts at the start":         {up + "set expires=300s", "failed 3: set: expires: a phone reads it when it starts: it can be set at the next start"},
		"what is not there":                {up + "set keepaliv=240s", `failed 3: set: no setting "keepaliv"; did you mean keepalive?`},
		"what was not changed":             {up + "set auto=", "failed 3: set: auto: it is as it was when the phone was started"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, log := playFile(t, parse(t, c.text), 1)
			if got := outcome(r); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
				explain(t, r, log)
			}
		})
	}
}
