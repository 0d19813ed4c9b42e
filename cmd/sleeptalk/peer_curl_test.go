//go:build peers

package main

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// curl runs curl against the push service, whose certificate it knows, and
// returns the body and what -w writes behind it.
func curl(t *testing.T, cert string, args ...string) string {
	t.Helper()
	args = append([]string{"--silent", "--show-error", "--max-time", "60", "--cacert", cert, "--write-out", "\n%{http_version} %{http_code}\n"}, args...)
	out, err := exec.Command("curl", args...).CombinedOutput()
	if err != nil {
		t.Fatalf("curl %q: %v\n%s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

// TestPeerCurl pushes with curl --http2 to a phone in another process, through
// both APIs, and waits at the device door with curl as a phone does.
func TestPeerCurl(t *testing.T) {
	t.Parallel()
	need(t, "curl", "curl")
	cert := filepath.Join(t.TempDir(), "service.pem")
	service := sleeptalk(t, "push", "serve", "--listen", "127.0.0.1:0", "--save-cert", cert)
	url := service.says(`APNs on (https://[^/]+)/`)
	token := strings.Repeat("c0", 32)

	door := exec.Command("curl", "--silent", "--no-buffer", "--http2", "--max-time", "60", "--cacert", cert, url+"/sleeptalk/device/"+token+"?name=carol")
	heard := new(output)
	door.Stdout = heard
	if err := door.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = door.Process.Kill()
		_ = door.Wait() // it was killed
	}()
	service.says(`carol +reachable`)

	apns := []string{"--http2", "-H", "apns-topic: org.example.sleeptalk.voip", "-H", "apns-push-type: voip", "-H", "apns-priority: 10", "-H", "apns-expiration: 0"}
	if got := curl(t, cert, append(apns, "-d", `{"name":"Bob"}`, url+"/3/device/"+token)...); got != "2 200" {
		t.Errorf("APNs: %s", got)
	}
	heard.wait(t, `"phase":"delivered"`)
	heard.wait(t, `"payload":{"name":"Bob"}`)
	if got := curl(t, cert, append(apns, "-d", `{}`, url+"/3/device/"+strings.Repeat("d0", 32))...); got != "{\"reason\":\"BadDeviceToken\"}\n2 400" {
		t.Errorf("APNs, of an unknown token: %s", got)
	}
	if got := curl(t, cert, "--http1.1", "-d", "{}", url+"/3/device/"+token); got != "APNs speaks HTTP/2 only\n\n1.1 505" {
		t.Errorf("APNs over HTTP/1.1: %q", got)
	}

	fcm := []string{"--http2", "-H", "Content-Type: application/json", "-H", "Authorization: Bearer x", url + "/v1/projects/example/messages:send", "-d"}
	if got := curl(t, cert, append(fcm, `{"message":{"token":"`+token+`","data":{"name":"Carol"},"android":{"priority":"HIGH","ttl":"30s"}}}`)...); !strings.HasPrefix(got, `{"name":"projects/example/messages/`) || !strings.HasSuffix(got, "\n2 200") {
		t.Errorf("FCM: %s", got)
	}
	heard.wait(t, `"payload":{"name":"Carol"}`)
	if got := curl(t, cert, append(fcm, `{"message":{"token":"`+token+`","data":{"n":1}}}`)...); !strings.Contains(got, `"status":"INVALID_ARGUMENT"`) || !strings.HasSuffix(got, "\n2 400") {
		t.Errorf("FCM, of a number: %s", got)
	}
}
