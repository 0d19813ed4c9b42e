// Package apns emulates the provider API of Apple's push service: it judges
// requests of servers that wake VoIP apps as api.push.apple.com does.
//
//	POST /3/device/<token>          push.Request
//	authorization: bearer <JWT>  ───────────────▶  API.Judge ─▶ push.Service
//	apns-topic: …voip                                 │
//	apns-push-type: voip         ◀───────────────  API.Answer
//	apns-priority: 10               200, apns-id
//	{"call-id": "…"}                410 {"reason":"Unregistered","timestamp":…}
//
// Sources: Apple, Sending notification requests to APNs; Establishing a
// token-based connection to APNs; Establishing a certificate-based connection
// to APNs; Handling notification responses from APNs. Where those leave a
// question open, the comments say that the answer is our own reading.
//
// # Limits
//
// A payload of a VoIP push has at most 5120 bytes, any other 4096. A token has
// 64 to 200 hexadecimal digits (Apple: "variable length"; 64 today), a topic at
// most 255 characters, an apns-collapse-id at most 64 bytes. A provider token
// is good for an hour and replaced at most every 20 minutes.
//
// An [API] is a pure machine; the HTTP/2 around it is phone/live/pushapi.
package apns
