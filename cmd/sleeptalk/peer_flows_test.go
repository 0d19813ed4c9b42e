//go:build peers

package main

import (
	"fmt"
	"os/exec"
	"testing"
)

// TestKamailioTwoFlows has one account be registered over two flows at a server that
// sends a call to both: the phone wakes, and rings once.
func TestKamailioTwoFlows(t *testing.T) {
	t.Parallel()
	port := freePort(t)
	kamailio(t, port)
	proxies := fmt.Sprintf("sip:%[1]s;transport=tcp,sip:%[1]s;transport=udp", address(port))
	cmd := exec.Command("sleeptalk", "phone", "--json", "--server", address(port), "--user", "alice", "--password-env", "SLEEPTALK_TEST_PASSWORD",
		"--outbound-proxy", proxies, "--mic", "tone:440", "--speaker", "none", "--set", "grace=1s")
	p := readByTshark(begin(t, cmd))
	p.claim("wait for registered as flow1 within 5s and registered as flow2")
	p.asleep()
	caller := phoneAt(t, "carol", address(port))
	caller.registered()
	caller.say("call alice")
	p.claim("wait for wake by INVITE within 5s")
	p.claim("wait for sent 482 within 5s")
	p.say("answer from notification")
	p.claim("wait for call up within 5s")
	caller.say("hang up")
	p.claim("wait for call ended by peer within 5s")
	caller.quit()
	if code := p.quit(); code != 0 {
		t.Errorf("exit code %d, want 0", code)
	}
}
