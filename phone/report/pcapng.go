package report

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"net/netip"
	"slices"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// Capture writes the SIP of a log, interleaved with the RTP and RTCP of a
// phone, as a pcapng capture for Wireshark, tshark and sngrep: each socket
// of signalling is a TCP connection and each message a segment, with the real
// addresses, ports and wall times.
//
// TCP's sequence numbers are not in the log; the capture has consistent made-up
// ones. The messages are those of the log: without secrets, and
// readable even if they were encrypted on the wire. A datagram has the time at
// which the app read it; if it came while the app was suspended, that is after
// the thaw. Other events of the phones are comments of the next packet, or of
// the last one at the end.
func Capture(w io.Writer, log *event.Log, wire *Wire) error {
	homes := homesOf(log)
	counted := newCapture(homes, wire, func(packet) error { return nil })
	if err := counted.run(log); err != nil {
		return err
	}
	c := newCapture(homes, wire, func(p packet) error {
		_, err := w.Write(p.block())
		return err
	})
	c.until = counted.seen
	for _, block := range [][]byte{counted.section(), network()} {
		if _, err := w.Write(block); err != nil {
			return err
		}
	}
	if err := c.run(log); err != nil {
		return err
	}
	if c.n != counted.n || c.lost != counted.lost {
		return errors.New("the event log has let go of records while they were written: the header counts other messages than there are")
	}
	return nil
}

// newCapture is a capture whose packets go to put; homes are those of the log.
func newCapture(homes map[uint16]netip.Addr, wire *Wire, put func(packet) error) *capture {
	return &capture{
		flows: make(map[line]*flow), homes: homes, put: put, until: math.MaxUint64,
		wire: wire.kept(), kept: len(wire.kept()), left: wire.Left(), opened: wire.opened(),
	}
}

// run makes the packets.
func (c *capture) run(log *event.Log) error {
	for r := range log.Span(0, c.until) {
		c.seen = r.Seq
		c.before(r.Wall)
		if c.record(r); c.err != nil {
			return c.err
		}
	}
	for _, d := range c.wire {
		c.datagram(d)
	}
	c.comment(c.pending)
	c.flush()
	return c.err
}

// A capture is a capture file in the making. It holds only the last packet, which
// may get comments.
type capture struct {
	flows   map[line]*flow // the open connections
	put     func(packet) error
	err     error // of put
	last    packet
	n       int      // packets so far, the last included
	pending []string // comments for the next packet
	lost    int      // messages without a known connection
	until   uint64   // the last record that may be written
	seen    uint64   // the last that was

	wire       []system.Datagram // datagrams still to be written
	homes      map[uint16]netip.Addr
	kept, left int // of the datagrams
	opened     int // of those that are kept, without their protection
}

// A packet is a packet with its comments.
type packet struct {
	at       time.Time
	data     []byte
	comments []string
}

// A line is a socket of a phone that SIP goes over.
type line struct{ phone, socket string }

// lineOf is that of a record; "" is the control socket.
func lineOf(r event.Record, socket string) line { return line{r.Who(), cmp.Or(socket, "control")} }

// A flow is a TCP connection with the sequence numbers of both sides.
type flow struct {
	ends [2]netip.AddrPort // ours, the server's
	next [2]uint32
}

// The sides of a flow.
const (
	ours   = 0
	theirs = 1
)

func side(out bool) int {
	if out {
		return ours
	}
	return theirs
}

func (c *capture) record(r event.Record) {
	switch e := r.Event.(type) {
	case event.Audio, event.RTP:
	case event.Message:
		c.data(r, lineOf(r, e.Socket), e.Out, e.Raw)
	case event.Ping:
		c.keepalive(r, lineOf(r, e.Socket), e.Out, e.What, "\r\n\r\n")
	case event.Pong:
		c.keepalive(r, lineOf(r, e.Socket), e.Out, e.What, "\r\n")
	case event.Socket:
		c.note(r)
		if e.Signalling() {
			c.socket(r, lineOf(r, e.Name), e)
		}
	default:
		c.note(r)
	}
}

