//go:build hostile

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// tortures are the messages of RFC 4475 and RFC 5118 by their names, with the line ends
// that those of the latter lack; what is right for each is in phone/sip and phone/lab.
func tortures(t *testing.T) map[string]string {
	t.Helper()
	files, err := filepath.Glob("../../phone/sip/testdata/torture/*.sip")
	if err != nil || len(files) != 61 {
		t.Fatalf("%d messages: %v", len(files), err)
	}
	all := map[string]string{}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		text := string(b)
		if !strings.Contains(text, "\r\n") {
			text = strings.ReplaceAll(text, "\n", "\r\n")
		}
		if !strings.Contains(text, "\r\n\r\n") {
			text += "\r\n"
		}
		all[strings.TrimSuffix(filepath.Base(file), ".sip")] = text
	}
	return all
}

// TestHostileTorturePhone has a server torture a phone: after each message it
// answers OPTIONS, and after all of them it takes a call.
func TestHostileTorturePhone(t *testing.T) {
	t.Parallel()
	for _, transport := range []string{"udp", "tcp"} {
		t.Run(transport, func(t *testing.T) {
			t.Parallel()
			s := newSIPServer(t, nil)
			phone := attackedPhone(t, s.at(transport), "--auto", "busy")
			phone.registered()
			before := phone.usage()
			for name, text := range tortures(t) {
				if transport == "tcp" && endsStream[name] {
					continue
				}
				s.send(text)
				s.probe("OPTIONS", "200")
			}
			s.rings()
			phone.grown(before)
			phone.within(64)
			if code := phone.quit(); code != 0 {
				t.Errorf("exit code %d", code)
			}
		})
	}
}

// endsStream are the messages after which nobody knows where the next begins:
// their lengths lie. What comes of that is tested in phone/sip and phone/lab.
var endsStream = map[string]bool{"clerr": true, "dblreq": true, "inv2543": true, "mcl01": true, "ncl": true, "ipv6-in-sdp": true, "mult-ip-in-sdp": true}

// TestHostileTortureServers tortures what listens, each message over UDP and on
// a connection of its own; after each it answers OPTIONS.
func TestHostileTortureServers(t *testing.T) {
	t.Parallel()
	lab, addr := attackedLab(t)
	before := lab.usage()
	tortureServer(t, addr)
	serves(t, addr)
	lab.grown(before)
	lab.within(64)
	if code := lab.quit(); code != 0 {
		t.Errorf("exit code %d", code)
	}
}

// TestHostileTortureGrade tortures what examines phones. Nobody registers, so
// that nothing is tested.
func TestHostileTortureGrade(t *testing.T) {
	t.Parallel()
	grade, addr := attackedGrade(t)
	tortureServer(t, addr)
	grade.within(64)
	if code := grade.interrupted(); code != 130 {
		t.Errorf("exit code %d, want 130\n%s", code, &grade.err)
	}
}

func tortureServer(t *testing.T, addr string) {
	t.Helper()
	udp := dialSIP(t, "udp", addr)
	for name, text := range tortures(t) {
		udp.write(text)
		if udp.options() != 200 {
			t.Errorf("OPTIONS after %s over UDP", name)
		}
	}
	for name, text := range tortures(t) {
		tcp := dialSIP(t, "tcp", addr)
		tcp.write(text)
		tcp.Close()
		if udp.options() != 200 {
			t.Errorf("OPTIONS after %s over TCP", name)
		}
	}
}
