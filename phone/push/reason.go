package push

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/words"
)

// A Reason is why a push is refused, as named by Apple's provider API (Apple,
// Handling notification responses from APNs).
type Reason string

// The reasons of Apple's provider API.
const (
	BadCollapseID               Reason = "BadCollapseId"
	BadDeviceToken              Reason = "BadDeviceToken"
	BadExpirationDate           Reason = "BadExpirationDate"
	BadMessageID                Reason = "BadMessageId"
	BadPriority                 Reason = "BadPriority"
	BadTopic                    Reason = "BadTopic"
	DeviceTokenNotForTopic      Reason = "DeviceTokenNotForTopic"
	DuplicateHeaders            Reason = "DuplicateHeaders"
	IdleTimeout                 Reason = "IdleTimeout"
	InvalidPushType             Reason = "InvalidPushType"
	MissingDeviceToken          Reason = "MissingDeviceToken"
	MissingTopic                Reason = "MissingTopic"
	PayloadEmpty                Reason = "PayloadEmpty"
	TopicDisallowed             Reason = "TopicDisallowed"
	BadCertificate              Reason = "BadCertificate"
	BadCertificateEnvironment   Reason = "BadCertificateEnvironment"
	ExpiredProviderToken        Reason = "ExpiredProviderToken"
	Forbidden                   Reason = "Forbidden"
	InvalidProviderToken        Reason = "InvalidProviderToken"
	MissingProviderToken        Reason = "MissingProviderToken"
	BadPath                     Reason = "BadPath"
	MethodNotAllowed            Reason = "MethodNotAllowed"
	ExpiredToken                Reason = "ExpiredToken"
	Unregistered                Reason = "Unregistered"
	PayloadTooLarge             Reason = "PayloadTooLarge"
	TooManyProviderTokenUpdates Reason = "TooManyProviderTokenUpdates"
	TooManyRequests             Reason = "TooManyRequests"
	InternalServerError         Reason = "InternalServerError"
	ServiceUnavailable          Reason = "ServiceUnavailable"
	Shutdown                    Reason = "Shutdown"
)

// The error codes of FCM (Firebase, REST Resource: ErrorCode), and those of
// Google's APIs in general that come before them (google.rpc.Code).
const (
	FCMInvalidArgument  = "INVALID_ARGUMENT"
	FCMUnregistered     = "UNREGISTERED"
	FCMSenderIDMismatch = "SENDER_ID_MISMATCH"
	FCMQuotaExceeded    = "QUOTA_EXCEEDED"
	FCMUnavailable      = "UNAVAILABLE"
	FCMInternal         = "INTERNAL"
	FCMThirdPartyAuth   = "THIRD_PARTY_AUTH_ERROR"
	Unauthenticated     = "UNAUTHENTICATED"
	PermissionDenied    = "PERMISSION_DENIED"
	NotFound            = "NOT_FOUND"
)

// A reasonOf is a reason with its HTTP status, FCM's code for it, and the HTTP
// status that Web Push has for it, which knows nothing else (RFC 8030 §8.4; RFC
// 8292 §4.2).
type reasonOf struct {
	reason Reason
	status int
	fcm    string
	web    int
}

var reasons = []reasonOf{
	{BadCollapseID, 400, FCMInvalidArgument, 400},
	{BadDeviceToken, 400, FCMInvalidArgument, 404},
	{BadExpirationDate, 400, FCMInvalidArgument, 400},
	{BadMessageID, 400, FCMInvalidArgument, 400},
	{BadPriority, 400, FCMInvalidArgument, 400},
	{BadTopic, 400, FCMInvalidArgument, 400},
	{DeviceTokenNotForTopic, 400, FCMSenderIDMismatch, 400},
	{DuplicateHeaders, 400, FCMInvalidArgument, 400},
	{IdleTimeout, 400, FCMInvalidArgument, 408},
	{InvalidPushType, 400, FCMInvalidArgument, 400},
	{MissingDeviceToken, 400, FCMInvalidArgument, 400},
	{MissingTopic, 400, FCMInvalidArgument, 400},
	{PayloadEmpty, 400, FCMInvalidArgument, 400},
	{TopicDisallowed, 400, FCMSenderIDMismatch, 400},
	{BadCertificate, 403, FCMThirdPartyAuth, 403},
	{BadCertificateEnvironment, 403, FCMThirdPartyAuth, 403},
	{ExpiredProviderToken, 403, Unauthenticated, 403},
	{Forbidden, 403, PermissionDenied, 403},
	{InvalidProviderToken, 403, Unauthenticated, 403},
	{MissingProviderToken, 403, Unauthenticated, 401},
	{BadPath, 404, NotFound, 404},
	{MethodNotAllowed, 405, NotFound, 405},
	{ExpiredToken, 410, FCMUnregistered, 404},
	{Unregistered, 410, FCMUnregistered, 410},
	{PayloadTooLarge, 413, FCMInvalidArgument, 413},
	{TooManyProviderTokenUpdates, 429, FCMQuotaExceeded, 429},
	{TooManyRequests, 429, FCMQuotaExceeded, 429},
	{InternalServerError, 500, FCMInternal, 500},
	{ServiceUnavailable, 503, FCMUnavailable, 503},
	{Shutdown, 503, FCMUnavailable, 503},
}

