// Package raw speaks custom protocols: those of any server over TCP or TLS
// whose words a YAML file can describe. It stands for the app that an iOS
// developer writes on GCDAsyncSocket or on a pair of CFStreams, and lets
// products be tested that do not speak SIP.
//
// One file describes both ends. The [Agent] is the app's; the [Server] is the
// lab's, so that the same scenario runs without the real server.
//
//	       hello ─────────▶ accepted, or refused and the end
//	       ping  ─────────▶ pong            ping ◀───────── server's own
//	                                        pong ─────────▶
//	    incoming ◀───────── id, from, name
//	ringing, answer, decline, busy, hangup ─────────▶ id
//	       ended ◀───────── id
//	     message ◀───────── from, name, text
//	token, background, foreground, bye ─────────▶
//
// # The file
//
//	about: what it is
//	framing: lines | delimiter "…" | length 1|2|4 [big|little] [inclusive] | http | none
//	max-frame: 4096    # bytes
//	tls: off | direct  # direct: as soon as the connection is open
//	patience: 10s      # for the answer to a ping
//	hold: 2m           # long polling: how long the server keeps a request
//	app:               # what the app says
//	  encoding: text | hex
//	  hello: HELLO {user} {password}
//	server:            # what the server says
//	  incoming: CALL {id} {from} {name}
//	  ended: {send: "END {id}", match: '^(END|CANCEL) (?P<id>\S+)'}
//
// A word is a template: {user}, {password}, {token}, {instance}, {server},
// {id}, {from}, {name}, {text}, {reason} and {length} (of the part after the
// first empty line) are places, and {{ and }} are braces. {text:json} and
// {text:url} are escaped as a JSON string and as a part of a URL are. The other
// end recognises the word by a pattern that is derived from the template; for a
// less strict server, match gives another pattern, a regular expression (RE2,
// so that its time is linear) with groups named after the places, text_json for
// {text:json}. In hex, a template is pairs of hex digits and places, and a
// pattern sees each byte as one character, \x00 to \xff.
//
// The app does not send a word that the protocol lacks.
//
// # Limits
//
// A file has at most 64 KiB, a word 4 KiB, a frame at most 64 KiB, a hello 8
// words. A frame that is too long, or that stays incomplete for 32 s, ends the
// connection, because the next frame cannot be found. The hello is sent
// unchanged: a server that sends a challenge first cannot be described, nor a
// frame whose fields have lengths of their own. The protocol is assumed to
// carry no audio.
//
// Agent and Server are pure machines; one goroutine owns each.
package raw
