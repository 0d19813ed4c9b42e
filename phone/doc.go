// Package phone is the handset: one emulated phone, made of a device (the
// emulated mobile system), an app (the softphone that runs on it) and their
// way to the network.
//
//	              verbs (fault …, background, answer, …)
//	                         │               │
//	kernel ── signals ──▶ ┌──▼───┐ ───▶ ┌────▼───┐ ── signals ──▶ ┌─────┐
//	(shell)               │ link │      │ device │                │ app │
//	       ◀─ effects ─── └──────┘ ◀─── └────────┘ ◀─ effects ─── └─────┘
//
// Everything between the kernel and the app passes through the device, which
// decides when the app runs. Suspension is one if: a suspended app is an app
// whose deadlines the handset does not look at, and for which the shell,
// told to freeze, reads no socket. Nothing else changes, so nothing else can
// give it away.
//
// The TLS of the app (phone/secure) stands between device and link: the device
// names what wakes the app by its plain text, and the link carries records.
//
// The link is where the network is broken. It is no part of the device: what
// is on its way, and what a NAT forgets, does not wait for an app that sleeps.
//
// When the app thaws, its overdue timers fire, each once and the oldest
// first; then the bytes that waited in the kernel arrive in a lump.
//
// # How the packages hang together
//
// A package imports only what stands under it. The screen reads the log, the
// reports its verdicts too; neither knows what made them.
//
//	        cmd/sleeptalk, and its commands beside it
//	                           │
//	            ┌──────────────▼───────────────┐
//	            │ phonetest   compare          │ for tests; a table of days
//	            └─────┬─────────────────┬──────┘
//	┌─────────────────▼──────┐ ┌────────▼──────────────────────────────┐
//	│ ui   report   grade    │ │ stage    a cast, virtual and live     │
//	└───┬────────────┬───────┘ └────────┬──────────────────────────────┘
//	    │            └────────┐         │
//	┌───▼────────────────┐ ┌──▼─────────▼──────────────────────────────┐
//	│ picture            │ │ scenario/play, scenario/record            │
//	│ lanes, ladder      │ ├───────────────────────────────────────────┤
//	└───┬────────────────┘ │ scenario    the language                  │
//	    │                  └──┬─────────┬──────────────────────────────┘
//	    │   ┌─────────────────▼┐ ┌──────▼──────────────────────────────┐
//	    │   │ diagnose         │ │ setup    the tables of settings     │
//	    │   │ rules, causes    │ └──────┬──────────────────────────────┘
//	    │   └────────────────┬─┘ ┌──────▼──────────────────────────────┐
//	    │                    │   │ live   world   lab                  │
//	    │                    │   │ shells         servers, robots      │
//	    │                    │   └──────┬──────────────────────────────┘
//	    │                    │   ┌──────▼──────────────────────────────┐
//	    │                    │   │ phone    the handset                │
//	    │                    │   └──────┬──────────────────────────────┘
//	    │                    │   ┌──────▼──────────────────────────────┐
//	    │                    └──▶│ link   device   app                 │
//	    │                        └──────┬──────────────────────────────┘
//	    │                        ┌──────▼──────────────────────────────┐
//	    │                        │ media   xmpp   raw   sip/server     │
//	    │                        ├─────────────────────────────────────┤
//	    │                        │ sip   secure                        │
//	    │                        ├─────────────────────────────────────┤
//	    │                        │ control   what protocols share      │
//	    │                        └──────┬──────────────────────────────┘
//	┌───▼───────────────────────────────▼──────────────────────────────┐
//	│ push                                                             │
//	├──────────────────────────────────────────────────────────────────┤
//	│ system   what an app and its system say to each other            │
//	├──────────────────────────────────────────────────────────────────┤
//	│ event    the log          verb    the grammar of orders          │
//	├──────────────────────────────────────────────────────────────────┤
//	│ words    the nearest one  clean   foreign text made harmless     │
//	└──────────────────────────────────────────────────────────────────┘
//
// Left out are sounds (audio), files (assets, phone/place, phone/keep), the wire
// of push services (push/apns, push/fcm, live/pushapi) and what is internal.
// Which imports there may not be is said by cmd/sleeptalk/walls_test.go, each
// with its reason.
//
// # How a wake flows
//
//  1. The control socket is frozen: the shell waits for readability, no more.
//  2. Bytes arrive. The shell says [system.Readable].
//  3. The device wakes the app: event "wake", a window of 10 s, a stamp in
//     the wake budget, and [system.Thaw] to the shell.
//  4. The app's overdue timers fire; the shell reads the wake frame; the app
//     parses an INVITE, posts a notification and sends 180 Ringing.
//  5. The user answers from the notification: the app comes to the foreground
//     and sends 200 OK; audio keeps it running.
//  6. If nobody answers, the window ends: frozen, in the middle of anything.
//
// A [Handset] is a pure machine; it runs unchanged in phone/live (real
// sockets, real time) and in phone/world (virtual ones). The language in
// which it is commanded is phone/verb.
//
// # Words
//
// Each has one meaning, in code, messages and documents.
//
//   - handset: one emulated phone: a device, the app that runs on it, and the
//     link that joins it to the network.
//   - device: the emulated mobile system. It decides when the app runs, and
//     delivers pushes and notifications.
//   - device profile: the numbers of a kind of device as data, such as
//     ios-voip-socket@ios7. It is the only thing called a profile.
//   - family: the rules that devices share and others do not: VoIP socket,
//     PushKit, Android, desktop.
//   - app: the softphone program on the device. It cannot see the device.
//   - account: who the phone is and where: server, user, secrets, transport. An
//     app can have several.
//   - line: what an app has for each of its accounts: an agent and its connection.
//   - protocol: what is spoken on the control socket: SIP, XMPP, or a raw
//     protocol that a file describes.
//   - agent: the client of a protocol inside the app.
//   - strategy: how the app stays reachable asleep: voip-socket, wake-socket,
//     stay-awake, push or none.
//   - control socket: the connection that carries signalling. On
//     ios-voip-socket it is marked for VoIP, so that its data wakes the app.
//   - registration: the agent's own view of whether the server knows it; the
//     server's side of it is a binding (RFC 3261 §10).
//   - foreground, background, suspended: the app is on the screen; it runs
//     unseen; none of its code runs.
//   - freeze, thaw: the shell stops, or resumes, looking at an app's deadlines
//     and sockets.
//   - wake: the device lets a suspended app run for a limited time. A wake has
//     a cause.
//   - wake frame: the first bytes on the control socket that caused a wake.
//   - wake window: how long a wake lasts, 10 s on ios-voip-socket.
//   - wake budget: how many wakes the device allows in a span of time before it
//     kills the app.
//   - background task: time that the app asks for beyond its window.
//   - keepalive, keepalive tick: the handler that the device calls
//     periodically, and one such call.
//   - ping, pong: CRLF CRLF and its answer (RFC 5626 §4.4.1), or the
//     protocol's own request with the same purpose.
//   - push: a message that a push service delivers to a device.
//   - notification, banner: what the app posts for the user, and how an incoming
//     call's notification looks.
//   - call: a telephone call, nothing else.
//   - mapping: what the network remembers of a flow. While it is forgotten, the phone
//     is cut off: what is sent is swallowed, and neither end is told.
//   - loss: a call that did not get through to a phone, and of which its user knows
//     nothing.
//   - finding: what went wrong in three lines: what was lost, why, and the way out.
//   - link: the emulated radio and NAT between handset and network.
//   - fault: a way in which the link is broken.
//   - lab: the built-in servers with their robots and misbehaviours.
//   - robot: an app of the lab's own that can be called: bob, echo, busy, ring.
//   - misbehaviour: a rule of the protocol that the lab breaks on request.
//   - verb: what a phone, robot or lab is told to do: background, call bob.
//   - claim: what a scenario expects of it: expect wake by INVITE within 2s.
//   - scenario: a file of verbs and claims.
//   - cast: the phones, lab, devices and seeds that a scenario names.
//   - stage: where a cast plays: virtual (one clock, a network in memory) or
//     live (kernel sockets, the real clock).
//   - shell: what drives the pure machines: phone/live or phone/world.
//   - device time: what the device's clock shows. It may be warped while the app
//     is suspended; wall time may not.
//   - event log: the append-only record of everything; screen, reports and
//     verdicts read nothing else.
//   - standstill: a time in which this program did not run, for it was stopped or
//     starved, or the computer slept. The device's clock runs on.
//   - warning, anomaly: an event that says that something is wrong, and the row
//     on the screen made of it.
//   - rule: what should have been so, with its source; each warning names one.
//   - recording: the event log of a session, as a file.
package phone
