package raw

import "testing"

func TestNameFrame(t *testing.T) {
	tests := []struct{ protocol, data, want string }{
		{"lines", "CALL 17 sip:bob@example.com Bob\r\n", "CALL"},
		{"lines", "CA", "CA"}, // a read may end anywhere
		{"lines", "\r\n", "CRLF"},
		{"length", "\x00\x05\x9017\x00\x00", "incoming"},
		{"length", "\x00\x03\x9117\x00\x01\x84", "ended"},
		{"length", "\x00\x05\x901", "data"},
		{"length", "\xff\xff\x90", "data"}, // longer than a frame may be
		{"long-polling", "HTTP/1.1 204 No Content\r\n\r\n", "idle"},
	}
	for _, test := range tests {
		p, err := Load(test.protocol)
		if err != nil {
			t.Fatal(err)
		}
		data := []byte(test.data)
		if got := (&Agent{p: p}).NameFrame(data); got != test.want {
			t.Errorf("%s: %q: %q, want %q", test.protocol, test.data, got, test.want)
		}
		if string(data) != test.data {
			t.Errorf("%q was changed to %q", test.data, data)
		}
	}
}
