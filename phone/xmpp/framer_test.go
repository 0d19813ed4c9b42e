package xmpp

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

const header = "<?xml version='1.0'?><stream:stream from='a' version='1.0' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>"

// names says what frames are, in short.
func names(frames []Frame) string {
	var list []string
	for _, f := range frames {
		switch f := f.(type) {
		case Opening:
			list = append(list, "opening")
		case Stanza:
			list = append(list, f.Element.Name)
		case Ending:
			list = append(list, "ending")
		case Space:
			list = append(list, "space")
		case Bad:
			list = append(list, f.Condition)
		}
	}
	return strings.Join(list, " ")
}

func TestFramer(t *testing.T) {
	deep := strings.Repeat("<a>", maxDepth+1)
	tests := []struct{ name, stream, want string }{
		{"stanzas", header + "<message><body>a &lt; b</body></message> <iq/>\n<presence a='>'/></stream:stream>", "opening message iq presence ending"},
		{"no declaration", header[len("<?xml version='1.0'?>"):] + "<iq/>", "opening iq"},
		{"cdata", header + "<message><body><![CDATA[<not> a tag ]] ]]></body></message>", "opening message"},
		{"white space", "\n", "space"},
		{"quotes", header + `<message a="'>" b='">'/>`, "opening message"},
		{"not xml", "HTTP/1.1 200 OK", "not-well-formed"},
		{"text between stanzas", header + "text", "opening not-well-formed"},
		{"comment", header + "<message><!-- hidden --></message>", "opening restricted-xml"},
		{"comment between stanzas", header + "<!-- hidden -->", "opening restricted-xml"},
		{"instruction", header + "<message><?php exit ?></message>", "opening restricted-xml"},
		{"declaration in the middle", header + "<?xml version='1.0'?>", "opening restricted-xml"},
		{"document type", "<!DOCTYPE lolz [<!ENTITY lol 'lol'>]>" + header, "restricted-xml"},
		{"document type behind the declaration", "<?xml version='1.0'?><!DOCTYPE lolz>" + header, "restricted-xml"},
		{"entity", header + "<message>&lol;</message>", "opening not-well-formed"},
		{"another encoding", "<?xml version='1.0' encoding='UTF-16'?>" + header[len("<?xml version='1.0'?>"):], "not-well-formed"},
		{"no UTF-8", header + "<message>\xff</message>", "opening not-well-formed"},
		{"control character", header + "<message>\x01</message>", "opening not-well-formed"},
		{"end of another element", header + "<message></iq>", "opening not-well-formed"},
		{"end before the beginning", "</stream:stream>", "not-well-formed"},
		{"tag in a tag", header + "<message <body>", "opening not-well-formed"},
		{"another root", "<html xmlns='http://www.w3.org/1999/xhtml'>", "invalid-namespace"},
		{"too deep", header + deep, "opening policy-violation"},
		{"as deep as may be", header + deep[3:] + strings.Repeat("</a>", maxDepth), "opening a"},
		{"too large", header + "<message>" + strings.Repeat("a", MaxStanza), "opening policy-violation"},
		{"opening tag too large", "<stream:stream a='" + strings.Repeat("a", maxOpening), "policy-violation"},
		{"nothing after the end", header + "</stream:stream><iq/>", "opening ending"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var f Framer
			if got := names(f.Push([]byte(test.stream))); got != test.want {
				t.Errorf("at once: %s, want %s", got, test.want)
			}
			var byByte Framer
			var got []Frame
			for i := range len(test.stream) {
				got = append(got, byByte.Push([]byte{test.stream[i]})...)
			}
			got = slices.DeleteFunc(got, func(f Frame) bool { return f == Space{Bytes: 1} && test.want != "space" })
			if got := names(got); got != test.want {
				t.Errorf("byte by byte: %s, want %s", got, test.want)
			}
		})
	}
}

func TestFramerCountsReads(t *testing.T) {
	var f Framer
	f.Push([]byte(header + "<mess"))
	f.Push([]byte("age>"))
	got := f.Push([]byte("</message><iq/>"))
	if len(got) != 2 || got[0].(Stanza).Segments != 3 || got[1].(Stanza).Segments != 1 {
		t.Errorf("%+v, want a stanza of 3 reads and one of 1", got)
	}
}

