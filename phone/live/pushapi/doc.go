// Package pushapi is the push service on a network: the provider APIs of Apple
// and Google by which a server pushes, the door through which devices of other
// processes are pushed to, and the clients of all three.
//
//	server ── POST /3/device/<token> ──────────▶ ┐
//	server ── POST /v1/projects/…:send ────────▶ │ Server ─▶ live.PushService
//	phone  ── GET /sleeptalk/device/<token> ───▶ │             │
//	phone  ◀── a JSON line for each push ─────── ┘ ◀───────────┘
//
// All of it is HTTP over TLS; APNs is HTTP/2 only, as the real one. What a
// request deserves is decided by phone/push/apns and phone/push/fcm, which are
// pure; a handler only carries it there and back.
//
// # The device door
//
// The door is our own: Apple's and Google's devices speak protocols that are
// not published. A device asks for
//
//	GET /sleeptalk/device/<token>?id=<device>&name=<name>
//
// and can be reached as long as the answer goes on. It is a stream of JSON
// lines, which are events as everywhere ("ev":"push"): one of the phase
// "delivered" is a push, with its payload, how old it is (age_ms) and for how
// long it is worth anything (ttl_ms; without, it was tried once); any other
// says what became of one on its way. id says which device it is, so that a new
// token takes the place of the one before, which then is Unregistered; without
// it the token is the device. name is for the log.
//
// # Limits
//
// A request has at most 64 header fields and 16 KiB of them, and a body of at
// most 64 KiB, that comes within 10 s. A connection has at most 1000 streams at
// a time, of which each waits for its own answer (APNs allows as many). At most
// 10 000 devices are known, and 256 steps wait for one that reads slowly; then
// it is cut off. Those numbers are our own but for the streams.
//
// # Concurrency
//
// A [Server] and a [Client] may be used from any goroutine. Nothing here holds
// up the loop of a host.
package pushapi
