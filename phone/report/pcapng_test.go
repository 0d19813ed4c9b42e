package report

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"io"
	"maps"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// A dissected capture: the data that each side of each connection sent, the
// datagrams of each way, and the comments.
type dissected struct {
	streams   map[string]*strings.Builder
	datagrams map[string][][]byte
	comments  []string
	packets   int
	times     []time.Time         // of the packets, in the order of the file
	sent      map[string][]passed // the data of each way, with its time
}

// passed is data that passed at a time.
type passed struct {
	at   time.Time
	data string
}

// dissect parses a capture and fails the test for each error in it: lengths of
// blocks, checksums, sequence numbers.
func dissect(t *testing.T, file []byte) dissected {
	t.Helper()
	d := dissected{streams: make(map[string]*strings.Builder), datagrams: make(map[string][][]byte), sent: make(map[string][]passed)}
	next := make(map[string]uint32)
	for len(file) > 0 {
		kind, size := binary.LittleEndian.Uint32(file), binary.LittleEndian.Uint32(file[4:])
		if size%4 != 0 || int(size) > len(file) || binary.LittleEndian.Uint32(file[size-4:]) != size {
			t.Fatalf("a block of type %#x with a length of %d", kind, size)
		}
		body := file[8 : size-4]
		file = file[size:]
		if kind == blockInterface && len(body) > 8 {
			noTimeOptions(t, body[8:])
		}
		if kind == blockPacket {
			d.packets++
			d.times = append(d.times, timeOf(body))
			n := binary.LittleEndian.Uint32(body[12:])
			d.packet(t, body[20:20+n], next)
			d.options(body[20+(n+3)/4*4:])
		}
	}
	return d
}

// timeOf returns the time of a packet: microseconds since 1970, in two halves,
// the higher first (draft-ietf-opsawg-pcapng §4.3).
func timeOf(body []byte) time.Time {
	us := uint64(binary.LittleEndian.Uint32(body[4:]))<<32 | uint64(binary.LittleEndian.Uint32(body[8:]))
	return time.UnixMicro(int64(us))
}

// noTimeOptions fails the test if an interface has its times in another unit
// (if_tsresol) or from another origin (if_tzone, if_tsoffset).
func noTimeOptions(t *testing.T, b []byte) {
	t.Helper()
	for len(b) >= 4 {
		code, n := binary.LittleEndian.Uint16(b), int(binary.LittleEndian.Uint16(b[2:]))
		if code == 9 || code == 10 || code == 14 {
			t.Errorf("the times are changed by the option %d", code)
		}
		b = b[4+(n+3)/4*4:]
	}
}

func (d *dissected) options(b []byte) {
	for len(b) > 4 {
		n := int(binary.LittleEndian.Uint16(b[2:]))
		if binary.LittleEndian.Uint16(b) == optComment {
			d.comments = append(d.comments, string(b[4:4+n]))
		}
		b = b[4+(n+3)/4*4:]
	}
}