// TestElementRoundTrip writes an element and reads it back.
func TestElementRoundTrip(t *testing.T) {
	e := element(nsClient, "message", "to", `a'b"<&>`, "empty", "").with(
		element(nsClient, "body").withText("tab\tline\nend & <b>"),
		element(nsInvite, "propose", "id", "1").with(element(nsRTP, "description", "media", "audio")),
		element(nsStream, "error").with(element(nsStreams, "conflict")),
	)
	got, err := parse([]byte(header), e.encode(nsClient))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(e, got, cmpopts.IgnoreUnexported(Element{})); diff != "" {
		t.Errorf("read back (-wrote +read): %s", diff)
	}
}

// FuzzFramer looks for what upsets the framer, and for splits that change what
// it finds.
func FuzzFramer(f *testing.F) {
	f.Add([]byte(header+"<message><body>hi</body></message></stream:stream>"), uint64(1))
	f.Add([]byte(header+"<iq><![CDATA[x]]></iq>"), uint64(2))
	f.Fuzz(func(t *testing.T, data []byte, seed uint64) {
		var whole, split Framer
		want := whole.Push(bytes.Clone(data))
		if whole.Partial() && len(whole.buf) > MaxStanza+1 {
			t.Fatalf("%d bytes are held", len(whole.buf))
		}
		rng := rand.New(rand.NewPCG(seed, 0))
		var got []Frame
		for rest := data; len(rest) > 0; {
			n := 1 + rng.IntN(len(rest))
			got = append(got, split.Push(bytes.Clone(rest[:n]))...)
			rest = rest[n:]
		}
		if w, g := solid(want), solid(got); w != g {
			t.Errorf("whole:\n%s\nsplit:\n%s", w, g)
		}
	})
}

// solid writes frames down without what depends on the split.
func solid(frames []Frame) string {
	var b strings.Builder
	for _, f := range frames {
		switch f := f.(type) {
		case Opening:
			fmt.Fprintf(&b, "opening %s\n", f.Raw)
		case Stanza:
			fmt.Fprintf(&b, "stanza %s\n", f.Element.encode(nsClient))
		case Ending, Bad:
			fmt.Fprintf(&b, "%T\n", f)
		}
	}
	return b.String()
}

// FuzzAgent gives an agent that is signed on whatever a server may send.
func FuzzAgent(f *testing.F) {
	f.Add([]byte("<message from='b@c/d'><propose xmlns='urn:xmpp:jingle-message:0' id='1'/></message><r xmlns='urn:xmpp:sm:3'/>"))
	f.Add([]byte("<a xmlns='urn:xmpp:sm:3' h='1'/><iq type='get' id='1'><ping xmlns='urn:xmpp:ping'/></iq>"))
	f.Add([]byte("<stream:error><conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>"))
	f.Fuzz(func(t *testing.T, data []byte) {
		r := newRig(t)
		r.serve()
		r.connect()
		r.print(r.a.Receive(r.now, system.Received{Socket: r.socket, Data: data}))
		r.server = nil
		if err := r.advance("1h"); err != nil {
			t.Fatal(err)
		}
		if n := len(r.a.calls.list); n > defaultMaxCalls {
			t.Errorf("%d calls", n)
		}
	})
}

// FuzzServer gives a server whatever a client may send, before it has signed
// on and after.
func FuzzServer(f *testing.F) {
	f.Add([]byte("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>AGFsaWNlAHNlY3JldA==</auth>"), false)
	f.Add([]byte("<message to='alice@example.com'><body>to myself</body></message>"), true)
	f.Add([]byte("<resume xmlns='urn:xmpp:sm:3' previd='x' h='1'/>"), true)
	f.Fuzz(func(t *testing.T, data []byte, signedOn bool) {
		r := newRig(t)
		r.serve()
		if signedOn {
			r.connect()
		} else {
			r.socket = 1
			r.server.Accept(r.now, 1, rigClient)
			r.server.Receive(r.now, 1, []byte(header))
		}
		r.server.Receive(r.now, r.socket, data)
		r.server.Call(r.now, "alice", control.Incoming{ID: "1", From: "sip:bob@lab.test"})
		r.server.Closed(r.now, r.socket, nil)
		r.server.Advance(r.now.Add(hibernation))
		if r.server.Online("alice") {
			t.Error("online without a connection, for longer than sessions are kept")
		}
	})
}
