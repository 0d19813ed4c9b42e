// Package fcm emulates the HTTP v1 API of Google's push service: it judges
// requests of servers as fcm.googleapis.com does.
//
//	POST /v1/projects/<id>/messages:send   push.Request
//	authorization: Bearer …             ───────────────▶  API.Judge ─▶ push.Service
//	{"message": {"token": "…",                               │
//	  "data": {"call-id": "…"},         ◀───────────────  API.Answer
//	  "android": {"priority": "HIGH", "ttl": "30s"}}}  200 {"name": "projects/…"}
//	                                                   404 {"error": {…"UNREGISTERED"}}
//
// Sources: Firebase, REST Resource: projects.messages; REST Resource:
// ErrorCode; Google, google.rpc.Code for what every API of theirs says. A
// message goes to one token: topics and conditions are not emulated, and
// refused. The app gets the notification of a message without data under
// Android's keys ("gcm.notification.title").
//
// # Limits
//
// The data of a message has at most 4096 bytes, keys included, and its ttl is at
// most four weeks; a token has at most 4096 characters (our own number). A
// request has at most [MaxBody] bytes.
//
// An [API] is a pure machine; the HTTP around it is phone/live/pushapi.
package fcm
