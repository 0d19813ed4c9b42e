// Package pushapi is the push service on a network: the provider APIs of Apple
// and Google and the subscriptions of Web Push, through which a server pushes, the
// device door through which devices of other processes receive, and the clients of
// all of them.
//
//	server ── POST /3/device/<token> ──────────▶ ┐
//	server ── POST /v1/projects/…:send ────────▶ │ Server ─▶ live.PushService
//	server ── POST /push/<subscription> ───────▶ │             │
//	phone  ── GET /sleeptalk/device/<token> ───▶ │             │
//	phone  ◀── a JSON line for each push ─────── ┘ ◀───────────┘
//
// All of it is HTTP over TLS; APNs is HTTP/2 only, like the real one. The pure
// packages phone/push/apns, phone/push/fcm and phone/push/webpush judge the
// requests; a handler only carries requests to them and answers back.
//
// # The device door
//
// The door is our own: Apple's and Google's devices speak protocols that are
// not published. A device asks for
//
//	GET /sleeptalk/device/<token>?id=<device>&name=<name>
//
// and is reachable for as long as the response lasts. The response is a stream
// of JSON lines, which are events as in the log ("ev":"push"). A line with the
// phase "delivered" is a push, with its payload, its age (age_ms) and for how
// long it may still be delivered (ttl_ms; if absent, it was tried once); any
// other reports the outcome of a push. id identifies the device, so that a new
// token replaces its old one, which then is Unregistered; without id the token
// identifies the device. name is for the log. With web=on the token is the name of
// a subscription of Web Push, which only the server with the public key key may push
// to, if that is given; a line with the phase "token" says which address it has.
//
// # Limits
//
// A request has at most 64 header fields and 16 KiB of them, and a body of at
// most 64 KiB that must arrive within 10 s. A connection has at most 1000
// concurrent streams, as with APNs. At most 10 000 devices are known. At most
// 256 steps wait for a device that reads slowly; then it is disconnected. All
// these numbers but that of the streams are our own.
//
// # Concurrency
//
// A [Server] and a [Client] may be used from any goroutine. Nothing here blocks
// the loop of a host.
package pushapi
