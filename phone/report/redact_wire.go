package report

import (
	"net/netip"

	"github.com/pion/rtcp"

	"github.com/sleeptalk/sleeptalk/phone/dtls"
)

// Wire masks the addresses of the packets, like those in the log, and the texts
// in their RTCP. It keeps the speech, which the recordings have too.
func (m *Redactor) Wire(w *Wire) *Wire {
	masked := &Wire{left: w.Left(), clear: clear{opened: w.opened()}}
	for _, d := range w.kept() {
		d.Local, d.Remote = m.addrPort(d.Local), m.addrPort(d.Remote)
		switch {
		case isSTUN(d.Data):
			d.Data = unsaid(d.Data)
		case isRTCP(d.Data):
			d.Data = m.rtcp(d.Data)
		case isDTLS(d.Data): // certificates can name anybody
			d.Data = blank(d.Data, dtls.HeaderLen)
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
		return blank(data, 8)
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
			return blank(data, 8)
		}
	}
	masked, err := rtcp.Marshal(packets)
	if err != nil {
		return blank(data, 8) // a mask is too long
	}
	return masked
}

// blank keeps only the first n octets of a packet: of one of RTCP that cannot be parsed
// the first header and the sender, of one of DTLS the header of its first record.
func blank(data []byte, n int) []byte {
	return append(data[:n:n], make([]byte, len(data)-n)...)
}
