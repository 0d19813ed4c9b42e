package stun

import (
	"encoding/hex"
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// The password of RFC 5769 §2.
const samplePassword = "VOkJxbRl1RmTxUk/WvJxBt"

// sampleRequest is RFC 5769 §2.1, sampleIPv4 §2.2, sampleIPv6 §2.3.
const (
	sampleRequest = `00 01 00 58 21 12 a4 42 b7 e7 a7 01 bc 34 d6 86 fa 87 df ae
		80 22 00 10 53 54 55 4e 20 74 65 73 74 20 63 6c 69 65 6e 74
		00 24 00 04 6e 00 01 ff 80 29 00 08 93 2f f9 b1 51 26 3b 36
		00 06 00 09 65 76 74 6a 3a 68 36 76 59 20 20 20
		00 08 00 14 9a ea a7 0c bf d8 cb 56 78 1e f2 b5 b2 d3 f2 49 c1 b5 71 a2
		80 28 00 04 e5 7a 3b cf`
	sampleIPv4 = `01 01 00 3c 21 12 a4 42 b7 e7 a7 01 bc 34 d6 86 fa 87 df ae
		80 22 00 0b 74 65 73 74 20 76 65 63 74 6f 72 20
		00 20 00 08 00 01 a1 47 e1 12 a6 43
		00 08 00 14 2b 91 f5 99 fd 9e 90 c3 8c 74 89 f9 2a f9 ba 53 f0 6b e7 d7
		80 28 00 04 c0 7d 4c 96`
	sampleIPv6 = `01 01 00 48 21 12 a4 42 b7 e7 a7 01 bc 34 d6 86 fa 87 df ae
		80 22 00 0b 74 65 73 74 20 76 65 63 74 6f 72 20
		00 20 00 14 00 02 a1 47 01 13 a9 fa a5 d3 f1 79 bc 25 f4 b5 be d2 b9 d9
		00 08 00 14 a3 82 95 4e 4b e6 7b f1 17 84 c9 7c 82 92 c2 75 bf e3 ed 41
		80 28 00 04 c8 fb 0b 4c`
)

func bytesOf(t *testing.T, dump string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.Join(strings.Fields(dump), ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestVectors: the messages that RFC 5769 has written down.
func TestVectors(t *testing.T) {
	id := ID(bytesOf(t, "b7 e7 a7 01 bc 34 d6 86 fa 87 df ae"))
	for _, tt := range []struct {
		name, dump string
		want       Message
	}{
		{"request", sampleRequest, Message{
			Class: Request, ID: id, Username: "evtj:h6vY", Priority: 0x6e0001ff, Role: Controlled, TieBreaker: 0x932ff9b151263b36,
		}},
		{"ipv4", sampleIPv4, Message{Class: Success, ID: id, Mapped: netip.MustParseAddrPort("192.0.2.1:32853")}},
		{"ipv6", sampleIPv6, Message{Class: Success, ID: id, Mapped: netip.MustParseAddrPort("[2001:db8:1234:5678:11:2233:4455:6677]:32853")}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			data := bytesOf(t, tt.dump)
			m, err := Parse(data)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, m, cmpopts.IgnoreUnexported(Message{}), cmp.Comparer(func(a, b netip.AddrPort) bool { return a == b })); diff != "" {
				t.Error(diff)
			}
			if !m.Authentic(samplePassword) || m.Authentic("other") || m.Authentic("") {
				t.Error("the MESSAGE-INTEGRITY is not held to be that of the password alone")
			}
			for i := range m.integrity + 4 { // each octet before it counts
				changed := append([]byte(nil), data...)
				changed[i] ^= 0x10
				if m, err := Parse(changed); err == nil && m.Authentic(samplePassword) {
					t.Errorf("octet %d is changed, and it is authentic", i)
				}
			}
		})
	}
}

// TestWritten: what is written is read as it was.
func TestWritten(t *testing.T) {
	for _, want := range []Message{
		{Class: Request, ID: ID{1}, Username: "abcde:fg", Priority: 1, UseCandidate: true, Role: Controlling, TieBreaker: 1<<64 - 1},
		{Class: Request, ID: ID{2}, Role: Controlled, TieBreaker: 7},
		{Class: Indication, ID: ID{3}},
		{Class: Success, ID: ID{4}, Mapped: netip.MustParseAddrPort("[2001:db8::1]:65535")},
		{Class: Failure, ID: ID{5}, Code: 487, Reason: "Role Conflict"},
	} {
		for _, password := range []string{"", "secret"} {
			data := want.Append([]byte("before"), password)[len("before"):]
			m, err := Parse(data)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, m, cmpopts.IgnoreUnexported(Message{}), cmp.Comparer(func(a, b netip.AddrPort) bool { return a == b })); diff != "" {
				t.Error(diff)
			}
			if m.Signed() != (password != "") || m.Authentic("secret") != (password != "") {
				t.Errorf("%v with password %q: signed %t", want, password, m.Signed())
			}
		}
	}
}

