//go:build hostile

package main

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// malformed is how many messages are made of a seed, as in the suite for SIP of
// the PROTOS project (c07-sip), which had 4,527.
const malformed = 4527

// TestHostileMalformedLab sends the lab messages with something wrong in each.
// It answers OPTIONS all the while, and serves a phone afterwards.
func TestHostileMalformedLab(t *testing.T) {
	t.Parallel()
	lab, addr := attackedLab(t)
	c := dialSIP(t, "udp", addr)
	g := &generator{rand: rand.New(rand.NewPCG(4, 75)), peer: c.local()}
	for i := range malformed {
		c.write(g.message(i))
		if g.enough() && c.options() != 200 {
			t.Fatalf("no OPTIONS after %d messages", i)
		}
	}
	serves(t, addr)
	lab.within(attackedMiB)
	if code := lab.quit(); code != 0 {
		t.Errorf("exit code %d", code)
	}
}

// attackedMiB is how much memory a phone, or the lab, may have then. 25 of them are pages of the program
// itself, which nothing that is sent makes more.
const attackedMiB = 70

// TestHostileMalformedPhone has a server send a phone such messages, more than
// it remembers transactions of: it answers 503 then, until the first of them are
// over (64*T1, 32 s).
func TestHostileMalformedPhone(t *testing.T) {
	t.Parallel()
	s := newSIPServer(t, nil)
	phone := attackedPhone(t, s.at("udp"), "--auto", "busy")
	phone.registered()
	g := &generator{rand: rand.New(rand.NewPCG(51, 18)), peer: s.addr}
	for i := range malformed {
		s.send(g.message(i))
		if g.enough() {
			s.probe("OPTIONS", "")
		}
	}
	phone.within(attackedMiB)
	phone.say("wait 33s", "register")
	phone.registered()
	s.rings()
	phone.within(attackedMiB)
	if code := phone.quit(); code != 0 {
		t.Errorf("exit code %d", code)
	}
}

// A generator makes messages with something wrong in each, the same for the
// same seed.
type generator struct {
	rand     *rand.Rand
	peer     string
	messages int // and bytes, since there were enough
	bytes    int
}

// enough reports whether as much has been made as a socket takes in, before what
// is sent after it is lost.
func (g *generator) enough() bool {
	if g.messages < 20 && g.bytes < 50_000 {
		return false
	}
	g.messages, g.bytes = 0, 0
	return true
}

// message is the nth message: a good one, in which one to three fields are
// spoilt.
func (g *generator) message(n int) string {
	lines := g.good(n)
	for range 1 + g.rand.IntN(3) {
		lines = g.spoil(lines)
	}
	text := strings.Join(lines, "\r\n")
	if g.rand.IntN(50) == 0 {
		text = text[:g.rand.IntN(len(text)+1)]
	}
	text = text[:min(len(text), 50_000)]
	g.messages, g.bytes = g.messages+1, g.bytes+len(text)
	return text
}

// good is the lines of a message to which nothing has been done yet.
func (g *generator) good(n int) []string {
	method := pick(g.rand, []string{"INVITE", "REGISTER", "OPTIONS", "BYE", "ACK", "CANCEL", "MESSAGE", "SUBSCRIBE", "NOTIFY", "INFO", "PRACK", "UPDATE", "REFER"})
	first := method + " " + pick(g.rand, []string{"sip:alice@lab.test", "sip:bob@lab.test", "sip:echo@lab.test", "sip:lab.test"}) + " SIP/2.0"
	if g.rand.IntN(5) == 0 {
		first = fmt.Sprintf("SIP/2.0 %d Whatever", 100+g.rand.IntN(600))
	}
	return []string{
		first,
		fmt.Sprintf("Via: SIP/2.0/UDP %s;rport;branch=z9hG4bKm%d", g.peer, n),
		"Max-Forwards: 70",
		fmt.Sprintf("From: \"Pat\" <sip:pat@example.net>;tag=m%d", n),
		"To: <sip:alice@lab.test>",
		fmt.Sprintf("Call-ID: malformed-%d@example.net", n),
		fmt.Sprintf("CSeq: %d %s", n, method),
		"Contact: <sip:pat@" + g.peer + ">;expires=60",
		"Expires: 3600",
		"Authorization: Digest username=\"alice\", realm=\"lab.test\", nonce=\"x\", uri=\"sip:lab.test\", response=\"0123456789abcdef0123456789abcdef\", algorithm=MD5",
		"Route: <sip:lab.test;lr>",
		"Content-Type: application/sdp",
		fmt.Sprintf("Content-Length: %d", len(offer)),
		"",
		offer,
	}
}

