//go:build hostile

package main

import (
	"fmt"
	"net"
	"os/exec"
	"strings"
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// descriptors lets a victim have no more of them than so many. Two are those of
// the test's window.
func descriptors(n int) func(*exec.Cmd) {
	return func(cmd *exec.Cmd) {
		cmd.Args = append([]string{"sh", "-c", fmt.Sprintf(`ulimit -n %d; exec "$0" "$@"`, n+2)}, cmd.Args...)
		cmd.Path = "/bin/sh"
	}
}

// outOfDescriptors is the error that says so.
func outOfDescriptors(e event.Error) bool {
	return e.Rule == event.RuleHostFailed && strings.Contains(e.Err, "too many open files")
}

// TestHostileFewDescriptors connects to a lab with more connections than it can
// have. It says so, once a second and no more often, and goes on when there is room
// again.
func TestHostileFewDescriptors(t *testing.T) {
	t.Parallel()
	const many = 24 // more than a lab holds by itself, on any machine
	lab := attackedBy(t, descriptors(many), "lab", "--json", "--listen", "127.0.0.1:0")
	addr := lab.listens("listening")
	var conns []net.Conn
	for range 2 * many {
		c, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		conns = append(conns, c)
	}
	first := expect(lab.tester, "an error", outOfDescriptors)
	if first.Op != "accept" {
		t.Errorf("got %+v", first)
	}
	for range 2 {
		expect(lab.tester, "the error again", outOfDescriptors)
	}
	var times []float64
	for _, r := range lab.log.After(0) {
		if e, ok := r.Event.(event.Error); ok && outOfDescriptors(e) {
			times = append(times, float64(r.Wall.UnixMilli())/1000)
		}
	}
	n := len(times)
	if took := times[n-1] - times[0]; took < float64(n-1)*0.9 {
		t.Errorf("%d errors within %.1f s: want one a second", n, took)
	}
	for _, c := range conns {
		c.Close()
	}
	p := attackedPhone(t, addr)
	p.registered()
	if code := p.quit(); code != 0 {
		t.Errorf("the phone ends with exit code %d", code)
	}
	lab.within(64)
	if code := lab.quit(); code != 0 {
		t.Errorf("the lab ends with exit code %d", code)
	}
}

// TestHostilePhoneWithFewDescriptors calls from a phone that has just enough
// descriptors to register, so that there is no room for the audio of a call, and from
// one with those of a call, too: it says so each time, and goes on. How many a process
// holds before it begins differs from machine to machine, so that the limit rises from
// where nothing starts to where a phone registers.
func TestHostilePhoneWithFewDescriptors(t *testing.T) {
	t.Parallel()
	const ofCall = 4 // the two sockets of its audio, and two to spare
	_, addr := attackedLab(t)
	phone := func(limit int) *victim {
		return attackedBy(t, descriptors(limit), phoneOf("alice", addr, "--mic", "tone:440", "--speaker", "none")...)
	}
	least, p := 1, phone(1)
	for !p.registers() {
		if least++; least > 64 {
			t.Fatalf("no phone registers with up to %d descriptors", least)
		}
		p = phone(least)
	}
	callsThrice(p, least, func() {
		if e := expect(p.tester, "no room for audio", outOfDescriptors); e.Op != "open audio sockets for the call" {
			t.Errorf("got %+v", e)
		}
	})
	p = phone(least + ofCall)
	p.registered()
	callsThrice(p, least+ofCall, func() {
		p.call("up")
		p.say("hang up")
		p.call("ended")
	})
}

// registers reports whether a phone registers. One that cannot open a connection is
// ended: it would try again later.
func (v *victim) registers() bool {
	v.t.Helper()
	e, err := await(v.tester, func(e event.Event) bool {
		switch e := e.(type) {
		case event.Registration:
			return e.Phase == "active"
		case event.Socket:
			return e.Phase == event.SocketFailed
		}
		return false
	})
	_, failed := e.(event.Socket)
	if failed {
		v.cmd.Process.Kill()
	}
	return err == nil && !failed
}

// callsThrice has a phone with so many descriptors call, and wants it to go on after
// each call, and to end well.
func callsThrice(p *victim, descriptors int, call func()) {
	p.t.Helper()
	for range 3 {
		p.say("call echo")
		call()
	}
	p.within(64)
	if code := p.quit(); code != 0 {
		p.t.Errorf("%d descriptors: the phone ends with exit code %d", descriptors, code)
	}
}
