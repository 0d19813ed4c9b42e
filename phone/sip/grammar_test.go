package sip

import (
	"slices"
	"strings"
	"testing"

	"github.com/emiago/sipgo/sip"
)

// TestValuesIn reads fields out of a header that nobody has read yet: by either name, in
// any letters, folded, and not those that only begin alike.
func TestValuesIn(t *testing.T) {
	header := []byte("INVITE sip:a@b SIP/2.0\r\n" +
		" c: of the start line\r\n" +
		"Contact: <sip:a@b>\r\n" +
		"CONTENT-type : text/plain;\r\n charset=x\r\n" +
		"l:1\r\nContent-Length\t: 2\r\n" +
		"Lost: 3\r\nX: 4\r\n l: 5\r\nL: 6\r\n" +
		"C:\r\n cseq: 7\r\ncSeq: 8 INVITE\r\n\r\n")
	for field, want := range map[string][]string{
		"Content-Length": {"1", " 2", " 6"},
		"Content-Type":   {" text/plain; charset=x", " cseq: 7"},
		"CSeq":           {" 8 INVITE"},
		"Contact":        {" <sip:a@b>"},
	} {
		if got := slices.Collect(valuesIn(header, field)); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", field, got, want)
		}
		for cut := range header { // whatever the end
			var slow []string
			for rest := string(header[:cut]); rest != ""; {
				var line string
				line, rest = cutField(rest)
				if name, value, _ := strings.Cut(line, ":"); fieldName(trim(name)) == field {
					slow = append(slow, value)
				}
			}
			if got := slices.Collect(valuesIn(header[:cut], field)); !slices.Equal(got, slow) {
				t.Errorf("%s in %q: %q, want %q", field, header[:cut], got, slow)
			}
		}
	}
}

// TestNamed finds header fields by their names in any letters.
func TestNamed(t *testing.T) {
	req := requestOf(t, inviteText)
	req.AppendHeader(sip.NewHeader("ACCEPT", "a/b, c/d"))
	req.AppendHeader(sip.NewHeader("Acceptable", "no"))
	req.AppendHeader(sip.NewHeader("accept", "e/f"))
	if got, want := Values(req, "Accept"), []string{"a/b", "c/d", "e/f"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := Text(req, "accepT"); got != "a/b, c/d" {
		t.Errorf("got %q", got)
	}
	if got := len(Fields(req, "VIA")); got != 2 {
		t.Errorf("%d Vias", got)
	}
}

// TestResponseOfRequest checks that a response, which has header fields of its request,
// leaves the request as it was.
func TestResponseOfRequest(t *testing.T) {
	req := requestOf(t, inviteText)
	before := string(Encode(req))
	res := NewResponse(req, sip.StatusRinging, "r")
	setBody(res, nil)
	setBody(res, []byte("body"))
	if got := string(Encode(req)); got != before {
		t.Errorf("the request is now %q", got)
	}
	if got, want := Values(res, "via"), Values(req, "via"); len(got) != 2 || !slices.Equal(got, want) {
		t.Errorf("the response has the Vias %q, want %q", got, want)
	}
	text := string(Encode(res))
	if strings.Count(text, "Content-Length: 4\r\n") != 1 || strings.Count(text, "Content-Length") != 1 || !strings.Contains(text, "To: <sip:alice@example.com>;tag=r\r\n") {
		t.Errorf("%q", text)
	}
}

func requestOf(t *testing.T, text string) *sip.Request {
	t.Helper()
	m, ok := ParseDatagram([]byte(text)).(Message)
	if !ok {
		t.Fatalf("%q is no message", text)
	}
	return m.SIP.(*sip.Request)
}
