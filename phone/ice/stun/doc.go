// Package stun reads and writes the messages of STUN (RFC 8489) that ICE (RFC 8445)
// and a STUN server need: the Binding method, and the attributes that those have. It is
// our own, since the library that does the same brings DTLS and a network of its own with
// it.
//
// Everything that is read comes from strangers: a message is bounded by [MaxSize], an
// attribute that comes twice counts once (§14), what stands after MESSAGE-INTEGRITY is
// left out (§14.5), and nothing is believed before [Message.Authentic] has said so.
package stun
