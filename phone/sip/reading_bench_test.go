package sip

import (
	"strings"
	"testing"

	"github.com/emiago/sipgo/sip"
)

// BenchmarkParse compares our reader of messages to the one of the library that
// the types are of, which reads only tidy ones. Ours is to be no slower.
func BenchmarkParse(b *testing.B) {
	raw := []byte(inviteText)
	end := strings.Index(inviteText, "\r\n\r\n") + 4
	b.Run("library", func(b *testing.B) {
		p := sip.NewParser()
		b.ReportAllocs()
		for b.Loop() {
			if _, err := p.ParseSIP(raw); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("ours", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, _, _, err := parse(string(raw[:end]), raw[end:]); err != nil {
				b.Fatal(err)
			}
		}
	})
}
