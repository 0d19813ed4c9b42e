package webpush

import (
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/push"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// Write returns the request that pushes p to the subscription p.Token at now. The
// error is of an address that is none.
func Write(now time.Time, p system.Push) (push.Request, error) {
	u, err := push.ParseSubscription(p.Token)
	if err != nil {
		return push.Request{}, err
	}
	r := push.Request{Method: "POST", Host: u.Host, Path: u.RequestURI(), Body: p.Body, Header: map[string][]string{ttlHeader: {"0"}}}
	set := func(name, value string) {
		if value != "" {
			r.Header[name] = []string{value}
		}
	}
	if left := p.Expires.Sub(now); !p.Expires.IsZero() && left > 0 {
		set(ttlHeader, strconv.FormatInt(int64((left+time.Second-1)/time.Second), 10))
	}
	set(topicHeader, p.Collapse)
	set(urgencyHeader, "normal")
	if p.High {
		set(urgencyHeader, "high")
	}
	if len(p.Body) > 0 {
		set(encodingHeader, coding)
		set("Content-Type", "application/octet-stream")
	}
	if p.Signer != nil {
		set(authHeader, p.Signer.Sign(now, "https://"+u.Host))
	}
	return r, nil
}

// ReadName is the name of a message that was taken, of its address.
func ReadName(location string) string {
	u, err := url.Parse(location)
	if err != nil {
		return ""
	}
	return u.Path[strings.LastIndexByte(u.Path, '/')+1:]
}

// ReadAnswer reads a refusal: what stands behind its status.
func ReadAnswer(body []byte) string {
	line, _, _ := strings.Cut(string(body), "\n")
	_, why, _ := strings.Cut(line, ": ")
	return why
}
