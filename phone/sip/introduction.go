package sip

import (
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/sip/quoted"
)

// Bounds of what an INVITE can tell of its caller and its way (our own numbers;
// RFC 3325 has two identities at most).
const (
	maxIdentities  = 8
	maxAnswerAfter = time.Hour
)

// An introduction is what an INVITE says of its caller, and of the way that it has
// come, besides its From. Servers say it, and callers can: it is shown, and nothing
// rests on it.
type introduction struct {
	asserted []event.Identity // P-Asserted-Identity (RFC 3325)
	diverted []event.Identity // Diversion (RFC 5806), the last first
	history  []event.Identity // History-Info (RFC 7044), the first first
	asks     string           // the header field that asks to be answered at once
	after    time.Duration    // when it asks for that
	must     bool             // it asks for nothing else
}

func introductionOf(req *sip.Request) introduction {
	in := introduction{
		asserted: identities(req, "p-asserted-identity", ""),
		diverted: identities(req, "diversion", "reason"),
		history:  identities(req, "history-info", ""),
	}
	if in.asks, in.after = answerAsked(req); in.asks == "" {
		in.asks, in.must = answerMode(req)
	}
	return in
}

// fill adds it to the event of the call.
func (in introduction) fill(e *event.Call) {
	e.Asserted, e.Diverted, e.History, e.AutoAnswer = in.asserted, in.diverted, in.history, in.asks
}

// autoAnswer is when the caller asks to be answered without a user; nil if it does
// not.
func (in introduction) autoAnswer() *control.AutoAnswer {
	if in.asks == "" {
		return nil
	}
	return &control.AutoAnswer{By: in.asks, After: in.after, Must: in.must}
}

// identities reads the addresses of a header field. why is the parameter that says
// why there is one; the Reason in its URI says so too (RFC 7044 §10.2).
func identities(req *sip.Request, name, why string) (list []event.Identity) {
	for _, value := range Values(req, name) {
		if len(list) >= maxIdentities {
			break
		}
		id := identityOf(value)
		if reason, ok := valueParam(value, why); ok && why != "" {
			id.Why = shortText(reason)
		}
		if id.URI != "" {
			list = append(list, id)
		}
	}
	return list
}

// identityOf reads `"Bob" <sip:bob@example.com;user=phone?Reason=…>;index=1`.
func identityOf(value string) (id event.Identity) {
	name, rest, bracket := strings.Cut(value, "<")
	if strings.HasPrefix(value, `"`) {
		name, rest = quoted.Cut(value)
		_, rest, bracket = strings.Cut(rest, "<")
	}
	if !bracket {
		name, rest = "", value
	}
	uri, _, _ := strings.Cut(rest, ">")
	uri, headers, _ := strings.Cut(uri, "?")
	uri, _, _ = strings.Cut(uri, ";")
	id.Name, id.URI = shortText(name), shortText(uri)
	for h := range strings.SplitSeq(headers, "&") {
		key, escaped, _ := strings.Cut(h, "=")
		if text, err := url.PathUnescape(escaped); err == nil && strings.EqualFold(key, "reason") {
			id.Why = shortText(text)
		}
	}
	return id
}

// valueParam is a parameter of a header field's value, whose name is in small letters.
func valueParam(value, name string) (v string, ok bool) {
	for _, part := range splitOutside(value, ';')[1:] {
		key, v, _ := strings.Cut(part, "=")
		if strings.EqualFold(strings.TrimSpace(key), name) {
			return unquoted(v), true
		}
	}
	return "", false
}

// answerAsked is the header field by which a caller asks to be answered without a
// user, "" if none does, and when. These are what desk phones have, for intercoms and
// click-to-dial; see answerMode for others.
func answerAsked(req *sip.Request) (by string, after time.Duration) {
	for _, name := range []string{"Call-Info", "Alert-Info"} {
		for _, value := range Values(req, name) {
			params := ";" + strings.TrimPrefix(value, ";")
			if text, ok := valueParam(params, "answer-after"); ok {
				n, _ := strconv.ParseUint(text, 10, 16) // at once, if it is nonsense
				return name + ": " + shortText(value), min(time.Duration(n)*time.Second, maxAnswerAfter)
			}
			info, _ := valueParam(params, "info")
			if name == "Alert-Info" && strings.EqualFold(info, "alert-autoanswer") {
				return name + ": " + shortText(value), 0
			}
		}
	}
	return "", 0
}

// answerMode is answerAsked by the header fields of RFC 5373; must says that the call
// is to be refused if it is not answered so.
func answerMode(req *sip.Request) (by string, must bool) {
	for _, name := range []string{"Answer-Mode", "Priv-Answer-Mode"} {
		for _, value := range Values(req, name) {
			if mode := splitOutside(value, ';')[0]; strings.EqualFold(strings.TrimSpace(mode), "auto") {
				_, must = valueParam(value, "require")
				return name + ": " + shortText(value), must
			}
		}
	}
	return "", false
}
