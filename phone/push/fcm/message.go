package fcm

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/push"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

const (
	// maxData is the limit of a message's data, keys and values (Firebase,
	// ErrorCode: "Message too big").
	maxData = 4096
	// defaultTTL is how long a message without a ttl is kept, and the
	// longest ttl (Firebase, AndroidConfig: "4 weeks").
	defaultTTL = 4 * 7 * 24 * time.Hour
	maxToken   = 4096
)

// object is a JSON object of the request. As with protocol buffers, its names
// may be in either style: collapse_key or collapseKey.
type object map[string]json.RawMessage

// take removes a field and returns it.
func (o object) take(name string) (json.RawMessage, bool) {
	for _, n := range []string{name, camel(name)} {
		if v, ok := o[n]; ok {
			delete(o, n)
			return v, !bytes.Equal(v, []byte("null"))
		}
	}
	return nil, false
}

func camel(name string) string {
	words := strings.Split(name, "_")
	for i, w := range words[1:] {
		words[i+1] = strings.ToUpper(w[:1]) + w[1:]
	}
	return strings.Join(words, "")
}

// A reader reads the parts of a request until one is wrong.
type reader struct {
	no *push.Refusal
}

// fail keeps the first error.
func (r *reader) fail(field, format string, args ...any) {
	if r.no == nil {
		r.no = refuse(field, fmt.Sprintf(format, args...))
	}
}

// object reads an object, nil if it is absent.
func (r *reader) object(o object, field, name string) object {
	raw, ok := o.take(name)
	if !ok {
		return nil
	}
	var inner object
	if json.Unmarshal(raw, &inner) != nil {
		r.wrong(field, "an object", raw)
	}
	return inner
}

// text reads a string, "" if it is absent.
func (r *reader) text(o object, field, name string) string {
	raw, ok := o.take(name)
	if !ok {
		return ""
	}
	var s string
	if json.Unmarshal(raw, &s) != nil {
		r.wrong(field, "TYPE_STRING", raw)
	}
	return s
}

func (r *reader) wrong(field, kind string, raw json.RawMessage) {
	r.fail(field, "Invalid value at '%s' (%s), %.40s", field, kind, raw)
}

// rest refuses the fields that are left, except known ones.
func (r *reader) rest(o object, at string, known ...string) {
	for _, name := range slices.Sorted(maps.Keys(o)) {
		if !slices.ContainsFunc(known, func(k string) bool { return name == k || name == camel(k) }) {
			r.fail(at, "Invalid JSON payload received. Unknown name %q at '%s': Cannot find field.", name, at)
		}
	}
}

// read reads a request (Firebase, projects.messages.send). dry says that it is
// only to be judged.
func read(now time.Time, body []byte, p system.Push) (_ system.Push, dry bool, no *push.Refusal) {
	if len(body) > MaxBody {
		return p, false, refuse("", fmt.Sprintf("Request payload size exceeds the limit: %d bytes.", MaxBody))
	}
	var whole object
	if json.Unmarshal(body, &whole) != nil || whole == nil {
		return p, false, refuse("", "Invalid JSON payload received.")
	}
	var r reader
	if raw, ok := whole.take("validate_only"); ok && json.Unmarshal(raw, &dry) != nil {
		r.wrong("validate_only", "TYPE_BOOL", raw)
	}
	m := r.object(whole, "message", "message")
	if m == nil {
		r.fail("message", "Recipient of the message is not set.")
	}
	r.rest(whole, "request")
	r.target(m, &p)
	r.payload(m, &p)
	r.android(now, m, &p)
	r.rest(m, "message", "name", "webpush", "apns", "fcm_options")
	return p, dry, r.no
}

// target reads the device that the message is for.
func (r *reader) target(m object, p *system.Push) {
	p.Token = r.text(m, "message.token", "token")
	for _, other := range []string{"topic", "condition"} {
		if r.text(m, "message."+other, other) != "" {
			r.fail("message."+other, "this stand-in sends to a token, not to a %s", other)
		}
	}
	switch {
	case p.Token == "":
		r.fail("message.token", "Recipient of the message is not set.")
	case len(p.Token) > maxToken:
		r.fail("message.token", "The registration token is not a valid FCM registration token")
	}
}

// payload reads the payload of the message.
func (r *reader) payload(m object, p *system.Push) {
	data := r.object(m, "message.data", "data")
	p.Payload = make(map[string]string, len(data))
	size := 0
	for i, key := range slices.Sorted(maps.Keys(data)) {
		if reserved(key) {
			r.fail("message.data", "Invalid data payload key: %.40s", key)
		}
		value := r.text(data, fmt.Sprintf("message.data[%d].value", i), key)
		p.Payload[key] = value
		size += len(key) + len(value)
	}
	if size > maxData {
		r.fail("message.data", "Android message is too big")
	}
	n := r.object(m, "message.notification", "notification")
	for _, part := range []string{"title", "body", "image"} {
		if text := r.text(n, "message.notification."+part, part); text != "" && len(data) == 0 {
			p.Payload["gcm.notification."+part] = text
		}
	}
	r.rest(n, "message.notification")
	p.High = n != nil
}

// reserved reports whether FCM keeps a key for itself (Firebase, Message: "The
// key should not be a reserved word").
func reserved(key string) bool {
	return key == "from" || key == "message_type" || key == "" || strings.HasPrefix(key, "google.") || strings.HasPrefix(key, "gcm.")
}

// android reads how the message is to be delivered. Without a priority, a
// message that the system shows is high, and any other normal.
func (r *reader) android(now time.Time, m object, p *system.Push) {
	a := r.object(m, "message.android", "android")
	switch v := r.text(a, "message.android.priority", "priority"); strings.ToUpper(v) {
	case "":
	case "HIGH":
		p.High = true
	case "NORMAL":
		p.High = false
	default:
		r.fail("message.android.priority", "Invalid value at 'message.android.priority' (AndroidMessagePriority), %q", v)
	}
	p.Collapse = r.text(a, "message.android.collapse_key", "collapse_key")
	ttl := defaultTTL
	if v := r.text(a, "message.android.ttl", "ttl"); v != "" {
		ttl = r.ttl(v)
	}
	if ttl > 0 {
		p.Expires = now.Add(ttl)
	}
	r.rest(a, "message.android", "restricted_package_name", "data", "notification", "fcm_options", "direct_boot_ok", "bandwidth_constrained_ok", "restricted_satellite_ok")
}

// ttl reads a duration in the format of protocol buffers: "3.5s". Zero means to
// try once.
func (r *reader) ttl(v string) time.Duration {
	seconds, ok := strings.CutSuffix(v, "s")
	n, err := strconv.ParseFloat(seconds, 64)
	if !ok || err != nil || strings.Trim(seconds, "0123456789.") != "" || n > defaultTTL.Seconds() {
		r.fail("message.android.ttl", "Invalid value at 'message.android.ttl' (Duration, up to four weeks), %q", v)
		return 0
	}
	return time.Duration(n * float64(time.Second))
}
