package raw

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
)

func framing(t testing.TB, s string, limit int) *Framing {
	t.Helper()
	f, err := ParseFraming(s)
	if err != nil {
		t.Fatal(err)
	}
	f.max = limit
	return &f
}

// cut gives the stream the reads, and returns the resulting frames, in quotes,
// with the number of reads of each, and the error at the end.
func cut(f *Framing, reads ...string) []string {
	s := stream{f: f}
	var all []string
	for _, r := range reads {
		s.push([]byte(r))
		for {
			fr, err := s.next()
			if err != nil {
				all = append(all, err.Error())
			}
			if fr == nil {
				break
			}
			all = append(all, fmt.Sprintf("%q/%d", fr.data, fr.segments))
		}
	}
	return all
}

func TestFraming(t *testing.T) {
	const head = "HTTP/1.1 200 OK\r\n"
	for _, tt := range []struct {
		framing string
		reads   []string
		want    []string
	}{
		{"lines", []string{"A\r\nB\nC\r\n"}, []string{`"A"/1`, `"B"/1`, `"C"/1`}},
		{"lines", []string{"A", "\r", "\nB\r\n"}, []string{`"A"/3`, `"B"/1`}},
		{"lines", []string{"\r\n\r\n"}, []string{`""/1`, `""/1`}},
		{"lines", []string{strings.Repeat("x", 70)}, []string{"70 bytes without the end of a frame: the limit is 64 (max-frame)"}},
		{"lines", []string{strings.Repeat("x", 65) + "\n"}, []string{"a frame of 65 bytes: the limit is 64 (max-frame)"}},
		{"lines", []string{strings.Repeat("x", 64), "\r", "\n"}, []string{`"` + strings.Repeat("x", 64) + `"/3`}},
		{`delimiter "--"`, []string{"A-", "-B--C"}, []string{`"A"/2`, `"B"/1`}},
		{"length 1", []string{"\x02AB\x00\x01", "C"}, []string{`"AB"/1`, `""/1`, `"C"/2`}},
		{"length 2 big", []string{"\x00", "\x02A", "B"}, []string{`"AB"/3`}},
		{"length 2 little inclusive", []string{"\x04\x00AB"}, []string{`"AB"/1`}},
		{"length 4 inclusive", []string{"\x00\x00\x00\x05A"}, []string{`"A"/1`}},
		{"length 4 inclusive", []string{"\x00\x00\x00\x03A"}, []string{"a length of 3 does not count itself: is the framing inclusive?"}},
		{"length 4", []string{"\xff\xff\xff\xff"}, []string{"a frame of 4294967295 bytes: the limit is 64 (max-frame); are the size and order of its length right?"}},
		{"none", []string{"A", "BC"}, []string{`"A"/1`, `"BC"/1`}},
		{"none", []string{strings.Repeat("x", 65)}, []string{"a frame of 65 bytes: the limit is 64 (max-frame)"}},
		{"http", []string{head + "Content-Length: 2\r\n", "\r\nAB" + head + "\r\n"}, []string{`"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nAB"/2`, `"HTTP/1.1 200 OK\r\n\r\n"/1`}},
		{"http", []string{head + "content-length: 99\r\n\r\n"}, []string{"a message with a Content-Length of 99: the limit is 64 (max-frame)"}},
		{"http", []string{head + "Content-Length: 99999999999999999999\r\n\r\n"}, []string{"a message with a Content-Length of 99999999999999999999: the limit is 64 (max-frame)"}},
		{
			"http",
			[]string{head + "Transfer-Encoding: chunked\r\n\r\n2\r\nAB\r\n", "1;x\r\nC\r\n0\r\n\r\n" + head + "\r\n"},
			[]string{`"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"/1`, `"AB"/1`, `"C"/1`, `""/1`, `"HTTP/1.1 200 OK\r\n\r\n"/1`},
		},
		{
			"http",
			[]string{head + "Transfer-Encoding: chunked\r\n\r\n", "2\r\nABC\r\n"},
			[]string{`"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"/1`, "a chunk of 2 bytes that does not end there"},
		},
		{
			"http",
			[]string{head + "Transfer-Encoding: chunked\r\n\r\n", "fff\r\n"},
			[]string{`"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"/1`, `a chunk of "fff" bytes, in hex: the limit is 64 (max-frame)`},
		},
	} {
		if got := cut(framing(t, tt.framing, 64), tt.reads...); !slices.Equal(got, tt.want) {
			t.Errorf("%s %q:\n got %s\nwant %s", tt.framing, tt.reads, got, tt.want)
		}
	}
}

// TestFrameTooLong sends frames that are too long.
func TestFrameTooLong(t *testing.T) {
	for _, tt := range []struct {
		framing string
		max, n  int
		want    string
	}{
		{"lines", 4, 5, "the limit is 4"},
		{"length 1", 4096, 256, "does not fit in 1 bytes"},
		{"length 1 inclusive", 4096, 255, "does not fit in 1 bytes"},
		{"length 1", 4096, 255, ""},
		{"length 2", 65536, 65536, "does not fit in 2 bytes"},
	} {
		s := stream{f: framing(t, tt.framing, tt.max)}
		_, err := s.encode(bytes.Repeat([]byte("x"), tt.n))
		if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s, %d bytes: got %v, want %q", tt.framing, tt.n, err, tt.want)
		}
	}
}

// FuzzFraming delivers the same bytes in one read and in many: the frames are
// the same, within the limits, and encoded frames decode to the same data.
func FuzzFraming(f *testing.F) {
	all := []string{"lines", `delimiter "--"`, "length 1", "length 2 little", "length 4 inclusive", "http", "none"}
	f.Add(0, []byte("A\r\nB\n"), uint8(1))
	f.Add(1, []byte("A--B"), uint8(2))
	f.Add(3, []byte("\x02\x00AB"), uint8(1))
	f.Add(5, []byte("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nAB\r\n0\r\n\r\n"), uint8(7))
	f.Fuzz(func(t *testing.T, which int, data []byte, step uint8) {
		name := all[uint(which)%uint(len(all))]
		fr := framing(t, name, 256)
		whole := frames(t, fr, data, len(data))
		if fr.kind != byRead {
			if split := frames(t, fr, data, int(step)%16+1); !slices.EqualFunc(whole, split, bytes.Equal) {
				t.Errorf("%s: in one read %q, in many %q", name, whole, split)
			}
		}
		if fr.kind == byHTTP || fr.kind == byDelimiter {
			return // not every text is a valid frame
		}
		s := stream{f: fr}
		if sent, err := s.encode(bytes.Clone(data)); err == nil {
			if got := frames(t, fr, sent, len(sent)); len(data) > 0 && (len(got) != 1 || !bytes.Equal(got[0], data)) {
				t.Errorf("%s: sent %q, read %q", name, data, got)
			}
		}
	})
}

func frames(t *testing.T, f *Framing, data []byte, step int) [][]byte {
	s := stream{f: f}
	var all [][]byte
	for len(data) > 0 {
		n := min(step, len(data))
		s.push(bytes.Clone(data[:n]))
		data = data[n:]
		for {
			fr, _ := s.next()
			if fr == nil {
				break
			}
			if len(fr.data) > f.max {
				t.Errorf("a frame of %d bytes", len(fr.data))
			}
			all = append(all, bytes.Clone(fr.data))
		}
		if len(s.buf) > f.max+maxChunkLine+4+step {
			t.Errorf("%d bytes are kept", len(s.buf))
		}
	}
	return all
}