// TestUnreadable: what is no message of ours is refused, with the reason.
func TestUnreadable(t *testing.T) {
	good := (&Message{ID: ID{1}, Username: "a:b"}).Append(nil, "secret")
	change := func(edit func(b []byte) []byte) []byte { return edit(append([]byte(nil), good...)) }
	for _, tt := range []struct {
		name string
		data []byte
		want error
	}{
		{"empty", nil, errNone},
		{"RTP", change(func(b []byte) []byte { b[0] = 0x80; return b }), errNone},
		{"no cookie", change(func(b []byte) []byte { b[4] = 0; return b }), errNone},
		{"a length that lies", change(func(b []byte) []byte { b[3]++; return b }), errSize},
		{"cut off", good[:len(good)-4], errSize},
		{"another method", change(func(b []byte) []byte { b[1] = 3; return b }), errMethod},
		{"fingerprint", change(func(b []byte) []byte { b[len(b)-1]++; return b }), errPrint},
		{"after fingerprint", change(func(b []byte) []byte { b[3] += 4; return append(b, 0x80, 0x22, 0, 0) }), errSize},
		{"an attribute that is too long", change(func(b []byte) []byte { b[23] = 200; return b }), errSize},
	} {
		if _, err := Parse(tt.data); err != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
		}
	}
}

// TestAttributesTwice: the first counts, what stands after MESSAGE-INTEGRITY does not, and
// what must be understood and is not is named.
func TestAttributesTwice(t *testing.T) {
	build := func(parts ...[]byte) []byte {
		b := (&Message{ID: ID{1}}).Append(nil, "")[:headerLen]
		for _, p := range parts {
			b = append(b, p...)
		}
		b[3] = byte(len(b) - headerLen)
		return b
	}
	b := build(attribute(nil, username, []byte("first")), attribute(nil, username, []byte("second")), attribute(nil, 0x7000, nil), attribute(nil, 0xFFF0, []byte("x")))
	signed := attribute(b, messageIntegrity, sign(b, "secret"))
	signed = attribute(signed, useCandidate, nil)
	signed[3] = byte(len(signed) - headerLen)
	m, err := Parse(signed)
	if err != nil || m.Username != "first" || m.UseCandidate || !m.Authentic("secret") || len(m.Unknown) != 1 || m.Unknown[0] != 0x7000 {
		t.Errorf("%+v, %v", m, err)
	}
	for _, bad := range [][]byte{
		attribute(nil, priority, []byte{1}), attribute(nil, iceControlled, []byte{1}), attribute(nil, errorCode, []byte{1}),
		attribute(nil, xorMappedAddress, []byte{0, 1, 0}), attribute(nil, xorMappedAddress, []byte{0, 2, 0, 0, 1, 2, 3, 4}), attribute(nil, messageIntegrity, make([]byte, 8)),
	} {
		if _, err := Parse(build(bad)); err == nil {
			t.Errorf("%x is taken", bad)
		}
	}
}

// TestMappedAddress: the one that a router cannot rewrite counts, in either order, and the
// plain one where there is no other.
func TestMappedAddress(t *testing.T) {
	at := netip.MustParseAddrPort("192.0.2.1:5000")
	plain := attribute(nil, mappedAddress, []byte{0, 1, 0, 9, 10, 0, 0, 1})
	for _, parts := range [][][]byte{{plain, attribute(nil, xorMappedAddress, xored(at, ID{}))}, {attribute(nil, xorMappedAddress, xored(at, ID{})), plain}} {
		m := Message{raw: append(make([]byte, headerLen), append(parts[0], parts[1]...)...)}
		if err := m.attributes(); err != nil || m.Mapped != at {
			t.Errorf("%v, %v", m.Mapped, err)
		}
	}
	m := Message{raw: append(make([]byte, headerLen), plain...)}
	if err := m.attributes(); err != nil || m.Mapped.String() != "10.0.0.1:9" {
		t.Errorf("%v, %v", m.Mapped, err)
	}
}

// FuzzParse: whatever comes, nothing panics, and what was read is written and read alike.
func FuzzParse(f *testing.F) {
	for _, dump := range []string{sampleRequest, sampleIPv4, sampleIPv6} {
		b, _ := hex.DecodeString(strings.Join(strings.Fields(dump), ""))
		f.Add(b)
	}
	f.Add((&Message{Class: Failure, Code: 420, Unknown: []uint16{1, 2, 3}}).Append(nil, "secret"))
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := Parse(data)
		if err != nil {
			return
		}
		m.Authentic("secret")
		again, err := Parse(m.Append(nil, "secret"))
		if err != nil && m.Code/100 < 8 && len(m.Reason) < 700 && len(m.Username) < 400 {
			t.Fatalf("%+v is written so that it cannot be read: %v", m, err)
		}
		if err == nil && (again.Username != m.Username || again.Mapped != m.Mapped || again.Priority != m.Priority) {
			t.Fatalf("%+v became %+v", m, again)
		}
	})
}
