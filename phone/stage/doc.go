// Package stage is where scenarios are played: the cast of a file, and its two
// stages.
//
//	                   Casting: file, flags, accounts ─▶ cast: lab, phones
//	                                                      │
//	play.Run ──▶ World ──▶ phone/world   virtual time, a network in memory
//	         └─▶ Live  ──▶ phone/live    kernel sockets, the clock on the wall
//
// Both stages cast the same phones with the same code, and give the same
// verdicts: a test plays every scenario of the program and every setting on
// both. What takes longer live than anybody waits is in [VirtualOnly].
//
// In a [World] nothing waits: eight hours in a pocket pass in a second, and the
// same scenario with the same seed has the same log, byte for byte. It is a pure
// machine; one goroutine owns it, and any number of them may play at the same
// time.
//
// On a [Live] stage phones and lab have goroutines of their own. The sound card
// is handed to it: nothing here needs cgo.
//
// # The device clock
//
// By one rule on both stages (see [system.Pace]) it can be changed only while
// the app is suspended, and a wake brings it back to x1; "clock xN while
// suspended" sets it at each suspension. In virtual time there is only one
// clock, and all that the pace changes is what the log says.
//
// # Chance
//
// A run has one seed. Each phone draws from it and from its own name, the lab
// and the push service from streams of their own, on either stage. At a server
// that is not ours the seed is by [Chance], unless somebody says one: two runs
// must not meet with the same Call-ID.
package stage
