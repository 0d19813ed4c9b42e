package report

import (
	"bytes"
	"io"
	"net/netip"
	"os"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/scenario/play"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// FuzzReports makes every report from arbitrary logs.
func FuzzReports(f *testing.F) {
	for _, name := range []string{"testdata/passing.jsonl", "testdata/failing.jsonl"} {
		b, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		lines := bytes.SplitAfter(b, []byte("\n"))
		f.Add(bytes.Join(lines[:min(30, len(lines))], nil))
		f.Add(bytes.Join(lines[30:], nil))
	}
	f.Add([]byte(`{"v":1,"t":"2026-01-01T00:00:00Z","d":9e9,"phone":"a","ev":"state","from":"","to":"awake","why":"\u0000"}`))
	f.Add([]byte(`{"v":1,"t":"2026-01-01T00:00:00Z","d":-9e9,"phone":"a","ev":"wake","n":-1,"cause":"x","suspended_s":-1,"window_s":0}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		log, _ := event.ReadJSON(bytes.NewReader(b))
		r := &play.Result{File: "x.talk", Cases: []play.CaseResult{{Name: "setup", Verdict: play.Passed, To: time.Hour}}}
		p := newPage(r, log, nil)
		for _, pic := range p.drawings {
			checkSVG(t, pic.draw(themes[0]))
		}
		dissect(t, captured(t, log, nil))
		if err := Trace(io.Discard, NewRedactor(log).Log(log)); err != nil {
			t.Fatal(err)
		}
		wantClean(t, log, r)
	})
}

// FuzzWire captures arbitrary datagrams to a call's sockets, plain and masked.
func FuzzWire(f *testing.F) {
	f.Add([]byte("\x80\x00\x00\x01\x00\x00\x00\xa0\x00\x00\x00\x07audio"), "192.0.2.1:9", "[::]:4000")
	f.Add([]byte("\x80\xc9\x00\x01\x00\x00\x00\x07\x81\xca\x00\x03\x00\x00\x00\x07\x01\x05alice\x00"), "[2001:db8::1%eth0]:9", "192.0.2.10:4000")
	f.Add([]byte("\x81\xcb\x00\x03\x00\x00\x00\x07\x05alice\x00\x00"), "", "[::ffff:192.0.2.10]:4001")
	f.Fuzz(func(t *testing.T, data []byte, remote, local string) {
		d := system.Datagram{Data: data}
		d.Remote, _ = netip.ParseAddrPort(remote)
		d.Local, _ = netip.ParseAddrPort(local)
		wire := new(Wire)
		wire.Add(d)
		log := new(event.Log)
		dissect(t, captured(t, log, wire))
		dissect(t, captured(t, log, NewRedactor(log).Wire(wire)))
	})
}
