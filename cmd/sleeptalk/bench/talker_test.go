package bench

import (
	"context"
	"encoding/base64"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/audio/codec"
	"github.com/sleeptalk/sleeptalk/audio/pcm"
)

// TestHeard: what comes is put where its timestamps say, in whatever order, and the whole where
// most of its packets came; nothing is heard where one is missing.
func TestHeard(t *testing.T) {
	samples := chirpSamples(pcm.Rate, time.Second)
	frame := pcm.Frame(pcm.Rate)
	talk := &talker{codec: codec.PCMU}
	for n := range len(samples) / frame {
		packet := rtpPacket(codec.PCMU, n, codec.PCMU.NewEncoder().Encode(nil, samples[n*frame:][:frame]))
		at := 70*time.Millisecond + time.Duration(n)*packetTime
		switch {
		case n == 55: // in the first chirp
			continue
		case n%10 == 3:
			at += 30 * time.Millisecond // after the next one
		}
		talk.came = append(talk.came, arrivedRTP{at, 1<<32 - 8000 + uint32(n*frame), packet[rtpHeader:]})
	}
	slices.SortStableFunc(talk.came, func(a, b arrivedRTP) int { return int(a.at - b.at) })
	var said []time.Duration
	for n := range time.Duration(chirps) {
		said = append(said, time.Second+n*chirpEvery)
	}
	p := talk.heard().pass(said)
	if got := p.latency().Round(time.Millisecond / 2); got != 70*time.Millisecond || p.lost() != 0 {
		t.Errorf("late by %s, %d lost", got, p.lost())
	}
	if p.alike[0] > 0.97 || p.alike[1] < 0.998 {
		t.Errorf("alike by %.3f without a packet, %.3f with all", p.alike[0], p.alike[1])
	}
	if none := (&talker{codec: codec.PCMU}).heard(); len(none.samples) != 0 {
		t.Error("of nothing, something is heard")
	}
}

func TestAudioOf(t *testing.T) {
	const sdp = "v=0\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 40004 RTP/AVP 0\r\n"
	if got, err := audioOf([]byte(sdp)); err != nil || got.String() != "127.0.0.1:40004" {
		t.Errorf("%s, %v", got, err)
	}
	if got, err := audioOf([]byte("v=0\r\n")); err == nil {
		t.Errorf("of no address, %s", got)
	}
}

// TestSeal: what one end has sealed comes back from another source, sealed; anything else does
// not.
func TestSeal(t *testing.T) {
	key := strings.Repeat("k", keyLength+saltLength)
	answer := "a=crypto:1 " + suite + " inline:" + base64.StdEncoding.EncodeToString([]byte(key)) + "|2^20\r\n"
	s, err := newSeal([]byte(answer))
	if err != nil {
		t.Fatal(err)
	}
	phone, err := context128([]byte(key))
	if err != nil {
		t.Fatal(err)
	}
	packet := rtpPacket(codec.PCMU, 1, []byte("sound"))
	sealed, err := phone.EncryptRTP(nil, packet, nil)
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := newSeal([]byte(sealedOffer("")))
	if err != nil {
		t.Fatal(err)
	}
	plain, err := theirs.in.DecryptRTP(nil, s.back(sealed), nil)
	if err != nil || string(plain[rtpHeader:]) != "sound" || plain[ssrc] != packet[ssrc]^0xff {
		t.Errorf("%q comes back, %v", plain, err)
	}
	if got := s.back(packet); got != nil {
		t.Errorf("a plain packet comes back: %q", got)
	}
	if e := (&echo{sealed: true}); e.back(packet) != nil {
		t.Error("something comes back before there are keys")
	}
	for _, bad := range []string{"", "a=crypto:1 " + suite + " inline:c2hvcnQ=\r\n", "a=crypto:1 " + suite + " inline:!\r\n"} {
		if _, err := newSeal([]byte(bad)); err == nil {
			t.Errorf("%q has a key", bad)
		}
	}
}

// TestEvenness: the median of a call is on time, and what is missing between two packets counts,
// wherever the timestamps begin.
func TestEvenness(t *testing.T) {
	for _, began := range []uint32{0, 16000, 1<<32 - 1, 1<<32 - 500, 1<<31 - 500} {
		evennessFrom(t, began)
	}
	if offs, missing := evenness(nil); offs != nil || missing != 0 {
		t.Errorf("of nothing: %v, %d", offs, missing)
	}
}

func evennessFrom(t *testing.T, began uint32) {
	var came []arrivedAt
	for n := range uint32(9) {
		if n == 4 {
			continue
		}
		at := time.Minute + time.Duration(n)*packetTime
		switch n {
		case 1:
			at -= 3 * time.Millisecond
		case 6:
			at += 7 * time.Millisecond
		}
		came = append(came, arrivedAt{began + n*pcm.FrameSamples, at})
	}
	offs, missing := evenness(came)
	if missing != 1 || len(offs) != 8 || offs[7] != 7*time.Millisecond || offs[6] != 3*time.Millisecond || offs[5] != 0 {
		t.Errorf("from %d: %v, %d missing", began, offs, missing)
	}
}

// TestQuiet: where there is no recording yet nothing is heard, and where there is none any more
// nobody waits for it.
func TestQuiet(t *testing.T) {
	r := track{began: 1500 * time.Millisecond, samples: make([]int16, pcm.Rate)}
	for at, want := range map[time.Duration]bool{0: true, time.Second: true, 1499 * time.Millisecond: true, 1500 * time.Millisecond: true, 2 * time.Second: true, 2480 * time.Millisecond: false} {
		if r.quiet(at) != want {
			t.Errorf("quiet at %s: %t", at, !want)
		}
	}
}

// TestAtOnce: if one cannot begin, those that run are stopped, and have ended.
func TestAtOnce(t *testing.T) {
	errNoPhone := errors.New("no phone")
	ended := 0
	err := atOnce(t.Context(), 3, func(i int) (func(context.Context) error, error) {
		if i == 1 {
			return nil, errNoPhone
		}
		return func(ctx context.Context) error {
			<-ctx.Done()
			ended++
			return nil
		}, nil
	})
	if err != errNoPhone || ended != 1 {
		t.Errorf("%v; %d have ended", err, ended)
	}
	one := errors.New("one")
	if err := atOnce(t.Context(), 2, func(i int) (func(context.Context) error, error) {
		return func(context.Context) error { return []error{nil, one}[i] }, nil
	}); !errors.Is(err, one) {
		t.Errorf("%v", err)
	}
}

// TestRoads: each of nine roads is told from the others by its name.
func TestRoads(t *testing.T) {
	names := map[string]bool{}
	for _, r := range roads() {
		names[r.String()] = true
	}
	if len(names) != 9 || !names["30 ms of jitter, 5 % lost"] {
		t.Errorf("%v", names)
	}
}

// TestUnitsOfFigures: a figure may count something else than the others.
func TestUnitsOfFigures(t *testing.T) {
	for want, got := range map[string]string{"0.952": share.format(0.9521), "2": count.format(2)} {
		if got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	var b strings.Builder
	r := Result{Title: "echo", Unit: seconds, Rows: []Row{{Who: "sleeptalk", N: 18, Figures: passage{took: []time.Duration{2e7}, alike: []float64{1, 0}}.figures()}}}
	if err := r.Print(&b); err != nil || !strings.Contains(b.String(), "sleeptalk   20 ms     0.500        0           1") {
		t.Errorf("%s%v", b.String(), err)
	}
}
