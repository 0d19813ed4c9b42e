package setup

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/app"
	"github.com/sleeptalk/sleeptalk/phone/control"
)

// Values are settings as they are written down, by key: a layer, or several
// of them laid over each other. What is not set is not there, or empty.
type Values map[string]string

// Over lays v over other values: what v says counts. A secret of one kind in v
// hides those of the other kinds below it.
func (v Values) Over(below Values) Values {
	union := maps.Clone(below)
	if union == nil {
		union = Values{}
	}
	for _, kinds := range [][]string{passwordKeys, pushSecretKeys} {
		if v.any(kinds) {
			for _, key := range kinds {
				delete(union, key)
			}
		}
	}
	for key, value := range v {
		if value != "" {
			union[key] = value
		}
	}
	return union
}

func (v Values) any(keys []string) bool {
	for _, key := range keys {
		if v[key] != "" {
			return true
		}
	}
	return false
}

// Add sets the key of s, or adds to it if it is a list.
func (v Values) Add(s Setting, value string) {
	if before := v[s.Key]; s.List && before != "" {
		value = before + ", " + value
	}
	v[s.Key] = value
}

// Check refuses values that can never be right, whatever else is set, and
// those of one layer that contradict each other.
func (v Values) Check() error {
	for _, s := range table() {
		if err := s.Check(v[s.Key]); err != nil {
			return fmt.Errorf("%s: %w", s.Key, err)
		}
	}
	if err := v.checkTransport(); err != nil {
		return fmt.Errorf("transport: %w", err)
	}
	return v.Fits()
}

// checkTransport refuses a server and a setting that say different transports.
func (v Values) checkTransport() error {
	if v["server"] == "" {
		return nil
	}
	server, err := ParseServer(v["server"])
	if err != nil {
		return err
	}
	return checkBoth(server, v["transport"])
}

// Hop is where a phone with these settings connects to: its server, or the proxy on
// the way to it, and over what. The transport is "" if nothing says it.
func (v Values) Hop() (Server, error) {
	server, err := ParseServer(v["server"])
	if err != nil {
		return Server{}, fmt.Errorf("server: %w", err)
	}
	var proxy Server
	if v["outbound-proxy"] != "" {
		proxies, err := ParseProxies(v["outbound-proxy"])
		if err != nil {
			return Server{}, fmt.Errorf("outbound-proxy: %w", err)
		}
		proxy = proxies[0]
	}
	return hop(server, proxy, strings.ToLower(v["transport"])), nil
}

// Secrets are the passwords in v that stand in nothing else that is said of the
// account, so that they can be masked wherever they stand.
func (v Values) Secrets() (words []string) {
	for _, s := range table() {
		if secret := v[s.Key]; s.Secret && secret != "" && !v.shows(secret) {
			words = append(words, secret)
		}
	}
	return words
}

// shows reports whether a text stands in what is said of the account openly.
func (v Values) shows(text string) bool {
	return slices.ContainsFunc([]string{"user", "domain", "server", "display"}, func(key string) bool { return strings.Contains(v[key], text) })
}

// Phone is what v says of the phone, whoever it is: without its account.
func (v Values) Phone() Values {
	phone := Values{}
	for _, s := range table() {
		if value := v[s.Key]; value != "" && !s.Account {
			phone[s.Key] = value
		}
	}
	return phone
}

// DropTransport takes from the server what it says of a transport, for the
// setting is to count.
func (v Values) DropTransport() {
	if s, err := ParseServer(v["server"]); err == nil && s.Transport != "" {
		v["server"] = s.Address()
	}
}

// Control is the protocol that the phone speaks.
func (v Values) Control() string {
	usual := control.SIP
	if v["raw"] != "" {
		usual = control.Raw
	}
	return cmp.Or(v["control"], usual)
}

// Strict reports whether the device is to be one that there has been.
func (v Values) Strict() bool { return !off(v["strict"]) }

// Device is the name of the device that the phone is on.
func (v Values) Device() string { return cmp.Or(v["device"], DefaultDevice) }

// Insecure reports whether any certificate of the server is trusted.
func (v Values) Insecure() bool { return on(v["tls-insecure"]) }

func on(value string) bool  { return value == "on" || value == "true" }
func off(value string) bool { return value == "off" || value == "false" }

// KeepAlive is the keepalive timeout that the app asks of its device.
func (v Values) KeepAlive() time.Duration {
	d, err := time.ParseDuration(v["keepalive"])
	if err != nil { // nothing is said
		return app.DefaultKeepAlive
	}
	return d
}

// RoundsKeepAlive reports whether the app asks for a longer keepalive where one is refused.
func (v Values) RoundsKeepAlive() bool { return on(v["keepalive-round"]) }

// Address is who the phone is: "sip:alice@example.com".
func (v Values) Address() string {
	domain := v["domain"]
	if server, err := ParseServer(v["server"]); domain == "" && err == nil {
		domain = server.Host
	}
	return "sip:" + v["user"] + "@" + domain
}
