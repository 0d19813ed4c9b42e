package push

import (
	"fmt"
	"slices"
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

// A reasonOf is a reason with its HTTP status, and FCM's code for it.
type reasonOf struct {
	reason Reason
	status int
	fcm    string
}

var reasons = []reasonOf{
	{BadCollapseID, 400, FCMInvalidArgument},
	{BadDeviceToken, 400, FCMInvalidArgument},
	{BadExpirationDate, 400, FCMInvalidArgument},
	{BadMessageID, 400, FCMInvalidArgument},
	{BadPriority, 400, FCMInvalidArgument},
	{BadTopic, 400, FCMInvalidArgument},
	{DeviceTokenNotForTopic, 400, FCMSenderIDMismatch},
	{DuplicateHeaders, 400, FCMInvalidArgument},
	{IdleTimeout, 400, FCMInvalidArgument},
	{InvalidPushType, 400, FCMInvalidArgument},
	{MissingDeviceToken, 400, FCMInvalidArgument},
	{MissingTopic, 400, FCMInvalidArgument},
	{PayloadEmpty, 400, FCMInvalidArgument},
	{TopicDisallowed, 400, FCMSenderIDMismatch},
	{BadCertificate, 403, FCMThirdPartyAuth},
	{BadCertificateEnvironment, 403, FCMThirdPartyAuth},
	{ExpiredProviderToken, 403, Unauthenticated},
	{Forbidden, 403, PermissionDenied},
	{InvalidProviderToken, 403, Unauthenticated},
	{MissingProviderToken, 403, Unauthenticated},
	{BadPath, 404, NotFound},
	{MethodNotAllowed, 405, NotFound},
	{ExpiredToken, 410, FCMUnregistered},
	{Unregistered, 410, FCMUnregistered},
	{PayloadTooLarge, 413, FCMInvalidArgument},
	{TooManyProviderTokenUpdates, 429, FCMQuotaExceeded},
	{TooManyRequests, 429, FCMQuotaExceeded},
	{InternalServerError, 500, FCMInternal},
	{ServiceUnavailable, 503, FCMUnavailable},
	{Shutdown, 503, FCMUnavailable},
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

// fcmReasons maps the error codes of FCM to reasons.
var fcmReasons = map[string]Reason{
	FCMInvalidArgument: BadDeviceToken, FCMUnregistered: Unregistered, FCMSenderIDMismatch: DeviceTokenNotForTopic, FCMQuotaExceeded: TooManyRequests,
	FCMUnavailable: ServiceUnavailable, FCMInternal: InternalServerError, FCMThirdPartyAuth: BadCertificate,
	Unauthenticated: InvalidProviderToken, PermissionDenied: Forbidden,
}

// ParseReason reads a reason, by Apple's name or FCM's. The error suggests the
// nearest one.
func ParseReason(name string) (Reason, error) {
	if r, ok := fcmReasons[name]; ok {
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

// Words formats a refusal as in the log, with the code of any API.
func Words(status int, word, why string) string {
	if why != "" {
		why = ": " + why
	}
	return fmt.Sprintf("%d %s%s", status, word, why)
}

// TokenGone reports whether a refusal says that no device has the token, or has
// it any more: servers must not push to it again (Apple: at 410 stop sending;
// Firebase: UNREGISTERED). Other refusals are temporary, or the sender's own
// fault.
func TokenGone(why string) bool {
	_, word, _ := strings.Cut(why, " ")
	word, _, _ = strings.Cut(word, ":")
	return slices.Contains([]string{string(Unregistered), string(ExpiredToken), string(BadDeviceToken), FCMUnregistered}, word)
}