func (d *dissected) packet(t *testing.T, ip []byte, next map[string]uint32) {
	t.Helper()
	var src, dst netip.Addr
	var tcp, pseudo []byte
	var protocol byte
	switch ip[0] >> 4 {
	case 4:
		src, dst = netip.AddrFrom4([4]byte(ip[12:])), netip.AddrFrom4([4]byte(ip[16:]))
		if checksum(ip[:20]) != 0 || int(binary.BigEndian.Uint16(ip[2:])) != len(ip) {
			t.Errorf("a bad IP header: % x", ip[:20])
		}
		tcp, protocol = ip[20:], ip[9]
		pseudo = append(bytes.Clone(ip[12:20]), 0, protocol, byte(len(tcp)>>8), byte(len(tcp)))
	case 6:
		src, dst = netip.AddrFrom16([16]byte(ip[8:])), netip.AddrFrom16([16]byte(ip[24:]))
		tcp, protocol = ip[40:], ip[6]
		pseudo = append(bytes.Clone(ip[8:40]), 0, 0, byte(len(tcp)>>8), byte(len(tcp)), 0, 0, 0, protocol)
	}
	if checksum(append(pseudo, tcp...)) != 0 {
		t.Errorf("a bad checksum in a packet of %d bytes with protocol %d", len(ip), protocol)
	}
	from := netip.AddrPortFrom(src, binary.BigEndian.Uint16(tcp)).String()
	to := netip.AddrPortFrom(dst, binary.BigEndian.Uint16(tcp[2:])).String()
	if protocol == protocolUDP {
		if int(binary.BigEndian.Uint16(tcp[4:])) != len(tcp) {
			t.Errorf("a UDP length of %d in %d bytes", binary.BigEndian.Uint16(tcp[4:]), len(tcp))
		}
		d.datagrams[from+" > "+to] = append(d.datagrams[from+" > "+to], tcp[8:])
		d.keep(from+" > "+to, tcp[8:])
		return
	}
	seq, ack, flags := binary.BigEndian.Uint32(tcp[4:]), binary.BigEndian.Uint32(tcp[8:]), tcp[13]
	way, back := from+" > "+to, to+" > "+from
	if flags&tcpSYN != 0 {
		next[way] = seq
	}
	if seq != next[way] || flags&tcpACK != 0 && ack != next[back] {
		t.Errorf("%s: seq %d ack %d, want %d and %d", way, seq, ack, next[way], next[back])
	}
	next[way] += uint32(len(tcp) - 20)
	if flags&(tcpSYN|tcpFIN) != 0 {
		next[way]++
	}
	if d.streams[way] == nil {
		d.streams[way] = new(strings.Builder)
	}
	d.streams[way].Write(tcp[20:])
	if len(tcp) > 20 {
		d.keep(way, tcp[20:])
	}
}

// keep records data with the time of the packet that was read last.
func (d *dissected) keep(way string, data []byte) {
	d.sent[way] = append(d.sent[way], passed{d.times[len(d.times)-1], string(data)})
}

func TestCapture(t *testing.T) {
	_, log := passing(t)
	d := dissect(t, captured(t, log, nil))
	sent, got := "", ""
	for _, r := range log.After(0) {
		if m, ok := r.Event.(event.Message); ok && r.Phone == "bob" {
			if m.Out {
				sent += m.Raw
			} else {
				got += m.Raw
			}
		}
	}
	if s := d.streams["127.0.0.1:9 > 127.0.0.1:42707"].String(); s != sent {
		t.Errorf("bob sent %q in the capture, %q in the log", s, sent)
	}
	if s := d.streams["127.0.0.1:42707 > 127.0.0.1:9"].String(); s != got {
		t.Errorf("bob got %q in the capture, %q in the log", s, got)
	}
	if s := d.streams["127.0.0.1:39902 > 127.0.0.1:42707"].String(); !strings.Contains(s, "\r\n\r\n\r\n\r\n") {
		t.Error("alice's ping is not in the capture")
	}
	all := strings.Join(d.comments, "\n")
	for _, want := range []string{"09:21.375 alice: woken by socket", "alice: suspended   nothing keeps the app running", "alice: killed   exit(0)"} {
		if !strings.Contains(all, want) {
			t.Errorf("no comment %q in\n%s", want, all)
		}
	}
}