// keepalive writes the ping or pong of SIP. In another protocol, whose frames
// the log does not have byte by byte, it is a comment.
func (c *capture) keepalive(r event.Record, on line, out bool, what, crlfs string) {
	if what != "" {
		c.note(r)
		return
	}
	c.data(r, on, out, crlfs)
}

// note keeps a record as a comment for the next packet.
func (c *capture) note(r event.Record) {
	what, detail := r.Event.Text()
	c.pending = append(c.pending, event.Printable(fmt.Sprintf("%s %s: %s", stamp(r.Device), r.Phone, joinBlank(what, detail))))
}

// socket opens and closes the connection of a phone.
func (c *capture) socket(r event.Record, on line, e event.Socket) {
	switch e.Phase {
	case event.SocketConnecting, event.SocketSecuring, event.SocketFailed:
	case event.SocketOpen:
		c.open(r, on, e)
	case event.SocketClosed:
		from := theirs
		if e.ByUs() {
			from = ours
		}
		c.end(r, on, from, tcpFIN|tcpACK)
	case event.SocketReset:
		c.end(r, on, theirs, tcpRST|tcpACK)
	default: // the connection was given up without a packet
		delete(c.flows, on)
	}
}

// open writes the handshake of a new connection.
func (c *capture) open(r event.Record, on line, e event.Socket) {
	local, err1 := netip.ParseAddrPort(e.Local)
	remote, err2 := netip.ParseAddrPort(e.Remote)
	if err1 != nil || err2 != nil || local.Addr().Unmap().Is4() != remote.Addr().Unmap().Is4() {
		delete(c.flows, on)
		return
	}
	delete(c.flows, on)
	f := &flow{ends: c.apart([2]netip.AddrPort{unmapped(local), unmapped(remote)})}
	f.next[ours] = uint32(c.n+1) << 8 // different for each connection
	f.next[theirs] = f.next[ours] + 1<<7
	c.flows[on] = f
	began := r.Wall.Add(-e.Took.D())
	if c.n > 0 && c.last.at.After(began) {
		began = c.last.at // keep the packets in the order of the log
	}
	c.segment(began, f, ours, tcpSYN, nil)
	c.segment(r.Wall, f, theirs, tcpSYN|tcpACK, nil)
	c.segment(r.Wall, f, ours, tcpACK, nil)
}

// apart makes the ends of a connection differ from those of every other open
// one. The lab's robots have no sockets of their own, and all log the same
// port.
func (c *capture) apart(ends [2]netip.AddrPort) [2]netip.AddrPort {
	taken := make(map[[2]netip.AddrPort]bool)
	for _, f := range c.flows {
		taken[f.ends] = true
	}
	for taken[ends] {
		ends[ours] = netip.AddrPortFrom(ends[ours].Addr(), ends[ours].Port()+1)
	}
	return ends
}

func unmapped(a netip.AddrPort) netip.AddrPort {
	return netip.AddrPortFrom(a.Addr().Unmap().WithZone(""), a.Port())
}

// end writes the last segment of a connection.
func (c *capture) end(r event.Record, on line, from int, flags byte) {
	f := c.flows[on]
	if f == nil {
		return
	}
	c.segment(r.Wall, f, from, flags, nil)
	if flags&tcpFIN != 0 {
		c.segment(r.Wall, f, 1-from, tcpACK, nil)
	}
	delete(c.flows, on)
}

// maxSegment is how much data fits into an IP packet.
const maxSegment = 65535 - 40

// data writes data that was sent over the connection of a phone.
func (c *capture) data(r event.Record, on line, out bool, text string) {
	f := c.flows[on]
	if f == nil || text == "" {
		c.lost++
		return
	}
	for part := range slices.Chunk([]byte(text), maxSegment) {
		c.segment(r.Wall, f, side(out), tcpPSH|tcpACK, part)
	}
}

// segment appends a packet of a connection.
func (c *capture) segment(at time.Time, f *flow, from int, flags byte, data []byte) {
	ack := uint32(0)
	if flags&tcpACK != 0 {
		ack = f.next[1-from]
	}
	tcp := segment{route: route{f.ends[from], f.ends[1-from]}, seq: f.next[from], ack: ack, flags: flags, data: data}
	f.next[from] += uint32(len(data))
	if flags&(tcpSYN|tcpFIN) != 0 {
		f.next[from]++
	}
	c.add(at, tcp.packet(protocolTCP, uint16(c.n), tcp.encode()))
}

