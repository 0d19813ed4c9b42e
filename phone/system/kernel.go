package system

import (
	"fmt"
	"net/netip"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// Socket names one socket of one program. The program chooses the number and
// never uses it again in its life.
type Socket uint32

// Connect opens a stream to a server. The answer is [Connected] or [Failed].
type Connect struct {
	Socket Socket
	// Target is "host:port"; host may be a name or an address.
	Target string
	// Avoid are addresses of the target that are tried only if it has no other, the first
	// of them first.
	Avoid []netip.AddrPort
	// Apart says that the connection belongs to a process of the program's that no
	// [Freeze] stops: it is opened, and read, in a freeze too.
	Apart bool
}

// Bind opens a pair of UDP sockets on adjacent ports, the even one for RTP
// and the next for RTCP (RFC 3550 §11). With no RTCP it opens one UDP socket,
// for signalling. The answer is [Bound] or [Failed], with the RTP socket's
// name.
type Bind struct {
	RTP, RTCP Socket
	// Addr is the local address; the zero value is the one that faces Target,
	// or any if there is none.
	Addr netip.Addr
	// Port is the port of a single socket; 0 lets the kernel choose.
	Port uint16
	// Target is "host:port" of whom a single socket is to talk to, or empty.
	// The answer then says its address. Whoever reaches ours may send to the
	// socket all the same. It is [Closed] with [Moved] when another address
	// of ours faces the target.
	Target string
	// Avoid are addresses of the target that are taken only if it has no other.
	Avoid []netip.AddrPort
}

// Resolve looks a host up, or takes what is known of it while its TTL lasts. The answer is
// [Resolved].
type Resolve struct {
	Host string
	// Services are those for which the host, if it is a domain, may name servers by SRV
	// records, such as "_sip._udp": their addresses are wanted, too (RFC 3263 §4.2).
	Services []string
}

// Listen opens a listening stream socket. The answer is [Bound] or [Failed];
// each connection then arrives as [Accepted].
type Listen struct {
	Socket Socket
	// Addr is "host:port"; port 0 lets the kernel choose.
	Addr string
}

// StartTLS has both ends of an open stream speak TLS from now on. The answer is
// [Secured], or [Closed] with why not. Until it comes the program sends nothing,
// and nothing is received. The TLS of the program's own process carries it out
// (phone/secure): the kernel sees records.
type StartTLS struct {
	Socket Socket
	// Name is the host, or the IP address, whose certificate the other end
	// must show (RFC 9525); a server needs none.
	Name string
	// Domain says that the certificate is to be that of the SIP domain Name
	// (RFC 5922 section 7).
	Domain bool
	// Server takes the part of the server, which shows its certificate.
	Server bool
	// Account is which account of a program with several it is for, each of which
	// trusts whom it does; empty otherwise.
	Account string
}

// StartWebSocket has both ends of an open stream, which may speak TLS already,
// speak WebSocket from now on (RFC 6455). The answer is [Upgraded], or [Closed] with
// why not. Until it comes a client sends nothing, and nothing is received. The
// program's own process carries it out (phone/websocket).
type StartWebSocket struct {
	Socket Socket
	// Host is "host" or "host:port" of the server, and Path what is asked of it.
	Host, Path string
	// Protocol is the subprotocol that both must speak, such as "sip".
	Protocol string
	// Server takes the part of the server, if what comes first is such a handshake, of
	// the stream or, if it begins as that does, of its TLS. Anything else is received
	// as it is, and then there is no answer.
	Server bool
}

// Send writes Data to a stream, or to the address To from a UDP socket. What
// cannot be sent on a stream ends in [Closed]. A datagram that the kernel does not
// take from the socket of a call ends in [Unsent]; one that is lost, in nothing. The kernel owns Data from then on.
type Send struct {
	Socket Socket
	To     netip.AddrPort
	Data   []byte
}

// Close closes a socket, with FIN, or with RST if Reset is set. No signal
// follows.
type Close struct {
	Socket Socket
	Reset  bool
}

// OpenSound starts a direction of the sound card: [SoundOpened] follows, and
// then [Captured] or [PlayoutDue] at the card's own pace, until it is closed
// or, after a [SoundFailed], has vanished.
type OpenSound struct {
	Way  event.SoundWay
	Rate int // of the samples, in Hz
}

// CloseSound stops the sound card in a direction, or in both. No signal follows. Who
// closes the last that is open closes both.
type CloseSound struct{ Way event.SoundWay } // "": both

// Play hands samples to the sound card: mono, 16 bit, at the rate that it was opened with.
type Play struct{ Samples []int16 }

// A Push is a message on its way through a push service (APNs, FCM) to one app
// on one device.
type Push struct {
	Token string
	ID    string    // given by the service, for the log
	Sent  time.Time // when the service took it
	// High asks for delivery at once, to a sleeping device too (apns-priority
	// 10; FCM "high").
	High bool
	// Background is one that is no call (apns-push-type background): it may take another
	// way than those that are, and overtake them.
	Background bool
	// Expires is until when the service and the device keep it; the zero
	// time means that it is tried once.
	Expires time.Time
	// Collapse names what a newer push takes the place of, where one of the
	// same name waits for the device (apns-collapse-id; FCM collapse_key).
	Collapse string
	// Provider and Param say whose push service it is for, and which app
	// there (pn-provider and pn-param of RFC 8599). The service of this
	// process needs neither.
	Provider, Param string
	Payload         map[string]string
	// Body is an encrypted payload instead, for the app alone (RFC 8291).
	Body []byte
	// Signer signs the request for the push, with webpush; Sender is the public
	// key of who has signed it, once that is verified (RFC 8292).
	Signer PushSigner
	Sender string
}

// A PushSigner signs requests to the push service at an origin, as a header field.
type PushSigner interface {
	Sign(now time.Time, origin string) string
}

// SendPush hands a push to the push service. What comes back is
// [PushRefused], if it is not taken.
type SendPush struct{ Push Push }

// OpenPush has the push service deliver what is sent to Token to this machine
// from now on, and to none of its earlier tokens.
type OpenPush struct{ Token string }

// Subscribe is the same for a subscription of Web Push, which has a name at the push
// service, and for a token its address: the answer is [PushOpened]. Key is the public
// key of the one server that may push to it; "": any may.
type Subscribe struct{ Name, Key string }

// ClosePush says that this machine has lost its way to the push service, which
// then keeps what comes for as long as it is worth keeping. The next
// [OpenPush] or [Subscribe], of the same token too, is the way back.
type ClosePush struct{}

// Log writes down that something happened.
type Log struct {
	// Phone is whose event it is, where a program speaks for several (the
	// lab for its robots); empty means the program's own.
	Phone string
	// Account is which account of a program with several it is about; empty
	// otherwise.
	Account string
	Event   event.Event
}

// Freeze stops the program: the kernel keeps its sockets, buffers what
// arrives, and hands over nothing but what is for a process of its own ([Connect.Apart]). Of the sockets in Watch it says, once for
// each freeze, that it is [Readable].
type Freeze struct{ Watch []Socket }

// Thaw ends a freeze; what was buffered arrives as if it came now. Wake is the number of the
// wake that it is for, if it is for one: for what is written down of it.
type Thaw struct{ Wake int }

// Drain hands over what comes on a socket, and what waits in it, in spite of a freeze: its
// bytes are not for the program, as the emulated network has lost them.
type Drain struct{ Socket Socket }

// Connected says that a stream is open.
type Connected struct {
	Socket        Socket
	Local, Remote netip.AddrPort
	Addrs         []netip.Addr // all that the target has, if it is a name
}

// Secured says that a stream speaks TLS: what is sent and received from now on
// is the plain text.
type Secured struct {
	Socket               Socket
	Version, CipherSuite string // "TLS 1.3", "TLS_AES_128_GCM_SHA256"
	// Subject and Issuer are whose certificate the other end has shown, and
	// who has signed it, in short; empty if it has shown none.
	Subject, Issuer string
	// Shown is whose certificate we have shown, as the other end asked for one;
	// empty if it did not, or we have none.
	Shown string
	// Resumed says that an earlier session goes on (RFC 8446 §2.2): nobody has
	// shown a certificate anew.
	Resumed bool
}

// Upgraded says that a stream speaks WebSocket: what is sent and received from now
// on is whole messages.
type Upgraded struct {
	Socket         Socket
	Protocol, Path string
}

// String says by what a stream is protected, and whom it leads to.
func (s Secured) String() string {
	text := fmt.Sprintf("%s, %s, certificate of %s, signed by %s", s.Version, s.CipherSuite, s.Subject, s.Issuer)
	if s.Shown != "" {
		text += "; ours, of " + s.Shown + ", was shown"
	}
	return text
}

// Client says to a server by what a stream is protected, and who is at its other
// end, if that has shown a certificate.
func (s Secured) Client() string {
	text := s.Version + ", " + s.CipherSuite
	if s.Resumed {
		text += ", resumed"
	}
	if s.Subject != "" {
		text += fmt.Sprintf(", certificate of %s, signed by %s", s.Subject, s.Issuer)
	}
	return text
}

// Bound says that a [Bind] or [Listen] is done, and on which local address.
type Bound struct {
	Socket Socket
	Local  netip.AddrPort
	Remote netip.AddrPort // of the target of a Bind, if it has one
	Addrs  []netip.Addr   // all that the target has, if it is a name
}

// Resolved says which addresses a host has: those of its name, and those of the
// SIP servers of the domain that it may be (RFC 3263 §4.2). None: it has none,
// or nobody knows.
type Resolved struct {
	Host  string
	Addrs []netip.Addr
}

// Failed says that a socket could not be opened. The socket is gone.
type Failed struct {
	Socket Socket
	Err    error
}

// Accepted says that a listening socket has a new connection. The kernel
// numbers accepted sockets from the top down, so that they never meet the
// program's own.
type Accepted struct {
	Listener, Socket Socket
	Local, Remote    netip.AddrPort
}

// Received is data from a stream, split at any byte, or one whole datagram.
// The program owns Data from then on.
type Received struct {
	Socket Socket
	From   netip.AddrPort
	Data   []byte
	// Messages are the parts of Data, each a whole message, where the stream has
	// messages: see [Upgraded].
	Messages [][]byte
}

// Closed says that a socket is gone: the peer closed it (Err is nil), or it
// broke.
type Closed struct {
	Socket Socket
	Err    error
}

// Readable says that something lies in a watched socket of a frozen program:
// data, FIN, RST or an error; the kernel has not looked which. It is for the
// mobile system, not for the app.
type Readable struct {
	Socket Socket
	// Bytes is how much of it is data, of datagrams the first; more may come. Unknown says
	// that this kernel cannot tell.
	Bytes   int
	Unknown bool
}

// SocketOf is the socket of the program's own that a signal is about, if it is
// about one. An [Accepted] is about a new one.
func SocketOf(s Signal) (id Socket, ok bool) {
	switch s := s.(type) {
	case Connected:
		return s.Socket, true
	case Secured:
		return s.Socket, true
	case Upgraded:
		return s.Socket, true
	case Bound:
		return s.Socket, true
	case Failed:
		return s.Socket, true
	case Received:
		return s.Socket, true
	case Unsent:
		return s.Socket, true
	case Closed:
		return s.Socket, true
	case Readable:
		return s.Socket, true
	}
	return 0, false
}

// Unsent says that the kernel has not taken a datagram, and why: it is lost, and no
// network has seen it.
type Unsent struct {
	Socket Socket
	To     netip.AddrPort
	Data   []byte
	Err    error
}

// PushArrived is a push that the service delivers to the device. It is for the
// mobile system, not for the app.
type PushArrived struct{ Push Push }

// PushOpened says which address a subscription of Web Push has. It is for the
// mobile system, not for the app.
type PushOpened struct{ Token string }

// PushRefused says that the push service has not taken a push to that token,
// and why.
type PushRefused struct{ Token, Why string }

// Captured is one frame from the microphone: mono, 16 bit, 20 ms at the rate of
// [OpenSound].
type Captured struct{ Samples []int16 }

// PlayoutDue says that the sound card wants N more samples.
type PlayoutDue struct{ N int }

// SoundOpened says that a direction of the sound card is open, as which device of
// which sound system.
type SoundOpened struct {
	Way          event.SoundWay
	Name, System string
}

// SoundFailed says that a direction of the sound card could not be opened or
// vanished; Moved: as the default device is another one now.
type SoundFailed struct {
	Way   event.SoundWay
	Err   error
	Moved bool
}

func (Connect) effect()        {}
func (Bind) effect()           {}
func (Resolve) effect()        {}
func (Listen) effect()         {}
func (StartTLS) effect()       {}
func (StartWebSocket) effect() {}
func (Send) effect()           {}
func (Close) effect()          {}
func (OpenSound) effect()      {}
func (CloseSound) effect()     {}
func (Play) effect()           {}
func (SendPush) effect()       {}
func (OpenPush) effect()       {}
func (Subscribe) effect()      {}
func (ClosePush) effect()      {}
func (Log) effect()            {}
func (Freeze) effect()         {}
func (Thaw) effect()           {}
func (Drain) effect()          {}

func (Connected) signal()   {}
func (Secured) signal()     {}
func (Upgraded) signal()    {}
func (Bound) signal()       {}
func (Resolved) signal()    {}
func (Failed) signal()      {}
func (Accepted) signal()    {}
func (Received) signal()    {}
func (Unsent) signal()      {}
func (Closed) signal()      {}
func (Readable) signal()    {}
func (PushArrived) signal() {}
func (PushOpened) signal()  {}
func (PushRefused) signal() {}
func (Captured) signal()    {}
func (PlayoutDue) signal()  {}
func (SoundOpened) signal() {}
func (SoundFailed) signal() {}
