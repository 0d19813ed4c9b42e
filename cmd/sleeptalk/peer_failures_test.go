//go:build peers

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/script"
)

// failuresAtKamailio are the scenarios of known failures that a server which
// others wrote shows as well as ours, and how fast the device's clock is to run
// while the app sleeps. The others take a server that pushes, or one that is
// asked to misbehave, or show nothing of the server.
var failuresAtKamailio = map[string]string{
	"half-open":               "x40", // F4
	"window-too-short":        "x60", // F7
	"cancel-while-asleep":     "x1",  // F12
	"first-register-lost":     "x1",  // F15
	"audio-not-kept":          "x1",  // F17
	"one-way-audio":           "x1",  // F18
	"frozen-before-the-ack":   "x20", // F19
	"network-changes-asleep":  "x60", // F20
	"timers-frozen":           "x60", // F21
	"relaunched-with-nothing": "x1",  // F22
}

// TestFailuresAtKamailio plays them all at the same time, for they mostly wait.
func TestFailuresAtKamailio(t *testing.T) {
	t.Parallel()
	played := map[string]*performance{}
	for name, pace := range failuresAtKamailio {
		var port int
		var env []string
		if name == "window-too-short" {
			var ca string
			port, _, ca = kamailioTLS(t)
			env = []string{"SLEEPTALK_CA=" + ca} // the others have nobody to trust
		} else {
			port = freePort(t)
			kamailio(t, port)
		}
		played[name] = performFile(t, port, env, elsewhere(t, name), "--trust", "--clock", pace)
	}
	for name, p := range played {
		t.Run(name, func(t *testing.T) {
			p.t = t
			p.exits(0)
		})
	}
}

// elsewhere writes a scenario of the program anew for a server without robots:
// bob is another phone, which answers, and speaks when he is listened to.
//
// The phones register by themselves. A REGISTER right behind the ping that
// follows the first would come in one piece with it, and Kamailio answers no
// ping that has a request behind it.
func elsewhere(t *testing.T, name string) string {
	t.Helper()
	src, _, err := script.OfProgram(name).Parse()
	if err != nil {
		t.Fatal(err)
	}
	bob := "use phone bob profile=bob auto=answer"
	if strings.Contains(string(src), "transport=tls") {
		bob += " transport=tls"
	}
	text := bob + "\n" + string(src)
	for _, r := range []struct{ line, by string }{
		{"register\n", "bob: expect registered within 10s\n"},
		{"expect audio like en-hello", "bob: speak en-hello.wav\nexpect audio like en-hello"},
	} {
		text = strings.ReplaceAll(text, "\n"+r.line, "\n"+r.by)
	}
	file := filepath.Join(t.TempDir(), name+script.Suffix)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}
