package system

import (
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// What an app may ask of a mobile system. The names are the platform's own
// where it has one.

// MarkVoIP marks a stream as the app's VoIP socket, which the system watches
// while the app is suspended. What the call says is in the log: [event.SocketMark].
type MarkVoIP struct {
	Socket Socket
	By     event.MarkCall
	// Outside says that enableBackgroundingOnSocket is not called inside
	// performBlock, on the socket's own queue.
	Outside bool
	// Request says that what goes over the connection are HTTP requests, which
	// is what an NSURLRequest can mark.
	Request bool
	// Account is whose connection it is, of an app with several accounts.
	Account string
}

// SetKeepAlive installs the keepalive handler (setKeepAliveTimeout:handler:);
// zero removes it. The answer is [KeepAliveSet].
type SetKeepAlive struct{ Timeout time.Duration }

// KeepAliveDone says that the keepalive handler has returned.
type KeepAliveDone struct{}

// BackgroundReady says that didEnterBackground has returned: the app is ready
// to be suspended.
type BackgroundReady struct{}

// BeginTask asks for time in the background
// (beginBackgroundTaskWithExpirationHandler:).
type BeginTask struct {
	Task int
	Name string
}

// EndTask gives the time back (endBackgroundTask:).
type EndTask struct{ Task int }

// ActivateAudio says that the app's audio session is active, or no longer is.
// With an active one the system lets the app run in the background.
type ActivateAudio struct{ On bool }

// Notify posts a local notification, or updates the one with the same ID.
type Notify struct {
	ID          int
	Title, Body string
	// Sound is how long the sound plays; the system caps it at 30 s.
	Sound time.Duration
}

// Withdraw cancels a local notification. Missed leaves a "Missed call" card
// in its place. Why is the app's reason, for the log; it may be empty.
type Withdraw struct {
	ID     int
	Missed bool
	Why    string
}

// RegisterPush asks to be reached by push (PKPushRegistry.desiredPushTypes;
// FirebaseMessaging.getToken). The answer is [PushToken].
type RegisterPush struct{}

// RegisterWebPush asks a distributor of Web Push for a subscription (UnifiedPush,
// REGISTER). The answer is [PushToken], with its address. Key is the public key of the
// app's server, if only that may push.
type RegisterWebPush struct{ Key string }

// UsualWiFi is the name of the Wi-Fi that a device is on, and that an app's local push provider
// is for, where nobody says otherwise.
const UsualWiFi = "office"

// SaveAppPush has the system run the app's local push provider, a process of its own,
// for as long as the device is on one of these Wi-Fi networks
// (NEAppPushManager.saveToPreferences). The answer is [PushToken]: by what the server
// knows the provider of this app on this device.
type SaveAppPush struct {
	MatchSSIDs []string
	Server     string // "host:port", where the provider connects to
}

// AnnounceCall is the local push provider telling the system of a call
// (NEAppPushProvider.reportIncomingCall(userInfo:)), for the app to report.
type AnnounceCall struct{ UserInfo map[string]string }

// PushDone says that the push handler has returned.
type PushDone struct{ ID int }

// ReportCall reports an incoming call to the system, which shows its own call
// screen (CXProvider.reportNewIncomingCall; TelecomManager.addNewIncomingCall),
// or a better name for one that it shows already. The answer is
// [CallReported]; what the user chooses arrives as [Tapped] with the same ID.
type ReportCall struct {
	ID         int
	Name, Peer string
}

// AnswerReported says that the app itself has answered a reported call, as if
// the user had on the call screen (CXCallController.request with a
// CXAnswerCallAction; Connection.setActive). Where the system is who activates
// the audio session, [AudioActivated] follows.
type AnswerReported struct{ ID int }

// ReportEnd takes a reported call off the system's call screen
// (CXProvider.reportCall(with:endedAt:reason:)).
type ReportEnd struct {
	ID  int
	Why EndReason
}

// EndReason is why a reported call is over.
type EndReason string

// The reasons (CXCallEndedReason), and the user's own end of a call in the app
// (CXEndCallAction).
const (
	EndedByUser EndReason = "ended by the user"
	EndedByPeer EndReason = "remote ended"
	EndFailed   EndReason = "failed"
	Unanswered  EndReason = "unanswered"
	Declined    EndReason = "declined"
	// At another phone of the same user (answeredElsewhere, declinedElsewhere):
	// the system shows no missed call.
	AnsweredElsewhere EndReason = "answered elsewhere"
	DeclinedElsewhere EndReason = "declined elsewhere"
)

// Missed reports whether a call that rang until its end for that reason is one
// that the user has missed.
func (r EndReason) Missed() bool {
	switch r {
	case Declined, AnsweredElsewhere, DeclinedElsewhere:
		return false
	}
	return true
}

// StartService asks to run a foreground service, for a call in the background
// (Context.startForegroundService). [StartForeground] must follow soon.
type StartService struct{}

// StartForeground shows the notification of the service that was asked for
// (Service.startForeground): from then on the app runs until [StopService].
type StartForeground struct{}

// StopService ends the foreground service.
type StopService struct{}

// Exit ends the process, as exit(3) does.
type Exit struct{ Code int }

// What a mobile system tells an app.

// Launched is the start of the process: the user opened the app, or, with
// Background set, the system did.
type Launched struct{ Background bool }

// DidEnterBackground says that the app has left the screen.
type DidEnterBackground struct{}

// WillEnterForeground says that the app comes back to the screen.
type WillEnterForeground struct{}

// KeepAliveSet answers [SetKeepAlive].
type KeepAliveSet struct {
	Timeout  time.Duration
	Accepted bool
}

// KeepAlive calls the keepalive handler.
type KeepAlive struct{}

// TaskExpiring calls the expiration handler of a background task.
type TaskExpiring struct{ Task int }

// PushToken is the token under which the app can be pushed to, told once after
// [RegisterPush] and again whenever it changes
// (pushRegistry:didUpdatePushCredentials:, onNewToken).
type PushToken struct{ Token string }

// Pushed calls the push handler (pushRegistry:didReceiveIncomingPushWithPayload:,
// onMessageReceived). It returns with [PushDone].
type Pushed struct {
	ID      int
	Payload map[string]string
	// MustReport says that the system wants a call for it
	// (PKVoIPPushMetadata.mustReport, iOS 26.4; before that, always).
	MustReport bool
}

// WebPushed is the same for a message that the distributor of Web Push hands on
// (UnifiedPush, MESSAGE). Body is what only the app can decrypt; Payload what was
// pushed by hand, which nobody has encrypted.
type WebPushed struct {
	ID      int
	Body    []byte
	Payload map[string]string
}

// ProviderStart has the local push provider connect
// (NEAppPushProvider.start(completionHandler:)), with what the app has saved for it.
// This and the next two are for the provider, not for the app.
type ProviderStart struct{ Server, Token string }

// ProviderStop is the end of the provider (NEAppPushProvider.stop(with:)); Reason is an
// NEProviderStopReason, or "" where its process is gone without a call.
type ProviderStop struct{ Reason string }

// ProviderTimer is the system's regular call to a provider that runs
// (NEAppPushProvider.handleTimerEvent).
type ProviderTimer struct{}

// CallReported answers [ReportCall]. The system may refuse: Do Not Disturb, or
// a caller whom the user has blocked.
type CallReported struct {
	ID  int
	Err error
}

// AudioActivated says that the system has activated the audio session of a
// reported call that the user answered (provider:didActivateAudioSession:);
// before it, starting audio in the background fails.
type AudioActivated struct{ ID int }

// AudioSilenced says that the mobile system plays nothing of the app and gives
// its microphone zeros, or no longer. It is for the app's sound alone, which stands for
// the hardware: no callback tells an app of it.
type AudioSilenced struct{ On bool }

// Tapped says that the user tapped a notification (didReceiveLocalNotification:)
// and which of its actions, if any.
type Tapped struct {
	ID     int
	Action Action
}

// Action is what the user chose on a notification.
type Action string

// The actions of an incoming-call notification.
const (
	Open    Action = "open" // the card itself: opens the app, which still rings
	Answer  Action = "answer"
	Decline Action = "decline"
)

func (MarkVoIP) effect()        {}
func (SetKeepAlive) effect()    {}
func (KeepAliveDone) effect()   {}
func (BackgroundReady) effect() {}
func (BeginTask) effect()       {}
func (EndTask) effect()         {}
func (ActivateAudio) effect()   {}
func (Notify) effect()          {}
func (Withdraw) effect()        {}
func (RegisterPush) effect()    {}
func (RegisterWebPush) effect() {}
func (SaveAppPush) effect()     {}
func (AnnounceCall) effect()    {}
func (PushDone) effect()        {}
func (ReportCall) effect()      {}
func (AnswerReported) effect()  {}
func (ReportEnd) effect()       {}
func (StartService) effect()    {}
func (StartForeground) effect() {}
func (StopService) effect()     {}
func (Exit) effect()            {}

func (Launched) signal()            {}
func (DidEnterBackground) signal()  {}
func (WillEnterForeground) signal() {}
func (KeepAliveSet) signal()        {}
func (KeepAlive) signal()           {}
func (TaskExpiring) signal()        {}
func (PushToken) signal()           {}
func (Pushed) signal()              {}
func (WebPushed) signal()           {}
func (ProviderStart) signal()       {}
func (ProviderStop) signal()        {}
func (ProviderTimer) signal()       {}
func (CallReported) signal()        {}
func (AudioActivated) signal()      {}
func (AudioSilenced) signal()       {}
func (Tapped) signal()              {}
