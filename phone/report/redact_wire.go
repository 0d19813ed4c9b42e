package report

import (
	"net/netip"

	"github.com/pion/rtcp"
)

// Wire masks the addresses of the packets, like those in the log, and the texts
// in their RTCP. It keeps the speech, which the recordings have too.
func (m *Redactor) Wire(w *Wire) *Wire {
	masked := &Wire{left: w.Left()}
	for _, d := range w.kept() {
		d.Local, d.Remote = m.addrPort(d.Local), m.addrPort(d.Remote)
		if isRTCP(d.Data) {
			d.Data = m.rtcp(d.Data)
		}
		masked.packets = append(masked.packets, d)
	}
	return masked
}

func (m *Redactor) addrPort(a netip.AddrPort) netip.AddrPort {
	masked, err := netip.ParseAddr(m.addr(a.Addr().WithZone("").String()))
	if err != nil {
		return a // not a valid address
	}
	return netip.AddrPortFrom(masked, a.Port())
}

// rtcp masks the texts of a compound packet: the source descriptions and the
// reason for leaving (RFC 3550 §6.5, §6.6).
func (m *Redactor) rtcp(data []byte) []byte {
	packets, err := rtcp.Unmarshal(data)
	if err != nil {
		return blank(data)
	}
	for _, p := range packets {
		switch p := p.(type) {
		case *rtcp.SourceDescription:
			for _, c := range p.Chunks {
				for i := range c.Items {
					c.Items[i].Text = m.Text(c.Items[i].Text)
				}
			}
		case *rtcp.Goodbye:
			p.Reason = m.Text(p.Reason)
		case *rtcp.ApplicationDefined, *rtcp.RawPacket:
			return blank(data)
		}
	}
	masked, err := rtcp.Marshal(packets)
	if err != nil {
		return blank(data) // a mask is too long
	}
	return masked
}

// blank keeps only the first header and the sender of a packet that cannot be
// parsed.
func blank(data []byte) []byte {
	return append(data[:8:8], make([]byte, len(data)-8)...)
}
