package apns

import (
	"crypto/ecdsa"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/sleeptalk/sleeptalk/phone/push"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// A Signer makes provider tokens.
type Signer struct {
	Key      *ecdsa.PrivateKey
	ID, Team string
}

// Token returns the provider token for a time, to be sent as bearer. For 20
// minutes it is the same except for its signature.
func (s *Signer) Token(now time.Time) (string, error) {
	token := jwt.NewWithClaims(jwt.SigningMethodES256, jwt.MapClaims{"iss": s.Team, "iat": now.Truncate(tokenUpdate).Unix()})
	token.Header["kid"] = s.ID
	return token.SignedString(s.Key)
}

// Write returns the request that pushes p to the topic p.Param, as kind (a
// value of apns-push-type; "" for none). A nil body stands for the payload of
// p.
func Write(p system.Push, kind string, body []byte) push.Request {
	r := push.Request{Method: "POST", Path: Path + p.Token, Body: body, Header: map[string][]string{}}
	if body == nil {
		r.Body = []byte("{}")
		if len(p.Payload) > 0 {
			r.Body, _ = json.Marshal(p.Payload) // cannot fail for strings
		}
	}
	set := func(name, value string) {
		if value != "" {
			r.Header[name] = []string{value}
		}
	}
	set(idHeader, p.ID)
	set(topicHeader, p.Param)
	set(typeHeader, kind)
	set(collapseHeader, p.Collapse)
	set(priorityHeader, "5")
	if p.High {
		set(priorityHeader, "10")
	}
	set(expirationHeader, "0")
	if !p.Expires.IsZero() {
		set(expirationHeader, strconv.FormatInt(p.Expires.Unix(), 10))
	}
	return r
}

// KindOf returns the apns-push-type that matches a topic.
func KindOf(topic string) string {
	for kind, suffix := range types {
		if suffix != "" && strings.HasSuffix(topic, suffix) {
			return kind
		}
	}
	return "alert"
}

// ReadAnswer reads a refusal: "" if there is none.
func ReadAnswer(body []byte) (reason string) {
	var refusal struct {
		Reason string `json:"reason"`
	}
	if json.Unmarshal(body, &refusal) != nil {
		return ""
	}
	return refusal.Reason
}
