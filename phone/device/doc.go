// Package device is the emulated mobile system: it decides when the app runs,
// wakes it, warns it, takes its sockets, shows its notifications, and kills
// it.
//
//	          Launch           Background, Lock             BackgroundReady
//	  dead ───────────▶ foreground ──────────────▶ entering ───────────────┐
//	   ▲ │                  ▲                      │  │  5 s: 0x8badf00d   │ grace
//	   │ │ system, after    │ Foreground, Tap      │  └──▶ dead            ▼
//	   │ └ crash or boot ───┼──▶ entering ─────────┼───── 10 s ─────▶ suspended
//	   │                    │                      │ BeginTask        │ ▲ ▲ ▲
//	any state:        any state but dead           ▼                  │ │ │ │
//	ForceQuit, Crash,                      background-task ───────────┼─┘ │ │
//	Exit, Jetsam                            │      EndTask, settle    │   │ │
//	                                        │ budget: 0x8badf00d      ▼   │ │
//	                                        ▼     ▲   data, FIN, RST, or keepalive
//	                                      dead    └── awake ──────────────┘ │
//	                                        BeginTask   window ends         │
//	               background-call ─── ActivateAudio{false}, audio grace ───┘
//	                      ▲  ActivateAudio{true}, in any background state
//
// # The rules
//
// Entering the background: didEnterBackground must return ([system.BackgroundReady])
// within 5 s, or the system kills the app with 0x8badf00d. Afterwards it is
// suspended "shortly after", unless it holds a background task or has an
// active audio session.
//
// Background tasks share one budget (600 s on iOS 4 to 6, 180 s on 7 to 12,
// about 30 s since 13), which starts when the app begins to live on it. The
// expiration handlers are called 5 s before its end. An app that has not
// ended its tasks by then is killed with 0x8badf00d. While audio is active
// the budget stands still; afterwards it is whole again.
//
// Suspension is [system.Freeze]: no code of the app runs, the kernel keeps
// what arrives. Ownership of the marked sockets goes to the system, which
// watches them. Data, FIN, RST and errors on one wake the app; a connection
// that dies silently wakes nobody. Only an outgoing stream can be marked: UDP
// and listening sockets cannot (Apple DTS, thread 97824).
//
// A wake gives a window of 10 s, then the app is frozen again, in the middle
// of anything and without a word. All causes in one wake share one window:
// it ends at the later of the ends that they ask for, not at their sum. Data
// on a marked socket during a wake gives a whole window again (rearm; whether
// a real system did is not known), and holds up a suspension that is just
// about to happen.
//
// More than 15 wakes in 300 s kill the app with 0xbad22222. A wake counts for
// less than 300 s, so that a wake every 20 s is just survived.
//
// setKeepAliveTimeout:handler: takes no less than 600 s. The handler is called
// in the background only, never after the timeout but up to a tenth before
// it, for at most 10 s. It is not carried over to a new process. When it has
// returned ([system.KeepAliveDone]) in a wake that was its own, the system
// suspends the app at once (settle); the system does not know what else the
// app may be about: one that still rings must not return yet or hold a
// background task. After a wake by socket there is nothing to return from, so
// the window runs to its end, or until the app has been idle for
// idle-suspend.
//
// Sockets that are not marked may be reclaimed while the app is suspended:
// when the screen locks (or already is locked), or after reclaim-after. The
// app learns of it when it runs again: [ErrNotConnected] and, from a
// listener, [ErrAborted].
//
// A process that crashed or was killed by the system is launched again in the
// background; one that the user force-quit, or that ended with exit(0), is
// not, until the user opens it or the device boots. After a boot the launch
// comes before the first unlock, when protected files cannot be read yet
// (boot-unlock: it waits for that).
//
// How much the kernel keeps for a suspended app is the kernel's affair: the
// device sees only that a watched socket is readable. A UDP socket's queue
// overflows, and a listener refuses, as those of the machine do that runs
// this, until they are reclaimed.
//
// A local notification is not shown while the app is on the screen. Tapping
// one opens the app. It rings for 30 s and then stays as a missed one.
//
// # Push
//
//	dead, by whomever ── launch, 0.5 to 2 s ──▶ awake ◀── push ── suspended
//	                                             │  the push handler is called
//	        its return, no call reported         │
//	  dead ◀────────── exception ────────────────┤  a call is reported
//	  dead ◀── 7 s, no report: 0xbaadca11 ───────┼──────────────▶ the call screen
//	   │ three times                             │ 30 s           rings
//	   ▼                                         ▼                  │ answer, 0.2 s
//	  blocked: further pushes are dropped     suspended             ▼
//	                                             ▲ 5 s       background-call
//	                                             └── the call ends ┘
//
// On a system with push nothing on a socket wakes the app, and the sockets of a
// suspended one are all reclaimed at once. A push ([system.PushArrived]) does
// wake it, and launches a dead one, also one that the user has force-quit; not
// if it has expired, is for a token that is no longer the app's, or the app is
// blocked. It lends the app 30 s, and so does a call that is reported. Such a
// wake does not count against the wake budget of the sockets.
//
// The push handler is called ([system.Pushed]) once the process has set it up
// ([system.RegisterPush]); the 7 s count from the delivery, with or without it.
// Since iOS 13 a call must have been reported when it returns
// ([system.PushDone]), or an exception ends the app, and within 7 s, or
// callservicesd does with 0xbaadca11. Exempt is an app on the screen, or with a
// call that is answered. A report that the system refuses (Do Not Disturb, a
// blocked caller) is a report. After so many violations (Apple publishes no
// number) the system delivers no more pushes, until the app is reinstalled.
//
// What is reported rings on the system's call screen, whether the app runs or
// not. To answer there does not open the app: it is told ([system.Tapped]), the
// system activates the audio session ([system.AudioActivated]), and from then
// on the app runs until the audio or the call ends. Before that, audio cannot
// be started in the background (audio-by-call). Calls leave the screen with
// their process. That no INVITE follows a push is for the app to notice.
//
// The token of the app comes from the device's seed. It lives as long as the
// installation, unless the push service replaces it.
//
// # A computer
//
// On a system that never suspends (desktop) an app that leaves the screen goes
// on in the state background: nothing is timed, watched, woken, reclaimed or
// launched again. Only the machine's own sleep freezes it, and nothing but the
// user ends that.
//
// # A device that dozes
//
// On Android (android-doze) an app that leaves the screen runs on, in the state
// background, until the device is idle. Two machines find that out, side by
// side, as AOSP's DeviceIdleController does:
//
//	          screen off, unplugged                     screen on, charger,
//	active ─────────────▶ inactive                      app on the screen,
//	   ▲                  │      │                      motion: active
//	   │        3 min     │      │  30 min
//	   │   light-pre-idle ◀      ▶  idle-pending
//	   │        3 min     │      │  30 min
//	   │                  │      ▶  sensing   4 min
//	   │                  ▼      ▶  locating 30 s
//	   │           light-idle    │
//	   │  5, 10, 15 min │ ▲      ▼
//	   │                ▼ │   deep-idle
//	   │  light-maintenance      │ ▲  1, 2, 4, 6 h
//	   │      1 to 5 min         ▼ │
//	   └───────────────── deep-maintenance  5, 10 min
//
// Deep idleness overrides the light one. Both hold the app back: it is
// suspended, and none of its sockets is watched, so that nothing that arrives
// wakes it. What may let it run:
//
//	maintenance     for as long as the window lasts, with network
//	push            of high priority: 10 s, with network
//	alarm           setAndAllowWhileIdle, the app's keepalive: 10 s, one in 9 min,
//	                with network
//	wakelock        (the app's background task) in light idleness, without network
//	socket          of an app on the battery allowlist, which has the network and
//	                its wakelocks always: a packet wakes the processor
//	phone call      a foreground service, a call reported to Telecom, or the audio
//	                of one: background-call, without limit
//
// Where it runs without network, the kernel is frozen all the same: what has
// arrived waits there. A datagram that is sent is lost; what is written to a
// stream waits, and so does opening one, until the network opens or TCP has
// given up. Two things are kinder here than they are there: the kernel still
// acknowledges what arrives, and a process that ends still closes its
// connections.
//
// Pushes of normal priority wait for the next window. So do those of high
// priority, if too many in seven days have shown the user nothing, or if the
// app's bucket has had its number for the day (before Android 13). An app in a
// bucket that the user seldom uses (rare, restricted) is held back even while
// the device is not idle, but for 10 minutes a day, and its alarms are few.
//
// Since Android 14 an app that nothing keeps running is frozen 10 s after it has
// left the screen, though the device is in use; only a push, an alarm or the user
// thaws it (freezer.go). Since Android 15 its TCP connections are destroyed then,
// but on a cellular radio that rests only when that is next active ([Join] says
// which network the device is on). A call without a full-screen intent is a
// heads-up notification; one in a service without the type phoneCall ends after
// three minutes; and since Android 17 audio that begins off the screen is silence,
// unless Telecom knows of the call (callrules.go).
//
// A foreground service must show its notification within 5 s of being asked
// for, or the app dies. Since Android 12 it cannot be asked for off the screen,
// but while a push of high priority is handled. A force-stopped app gets no
// push until the user opens it.
//
// # The parts
//
//	Device ── core ── sink, timers, sockets, wake, budget, tasks, keepAlive, tray
//	           │ ▲
//	           ▼ │ embeds
//	         family ┬─ apple ┬─ voipSocket
//	                │        └─ pushKit ── duties, record, callScreen, barred
//	                ├─ android ── doze, standby, fcm, service, uplink
//	                └─ desktop
//
// The core is what all systems share: the states and the ways between them, and
// small machines that each see their own settings, the timers, and the sink
// into which a step writes. A family is told what happens to the app and
// decides when it runs. To add one: a file with a type that is a family, with
// its settings; a line in families; a profile in assets/profiles that names it.
//
// The device knows no protocol. What a wake frame is called, the app's agent
// says ([Namer]).
//
// # The handset
//
// Every signal of the kernel goes through [Device.Receive] and every call of
// the app through [Device.Call]. The device suspends an app only in
// [Device.Advance], so the calls of one step of the app are never cut in two
// by a suspension; those that it still makes when it is dead are dropped. All
// that happens is an event ([system.Log]) among the kernel's calls.
//
// # Numbers
//
// Every number is a setting of the [Profile]; assets/profiles/*.yaml gives
// each with its source and how sure it is, and what differed from release to
// release ("ios-voip-socket@ios4"). What nobody knows for sure is a setting,
// too: rearm, keepalive-early, keepalive-overrun, fin-counts, push-violations,
// push-block-time, ring-window, marked. [Parse] reads a profile of a user's
// own.
//
// The settings that matter most come from Apple's pages on
// setKeepAliveTimeout:handler:, on background execution time and on PushKit,
// from crash logs (0x8badf00d with permittedBackgroundDuration 600 and 180;
// 0xbad22222 "exceeded 15 wakes in 300 sec" in pjsip/pjproject
// issue 1482), and from Apple's TN2277 and QA1938. [Profile.With] refuses one
// that is more generous than any real system was, unless told not to be
// strict.
//
// # Concurrency
//
// A [Device] is a pure machine: time comes in, calls and signals go out; it
// is not safe for concurrent use. Its timers are an array of times. A timer
// that comes due late is acted on once, and those due together in the order
// of their numbers.
package device
