// Package push is the way of a push from a server to a device that sleeps:
// the stand-in for Apple's and Google's push services, what a VoIP push
// carries, and the parameters of RFC 8599 by which a phone tells its server
// where to push.
//
//	edge ── SendPush ──▶ Service ─ 0.1 to 3 s ─▶ PushArrived ── device
//	                       │  ▲                                   │
//	     refused ◀─────────┘  └───────────── OpenPush, ClosePush ─┘
//	     (to the sender)        a token; reachable or not
//
// A [Service] promises what the real ones do, which is nothing: a push is
// delivered after a while, or dropped, delivered twice, or overtaken, as its
// [Config] has it. One that expires before it can be delivered is thrown away
// (apns-expiration); one that was to be tried once is not kept for a device
// that cannot be reached. A token that the device has replaced is refused, and
// the sender hears of it (PushRefused).
//
// All who push in one world share one service: phone/world has one of its
// own, the hosts of phone/live are given one. A server outside this process
// pushes through a provider API: an [API] judges its request (push/apns,
// push/fcm), and what it accepts enters at [Service.Take]; phone/live/pushapi
// is the network around that.
//
// A Service is a pure machine; one goroutine owns it.
package push
