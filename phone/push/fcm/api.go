package fcm

import (
	"crypto/subtle"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/push"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// Config says who may push, and to what. Zero fields are not checked.
type Config struct {
	// Bearer is the access token of the provider.
	Bearer string
	// Project is the project that the device tokens belong to.
	Project string
	// Rand makes the names of messages.
	Rand *rand.Rand
}

// An API judges requests.
type API struct{ cfg Config }

// New returns an API. cfg.Rand must be set.
func New(cfg Config) *API { return &API{cfg} }

// Open reports whether anybody may push.
func (a *API) Open() bool { return a.cfg.Bearer == "" }

const (
	// Prefix is the path for messages; the project and Suffix follow it.
	Prefix = "/v1/projects/"
	// Suffix ends a path.
	Suffix = "/messages:send"
	// MaxBody bounds a request: a message may carry parts for other systems
	// than Android (our own number).
	MaxBody = 64 << 10
)

// Judge reads a push from a request, or refuses it. The push's ID is the name
// of the message.
func (a *API) Judge(now time.Time, r push.Request) (system.Push, *push.Refusal) {
	project, ok := strings.CutPrefix(r.Path, Prefix)
	project, send := strings.CutSuffix(project, Suffix)
	p := system.Push{ID: fmt.Sprintf("projects/%s/messages/0:%d%%%016x", project, now.UnixMicro(), a.cfg.Rand.Uint64())}
	switch {
	case r.Closing:
		return p, push.Refuse(push.Shutdown, "")
	case !ok || !send || project == "" || strings.Contains(project, "/"):
		return p, push.Refuse(push.BadPath, "there is only POST "+Prefix+"PROJECT"+Suffix)
	case r.Method != "POST":
		return p, push.Refuse(push.MethodNotAllowed, r.Method)
	case r.Stalled:
		return p, refuse("", "the body did not arrive in time")
	}
	if no := a.provider(r); no != nil {
		return p, no
	}
	p, dry, no := read(now, r.Body, p)
	switch {
	case no != nil:
		return p, no
	case a.cfg.Project != "" && project != a.cfg.Project:
		return p, push.Refuse(push.DeviceTokenNotForTopic, fmt.Sprintf("the token is of %s, not of %s", a.cfg.Project, project))
	case dry:
		return p, &push.Refusal{Code: accepted}
	}
	return p, nil
}

// provider checks the access token.
func (a *API) provider(r push.Request) *push.Refusal {
	auth := r.Header["Authorization"]
	if a.Open() {
		return nil
	}
	if len(auth) == 0 {
		return push.Refuse(push.MissingProviderToken, "Request is missing required authentication credential.")
	}
	scheme, token, _ := strings.Cut(auth[0], " ")
	if !strings.EqualFold(scheme, "bearer") || subtle.ConstantTimeCompare([]byte(token), []byte(a.cfg.Bearer)) != 1 {
		return push.Refuse(push.InvalidProviderToken, "Request had invalid authentication credentials.")
	}
	return nil
}

// accepted is the code of a valid message that is only to be judged
// (validate_only).
const accepted = "OK"

// refuse refuses a message for one of its fields.
func refuse(field, why string) *push.Refusal {
	return &push.Refusal{Reason: push.PayloadEmpty, Code: push.FCMInvalidArgument, Field: field, Why: why}
}

// code returns FCM's code for a refusal.
func code(no *push.Refusal) string {
	if no.Code != "" {
		return no.Code
	}
	return no.Reason.FCM()
}

// statuses maps each code to its HTTP status, and to Google's API status if
// that has another name.
var statuses = map[string]struct {
	http int
	rpc  string
}{
	push.FCMInvalidArgument:  {400, push.FCMInvalidArgument},
	push.FCMUnregistered:     {404, push.NotFound},
	push.FCMSenderIDMismatch: {403, push.PermissionDenied},
	push.FCMQuotaExceeded:    {429, "RESOURCE_EXHAUSTED"},
	push.FCMUnavailable:      {503, push.FCMUnavailable},
	push.FCMInternal:         {500, push.FCMInternal},
	push.FCMThirdPartyAuth:   {401, push.Unauthenticated},
	push.Unauthenticated:     {401, push.Unauthenticated},
	push.PermissionDenied:    {403, push.PermissionDenied},
	push.NotFound:            {404, push.NotFound},
}

// Told returns a refusal in Google's words.
func (a *API) Told(no *push.Refusal) string {
	c := code(no)
	if c == accepted {
		return push.Words(200, c, "to be judged only (validate_only)")
	}
	return push.Words(statuses[c].http, c, no.Why)
}

// An answer is the error format of Google's APIs.
type answer struct {
	Error problem `json:"error"`
}

type problem struct {
	Code    int      `json:"code"`
	Message string   `json:"message"`
	Status  string   `json:"status"`
	Details []detail `json:"details,omitempty"`
}

type detail struct {
	Type       string      `json:"@type"`
	ErrorCode  string      `json:"errorCode,omitempty"`
	Violations []violation `json:"fieldViolations,omitempty"`
}

type violation struct {
	Field       string `json:"field"`
	Description string `json:"description"`
}

const (
	fcmError   = "type.googleapis.com/google.firebase.fcm.v1.FcmError"
	badRequest = "type.googleapis.com/google.rpc.BadRequest"
)

// messages are Google's error texts, for refusals without a text of their own.
var messages = map[string]string{
	push.FCMUnregistered: "Requested entity was not found.", push.FCMSenderIDMismatch: "SenderId mismatch", push.FCMQuotaExceeded: "Quota exceeded.",
	push.FCMUnavailable: "The service is currently unavailable.", push.FCMInternal: "Internal error encountered.",
	push.FCMThirdPartyAuth: "Auth error from APNS or Web Push Service", push.PermissionDenied: "The caller does not have permission",
}

// Answer returns the response: the name of the message, or an error.
func (a *API) Answer(p system.Push, no *push.Refusal) push.Answer {
	out := push.Answer{Status: 200, Header: map[string]string{"content-type": "application/json; charset=UTF-8"}}
	if no == nil || code(no) == accepted {
		out.Body, _ = json.Marshal(map[string]string{"name": p.ID}) // cannot fail for a string
		return out
	}
	c := code(no)
	status := statuses[c]
	body := answer{problem{Code: status.http, Message: no.Why, Status: status.rpc, Details: details(c, no)}}
	if said, ok := messages[c]; ok {
		body.Error.Message = said
	}
	out.Status, out.Last = status.http, no.Reason == push.Shutdown
	out.Body, _ = json.Marshal(body) // cannot fail for strings and a number
	return out
}

// details returns the details of FCM's own errors: which one, and which field.
func details(c string, no *push.Refusal) []detail {
	switch c {
	case push.Unauthenticated, push.PermissionDenied, push.NotFound:
		return nil // an error of Google's front end, before FCM
	}
	list := []detail{{Type: fcmError, ErrorCode: c}}
	if no.Field != "" {
		list = append(list, detail{Type: badRequest, Violations: []violation{{no.Field, no.Why}}})
	}
	return list
}
