package device

import "testing"

func TestFrameOf(t *testing.T) {
	tests := []struct{ data, want string }{
		{"INVITE sip:a@b SIP/2.0\r\n", "INVITE"},
		{"SIP/2.0 200 OK\r\n", "200 OK"},
		{"\r\n", "CRLF"},
		{"\r\n\r\n", "CRLF CRLF"},
		{"<message from='a@b/c'><body>hi</body></message>", "message"},
		{"<r xmlns='urn:xmpp:sm:3'/>", "r"},
		{"</stream:stream>", "data"},
		{"<stream:error>", "stream:error"},
		{"<", "data"},
		{"<\x1b[31m>", "data"},
		{"\x00\x01\x02", "data"},
	}
	for _, test := range tests {
		if got := frameOf([]byte(test.data)); got != test.want {
			t.Errorf("%q: %q, want %q", test.data, got, test.want)
		}
	}
}
