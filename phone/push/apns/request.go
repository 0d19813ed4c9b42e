package apns

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/push"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// The headers of a request, in canonical form.
const (
	authHeader       = "Authorization"
	idHeader         = "Apns-Id"
	topicHeader      = "Apns-Topic"
	typeHeader       = "Apns-Push-Type"
	priorityHeader   = "Apns-Priority"
	expirationHeader = "Apns-Expiration"
	collapseHeader   = "Apns-Collapse-Id"
)

// Path is the path for pushes; the device token follows it.
const Path = "/3/device/"

const (
	minToken, maxToken = 64, 200
	maxTopic           = 255
	maxCollapse        = 64
	// MaxPayload is the limit of a push that is not a VoIP push; the limit
	// of a VoIP push is [push.MaxPayload].
	MaxPayload = 4096
)

// types are the values of apns-push-type, with the suffix of the topic for each
// (Apple, Sending notification requests to APNs).
var types = map[string]string{
	"alert": "", "background": "", "mdm": "",
	"voip": ".voip", "complication": ".complication", "fileprovider": ".pushkit.fileprovider", "location": ".location-query",
	"liveactivity": ".push-type.liveactivity", "pushtotalk": ".voip-ptt", "widgets": ".push-type.widgets", "controls": ".push-type.controls",
}

// target reads the path and the method.
func (a *API) target(_ time.Time, r push.Request, p *system.Push) *push.Refusal {
	token, ok := strings.CutPrefix(r.Path, Path)
	switch {
	case r.Path+"/" == Path || ok && token == "":
		return push.Refuse(push.MissingDeviceToken, "")
	case !ok || strings.Contains(token, "/"):
		return push.Refuse(push.BadPath, "")
	case r.Method != "POST":
		return push.Refuse(push.MethodNotAllowed, r.Method)
	}
	p.Token = token
	return nil
}

// repeated refuses a duplicate header.
func (a *API) repeated(_ time.Time, r push.Request, _ *system.Push) *push.Refusal {
	return r.Repeated(authHeader, idHeader, topicHeader, typeHeader, priorityHeader, expirationHeader, collapseHeader)
}

// topic reads the app that the push is for, and its type.
func (a *API) topic(_ time.Time, r push.Request, p *system.Push) *push.Refusal {
	topic := cmp.Or(r.Get(topicHeader), a.certified(r))
	p.Param = topic
	switch {
	case topic == "" && a.Open() && a.cfg.Topic == "":
		// A certificate that is not checked may name it.
	case topic == "":
		return push.Refuse(push.MissingTopic, "")
	case !isTopic(topic):
		return push.Refuse(push.BadTopic, "")
	case !a.mayPushTo(r, topic):
		return push.Refuse(push.TopicDisallowed, topic)
	}
	if no := pushType(r, topic); no != nil {
		return no
	}
	if !isToken(p.Token) {
		return push.Refuse(push.BadDeviceToken, fmt.Sprintf("it must be %d to %d hexadecimal digits", minToken, maxToken))
	}
	if a.cfg.Topic != "" && topic != a.cfg.Topic {
		return push.Refuse(push.DeviceTokenNotForTopic, fmt.Sprintf("the token is for %s, not for %s", a.cfg.Topic, topic))
	}
	return nil
}

func isTopic(s string) bool {
	return len(s) <= maxTopic && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._") == ""
}

// isToken reports whether s may be a device token.
func isToken(s string) bool {
	if len(s) < minToken || len(s) > maxToken || len(s)%2 != 0 {
		return false
	}
	for i := range len(s) {
		if !isHex(s[i]) {
			return false
		}
	}
	return true
}

// pushType refuses an unknown type, and one that does not match the topic. A
// push without a type is an alert; a VoIP push must have its type, as providers
// have found in practice.
func pushType(r push.Request, topic string) *push.Refusal {
	kind := cmp.Or(r.Get(typeHeader), "alert")
	suffix, ok := types[kind]
	switch {
	case !ok:
		return push.Refuse(push.InvalidPushType, kind)
	case !strings.HasSuffix(topic, suffix):
		return push.Refuse(push.InvalidPushType, fmt.Sprintf("%s goes to a topic that ends in %s", kind, suffix))
	case suffix == "" && strings.HasSuffix(topic, types["voip"]):
		return push.Refuse(push.InvalidPushType, fmt.Sprintf("%s to a topic of VoIP pushes", kind))
	case kind == "location" && r.Certificate != nil && r.Get(authHeader) == "":
		return push.Refuse(push.Forbidden, "a location push needs a provider token")
	}
	return nil
}

// headers reads how the push is to be delivered.
func (a *API) headers(_ time.Time, r push.Request, p *system.Push) *push.Refusal {
	if id := r.Get(idHeader); id != "" && !isUUID(id) {
		return push.Refuse(push.BadMessageID, "it must be a UUID")
	}
	switch v := r.Get(priorityHeader); {
	case !p.High && v != "5" && v != "1":
		return push.Refuse(push.BadPriority, "it must be 10, 5 or 1")
	case p.High && r.Get(typeHeader) == "background":
		return push.Refuse(push.BadPriority, "a background push has priority 5")
	}
	if p.Collapse = r.Get(collapseHeader); len(p.Collapse) > maxCollapse {
		return push.Refuse(push.BadCollapseID, fmt.Sprintf("%d bytes; at most %d", len(p.Collapse), maxCollapse))
	}
	return expiration(r, p)
}

// maxExpiration is the last second that has four digits in its year.
const maxExpiration = 253402300799

// expiration reads until when the push is kept. Without the header it is tried
// once, as with 0: our own reading, Apple does not say.
func expiration(r push.Request, p *system.Push) *push.Refusal {
	v := r.Get(expirationHeader)
	if v == "" || v == "0" {
		return nil
	}
	at, err := strconv.ParseInt(v, 10, 64)
	if err != nil || at < 0 || at > maxExpiration {
		return push.Refuse(push.BadExpirationDate, "it must be seconds since 1970, or 0")
	}
	p.Expires = time.Unix(at, 0)
	return nil
}

// payload reads the payload of the push.
func (a *API) payload(_ time.Time, r push.Request, p *system.Push) *push.Refusal {
	limit := MaxPayload
	if r.Get(typeHeader) == "voip" {
		limit = push.MaxPayload
	}
	switch n := len(r.Body); {
	case n == 0:
		return push.Refuse(push.PayloadEmpty, "")
	case n > limit:
		return push.Refuse(push.PayloadTooLarge, fmt.Sprintf("%d bytes; at most %d", n, limit))
	}
	payload, err := push.PayloadOf(r.Body)
	if err != nil {
		// Our own reading: Apple has no reason for invalid JSON.
		return push.Refuse(push.PayloadEmpty, err.Error())
	}
	p.Payload = payload
	return nil
}
