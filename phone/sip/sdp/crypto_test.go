package sdp

import (
	"strings"
	"testing"
)

// FuzzCrypto has a=crypto lines come in an offer and in an answer: what is taken has a key
// of the right length, and our own line for it can be read again.
func FuzzCrypto(f *testing.F) {
	for _, seed := range []string{
		cryptoOf(1, AES128SHA80, 'b'), cryptoOf(2, GCM256, 'c', "|2^20|1:4", "WSH=64"), cryptoOf(3, AES256SHA32, 'd', "|1:128"),
		"a=crypto:1 F8_128_HMAC_SHA1_80 inline:x|2^31 KDR=1 UNENCRYPTED_SRTCP", "a=crypto:9999999999 X inline:|||:|;inline:", "a=crypto:",
		cryptoOf(1, GCM128, 'b') + "\r\n" + cryptoOf(1, GCM128, 'b'), "a=crypto:1 aes_cm_128_hmac_sha1_80 INLINE:AAAA=|0",
	} {
		f.Add(strings.TrimPrefix(seed, "a=crypto:"))
	}
	f.Fuzz(func(t *testing.T, value string) {
		media := []string{"m=audio 5000 RTP/SAVP 0", "a=crypto:" + value}
		l := secret(Required)
		l.Offer()
		if n, err := l.Accept(offer(media...)); err == nil {
			taken(t, n.SRTP)
		}
		answer, n, err := l.Answer(offer(media...))
		if err != nil {
			return
		}
		taken(t, n.SRTP)
		d, err := parse(answer)
		if err != nil {
			t.Fatal(err)
		}
		again := d.crypto(&d.sections[0])
		if len(again) != 1 || again[0].wrong != "" || again[0].tag != n.SRTP.Tag || again[0].suite != n.SRTP.Suite || again[0].key != n.SRTP.Out || len(d.faults) > 0 {
			t.Fatalf("our answer: %+v, %s\n%s", again, d.faults, answer)
		}
	})
}

// taken fails the test unless what was agreed on can be used.
func taken(t *testing.T, s SRTP) {
	t.Helper()
	key, salt := s.Suite.sizes()
	if s.By != SDES || salt == 0 || len(s.In.octets) != key+salt || len(s.Out.octets) != key+salt || s.Tag < 1 || s.Tag > maxTag || len(s.MKI) > maxMKI {
		t.Fatalf("taken: %+v tag %d MKI %q", s, s.Tag, s.MKI)
	}
}