// Reasons returns all reasons of Apple's provider API, by their status.
func Reasons() []Reason {
	var list []Reason
	for _, r := range reasons {
		list = append(list, r.reason)
	}
	return list
}

func (r Reason) of() reasonOf {
	i := slices.IndexFunc(reasons, func(o reasonOf) bool { return o.reason == r })
	return reasons[i]
}

// Status returns the HTTP status of a reason.
func (r Reason) Status() int { return r.of().status }

// FCM returns FCM's error code for the reason.
func (r Reason) FCM() string { return r.of().fcm }

// webWords are the statuses of Web Push, as HTTP calls them (RFC 9110 §15).
var webWords = map[int]string{
	400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed", 408: "Request Timeout", 410: "Gone",
	413: "Content Too Large", 429: "Too Many Requests", 500: "Internal Server Error", 503: "Service Unavailable",
}

// WebWords is what HTTP calls a status of Web Push, "" for one that it has not.
func WebWords(status int) string { return webWords[status] }

// webReasons are the reasons that stand for a status, as somebody may ask for it.
var webReasons = map[string]Reason{
	"400": BadExpirationDate, "401": MissingProviderToken, "403": Forbidden, "404": BadDeviceToken, "410": Unregistered,
	"413": PayloadTooLarge, "429": TooManyRequests, "500": InternalServerError, "503": ServiceUnavailable,
}

// fcmReasons maps the error codes of FCM to reasons.
var fcmReasons = map[string]Reason{
	FCMInvalidArgument: BadDeviceToken, FCMUnregistered: Unregistered, FCMSenderIDMismatch: DeviceTokenNotForTopic, FCMQuotaExceeded: TooManyRequests,
	FCMUnavailable: ServiceUnavailable, FCMInternal: InternalServerError, FCMThirdPartyAuth: BadCertificate,
	Unauthenticated: InvalidProviderToken, PermissionDenied: Forbidden,
}

// ParseReason reads a reason, by Apple's name, FCM's, or the status of Web Push.
// The error suggests the nearest one.
func ParseReason(name string) (Reason, error) {
	if r, ok := fcmReasons[name]; ok {
		return r, nil
	}
	if r, ok := webReasons[name]; ok {
		return r, nil
	}
	var known []string
	for _, r := range reasons {
		if string(r.reason) == name {
			return r.reason, nil
		}
		known = append(known, string(r.reason))
	}
	for code := range fcmReasons {
		known = append(known, code)
	}
	slices.Sort(known)
	return "", fmt.Errorf("no reason of a push service is %q%s", name, words.DidYouMean(name, known))
}

// A Refusal says why a push is refused.
type Refusal struct {
	Reason Reason
	// Code is FCM's code if it is not that of the reason, and Field the
	// part of FCM's message that is at fault, if any.
	Code, Field string
	// Why explains it in the log and in the answer; it may be empty.
	Why string
	// Since is when the token became invalid.
	Since time.Time
}

// Refuse returns a refusal for a reason.
func Refuse(r Reason, why string) *Refusal { return &Refusal{Reason: r, Why: why} }

// String returns the refusal as in the log: "410 Unregistered: …".
func (r *Refusal) String() string { return Words(r.Reason.Status(), string(r.Reason), r.Why) }

// WebStatus is the status of Web Push for the refusal.
func (r *Refusal) WebStatus() int { return r.Reason.of().web }

// Web returns the refusal as Web Push has it: "410 Gone: …".
func (r *Refusal) Web() string { return Words(r.WebStatus(), webWords[r.WebStatus()], r.Why) }

// Words formats a refusal as in the log, with the code of any API.
func Words(status int, word, why string) string {
	if why != "" {
		why = ": " + why
	}
	return fmt.Sprintf("%d %s%s", status, word, why)
}

// TokenGone reports whether a refusal says that no device has the token, or has
// it any more: servers must not push to it again (Apple: at 410 stop sending;
// Firebase: UNREGISTERED; RFC 8030 §7.3: 404 and 410). Other refusals are temporary, or the sender's own
// fault.
func TokenGone(why string) bool {
	status, word, _ := strings.Cut(why, " ")
	word, _, _ = strings.Cut(word, ":")
	if code, err := strconv.Atoi(status); err == nil && word == webWords[code] {
		return code == 404 || code == 410
	}
	return slices.Contains([]string{string(Unregistered), string(ExpiredToken), string(BadDeviceToken), FCMUnregistered}, word)
}
