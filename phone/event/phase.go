package event

// The steps in the life of a thing are types of their own, so that the step of
// one is not taken for that of another, and a test finds an unknown word.

// A SocketPhase is a step in the life of a socket.
type SocketPhase string

// The steps of a socket.
const (
	SocketConnecting SocketPhase = "connecting"
	SocketSecuring   SocketPhase = "securing" // TLS begins
	SocketOpen       SocketPhase = "open"
	SocketFailed     SocketPhase = "failed" // it never opened
	SocketClosed     SocketPhase = "closed"
	SocketReset      SocketPhase = "reset"
	SocketBroken     SocketPhase = "broken" // given up on our side
)

// SocketPhases are all of them.
func SocketPhases() []SocketPhase {
	return []SocketPhase{SocketConnecting, SocketSecuring, SocketOpen, SocketFailed, SocketClosed, SocketReset, SocketBroken}
}

// A RegistrationPhase is a step in the life of the binding at the registrar.
type RegistrationPhase string

// The steps of a registration.
const (
	RegistrationSending    RegistrationPhase = "sending"
	RegistrationChallenged RegistrationPhase = "challenged" // asked for credentials
	RegistrationRedirected RegistrationPhase = "redirected" // sent to another server
	RegistrationActive     RegistrationPhase = "active"
	RegistrationFailed     RegistrationPhase = "failed"
	RegistrationLost       RegistrationPhase = "lost"
	RegistrationRemoved    RegistrationPhase = "removed" // as we wished
)

// RegistrationPhases are all of them.
func RegistrationPhases() []RegistrationPhase {
	return []RegistrationPhase{
		RegistrationSending, RegistrationChallenged, RegistrationRedirected, RegistrationActive, RegistrationFailed, RegistrationLost, RegistrationRemoved,
	}
}

// A CallPhase is a step in the life of a call.
type CallPhase string

// The steps of a call.
const (
	CallCalling    CallPhase = "calling"
	CallIncoming   CallPhase = "incoming"
	CallRinging    CallPhase = "ringing"
	CallWaiting    CallPhase = "waiting"    // it rings while another is up
	CallRedirected CallPhase = "redirected" // a server has sent it to another address
	CallEarly      CallPhase = "early"      // its sound is heard before the answer
	CallAnswered   CallPhase = "answered"
	CallUp         CallPhase = "up"
	CallHeld       CallPhase = "held"
	CallResumed    CallPhase = "resumed"
	CallMuted      CallPhase = "muted"
	CallUnmuted    CallPhase = "unmuted"
	CallRefreshed  CallPhase = "refreshed" // its session timer began anew
	CallEnded      CallPhase = "ended"
)

// CallPhases are all of them.
func CallPhases() []CallPhase {
	return []CallPhase{
		CallCalling, CallIncoming, CallRinging, CallWaiting, CallRedirected, CallEarly, CallAnswered, CallUp, CallHeld, CallResumed, CallMuted,
		CallUnmuted, CallRefreshed, CallEnded,
	}
}

// A MediaPhase is a step in the life of the audio of a call.
type MediaPhase string

// The steps of a call's audio.
const (
	MediaOffer MediaPhase = "offer"
	MediaStart MediaPhase = "start"
	MediaStop  MediaPhase = "stop"
	MediaBack  MediaPhase = "back" // something gets through again, after [RuleNoAudioIn] or [RuleNoAudioOut]

	MediaKeying  MediaPhase = "keying"  // the handshake for the keys begins
	MediaSecured MediaPhase = "secured" // and is over: there are keys
)

// MediaPhases are all of them.
func MediaPhases() []MediaPhase {
	return []MediaPhase{MediaOffer, MediaStart, MediaStop, MediaBack, MediaKeying, MediaSecured}
}

// A NotificationPhase is a step in the life of a local notification, or of a
// call on the system's call screen.
type NotificationPhase string

// The steps of a notification.
const (
	NotificationPosted    NotificationPhase = "posted"
	NotificationUpdated   NotificationPhase = "updated"
	NotificationTapped    NotificationPhase = "tapped"
	NotificationWithdrawn NotificationPhase = "withdrawn"
	NotificationMissed    NotificationPhase = "missed"
	NotificationExpired   NotificationPhase = "expired"
	NotificationRefused   NotificationPhase = "refused"
)

// NotificationPhases are all of them.
func NotificationPhases() []NotificationPhase {
	return []NotificationPhase{
		NotificationPosted, NotificationUpdated, NotificationTapped, NotificationWithdrawn, NotificationMissed, NotificationExpired,
		NotificationRefused,
	}
}

// A PushPhase is a step of a push on its way to the app.
type PushPhase string

// The steps of a push.
const (
	PushSent      PushPhase = "sent"      // by a server
	PushDelivered PushPhase = "delivered" // to the device
	PushHandled   PushPhase = "handled"   // its handler has returned
	PushQueued    PushPhase = "queued"
	PushExpired   PushPhase = "expired"
	PushDropped   PushPhase = "dropped"
	PushBlocked   PushPhase = "blocked"
	PushRefused   PushPhase = "refused"
	PushToken     PushPhase = "token" // the app has a new one
	PushAway      PushPhase = "away"  // nothing is delivered: who would, a distributor of Web Push or a local push provider, does not run
	PushBack      PushPhase = "back"  // it runs again
	PushTimer     PushPhase = "timer" // a local push provider's timer event, by which it looks after its connection
)

// PushPhases are all of them.
func PushPhases() []PushPhase {
	return []PushPhase{
		PushSent, PushDelivered, PushHandled, PushQueued, PushExpired, PushDropped, PushBlocked, PushRefused, PushToken, PushAway, PushBack, PushTimer,
	}
}

// A KeepalivePhase is a change to the keepalive handler.
type KeepalivePhase string

// The changes to the keepalive handler.
const (
	KeepaliveInstalled KeepalivePhase = "installed"
	KeepaliveRefused   KeepalivePhase = "refused"
	KeepaliveSkipped   KeepalivePhase = "skipped"  // for another timeout: the app is in the foreground
	KeepaliveDeferred  KeepalivePhase = "deferred" // the device is idle
	KeepaliveCleared   KeepalivePhase = "cleared"
	KeepaliveCut       KeepalivePhase = "cut" // the handler ran when the app was suspended
)

// KeepalivePhases are all of them.
func KeepalivePhases() []KeepalivePhase {
	return []KeepalivePhase{KeepaliveInstalled, KeepaliveRefused, KeepaliveSkipped, KeepaliveDeferred, KeepaliveCleared, KeepaliveCut}
}

// A TaskPhase is a step in the life of a background task.
type TaskPhase string

// The steps of a background task.
const (
	TaskBegin    TaskPhase = "begin"
	TaskRefused  TaskPhase = "refused"
	TaskExpiring TaskPhase = "expiring"
	TaskEnd      TaskPhase = "end"
)

// TaskPhases are all of them.
func TaskPhases() []TaskPhase { return []TaskPhase{TaskBegin, TaskRefused, TaskExpiring, TaskEnd} }
