package report

import (
	"github.com/sleeptalk/sleeptalk/phone/dtls"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// A Wire keeps the RTP and RTCP of one phone, the handshakes for their keys and the checks
// of ICE, as a [system.Tap] sees them, for the capture: the log has only snapshots of them. It
// keeps the beginning, up to [MaxWire], and counts the packets after that. The zero value is
// empty, and so is nil. One goroutine owns a Wire.
type Wire struct {
	packets []system.Datagram
	chunk   []byte // the buffer for the next data
	size    int
	left    int // packets that were left out
}

// MaxWire bounds the memory of a [Wire], in bytes: two minutes and a quarter of
// a call in G.711, at 50 packets a second each way (RFC 3551 §4.5). All files
// of a run keep their packets until the reports are written.
const MaxWire = 4 << 20

const (
	wireChunk = 64 << 10
	wireEntry = 128 // roughly the memory of a packet besides its data
	maxUDP    = 65535 - 20 - 8
)

// Add keeps a datagram, if it is of the audio and there is room.
func (w *Wire) Add(d system.Datagram) {
	switch {
	case !isRTP(d.Data) && !isDTLS(d.Data) && !isSTUN(d.Data) || !d.Remote.IsValid():
		return
	case w.left > 0 || w.size+len(d.Data)+wireEntry > MaxWire:
		w.left++ // and all later ones: the capture is cut off, but has no holes
		return
	}
	w.size += len(d.Data) + wireEntry
	if len(d.Data) > cap(w.chunk)-len(w.chunk) {
		w.chunk = make([]byte, 0, wireChunk)
	}
	from := len(w.chunk)
	w.chunk = append(w.chunk, d.Data...)
	d.Data = w.chunk[from:len(w.chunk):len(w.chunk)]
	w.packets = append(w.packets, d)
}

// kept returns the packets.
func (w *Wire) kept() []system.Datagram {
	if w == nil {
		return nil
	}
	return w.packets
}

// Left returns how many packets were left out.
func (w *Wire) Left() int {
	if w == nil {
		return 0
	}
	return w.left
}

// isRTP tells RTP and RTCP from other datagrams (RFC 7983 §7). In particular it
// keeps out signalling, which has credentials.
func isRTP(b []byte) bool { return len(b) >= 8 && len(b) <= maxUDP && b[0]>>6 == 2 }

// isDTLS tells the handshakes for the keys, by whole records.
func isDTLS(b []byte) bool { return len(b) >= dtls.HeaderLen && len(b) <= maxUDP && dtls.Is(b) }

// isRTCP tells RTCP from RTP (RFC 5761 §4).
func isRTCP(b []byte) bool { return isRTP(b) && b[1] >= 192 && b[1] <= 223 }
