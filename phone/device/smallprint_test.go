package device

import (
	"strings"
	"testing"
)

// TestSmallPrint: what happens seldom, each with what the last command does:
// some words, or, with a "-" before them, not those.
func TestSmallPrint(t *testing.T) {
	const offline = "launch;connect 1;begin 1 t;screen off;force-idle light"
	for _, c := range []struct{ name, device, script, want string }{
		{"a wake whose socket the app closes unread is explained", "ios-voip-socket", asleep + ";readable 1;close 1;advance 10s", "-unexplained-wake"},
		{"one that nobody reads is not", "ios-voip-socket", asleep + ";readable 1;advance 10s", "unexplained-wake"},
		{"a socket that was closed offline closes with the process", "android-doze", offline + ";close 1;crash", "Close{Socket:1"},
		{"the app is told once that it is offline", "android-doze", offline + ";write 1 x;write 1 y", "-doze-offline"},
		{"and again the next time", "android-doze", offline + ";write 1 x;unforce;screen on;screen off;force-idle light;write 1 y", "doze-offline"},
		{"and the next time that it wakes offline", "android-doze alarm-network=off", "launch;connect 1;keepalive 5m;background;force-idle deep;advance 5m;write 1 x;advance 9m;write 1 y", "doze-offline"},
		{"no violation blocks pushes where none does", "ios-pushkit push-violations=0", pushable + ";push high a;push-done 1", "-push-blocked"},
		{"callers are blocked on a call screen", "ios-pushkit", "block bob", "-error: block caller"},
		{"and nowhere else", "ios-pushkit call-screen=false push-report=false", "block bob", "error: block caller"},
		{"one does where one does", "ios-pushkit push-violations=1", pushable + ";push high a;push-done 1", "push-blocked"},
		{"audio exempts from reporting", "ios-pushkit audio-by-call=off", "launch;register-push;audio on;background;ready;push high a;push-done 1", "-killed"},
		{"nothing else does", "ios-pushkit", "launch;register-push;background;ready;push high a;push-done 1", "killed"},
		{"a phone that suspends no app is a computer", "ios-voip-socket suspends=off relaunches=off launches-at-boot=off", "launch;sleep", "the machine sleeps"},
		{"nor one with PushKit", "ios-pushkit suspends=off", "launch;sleep", "the machine sleeps"},
		{"nor one that never dozes", "android-doze doze=off launches-at-boot=off", "launch;sleep", "the machine sleeps"},
		{"a phone is none", "ios-voip-socket", "launch;sleep", "-the machine sleeps"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := &stage{t: t}
			s.build(strings.Fields(c.device))
			before := 0
			for line := range strings.SplitSeq(c.script, ";") {
				before = s.out.Len()
				s.command(strings.Fields(line))
			}
			last := s.out.String()[before:]
			want, not := strings.CutPrefix(c.want, "-")
			if strings.Contains(last, want) == not {
				t.Errorf("%q: got\n%s\nwant %q", c.script, last, c.want)
			}
		})
	}
}
