package fcm

import (
	"strings"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/push"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// TestStatuses has the table of Firebase (REST Resource: ErrorCode) and of
// google.rpc.Code written down a second time.
func TestStatuses(t *testing.T) {
	want := map[string]int{
		"INVALID_ARGUMENT": 400, "UNREGISTERED": 404, "SENDER_ID_MISMATCH": 403, "QUOTA_EXCEEDED": 429, "UNAVAILABLE": 503, "INTERNAL": 500,
		"THIRD_PARTY_AUTH_ERROR": 401, "UNAUTHENTICATED": 401, "PERMISSION_DENIED": 403, "NOT_FOUND": 404,
	}
	for code, status := range want {
		if got := statuses[code].http; got != status {
			t.Errorf("%s: %d, want %d", code, got, status)
		}
	}
	if len(statuses) != len(want) {
		t.Errorf("%d codes, %d of them told of here", len(statuses), len(want))
	}
	a := newAPI(Config{})
	if !a.Answer(system.Push{}, push.Refuse(push.Shutdown, "")).Last || a.Answer(system.Push{}, push.Refuse(push.ServiceUnavailable, "")).Last || a.Answer(system.Push{}, nil).Last {
		t.Error("only the last answer is the last")
	}
	if got := a.Answer(system.Push{ID: "x"}, nil); got.Status != 200 || ReadName(got.Body) != "x" {
		t.Errorf("taken: %d %s", got.Status, got.Body)
	}
	if got := a.Told(&push.Refusal{Code: accepted}); !strings.HasPrefix(got, "200 OK") {
		t.Errorf("to be judged only: %s", got)
	}
}

// TestLimits: the largest of each, and one more.
func TestLimits(t *testing.T) {
	body := func(n int) push.Request {
		const around = `{"message": {"token": "t1", "apns": ""}}`
		return post(strings.Replace(around, `""`, `"`+strings.Repeat("x", n-len(around))+`"`, 1))
	}
	token := func(n int) push.Request {
		return post(`{"message": {"token": "` + strings.Repeat("x", n) + `"}}`)
	}
	for what, c := range map[string]struct{ most, more push.Request }{
		"a request": {body(64 << 10), body(64<<10 + 1)}, "a token": {token(4096), token(4097)},
	} {
		if _, no := newAPI(Config{}).Judge(now, c.most); no != nil && !strings.Contains(no.Why, "apns") {
			t.Errorf("the largest %s: %v", what, no)
		}
		if _, no := newAPI(Config{}).Judge(now, c.more); no == nil {
			t.Errorf("a larger %s is taken", what)
		}
	}
	for _, key := range []string{"from", "message_type", "", "google.x", "gcm.x"} {
		if _, no := newAPI(Config{}).Judge(now, message(`"data": {"`+key+`": "x"}`)); no == nil {
			t.Errorf("the key %q is taken", key)
		}
	}
	for _, key := range []string{"From", "gcmx", "message"} {
		if _, no := newAPI(Config{}).Judge(now, message(`"data": {"`+key+`": "x"}`)); no != nil {
			t.Errorf("the key %q is refused: %v", key, no)
		}
	}
}

// TestProject: only the project of the token may push to it, if one is named.
func TestProject(t *testing.T) {
	for name, ok := range map[string]bool{"": true, project: true, "other": false} {
		if _, no := newAPI(Config{Project: name}).Judge(now, post(`{"message": {"token": "t1"}}`)); (no == nil) != ok {
			t.Errorf("the project %q: %v", name, no)
		}
	}
}

// TestWriteExpires: what is over is tried once.
func TestWriteExpires(t *testing.T) {
	for left, want := range map[time.Duration]string{0: `"ttl":"0s"`, -time.Second: `"ttl":"0s"`, time.Millisecond: `"ttl":"0.001s"`} {
		if got := string(Write(now, system.Push{Token: "t1", Expires: now.Add(left)}).Body); !strings.Contains(got, want) {
			t.Errorf("%s left: %s", left, got)
		}
	}
	if got := string(Write(now, system.Push{Token: "t1"}).Body); !strings.Contains(got, `"ttl":"0s"`) || strings.Contains(got, "collapse_key") {
		t.Errorf("it does not expire: %s", got)
	}
}