// add appends a packet, with the comments that wait for one.
func (c *capture) add(at time.Time, data []byte) {
	c.flush()
	c.last = packet{at: at, data: data}
	c.n++
	pending := c.pending
	c.pending = nil
	c.comment(pending)
}

// flush puts the last packet, which is complete.
func (c *capture) flush() {
	if c.n > 0 && c.err == nil {
		c.err = c.put(c.last)
	}
}

// comment adds comments to the last packet, if there is one.
func (c *capture) comment(list []string) {
	if c.n > 0 {
		c.last.comments = append(c.last.comments, list...)
	}
}

// The blocks and options of pcapng (draft-ietf-opsawg-pcapng).
const (
	blockSection   = 0x0A0D0D0A
	blockInterface = 1
	blockPacket    = 6
	optComment     = 1
	optIfName      = 2
	optHardware    = 2
	optApplication = 4
	linkRaw        = 101    // LINKTYPE_RAW: IPv4 or IPv6
	snapLength     = 262144 // the longest packet
	maxOption      = 65535
)

// section returns the first block of the file.
func (c *capture) section() []byte {
	about := "SIP as logged by sleeptalk: TCP's numbers are made up, secrets are masked; " + c.about() +
		"; the comments say what happened on the phones."
	if c.lost > 0 {
		about += fmt.Sprintf(" %d messages without a known connection are left out.", c.lost)
	}
	b := binary.LittleEndian.AppendUint32(nil, 0x1A2B3C4D)
	b = binary.LittleEndian.AppendUint16(b, 1)
	b = binary.LittleEndian.AppendUint16(b, 0)
	b = binary.LittleEndian.AppendUint64(b, ^uint64(0)) // the length of the section: unspecified
	b = appendOption(b, optComment, about)
	b = appendOption(b, optHardware, "an emulated handset")
	b = appendOption(b, optApplication, "sleeptalk")
	return block(blockSection, endOptions(b))
}

// network returns the one interface of the file: sngrep cannot read a file that
// has several.
func network() []byte {
	b := binary.LittleEndian.AppendUint16(nil, linkRaw)
	b = append(b, 0, 0)
	b = binary.LittleEndian.AppendUint32(b, snapLength)
	return block(blockInterface, endOptions(appendOption(b, optIfName, "sleeptalk")))
}

// block returns an enhanced packet block.
func (p packet) block() []byte {
	us := uint64(p.at.UnixMicro())                // the default resolution
	b := binary.LittleEndian.AppendUint32(nil, 0) // the interface
	b = binary.LittleEndian.AppendUint32(b, uint32(us>>32))
	b = binary.LittleEndian.AppendUint32(b, uint32(us))
	b = binary.LittleEndian.AppendUint32(b, uint32(len(p.data)))
	b = binary.LittleEndian.AppendUint32(b, uint32(len(p.data)))
	b = padded(append(b, p.data...))
	for _, c := range p.comments {
		b = appendOption(b, optComment, c)
	}
	if len(p.comments) > 0 {
		b = endOptions(b)
	}
	return block(blockPacket, b)
}

// block puts a body between a block's head and its tail.
func block(kind uint32, body []byte) []byte {
	size := uint32(len(body) + 12)
	b := binary.LittleEndian.AppendUint32(nil, kind)
	b = binary.LittleEndian.AppendUint32(b, size)
	b = append(b, body...)
	return binary.LittleEndian.AppendUint32(b, size)
}

func appendOption(b []byte, code uint16, value string) []byte {
	value = value[:min(len(value), maxOption)]
	b = binary.LittleEndian.AppendUint16(b, code)
	b = binary.LittleEndian.AppendUint16(b, uint16(len(value)))
	return padded(append(b, value...))
}

func endOptions(b []byte) []byte { return append(b, 0, 0, 0, 0) }

// padded pads to a multiple of 32 bits.
func padded(b []byte) []byte {
	for len(b)%4 != 0 {
		b = append(b, 0)
	}
	return b
}
