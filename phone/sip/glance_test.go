package sip

import "testing"

func TestGlance(t *testing.T) {
	const invite = "INVITE sip:alice@192.0.2.10:49512 SIP/2.0\r\nf: \"Bob\"\r\n <sip:bob@b>;tag=1\r\nCALL-ID: a@b\r\n"
	const options = "OPTIONS sip:alice@192.0.2.10 SIP/2.0\r\nCall-ID: other\r\nContent-Length: 0\r\n\r\n"
	for name, c := range map[string]struct {
		data, from, id string
		ok             bool
	}{
		"whole":                   {invite + "\r\n", "Bob", "a@b", true},
		"its beginning":           {invite, "Bob", "a@b", true},
		"behind another":          {options + invite, "Bob", "a@b", true},
		"behind keepalives":       {"\r\n\r\n" + invite, "Bob", "a@b", true},
		"in a WebSocket frame":    {"\x81\x7e\x03\x2d" + invite, "Bob", "a@b", true},
		"without a name":          {"INVITE sip:a SIP/2.0\r\nFrom: <sip:bob@b>\r\n", "bob", "", true},
		"an address nobody reads": {"INVITE sip:a SIP/2.0\r\nFrom: <\r\ni: x\r\n", "", "x", true},
		"another request":         {options, "", "", false},
		"a word in a body":        {"MESSAGE sip:alice@b SIP/2.0\r\n\r\nan INVITE sip:a SIP/2.0", "", "", false},
		"no request line":         {"INVITE me\r\nFrom: <sip:bob@b>\r\n", "", "", false},
		"a response to one":       {"SIP/2.0 200 OK\r\nCSeq: 1 INVITE \r\n", "", "", false},
		"nothing":                 {"", "", "", false},
		"what harms a terminal":   {"INVITE sip:a SIP/2.0\r\nFrom: \"B\x1b[31mob\" <sip:bob@b>\r\n", "B[31mob", "", true},
	} {
		if from, id, ok := Glance([]byte(c.data)); from != c.from || id != c.id || ok != c.ok {
			t.Errorf("%s: %q, %q, %v", name, from, id, ok)
		}
	}
}
