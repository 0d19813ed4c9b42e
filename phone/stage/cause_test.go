package stage

import (
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/scenario/play"
)

// TestCauses brings about what no misbehaviour of the lab does, and wants the
// cause to be named.
func TestCauses(t *testing.T) {
	for rule, text := range map[string]string{
		"wrong-password":       "use phone alice password=wrong\nregister\nexpect registered within 3s",
		"server-silent":        "register\nexpect registered\nfault server stall\nregister\nexpect registered again within 8s",
		"not-suspended":        "register\nexpect registered\nbob: call alice\nexpect wake within 2s",
		"not-connected":        "register\nexpect registered\nlab: stop\nexpect registered again within 8s",
		"wake-budget":          "use device ios-voip-socket wake-budget=1\n" + asleep + "lab: ping alice\nexpect wake\nexpect suspended again\nlab: ping alice\nexpect suspended again within 1s",
		"process-gone":         "register\nexpect registered\nkill\nexpect registered again within 2s",
		"keepalive-refused":    "use phone alice keepalive=300s\n" + asleep + "expect wake by keepalive within 400s",
		"keepalive-cut":        "use phone alice keepalive-handler=wait\n" + asleep + "fault nat drop\nexpect wake by keepalive within 600s\nexpect suspended again within 11s\nbob: call alice\nexpect wake by INVITE within 2s",
		"not-marked":           "use phone alice mark=never\n" + asleep + "bob: call alice\nexpect wake within 2s",
		"mark-late":            "use phone alice mark=after-open\n" + asleep + "bob: call alice\nexpect wake within 2s",
		"mark-outside-block":   "use phone alice mark=outside-block mark-by=gcdasyncsocket\n" + asleep + "bob: call alice\nexpect wake within 2s",
		"mark-no-request":      "use phone alice mark-by=url-request\n" + asleep + "bob: call alice\nexpect wake within 2s",
		"mark-ignored":         "use device ios-voip-socket@ios13\n" + asleep + "bob: call alice\nexpect wake within 2s",
		"no-voip-mode":         "use phone alice background-modes=none\n" + asleep + "bob: call alice\nexpect wake within 2s",
		"voip-socket":          "use phone alice transport=udp\n" + asleep + "bob: call alice\nexpect wake within 2s",
		"nothing-wakes":        "use phone alice strategy=none\n" + asleep + "lock\nbob: call alice\nexpect wake within 2s",
		"reclaimed":            "use device ios-pushkit\n" + asleep + "bob: call alice\nexpect wake within 2s",
		"call-refused":         "register\nexpect registered\nunregister\nexpect unregistered\nbob: call alice\nexpect call incoming within 2s",
		"no-banner":            "use device ios-voip-socket notifications=false\n" + asleep + "bob: call alice\nexpect notification within 2s",
		"not-wakeable":         "use lab push=off\n" + pushed + "bob: call alice\nexpect push delivered within 4s",
		"push-lost":            "use lab push-drop=1\n" + pushed + "bob: call alice\nexpect push delivered within 4s",
		"distributor-asleep":   "use device android-doze distributor-exempt=off\n" + webPushed + "bob: call alice\nexpect push delivered within 4s",
		"local-push-stopped":   "use device ios-pushkit wifi-sleep-time=0s\nuse phone alice strategy=local-push match-ssids=shop\nregister\nexpect registered\nbackground\nexpect suspended\nbob: call alice\nexpect push delivered within 4s",
		"no-app-push-provider": "use device ios-pushkit\nuse phone alice strategy=local-push app-push-provider=off\nregister\nexpect registered\nbackground\nexpect suspended\nbob: call alice\nexpect push delivered within 4s",
		"push-expired":         "use lab push-delay=5s push-ttl=2s\n" + pushed + "bob: call alice\nexpect push delivered within 8s",
		"push-too-short":       "use lab push-delay=7s push-wait=6s push-ttl=20s\n" + pushed + "bob: call alice\nexpect push delivered within 8s\nexpect call ringing within 2s",
		"silence":              "register\nexpect registered\nlab: bob speaks silence\ncall bob\nexpect audio like en-hello within 8s",
		"half-open":            asleep + "fault nat drop\nbob: call alice\nexpect wake by INVITE within 2s",
		"handover":             asleep + "fault network wifi -> cell\nbob: call alice\nexpect wake by INVITE within 2s",
		"rang-too-long":        asleep + "bob: call alice\nexpect call incoming within 2s\nexpect call up within 20s",
		"audio-asleep":         "use device ios-voip-socket audio-runs=false\nregister\nexpect registered\ncall bob\nexpect call up\nbackground\nexpect suspended within 15s\nlock\nexpect audio like en-hello within 8s",
		"":                     asleep + "expect wake by INVITE within 2s",
	} {
		t.Run(rule, func(t *testing.T) {
			r, log := playFile(t, parse(t, text), 1)
			failed := ""
			for _, c := range r.Cases {
				if c.Failure != nil {
					failed = string(c.Failure.Rule)
				}
			}
			if r.Verdict() != play.Failed || failed != rule {
				t.Errorf("%s by %q, want %q", r.Verdict(), failed, rule)
				explain(t, r, log)
			}
		})
	}
}

// webPushed is the same with Web Push.
const webPushed = "use phone alice strategy=push push-provider=webpush\nregister\nexpect registered\nexpect push token\nexpect registered again\nbackground\nscreen off\ndoze force-idle deep\nexpect suspended\nwait 30s\n"

// pushed is a phone that sleeps and can be pushed to.
const pushed = "use device android-doze\nuse phone alice strategy=push\nregister\nexpect registered\nbackground\nscreen off\ndoze force-idle deep\nexpect suspended\nwait 30s\n"
