package report

import (
	"bytes"

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
	clear   clear
}

// A clear has what is in protected packets, until they are met. Those that are sent are told
// of before they pass, and those that are received afterwards.
type clear struct {
	sealed map[string]int    // packets by their first and last octets, that nobody has opened
	coming map[string][]byte // plain ones that are to be sent
	opened int               // packets that are kept as they were opened
}

// maxComing bounds the plain packets that wait to be sent (our own number): each is sent at
// once, and what the kernel refuses is forgotten.
const maxComing = 64

// markOf tells protected packets apart: the header, and what of the tag there is to each.
func markOf(sealed []byte) string {
	return string(sealed[:min(len(sealed), 12)]) + string(sealed[max(0, len(sealed)-12):])
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
	d.Data = w.cleared(d)
	w.size += len(d.Data) + wireEntry
	if len(d.Data) > cap(w.chunk)-len(w.chunk) {
		w.chunk = make([]byte, 0, wireChunk)
	}
	from := len(w.chunk)
	w.chunk = append(w.chunk, d.Data...)
	d.Data = w.chunk[from:len(w.chunk):len(w.chunk)]
	w.packets = append(w.packets, d)
}

// Open has a protected packet kept as it was opened.
func (w *Wire) Open(sealed, plain []byte) {
	mark := markOf(sealed)
	if i, ok := w.clear.sealed[mark]; ok && bytes.Equal(w.packets[i].Data, sealed) {
		w.packets[i].Data = append(w.packets[i].Data[:0], plain...)
		delete(w.clear.sealed, mark)
		w.clear.opened++
		return
	}
	if w.clear.coming == nil || len(w.clear.coming) == maxComing {
		w.clear.coming = make(map[string][]byte)
	}
	w.clear.coming[mark] = bytes.Clone(plain)
}

// Clear has packets kept as they were opened, as far as [Wire.Open] is told. It must be
// called before Add.
func (w *Wire) Clear() { w.clear.sealed = make(map[string]int) }

// cleared is what is kept of a packet.
func (w *Wire) cleared(d system.Datagram) []byte {
	if w.clear.sealed == nil || !isRTP(d.Data) {
		return d.Data
	}
	mark := markOf(d.Data)
	if plain, ok := w.clear.coming[mark]; ok && d.Out {
		delete(w.clear.coming, mark)
		w.clear.opened++
		return plain
	}
	if !d.Out {
		w.clear.sealed[mark] = len(w.packets)
	}
	return d.Data
}

// kept returns the packets.
func (w *Wire) kept() []system.Datagram {
	if w == nil {
		return nil
	}
	return w.packets
}

// opened returns how many of them are as they were opened.
func (w *Wire) opened() int {
	if w == nil {
		return 0
	}
	return w.clear.opened
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