// TestCaptureTimes: a packet has its exact time, to the microsecond: a message
// that of its record, a datagram that of the tap, the first packet of a
// connection that of the connect.
func TestCaptureTimes(t *testing.T) {
	log, wire := called(t)
	d := dissect(t, captured(t, log, wire))
	var got, want []passed
	for _, way := range d.sent {
		got = append(got, way...)
	}
	for _, r := range log.After(0) {
		switch e := r.Event.(type) {
		case event.Message:
			want = append(want, passed{r.Wall, e.Raw})
		case event.Ping:
			want = append(want, passed{r.Wall, "\r\n\r\n"})
		case event.Pong:
			want = append(want, passed{r.Wall, "\r\n"})
		}
	}
	for _, p := range wire.packets {
		want = append(want, passed{p.At, string(p.Data)})
	}
	inOrder := func(list []passed) []passed {
		for i := range list {
			list[i].at = list[i].at.UTC().Truncate(time.Microsecond)
		}
		slices.SortFunc(list, func(a, b passed) int { return cmp.Or(a.at.Compare(b.at), strings.Compare(a.data, b.data)) })
		return list
	}
	if got, want = inOrder(got), inOrder(want); len(want) < 300 || len(got) != len(want) {
		t.Fatalf("%d packets with data, want %d", len(got), len(want))
	}
	for i := range want {
		if got[i] != want[i] {
			t.Fatalf("at %s: %.40q, want at %s: %.40q", got[i].at, got[i].data, want[i].at, want[i].data)
		}
	}
}

