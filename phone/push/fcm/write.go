package fcm

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/push"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// Write returns the request that sends p to the project p.Param at now.
func Write(now time.Time, p system.Push) push.Request {
	android := map[string]string{"priority": strings.ToUpper(push.Priority(p.High)), "ttl": "0s"}
	if ttl := p.Expires.Sub(now); !p.Expires.IsZero() && ttl > 0 {
		android["ttl"] = fmt.Sprintf("%.3fs", ttl.Seconds())
	}
	if p.Collapse != "" {
		android["collapse_key"] = p.Collapse
	}
	message := map[string]any{"token": p.Token, "data": p.Payload, "android": android}
	body, _ := json.Marshal(map[string]any{"message": message}) // of texts: it cannot fail
	return push.Request{Method: "POST", Path: Prefix + p.Param + Suffix, Body: body, Header: map[string][]string{"Content-Type": {"application/json"}}}
}

// ReadAnswer reads an error: its code, or Google's status where FCM has none,
// and the message. Both are "" if there is none.
func ReadAnswer(body []byte) (code, message string) {
	var a answer
	if json.Unmarshal(body, &a) != nil {
		return "", ""
	}
	code = a.Error.Status
	for _, d := range a.Error.Details {
		if d.ErrorCode != "" {
			code = d.ErrorCode
		}
	}
	return code, a.Error.Message
}

// ReadName reads the name of an accepted message.
func ReadName(body []byte) string {
	var taken struct {
		Name string `json:"name"`
	}
	_ = json.Unmarshal(body, &taken) // an answer without a name gives ""
	return taken.Name
}
