package sip

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
)

// measuredQuality is the audio of a call.
func measuredQuality() control.Quality {
	return control.Quality{
		Start: epoch, Stop: epoch.Add(8 * time.Second), Codec: "PCMU", Rate: 8000, PTime: 20 * time.Millisecond, Jitter: -1, FarJitter: -1,
		Local:  control.MediaEnd{Addr: netip.MustParseAddrPort("192.0.2.1:4000"), SSRC: 1},
		Remote: control.MediaEnd{Addr: netip.MustParseAddrPort("192.0.2.2:5000"), SSRC: 2},
		Here:   event.VoIPMetrics{Gmin: 16, LossPct: 1.5625, MOSLQ: 4.3, MOSCQ: 4.3, R: event.Reading{Value: 90, Known: true}},
	}
}

func TestParseCollector(t *testing.T) {
	for text, want := range map[string]string{
		"sip:collector@example.com": "", "sips:example.com:5061;transport=tcp": "",
		"collector@example.com": "is no SIP URI", "sip:": "is no SIP URI", "tel:+15551234": "is no SIP URI", "sip:a@b\r\nX: y": "is no SIP URI",
	} {
		got, err := ParseCollector(text)
		if want == "" && (err != nil || got != text) || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%q: %q, %v", text, got, err)
		}
	}
	if _, err := New(Config{AOR: "sip:a@b", Server: "b:5060", Collector: "nobody", Rand: newRig(t, Config{}).a.cfg.Rand, NextSocket: newRig(t, Config{}).a.cfg.NextSocket}); err == nil || !strings.Contains(err.Error(), `collector of reports "nobody"`) {
		t.Errorf("an agent with a collector that is none: %v", err)
	}
}

// Reports that wait are bounded, and so are calls that can be reported on: the oldest gives way.
func TestReportsAreBounded(t *testing.T) {
	r := newRig(t, Config{Collector: "sip:collector@example.com"})
	q := &r.a.qualities
	for id := range 3 * maxQualities {
		c := newCall(&r.a.client, nil, id, true, "sip:bob@example.com")
		c.upAt = epoch
		c.dialog = r.a.author.uacDialog(r.a.author.aor)
		q.note(c)
	}
	if len(q.ended) != maxQualities || q.ended[0].id != 2*maxQualities {
		t.Fatalf("%d calls, the first %d", len(q.ended), q.ended[0].id)
	}
	for range 3 {
		for _, e := range q.ended {
			s := newStep(epoch)
			q.report(s, control.ReportQuality{Call: e.id, Quality: measuredQuality()})
			q.ended = append(q.ended, endedCall{e.id, e.dialog})
			q.ended = q.ended[max(0, len(q.ended)-maxQualities):]
		}
	}
	if len(q.waiting) != maxQualities {
		t.Errorf("%d reports wait", len(q.waiting))
	}
}
