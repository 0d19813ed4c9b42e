package stage

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/internal/golden"
	"github.com/sleeptalk/sleeptalk/phone/push"
	"github.com/sleeptalk/sleeptalk/phone/report"
	"github.com/sleeptalk/sleeptalk/phone/scenario"
	"github.com/sleeptalk/sleeptalk/phone/scenario/play"
)

func parse(t *testing.T, text string) *scenario.File {
	t.Helper()
	f, err := scenario.ParseFile("test.talk", []byte(text), nil)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// asleep is how most tests begin: lines 1 to 3.
const asleep = "register\nbackground\nexpect suspended within 15s\n"

// twoUsers is a phone with two accounts.
const twoUsers = "use phone alice account=work,private\nregister\n"

// outcome writes a result in short: for each case its verdict, and the line
// that failed.
func outcome(r *play.Result) string {
	var parts []string
	for _, c := range r.Cases {
		s := string(c.Verdict)
		if c.Failure != nil {
			s += fmt.Sprintf(" %d: %s", c.Failure.Line, c.Failure.Message)
		}
		parts = append(parts, s)
	}
	for _, i := range r.Invariants {
		parts = append(parts, "never "+string(i.Verdict))
	}
	return strings.Join(parts, "; ")
}

// crowded has a phone with two accounts whose flow over UDP has seen nine connections
// beside it: a text of more than 1300 bytes takes one (RFC 3261 §18.1.1), which is closed
// when nothing needs it.
var crowded = "use phone alice account=work,private transport=udp private.transport=udp device=desktop strategy=none\n" +
	"expect registered as work and registered as private within 5s\n" +
	"header MESSAGE X-Large: " + strings.Repeat("x", 900) + "\n" +
	strings.Repeat("text bob as private hello\nwait 70s\n", 9)

// many has a domain with 70 servers, of which the best stands last.
var many = func() (lines string) {
	for i := range 69 {
		lines += fmt.Sprintf("use record \"_sip._tcp.lab.test SRV %d 0 5060 h%d.lab.test\"\n", i+1, i+1)
	}
	return lines + "use record \"_sip._tcp.lab.test SRV 0 0 5060 lab\"\n"
}()

// twoServers has a domain with two servers, and a phone that is registered at the first.
const twoServers = "use record \"_sip._tcp.lab.test SRV 10 0 5060 one.lab.test\"\nuse record \"_sip._tcp.lab.test SRV 20 0 5060 two.lab.test\"\n" +
	"use record \"one.lab.test A 192.0.2.1\"\nuse record \"two.lab.test A 192.0.2.1\"\nregister\nexpect registered within 2s\n"

// twoAddresses has a server with two addresses, where nobody is at the first.
const twoAddresses = "use record \"pbx.lab.test 300 A 192.0.2.99\"\nuse record \"pbx.lab.test 300 A 192.0.2.1\"\n"

func TestRun(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"what was fast is not missed":      {asleep + "bob: call alice\nwait 3s\nexpect wake by INVITE within 1s", "passed"},
		"what was before the action":       {asleep + "bob: call alice\nexpect wake by INVITE\nforeground\nexpect wake by INVITE within 3s", "failed 7: no wake by INVITE within 3 s"},
		"of the call before":               {asleep + "bob: call alice\nexpect wake by INVITE\nexpect suspended again\nbob: hang up\nexpect wake by INVITE within 3s", "failed 8: no wake by INVITE within 3 s"},
		"the next address, over UDP":       {twoAddresses + "use phone alice outbound-proxy=pbx.lab.test:5060 transport=udp\nexpect socket broken and warning server-failover and registered within 34s", "passed"},
		"the next address, over TCP":       {twoAddresses + "use phone alice outbound-proxy=pbx.lab.test:5060\nexpect registered within 6s\nexpect no warning server-failover for 1s", "passed"},
		"a text goes on":                   {twoServers + "lab: respond 503 to MESSAGE\ntext bob hello\nexpect warning server-failover within 1s\nlab: respond normally\nexpect text to bob with hello and registered again within 2s\nexpect no error for 1s", "passed"},
		"a subscription goes on":           {twoServers + "lab: respond 503 to SUBSCRIBE\nsubscribe message-summary\nexpect warning server-failover within 1s\nlab: respond normally\nexpect subscription active and registered again within 2s", "passed"},
		"a publication goes on":            {twoServers + "lab: respond 503 to PUBLISH\npublish open\nexpect warning server-failover within 1s\nlab: respond normally\nexpect publication active and registered again within 2s", "passed"},
		"more servers than are tried":      {many + "register\nexpect warning dns-left-out and target lab:5060 and registered within 3s", "passed"},
		"a session is resumed":             {"use phone alice transport=tls\nregister\nexpect registered within 2s\nlab: close alice\nexpect socket open resumed again within 60s\nexpect registered again within 2s", "passed"},
		"a task for two accounts":          {"use phone alice account=work,private private.transport=tls\nexpect registered as work and registered as private within 5s\nbackground\nexpect suspended within 20s\nfault latency 4s\nlab: close work\nlab: close private\nexpect wake within 10s\nexpect no suspended for 20s\nexpect registered again as private within 5s", "passed"},
		"a flow of an account stays":       {crowded + "bob: call private\nexpect call incoming from bob as private within 3s", "passed"},
		"over WebSocket":                   {"use phone alice transport=ws\n" + asleep + "bob: call alice\nexpect wake by INVITE within 2s\nanswer\nexpect call up within 2s\nbob: hang up\nexpect call ended within 2s\nbackground\nexpect suspended again within 30s\nexpect wake by keepalive within 600s\nexpect pong within 2s\nlab: ping alice\nexpect ping again within 2s\nlab: close alice\nexpect socket closed within 2s\nexpect socket open again within 60s", "passed"},
		"over WebSocket and TLS":           {"use phone alice transport=wss\nregister\nexpect registered within 2s\nlab: stall alice\ncall bob\nwait 2s\nlab: unstall alice\nexpect call up within 2s\nhang up\nexpect call ended within 2s\nlab: close alice\nexpect socket open resumed again within 60s\nexpect registered again within 2s", "passed"},
		"the first session is new":         {"use phone alice transport=tls\nregister\nexpect socket open resumed within 2s", "failed 3: no socket open resumed within 2 s"},
		"a relaunch has no session":        {"use phone alice transport=tls\nregister\nexpect registered within 2s\nkill\nforeground\nexpect socket open resumed again within 60s", "failed 6: no socket open resumed again within 60 s"},
		"again is another":                 {asleep + "expect wake by keepalive within 600s\nexpect wake by keepalive again within 500s", "failed 5: no wake by keepalive again within 500 s"},
		"again comes":                      {asleep + "expect wake by keepalive within 600s\nexpect wake by keepalive again within 600s", "passed"},
		"a state that holds":               {asleep + "expect socket open and registered", "passed"},
		"a state does not happen again":    {asleep + "expect registered again within 1s", "failed 4: no registered again within 1 s"},
		"terms in any order":               {asleep + "bob: call alice\nexpect sent 180 and notification and wake by INVITE within 2s", "passed"},
		"one term is missing":              {asleep + "bob: call alice\nexpect wake by INVITE and call up within 2s", "failed 5: no call up within 2 s"},
		"nothing comes":                    {asleep + "expect no wake for 5m", "passed"},
		"something comes":                  {asleep + "expect no wake for 15m", "failed 4: wake at 09:11.01, and there was to be none for 900 s"},
		"one of two accounts comes":        {twoUsers + "expect no registered for 5s", "failed 3: registered at 00:00.13 as work, and there was to be none for 5 s"},
		"one of two accounts is there":     {twoUsers + "expect registered within 5s\nlock\nexpect no registered as private for 5s", "failed 5: registered as private at 00:00.13, and there was to be none for 5 s"},
		"both of two accounts":             {twoUsers + "expect registration sending exactly 3 for 5s", "failed 3: registration sending: 2 times instead of 3 within 5 s: at 00:00.04 as work, at 00:00.04 as private"},
		"exactly so many":                  {asleep + "expect wake exactly 3 for 31m", "passed"},
		"too few":                          {asleep + "expect wake exactly 3 for 15m", "failed 4: wake: 1 time instead of 3 within 900 s: at 09:11.01"},
		"too many":                         {asleep + "expect wake exactly 1 for 31m", "failed 4: wake: 2 times instead of 1 within 1860 s: at 09:11.01, at 18:22.09"},
		"none is a number":                 {asleep + "expect wake exactly 0 for 1m", "passed"},
		"it holds":                         {asleep + "expect suspended for 5m", "passed"},
		"it breaks":                        {asleep + "expect suspended for 15m within 10s", "failed 4: suspended did not hold for 900 s within 910 s"},
		"it breaks, and holds later":       {asleep + "expect suspended for 545s within 600s", "passed"},
		"a verb is refused":                {asleep + "answer", "failed 4: answer: the app is suspended: nothing in it runs; open it first (foreground)"},
		"what follows is skipped":          {asleep + "dtmf 1\n== a\nwait 1s\n== b\nwait 1s", "failed 4: dtmf: the app is suspended: nothing in it runs; open it first (foreground); skipped; skipped"},
		"a reboot needs nothing":           {asleep + "dtmf 1\n== a\nwait 1s\n== b\nreboot\nexpect launched within 60s\n== c\nwait 1s", "failed 4: dtmf: the app is suspended: nothing in it runs; open it first (foreground); skipped; passed; passed"},
		"variables":                        {"register\nexpect registered as $c\nbob: call alice\nexpect call ringing from bob as $who within 2s\nhang up\ncall $who\nexpect call up within 5s", "passed"},
		"two phones":                       {"use phone carol\nregister\ncarol: expect registered within 2s\ncarol: call alice\nexpect call ringing from carol within 2s\nanswer\ncarol: expect call up within 2s\ncarol: expect audio tone 440 within 5s", "passed"},
		"a phone instead of a robot":       {"use phone bob auto=busy\nregister\nexpect registered\nbob: expect registered\ncall bob\nexpect call ended within 2s", "passed"},
		"awake by what is answered":        {"lab: misbehave no-pong\nuse phone alice strategy=stay-awake stay-awake-by=options\n" + asleep + "expect wake by keepalive within 600s\nexpect sent OPTIONS again within 12s\nexpect received 200 again within 1s\nexpect no suspended again for 5m\nexpect wake exactly 1 for 1m", "passed"},
		"not by what is not":               {"lab: misbehave no-pong\nuse phone alice strategy=stay-awake\n" + asleep + "expect wake by keepalive within 600s\nexpect no suspended again for 5m", "failed 7: suspended again at 09:21.01, and there was to be none for 300 s"},
		"it answers a push by itself":      {"use device ios-pushkit\nuse phone alice strategy=push auto=answer\n" + asleep + "bob: call alice\nexpect call up within 10s\nexpect state background-call within 1s\nbob: expect audio tone 440 within 5s\nexpect no suspended again for 1m", "passed"},
		"the same, reported late":          {"use device ios-pushkit\nuse phone alice strategy=push auto=answer report=late\n" + asleep + "bob: call alice\nexpect call up within 10s\nexpect state background-call within 1s\nexpect no killed for 1m", "passed"},
		"the password of a phone":          {"use phone alice password=wrong\nregister\nexpect registration failed with 403 within 5s", "passed"},
		"a device's number":                {"use device ios-voip-socket grace=3s\n" + asleep + "bob: call alice\nexpect wake by INVITE within 1s", "passed"},
		"the next timer":                   {asleep + "clock next\nexpect wake by keepalive within 1s", "passed"},
		"not while it runs":                {"clock next", "failed 1: clock next: the device clock can be changed only while the app is suspended"},
		"the pace means nothing":           {"clock x60 while suspended\n" + asleep, "passed"},
		"an invariant holds":               {"never stay awake > 10s\nnever killed\nnever wake without cause\n" + asleep + "wait 20m", "passed; never passed; never passed; never passed"},
		"an invariant does not":            {"never wake\nnever stay awake > 1ms\n" + asleep + "wait 20m", "passed; never failed; never failed"},
		"a measured quantity":              {"register\nexpect registered\ncall bob\nexpect call up\nwait 3s\nexpect rtp loss <= 1% and jitter <= 30ms\nbob: expect rtp received >= 50 within 5s", "passed"},
		"a sound of the program":           {"register\nexpect registered\ncall bob\nexpect call up\nspeak en-hello.wav\nbob: expect audio like en-hello >= 0.8 within 12s", "passed"},
		"a sound that is not there":        {"register\nspeak gone.wav", "errored 2: speak gone.wav: open sounds/gone.wav: file does not exist"},
		"one event proves one claim":       {asleep + "lab: ping alice\nexpect wake by socket\nexpect wake by socket within 2s", "failed 6: no wake by socket within 2 s"},
		"of those that say less, too":      {asleep + "lab: ping alice\nexpect wake\nexpect wake by socket within 2s", "failed 6: no wake by socket within 2 s"},
		"two events prove two claims":      {asleep + "expect wake by keepalive within 600s\nexpect wake by keepalive within 600s", "passed"},
		"in one line, too":                 {asleep + "bob: call alice\nexpect wake by INVITE and frame INVITE within 1s", "passed"},
		"a state that is over is an event": {asleep + "lab: ping alice\nexpect suspended again\nexpect awake within 1s\nexpect awake within 2s", "failed 7: no awake within 2 s"},
		"a state that holds is none":       {asleep + "lab: ping alice\nexpect awake\nexpect awake and awake\nexpect suspended again\nexpect awake within 2s", "failed 8: no awake within 2 s"},
		"of another form it proves one":    {asleep + "bob: call alice\nexpect wake by INVITE\nexpect frame INVITE within 1s", "passed"},
		"after an action it is over":       {asleep + "lab: ping alice\nexpect wake by socket\nlock\nexpect wake by socket within 2s", "failed 7: no wake by socket within 2 s"},
		"each term needs its own":          {asleep + "lab: ping alice\nexpect wake by socket and wake within 2s", "failed 5: no wake within 2 s"},
		"and takes the one that is left":   {asleep + "lab: ping alice\nexpect suspended again\nexpect wake and wake by socket within 600s", "passed"},
		"a state uses nothing up":          {asleep + "expect suspended\nexpect suspended and registered\nexpect registered", "passed"},
		"a state anew is an event":         {"register\nexpect registered again\nexpect registered again within 1s", "failed 3: no registered again within 1 s"},
		"a count takes all":                {asleep + "lab: ping alice\nexpect wake exactly 1 for 10s\nexpect wake by socket within 2s", "failed 6: no wake by socket within 2 s"},
		"a count counts all":               {asleep + "lab: ping alice\nexpect wake by socket\nexpect wake exactly 1 for 10s", "passed"},
		"no means none since":              {asleep + "lab: ping alice\nexpect wake by socket\nexpect no wake for 2s", "failed 6: wake at 00:08.02, and there was to be none for 2 s"},
		"each has its own events":          {"use phone carol\ncarol: register\ncarol: expect registered\n" + asleep + "carol: background\ncarol: expect suspended within 15s\nlab: ping alice\nexpect wake\ncarol: expect wake within 2s", "failed 11: no wake within 2 s"},
		"a lab that would not":             {"lab: ping alice", "errored 1: ping alice: not registered"},
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

func TestTo(t *testing.T) {
	f := parse(t, asleep+"== a\nwait 1s\nwait 2s\n== b\nwait 1s")
	for to, want := range map[int]int{0: 6, 2: 2, 3: 3, 4: 3, 5: 4, 8: 6} {
		w, err := New(Config{Casting: Casting{File: f}, Seed: 1})
		if err != nil {
			t.Fatal(err)
		}
		r := play.Run(t.Context(), f, w, play.Options{To: to})
		played := 0
		for _, c := range r.Cases {
			played += len(c.Steps)
		}
		if played != want {
			t.Errorf("to line %d: %d steps, want %d", to, played, want)
		}
	}
}

func TestTagsPickCases(t *testing.T) {
	f := parse(t, "register\n== a # tags: x\nwait 1s\n== b # tags: y\nwait 1s")
	w, err := New(Config{Casting: Casting{File: f}, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	r := play.Run(t.Context(), f, w, play.Options{Tags: []string{"y"}})
	if got, want := outcome(r), "passed; skipped; passed"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestInterrupted ends a run in the middle of a step: there is a whole result,
// with what was waited for errored and all that would have followed skipped.
func TestInterrupted(t *testing.T) {
	f := parse(t, asleep+"== a\nwait 1s\nwait 8h\n== b\nwait 1s")
	w, err := New(Config{Casting: Casting{File: f}, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	o := play.Options{Stepped: func(_ *scenario.Case, s play.StepResult) {
		if s.Line == 5 {
			cancel(errors.New("somebody left"))
		}
	}}
	r := play.Run(ctx, f, w, o)
	if got, want := outcome(r), "passed; errored 6: somebody left; skipped"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestSameSeedSameLog(t *testing.T) {
	text := func(seed uint64) string {
		_, log := playFile(t, builtin(t, "reachable-asleep"), seed)
		var b strings.Builder
		for _, r := range log.After(0) {
			fmt.Fprintf(&b, "%d %s %s\n", r.Device, r.Wall.Format(time.RFC3339Nano), event.Line(r))
		}
		return b.String()
	}
	first, second := text(7), text(7)
	if first != second {
		t.Error("the same seed gave two logs")
	}
	if first == text(8) {
		t.Error("two seeds gave the same log")
	}
}

// TestFailureTexts compares what a person reads when a scenario has failed,
// as terminals show it, with testdata/*.golden.
func TestFailureTexts(t *testing.T) {
	for name, c := range map[string]struct{ scenario, misbehave string }{
		"not-routed":    {"reachable-asleep", "no-invite"},
		"binding-lost":  {"reachable-asleep", "forget-binding"},
		"duplicate":     {"reachable-asleep", "double-invite"},
		"closed":        {"reachable-asleep", "close-at-ringing"},
		"no-pong":       {"keepalive", "no-pong"},
		"late-cancel":   {"cancel-while-asleep", "late-cancel"},
		"one-way-audio": {"audio-across-background", "one-way-audio"},
		"wrong-tone":    {"audio-across-background", "wrong-tone"},
		"refused":       {"wrong-password", "refuse-register"},
	} {
		t.Run(name, func(t *testing.T) {
			r, _ := playFile(t, builtin(t, c.scenario), 1, c.misbehave)
			var got string
			for i := range r.Cases {
				got += report.FailureText(r, &r.Cases[i], "")
			}
			golden.File(t, filepath.Join("testdata", name+".golden"), got)
		})
	}
}

// TestPushRules: what "use lab" says of the push service, it does.
func TestPushRules(t *testing.T) {
	f := parse(t, "use lab push-delay=1s..3s push-drop=0.1 push-duplicate=0.2 push-reorder=0.3 push-refuse=QUOTA_EXCEEDED:0.4 push-keep=5 push-token-life=6h\n")
	cast, err := Casting{File: f}.cast()
	if err != nil {
		t.Fatal(err)
	}
	cfg := cast.push
	want := push.Config{
		MinDelay: time.Second, MaxDelay: 3 * time.Second, Drop: 0.1, Duplicate: 0.2, Reorder: 0.3, Keep: 5, TokenLife: 6 * time.Hour,
		Refuse: []push.RefuseShare{{Reason: push.TooManyRequests, Share: 0.4}},
	}
	if !reflect.DeepEqual(cfg, want) {
		t.Errorf("got %+v, want %+v", cfg, want)
	}
	r, log := playFile(t, parse(t, "use lab push-refuse=Unregistered\n"+pushed+"bob: call alice\nexpect push delivered within 4s\n"), 1)
	refused := false
	for _, rec := range log.After(0) {
		e, ok := rec.Event.(event.Push)
		refused = refused || ok && e.Phase == "refused" && strings.HasPrefix(e.Why, "410 Unregistered")
	}
	if r.Verdict() != play.Failed || !refused {
		t.Errorf("%s, refused: %v", r.Verdict(), refused)
		explain(t, r, log)
	}
}