// spoil does something wrong to one line.
func (g *generator) spoil(lines []string) []string {
	i := g.rand.IntN(len(lines))
	line := lines[i]
	switch g.rand.IntN(8) {
	case 0: // gone
		return append(lines[:i:i], lines[i+1:]...)
	case 1: // twice, or a hundred times
		for range pick(g.rand, []int{1, 100}) {
			lines = append(lines[:i:i], append([]string{line}, lines[i:]...)...)
		}
		return lines
	case 2: // its value is something else
		name, _, _ := strings.Cut(line, ":")
		lines[i] = name + ": " + g.anomaly()
	case 3: // its name is
		_, value, _ := strings.Cut(line, ":")
		lines[i] = g.anomaly() + ":" + value
	case 4, 5: // something is put in somewhere
		at := g.rand.IntN(len(line) + 1)
		lines[i] = line[:at] + g.anomaly() + line[at:]
	case 6: // a word of it is something else
		words := strings.FieldsFunc(line, func(r rune) bool { return strings.ContainsRune(" ;=:@<>\"/,", r) })
		if len(words) > 0 {
			lines[i] = strings.Replace(line, pick(g.rand, words), g.anomaly(), 1)
		}
	case 7: // cut off
		lines[i] = line[:g.rand.IntN(len(line)+1)]
	}
	return lines
}

// anomaly is what is nowhere expected.
func (g *generator) anomaly() string {
	switch g.rand.IntN(7) {
	case 0: // overflow
		return strings.Repeat(pick(g.rand, []string{"a", "A", "1", "%00", "\xff", "<", "\"", ";", "@", "::", "[", "../", " ", "\t", ",", "sip:"}), 1<<g.rand.IntN(12))
	case 1: // formats
		return strings.Repeat(pick(g.rand, []string{"%s", "%n", "%x", "%d", "%.99999d", "%999999s"}), 1+g.rand.IntN(64))
	case 2: // numbers
		return pick(g.rand, []string{
			"-1", "-0", "0", "-2147483648", "2147483647", "2147483648", "4294967295", "4294967296", "-9223372036854775808",
			"9223372036854775807", "9223372036854775808", "18446744073709551615", "18446744073709551616", "1e308", "0x7f", "07", "1.5", strings.Repeat("9", 400),
		})
	case 3: // not UTF-8, or more of it than one would like
		return pick(g.rand, []string{"\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xfe\xff", "\u202e\u2066", "\ufeff", "e" + strings.Repeat("\u0301", 300), "\u2028"})
	case 4: // control characters, and line ends that are none
		return pick(g.rand, []string{"\x00", "\x1b[2J", "\x1b]0;x\x07", "\x7f", "\r", "\n", "\r\n ", "\r\n\r\n", "\x08", "\u009b31m"})
	case 5: // addresses
		return pick(g.rand, []string{
			"[::1]:99999", "[:::1]", "[[::1]]", "256.256.256.256", "127.0.0.1:0", "0.0.0.0", "255.255.255.255:5060", "sip:@:;?", "sips:", "tel:+", "<><>", "sip:a@b;lr;lr;lr",
			"sip:alice@lab.test?Replaces=x%0d%0aInjected:%20y", "urn:service:sos", "*", "<sip:alice@lab.test", "\"unbalanced <sip:a@b>",
		})
	}
	return "" // nothing
}

func pick[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }
