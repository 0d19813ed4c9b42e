// Package webpush emulates a push service of Web Push, the third that RFC 8599
// registers: it judges the requests of servers as RFC 8030 and RFC 8292 have it,
// and reads and writes what only the phone can read (RFC 8291).
//
//	POST /push/<subscription>        push.Request
//	ttl: 30                       ───────────────▶  API.Judge ─▶ push.Service
//	urgency: high                                      │
//	topic: call                   ◀───────────────  API.Answer
//	authorization: vapid t=…, k=…    201, location: …
//	content-encoding: aes128gcm      404, 410: it is gone
//	<at most 4096 bytes>             429, retry-after: …
//
// The token of a device is the address of its subscription, a URL: whoever has it
// may push, unless the subscription is restricted to the key of one server. A SIP
// server tells the phone its key as sip.vapid (RFC 8599 §8.3).
//
// RFC 8599 pushes without a payload, and has no parameter for the keys by which
// one is encrypted. [push.Params] have two of our own, which a server may ignore.
//
// # Limits
//
// A body has at most 4096 bytes (RFC 8030 §7.2), a topic at most 32 characters of
// the alphabet of base64url (§5.4). A message is kept for four weeks at most; the
// answer says so (§5.2). A signature is good for a day at most (RFC 8292 §2). The
// authorization has at most 2048 bytes, a subscription's name 128 characters: our
// own numbers.
//
// Receipts (RFC 8030 §5.1) are not emulated: every message is taken with 201.
//
// An [API] is a pure machine; the HTTP around it is phone/live/pushapi.
package webpush
