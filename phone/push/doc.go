// Package push carries pushes from a server to a sleeping device: it has an
// emulation of Apple's and Google's push services, the payload of a VoIP push,
// and the parameters of RFC 8599 with which a phone tells its server where to
// push.
//
//	edge ── SendPush ──▶ Service ─ 0.1 to 3 s ─▶ PushArrived ── device
//	                       │  ▲                                   │
//	     refused ◀─────────┘  └───────────── OpenPush, ClosePush ─┘
//	     (to the sender)        a token; reachable or not
//
// A [Service] guarantees no more than the real ones, which is nothing: it
// delivers a push after a while, or drops, duplicates or reorders it, as its
// [Config] says. It drops a push that expires before it can be delivered
// (apns-expiration), and does not keep one that is to be tried once for a
// device that cannot be reached. It refuses a push to a token that the device
// has replaced, and tells the sender (PushRefused).
//
// All phones and servers of a run share one service: phone/world has its own,
// the hosts of phone/live are given one. A server outside this process pushes
// through a provider API: an [API] judges its request (push/apns, push/fcm),
// and accepted pushes enter at [Service.Take]; phone/live/pushapi is the
// network around that.
//
// A Service is a pure machine; one goroutine owns it.
package push
