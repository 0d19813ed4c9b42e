//go:build peers

package main

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// needWebSocket wants Kamailio's module.
func needWebSocket(t *testing.T) {
	t.Helper()
	if found, _ := filepath.Glob("/usr/lib/*/kamailio/modules/websocket.so"); len(found) == 0 {
		t.Fatal("this test needs Kamailio's module websocket: apt-get install kamailio-websocket-modules (as .ci/run does)")
	}
}

// TestKamailioOverWebSocket registers over WebSocket, plain and over TLS; it sleeps
// through the server's pings, is woken by an INVITE on that connection, and talks.
func TestKamailioOverWebSocket(t *testing.T) {
	t.Parallel()
	needWebSocket(t)
	tls, plain, ca := kamailioTLS(t, "WEBSOCKET=4")
	for _, url := range []string{"ws://" + address(plain) + "/sip", "wss://" + address(tls) + "/sip"} {
		t.Run(url[:strings.Index(url, ":")], func(t *testing.T) {
			p := phoneAt(t, "alice", url, "--ca", ca, "--auto", "answer", "--mic", "silence", "--speaker", "none", "--device", "desktop")
			p.registered()
			expect(p, "ping of the server", func(e event.Ping) bool { return !e.Out && e.What == "WebSocket Ping" })
			expect(p, "our pong", func(e event.Pong) bool { return e.Out && e.What == "WebSocket Pong" })
			sipp(t, address(plain), "-sf", "uac.xml", "-s", "alice", "-m", "1")
			p.call("up")
			if ended := p.call("ended"); ended.By != "peer" {
				t.Errorf("ended by %s, want peer", ended.By)
			}
			p.say("unregister")
			expect(p, "unregistered", func(e event.Registration) bool { return e.Phase == "removed" })
			if code := p.quit(); code != 0 {
				t.Errorf("exit code %d, want 0", code)
			}
		})
	}
}

// TestKamailioWakesOverWebSocket: an app that sleeps pings with frames when it may,
// and is woken by an INVITE in one.
func TestKamailioWakesOverWebSocket(t *testing.T) {
	t.Parallel()
	needWebSocket(t)
	port := freePort(t)
	kamailio(t, port, "WEBSOCKET=600")
	p := phoneAt(t, "alice", "ws://"+address(port)+"/sip", "--auto", "answer", "--mic", "silence", "--speaker", "none",
		"--strict", "off", "--set", "keepalive-min=2s", "--set", "grace=1s", "--keepalive", "4s")
	p.registered()
	p.asleep()
	expect(p, "pong to the app's keepalive", func(e event.Pong) bool { return !e.Out && e.What == "WebSocket Pong" })
	p.asleep()
	sipp(t, address(port), "-sf", "uac.xml", "-s", "alice", "-m", "1")
	expect(p, "wake by socket", func(e event.Wake) bool { return e.Cause == event.BySocket })
	expect(p, "INVITE", func(e event.Frame) bool { return e.What == "INVITE" })
	p.call("up")
	p.call("ended")
	if code := p.quit(); code != 0 {
		t.Errorf("exit code %d, want 0", code)
	}
}

// A path at which there is none is named.
func TestKamailioNoWebSocket(t *testing.T) {
	t.Parallel()
	needWebSocket(t)
	port := freePort(t)
	kamailio(t, port, "WEBSOCKET=600")
	p := phoneAt(t, "alice", "ws://"+address(port)+"/other", "--mic", "silence", "--speaker", "none")
	broken := expect(p, "refusal", func(e event.Socket) bool { return e.Phase == "broken" })
	if !strings.Contains(broken.Error, "/other: it answered 404 Not Found: the path is another one") {
		t.Errorf("the error is %q", broken.Error)
	}
	p.quit()
}