// TestCaptureTimesOfAConnection: the first packet of a connection is earlier
// than its opening by the time that the connect took, but not earlier than the
// packet before it.
func TestCaptureTimesOfAConnection(t *testing.T) {
	opened := time.Date(2026, 11, 23, 8, 26, 15, 694914000, time.UTC)
	log := new(event.Log)
	open := func(phone string, at time.Time, took time.Duration) {
		log.Append(event.Record{Wall: at, Phone: phone, Event: event.Socket{
			Name: "control", Phase: "open", Local: "192.0.2.1:9", Remote: "192.0.2.2:5060", Took: event.Millis(took),
		}})
	}
	open("alice", opened, 38*time.Millisecond)
	open("bob", opened.Add(time.Second), 2*time.Second)
	log.Append(event.Record{Wall: opened.Add(time.Hour), Phone: "bob", Event: event.Socket{Name: "control", Phase: "reset"}})
	want := []time.Time{
		opened.Add(-38 * time.Millisecond), opened, opened,
		opened, opened.Add(time.Second), opened.Add(time.Second), opened.Add(time.Hour),
	}
	got := dissect(t, captured(t, log, nil)).times
	if !slices.EqualFunc(got, want, time.Time.Equal) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

func captured(t *testing.T, log *event.Log, wire *Wire) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := Capture(&b, log, wire); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestCaptureOfOddities captures unusual logs: IPv6, a message longer than a
// packet, a reset, a message without a connection, invalid addresses.
func TestCaptureOfOddities(t *testing.T) {
	log := new(event.Log)
	add := func(e event.Event) {
		log.Append(event.Record{Wall: time.Unix(1800000000, 0), Phone: "alice", Event: e})
	}
	add(event.Message{Out: true, Method: "OPTIONS", Raw: "lost"})
	add(event.Socket{Name: "control", Phase: "open", Local: "[2001:db8::1]:49152", Remote: "[2001:db8::2]:5060"})
	large := strings.Repeat("x", maxSegment+100)
	add(event.Message{Out: true, Method: "MESSAGE", Raw: large})
	add(event.Socket{Name: "control", Phase: "reset", Error: "connection reset by peer"})
	add(event.Socket{Name: "control", Phase: "open", Local: "192.0.2.1:9", Remote: "[2001:db8::2]:5060"})
	add(event.Socket{Name: "control", Phase: "open", Local: "pbx:1", Remote: ""})
	add(event.Message{Raw: "lost"})
	file := captured(t, log, nil)
	d := dissect(t, file)
	if got := d.streams["[2001:db8::1]:49152 > [2001:db8::2]:5060"].String(); got != large {
		t.Errorf("%d of %d bytes", len(got), len(large))
	}
	if d.packets != 6 {
		t.Errorf("%d packets, want 3 for the handshake, 2 of data and a reset", d.packets)
	}
	if !bytes.Contains(file, []byte("2 messages without a known connection are left out.")) {
		t.Error("the file does not say what it leaves out")
	}
}

// TestCaptureOfTwoSockets: what has gone over another socket than the control socket is
// on a connection of its own.
func TestCaptureOfTwoSockets(t *testing.T) {
	log := new(event.Log)
	for _, e := range []event.Event{
		event.Socket{Name: "wake", Phase: event.SocketOpen, Local: "192.0.2.1:7", Remote: "192.0.2.9:7"},
		event.Socket{Name: "control", Phase: event.SocketOpen, Local: "192.0.2.1:49152", Remote: "192.0.2.9:5060"},
		event.Socket{Name: "tcp", Phase: event.SocketOpen, Local: "192.0.2.1:49160", Remote: "192.0.2.9:5060"},
		event.Message{Out: true, Raw: "large", Socket: "tcp"},
		event.Message{Out: true, Raw: "small"},
		event.Ping{Socket: "tcp"},
		event.Socket{Name: "tcp", Phase: event.SocketClosed, By: "us"},
		event.Message{Out: true, Raw: " again"},
	} {
		log.Append(event.Record{Wall: time.Unix(1800000000, 0), Phone: "alice", Event: e})
	}
	d := dissect(t, captured(t, log, nil))
	got := map[string]string{}
	for name, data := range d.streams {
		if data.Len() > 0 {
			got[name] = data.String()
		}
	}
	want := map[string]string{
		"192.0.2.1:49152 > 192.0.2.9:5060": "small again", "192.0.2.1:49160 > 192.0.2.9:5060": "large", "192.0.2.9:5060 > 192.0.2.1:49160": "\r\n\r\n",
	}
	if !maps.Equal(got, want) || d.packets != 12 {
		t.Errorf("%d packets, %q", d.packets, got)
	}
}

func TestCaptureOfNothing(t *testing.T) {
	if d := dissect(t, captured(t, new(event.Log), nil)); d.packets != 0 {
		t.Errorf("%d packets of nothing", d.packets)
	}
}

// onWrite does something before the first bytes are written.
type onWrite struct {
	bytes.Buffer
	do func()
}

func (w *onWrite) Write(b []byte) (int, error) {
	if w.Len() == 0 {
		w.do()
	}
	return w.Buffer.Write(b)
}

// TestCaptureOfALogThatGrows: what comes after the header was made is not in the
// file.
func TestCaptureOfALogThatGrows(t *testing.T) {
	_, log := passing(t)
	want := captured(t, log, nil)
	w := &onWrite{do: func() {
		for _, r := range log.After(0) {
			log.Append(r)
		}
	}}
	if err := Capture(w, log, nil); err != nil || !bytes.Equal(w.Bytes(), want) {
		t.Errorf("%d bytes instead of %d; %v", w.Len(), len(want), err)
	}
}

// unreadable is a store that cannot be read any more.
type unreadable struct {
	*os.File
	gone bool
}

func (f *unreadable) ReadAt(b []byte, at int64) (int, error) {
	if f.gone {
		return 0, io.ErrUnexpectedEOF
	}
	return f.File.ReadAt(b, at)
}

// TestCaptureOfALogThatIsSpoilt: a file whose header counts what is not in it is
// no success.
func TestCaptureOfALogThatIsSpoilt(t *testing.T) {
	file, err := os.Create(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	store := &unreadable{File: file}
	defer file.Close()
	log := event.NewLog(func() (event.Store, error) { return store, nil })
	for range 100 {
		log.Append(event.Record{Phone: "alice", Event: event.Message{Raw: strings.Repeat("x", 60_000)}})
	}
	w := &onWrite{do: func() { store.gone = true }}
	if err := Capture(w, log, nil); err == nil || !strings.Contains(err.Error(), "let go of records") {
		t.Errorf("got %v", err)
	}
	if err := Capture(io.Discard, log, nil); err != nil { // now it counts what is left
		t.Error(err)
	}
}
