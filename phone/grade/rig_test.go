package grade

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/audio/pcm"
	"github.com/sleeptalk/sleeptalk/phone"
	"github.com/sleeptalk/sleeptalk/phone/app"
	"github.com/sleeptalk/sleeptalk/phone/device"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/lab"
	"github.com/sleeptalk/sleeptalk/phone/link"
	"github.com/sleeptalk/sleeptalk/phone/push"
	"github.com/sleeptalk/sleeptalk/phone/sip"
	"github.com/sleeptalk/sleeptalk/phone/sip/server"
	"github.com/sleeptalk/sleeptalk/phone/system"
	"github.com/sleeptalk/sleeptalk/phone/verb"
	"github.com/sleeptalk/sleeptalk/phone/world"
)

// Addresses of RFC 5737.
var (
	labAddr   = netip.MustParseAddr("192.0.2.1")
	phoneAddr = netip.MustParseAddr("192.0.2.10")
)

// A rig is an examination in virtual time: a lab, a phone, and a tester.
type rig struct {
	t    *testing.T
	w    *world.World
	log  *event.Log
	lab  *lab.Lab
	at   *world.Node
	exam *Examiner
	seen uint64
	told []string // the instructions to the tester
	// person follows an instruction.
	person func(what string)
}

var good = link.Path{Latency: 20 * time.Millisecond}

func newRig(t *testing.T, cfg Config) *rig {
	t.Helper()
	r := &rig{t: t, log: new(event.Log), person: func(string) {}}
	r.w = world.New(world.Config{Seed: 1, Log: r.log, Push: push.Config{MinDelay: time.Second, MaxDelay: time.Second}})
	var err error
	r.lab, err = lab.New(lab.Config{
		Config: server.Config{
			Addr: labAddr.String() + ":5060", Accounts: []lab.Account{{User: "alice", Password: "secret"}}, Watch: "alice",
			MaxExpires: time.Minute, FlowTimer: 8 * time.Second, PushRefresh: server.Exactly(0),
		},
		Rand: rand.New(rand.NewPCG(1, 2)), Robots: lab.Examiners(Strict),
	})
	if err != nil {
		t.Fatal(err)
	}
	r.at = r.w.Add("lab", labAddr, r.lab, good)
	r.w.Do(r.at, r.lab.Start)
	cfg.User, cfg.Domain = "alice", "lab.test"
	cfg.Expires, cfg.FlowTimer, cfg.Patience = time.Minute, 8*time.Second, 10*time.Second
	if r.exam, err = New(cfg); err != nil {
		t.Fatal(err)
	}
	return r
}

// run examines the phone and returns the report.
func (r *rig) run() Report {
	r.t.Helper()
	r.carryOut(r.exam.Start(r.w.Elapsed()))
	for steps := 0; !r.exam.Done(); steps++ {
		if steps > 100_000 {
			r.t.Fatal("it never ends")
		}
		r.feed()
		news := func() bool { return len(r.log.After(r.seen)) > 0 }
		if at := r.exam.Deadline(); !r.exam.Done() && !news() && !r.w.Run(news, at-r.w.Elapsed()) {
			r.carryOut(r.exam.Advance(r.w.Elapsed()))
		}
	}
	return r.exam.Report()
}

// feed gives the examiner the new records.
func (r *rig) feed() {
	for _, rec := range r.log.After(r.seen) {
		r.seen = rec.Seq
		r.carryOut(r.exam.Receive(rec))
	}
}

func (r *rig) carryOut(effects []Effect) {
	for _, e := range effects {
		switch e := e.(type) {
		case Tell:
			r.told = append(r.told, e.Text)
			r.person(e.Text)
		case Ask:
			if err := r.do(e.Line); err != nil {
				r.carryOut(r.exam.Refused(r.w.Elapsed(), e, err))
			}
		}
	}
}

func (r *rig) do(line string) (err error) {
	r.w.Do(r.at, func(now time.Time) (effects []system.Effect) {
		effects, err = r.lab.Do(now, line)
		return effects
	})
	return err
}

// lines returns a report in short: a line for each check, with its evidence.
func lines(c Report) string {
	var b strings.Builder
	if err := Text(&b, c); err != nil {
		return err.Error()
	}
	return b.String()
}

// verdicts returns the ids of the checks with a verdict.
func verdicts(c Report, v Verdict) (ids []string) {
	for _, m := range c.Marks {
		if m.Verdict == v {
			ids = append(ids, m.ID)
		}
	}
	return ids
}

// A handset is our own phone, on a device.
type handset struct {
	rig   *rig
	phone *phone.Handset
	node  *world.Node
}

func (r *rig) handset(name string, change func(*sip.Config, *app.Config)) *handset {
	r.t.Helper()
	profile, err := device.Load(name)
	if err != nil {
		r.t.Fatal(err)
	}
	account := sip.Config{
		AOR: "sip:alice@lab.test", Password: "secret", Server: "lab:5060", UserAgent: "sleeptalk",
		Instance: "urn:uuid:00000000-0000-4000-8000-000000000001", Outbound: true,
	}
	cfg := app.Config{Strategy: app.NoStrategy, Sound: app.Sound{Mic: pcm.Silence}}
	if change != nil {
		change(&account, &cfg)
	}
	cfg.Account = account
	h := &handset{rig: r}
	if h.phone, err = phone.New(phone.Config{Profile: profile, Seed: 1, App: cfg}); err != nil {
		r.t.Fatal(err)
	}
	// Its name is not the account's: the examiner must go by what the lab
	// has seen.
	h.node = r.w.Add("handset", phoneAddr, h.phone, good)
	r.w.Do(h.node, h.phone.Start)
	r.person = h.obey
	return h
}

// obey follows an instruction to the tester.
func (h *handset) obey(what string) {
	switch {
	case strings.HasPrefix(what, "answer"):
		h.rig.w.Run(func() bool { return h.rings() }, 5*time.Second)
		h.do("answer")
	case strings.HasPrefix(what, "call "):
		h.do("call " + strings.TrimSuffix(strings.Fields(what)[1], ","))
	case strings.HasPrefix(what, "put the app to sleep"):
		h.do("background")
	case strings.HasPrefix(what, "open the app"):
		h.do("foreground")
	}
}

func (h *handset) rings() bool {
	for _, r := range h.rig.log.After(h.rig.seen) {
		if e, ok := r.Event.(event.Call); ok && r.Phone == "handset" && (e.Phase == "ringing" || e.Phase == "incoming") {
			return true
		}
	}
	return false
}

func (h *handset) do(line string) {
	h.rig.t.Helper()
	v, err := verb.ParsePhone(line)
	if err != nil {
		h.rig.t.Fatal(err)
	}
	h.rig.w.Do(h.node, func(now time.Time) []system.Effect {
		effects, err := h.phone.Do(now, v)
		if err != nil {
			h.rig.t.Fatal(fmt.Errorf("%s: %w", line, err))
		}
		return effects
	})
}
