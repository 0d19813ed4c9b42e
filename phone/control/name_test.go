package control

import (
	"strings"
	"testing"
)

func TestNameLine(t *testing.T) {
	tests := []struct{ data, want string }{
		{"INVITE sip:a@b SIP/2.0\r\n", "INVITE"},
		{"\r\n\r\nBYE sip:a@b SIP/2.0\r\n", "BYE"},
		{"WAKE\n", "WAKE"},
		{"FIN 17\r\n", Unnamed}, // it is no end of the connection
		{"RST\r\n", Unnamed},
		{"FINISH 17\r\n", "FINISH"},
		{"invite", Unnamed},
		{" INVITE", Unnamed},
		{strings.Repeat("A", 32), strings.Repeat("A", 32)},
		{strings.Repeat("A", 33), Unnamed},
		{strings.Repeat("\n", 255) + "ACK", "A"}, // what lies beyond is not looked at
		{"", Unnamed},
		{"\r\n", "CRLF"},
		{"\r\n\r", "CRLF CRLF"},
		{"\r\n\r\n", "CRLF CRLF"},
		{"\x00\x01\x02", Unnamed},
	}
	for _, test := range tests {
		if got := NameLine([]byte(test.data), Method); got != test.want {
			t.Errorf("%q: %q, want %q", test.data, got, test.want)
		}
	}
}

func TestElement(t *testing.T) {
	tests := []struct{ line, want string }{
		{"<message from='a@b/c'><body>hi</body></message>", "message"},
		{"<r xmlns='urn:xmpp:sm:3'/>", "r"},
		{"<stream:error>", "stream:error"},
		{"</stream:stream>", ""},
		{"<", ""},
		{"<\x1b[31m>", ""},
		{"message", ""},
		{"<" + strings.Repeat("a", 32), strings.Repeat("a", 32)},
		{"<" + strings.Repeat("a", 33), ""},
	}
	for _, test := range tests {
		if got := Element(test.line); got != test.want {
			t.Errorf("%q: %q, want %q", test.line, got, test.want)
		}
	}
}
