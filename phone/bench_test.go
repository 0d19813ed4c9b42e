package phone_test

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"runtime"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone"
	"github.com/sleeptalk/sleeptalk/phone/app"
	"github.com/sleeptalk/sleeptalk/phone/device"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/lab"
	"github.com/sleeptalk/sleeptalk/phone/link"
	"github.com/sleeptalk/sleeptalk/phone/sip"
	"github.com/sleeptalk/sleeptalk/phone/sip/server"
	"github.com/sleeptalk/sleeptalk/phone/system"
	"github.com/sleeptalk/sleeptalk/phone/verb"
	"github.com/sleeptalk/sleeptalk/phone/world"
)

// BenchmarkIdleHandset is what a handset holds while it lies in a pocket:
// registered and suspended. The network, the server and the log are not
// counted; a fleet has one of each.
func BenchmarkIdleHandset(b *testing.B) {
	const n = 1000
	var bytes, objects float64
	for b.Loop() {
		crowd := pocketed(b, n)
		full := heap()
		runtime.KeepAlive(crowd)
		crowd = nil
		empty := heap()
		bytes = float64(full.HeapAlloc-empty.HeapAlloc) / n
		objects = float64(full.HeapObjects-empty.HeapObjects) / n
	}
	b.ReportMetric(bytes, "B/handset")
	b.ReportMetric(objects, "objects/handset")
}

// pocketed returns handsets that are registered and suspended, and nothing
// else of the world that they were in.
func pocketed(b *testing.B, n int) []*phone.Handset {
	w, crowd := newCrowd(b, n)
	w.RunUntil(time.Minute)
	for i, h := range crowd {
		if h.State() != event.Suspended {
			b.Fatalf("handset %d is %s", i, h.State())
		}
	}
	return crowd
}

func heap() (m runtime.MemStats) {
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m
}

// BenchmarkPocket is eight hours of one handset that sleeps but for its
// keepalives.
func BenchmarkPocket(b *testing.B) {
	const hours = 8
	for b.Loop() {
		w, _ := newCrowd(b, 1)
		w.RunUntil(hours * time.Hour)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/hours, "ns/hour")
}

// BenchmarkCall is a minute of a call, over a link on which nothing is switched
// on, and over one that is shaped both ways.
func BenchmarkCall(b *testing.B) {
	for name, faults := range map[string][]string{
		"straight": nil, "shaped": {"fault latency 20ms", "fault jitter 5ms", "fault loss 1%", "fault nat home"},
	} {
		b.Run(name, func(b *testing.B) {
			const minutes = 1
			for b.Loop() {
				b.StopTimer()
				s := newStage(b, "ios-voip-socket", "")
				s.world.RunUntil(2 * time.Second)
				for _, line := range append(faults, "call echo", "advance 1s") {
					if err := s.command(line); err != nil {
						b.Fatal(err)
					}
				}
				b.StartTimer()
				s.world.RunUntil(s.world.Elapsed() + minutes*time.Minute)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/minutes/3000, "ns/packet-pair")
		})
	}
}

// newCrowd makes a world of a lab and n handsets, each of them sent to the
// background after a second.
func newCrowd(b *testing.B, n int) (*world.World, []*phone.Handset) {
	b.Helper()
	w := world.New(world.Config{Seed: 1, Log: new(event.Log)})
	crowd := make([]*phone.Handset, n)
	accounts := make([]lab.Account, n)
	for i := range crowd {
		accounts[i] = lab.Account{User: fmt.Sprintf("user%d", i), Password: "secret"}
	}
	desk, err := lab.New(lab.Config{
		Config: server.Config{Addr: netip.AddrPortFrom(deskAddr, 5060).String(), Accounts: accounts}, Rand: rand.New(rand.NewPCG(1, 1)),
	})
	if err != nil {
		b.Fatal(err)
	}
	w.Do(w.Add("lab", deskAddr, desk, link.Path{}), desk.Start)
	nodes := make([]*world.Node, n)
	for i := range crowd {
		crowd[i] = idler(b, uint64(i), accounts[i])
		at := netip.AddrFrom4([4]byte{10, 0, byte(i >> 8), byte(i)}) // RFC 1918
		nodes[i] = w.Add(accounts[i].User, at, crowd[i], wifi)
		w.Do(nodes[i], crowd[i].Start)
	}
	w.RunUntil(time.Second)
	background, err := verb.ParsePhone("background")
	if err != nil {
		b.Fatal(err)
	}
	for i, h := range crowd {
		if err := doVerb(w, nodes[i], h, background); err != nil {
			b.Fatal(err)
		}
	}
	return w, crowd
}

// idler is a handset with an account at the lab.
func idler(b *testing.B, seed uint64, account lab.Account) *phone.Handset {
	profile, err := device.Load("ios-voip-socket")
	if err != nil {
		b.Fatal(err)
	}
	h, err := phone.New(phone.Config{
		Profile: profile, Seed: seed,
		App: app.Config{
			Account: sip.Config{
				AOR: "sip:" + account.User + "@lab.test", Password: account.Password, Server: netip.AddrPortFrom(deskAddr, 5060).String(),
				Instance: fmt.Sprintf("urn:uuid:00000000-0000-8000-8000-%012d", seed), Outbound: true,
			},
			Strategy: app.VoIPSocket,
		},
	})
	if err != nil {
		b.Fatal(err)
	}
	return h
}

func doVerb(w *world.World, n *world.Node, h *phone.Handset, v verb.Line) (err error) {
	w.Do(n, func(now time.Time) (effects []system.Effect) {
		effects, err = h.Do(now, v)
		return effects
	})
	return err
}
