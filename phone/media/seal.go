package media

import (
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/pion/srtp/v3"

	"github.com/sleeptalk/sleeptalk/phone/sip/sdp"
)

const (
	// replayWindow is how many packets back one is told from a copy: RFC 3711 §3.3.2 wants
	// 64 or more.
	replayWindow = 128
	// maxSources bounds the streams of the peer under one key (our own number), as each of
	// them has to be remembered.
	maxSources = 64
	// maxOwnKeys is how many keys of ours are remembered (our own number): there are fewer
	// suites than that, and only the keys of one offer can be agreed on again and again, as
	// by the answers of several phones that ring. Later offers have others.
	maxOwnKeys = 8
	// oldKeyFor is how long packets may come with the key before (our own number): our answer,
	// sent three times, is there by then, and what was on its way has come.
	oldKeyFor = 2 * time.Second
)

// What does not open, by its kind.
var (
	errNotOpened = errors.New("SRTP that does not open with the agreed key")
	errNoKeys    = errors.New("SRTP before its keys are there")
	errReplayed  = errors.New("SRTP that has come before")
	errSources   = errors.New("SRTP of too many sources")
	errControl   = errors.New("SRTCP that does not open")
	errPlain     = errors.New("plain RTP, where SRTP is agreed")
)

// profileOf is a suite by its name of pion/srtp.
func profileOf(s sdp.Suite) srtp.ProtectionProfile {
	switch s {
	case sdp.AES128SHA80:
		return srtp.ProtectionProfileAes128CmHmacSha1_80
	case sdp.AES128SHA32:
		return srtp.ProtectionProfileAes128CmHmacSha1_32
	case sdp.AES256SHA80:
		return srtp.ProtectionProfileAes256CmHmacSha1_80
	case sdp.AES256SHA32:
		return srtp.ProtectionProfileAes256CmHmacSha1_32
	case sdp.GCM128:
		return srtp.ProtectionProfileAeadAes128Gcm
	case sdp.GCM256:
		return srtp.ProtectionProfileAeadAes256Gcm
	}
	return 0 // there is none
}

// A seal protects what a session sends and opens what it receives (RFC 3711), by keys that
// come from wherever the call has agreed. A nil one is plain: everything passes as it is.
type seal struct {
	agreed sdp.SRTP
	out    *srtp.Context // nil: there is no key yet
	in     *opener       // nil: there is no key yet
	// before opens what was sent with the key before, until something comes with the new
	// one (RFC 4568 §7.1.4).
	before *former
}

// A former is a key that the peer has replaced.
type former struct {
	*opener
	since time.Time // when something came with it after that
	said  bool      // the log has it
}

// lags notes that something has come with the key, and reports whether there is to say so:
// what was on its way has long come.
func (f *former) lags(now time.Time) bool {
	if f.since.IsZero() {
		f.since = now
	}
	if f.said || now.Sub(f.since) < oldKeyFor {
		return false
	}
	f.said = true
	return true
}

// newSeal makes the seal that follows another. A key that stays goes on with its counters,
// and a new one begins with counters of its own (RFC 4568 §7.1.4).
func newSeal(agreed sdp.SRTP, old *seal) *seal {
	if agreed.By == sdp.Plain {
		return nil
	}
	s := &seal{agreed: agreed}
	if old == nil {
		old = &seal{}
	}
	same := old.agreed.Suite == agreed.Suite
	switch {
	case same && old.agreed.Out == agreed.Out:
		s.out = old.out
	case agreed.Out != sdp.Key{}:
		s.out = newContext(agreed.Suite, agreed.Out, "")
	}
	switch {
	case same && old.agreed.In == agreed.In && old.agreed.MKI == agreed.MKI:
		s.in, s.before = old.in, old.before
	case agreed.In != sdp.Key{}:
		s.in = newOpener(agreed)
		if old.in != nil {
			s.before = &former{opener: old.in}
		}
	}
	return s
}

// An ownKey is a key of ours with its packet counters.
type ownKey struct {
	suite   sdp.Suite
	key     sdp.Key
	context *srtp.Context
}

// ownKeys are those by which a session has sent, the last one at the end.
type ownKeys []ownKey

// resume has a seal whose key was in use before go on with its counters: begun anew they
// would protect other packets with what was used already (RFC 3711 §9.1).
func (o *ownKeys) resume(s *seal) {
	if s == nil || s.out == nil {
		return
	}
	k := ownKey{s.agreed.Suite, s.agreed.Out, s.out}
	if i := slices.IndexFunc(*o, func(was ownKey) bool { return was.suite == k.suite && was.key == k.key }); i >= 0 {
		k = (*o)[i]
		*o = slices.Delete(*o, i, i+1)
	}
	s.out = k.context
	*o = append((*o)[max(0, len(*o)-maxOwnKeys+1):], k)
}

// newContext makes the counters and keys of one direction. The keys have the lengths that
// their suite asks for: whoever agrees on them has seen to that.
func newContext(suite sdp.Suite, key sdp.Key, mki string) *srtp.Context {
	master, salt := key.Parts(suite)
	c, err := srtp.CreateContext(master, salt, profileOf(suite),
		srtp.SRTPReplayProtection(replayWindow), srtp.SRTCPReplayProtection(replayWindow), srtp.MasterKeyIndicator([]byte(mki)))
	if err != nil {
		panic("media: keys of " + string(suite) + " that cannot be: " + err.Error())
	}
	return c
}

// keyed reports whether packets can be sent.
func (s *seal) keyed() bool { return s == nil || s.out != nil }

// lacks is [errNoKeys] where nothing can be opened yet.
func (s *seal) lacks() error {
	if s != nil && s.in == nil {
		return errNoKeys
	}
	return nil
}

// longer is how many octets the seal adds to a packet of RTP.
func (s *seal) longer() int {
	switch {
	case s == nil || s.agreed.Suite == "":
		return 0
	case s.agreed.Suite == sdp.GCM128, s.agreed.Suite == sdp.GCM256:
		return 16 // RFC 7714 §13.1
	case s.agreed.Suite == sdp.AES128SHA32, s.agreed.Suite == sdp.AES256SHA32:
		return 4 // RFC 4568 §6.2.2
	}
	return 10 // RFC 4568 §6.2.1
}

// lagging is the key of before that has opened what was opened last; nil: it was the new one.
func (s *seal) lagging() *former {
	if s == nil {
		return nil
	}
	return s.before
}

// protect makes a packet of RTP ready to be sent.
func (s *seal) protect(data []byte) []byte {
	if s == nil {
		return data
	}
	return mustSeal(s.out.EncryptRTP(nil, data, nil))
}

// protectControl makes a packet of RTCP ready to be sent.
func (s *seal) protectControl(data []byte) []byte {
	if s == nil {
		return data
	}
	return mustSeal(s.out.EncryptRTCP(nil, data, nil))
}

// mustSeal takes what cannot fail: our packets are well formed, and 2^31 reports under one
// key (RFC 3711 §9.2) take longer than a life.
func mustSeal(data []byte, err error) []byte {
	if err != nil {
		panic("media: a packet of our own cannot be protected: " + err.Error())
	}
	return data
}

// open opens a packet of RTP, which has at least 8 octets.
func (s *seal) open(data []byte) ([]byte, error) {
	if len(data) < headerLen {
		return s.with(data, nil)
	}
	return s.with(data, func(o *opener) ([]byte, error) {
		return o.open(data[8:12], func() ([]byte, error) { return o.context.DecryptRTP(nil, data, nil) })
	})
}

// openControl opens a packet of RTCP, which has at least 8 octets.
func (s *seal) openControl(data []byte) ([]byte, error) {
	return s.with(data, func(o *opener) ([]byte, error) {
		return o.open(data[4:8], func() ([]byte, error) { return o.context.DecryptRTCP(nil, data, nil) })
	})
}

// with opens by the peer's key, or else by the one before.
func (s *seal) with(data []byte, by func(*opener) ([]byte, error)) ([]byte, error) {
	switch {
	case s == nil:
		return data, nil
	case s.in == nil:
		return nil, errNoKeys
	case by == nil:
		return nil, errNotOpened
	}
	plain, err := by(s.in)
	switch {
	case err == nil:
		s.before = nil
	case s.before != nil && !errors.Is(err, errReplayed):
		return by(s.before.opener)
	}
	return plain, err
}

// An opener opens what is protected by one key of the peer's.
type opener struct {
	context *srtp.Context
	sources map[string]struct{} // SSRCs that have been opened
}

func newOpener(agreed sdp.SRTP) *opener {
	return &opener{newContext(agreed.Suite, agreed.In, agreed.MKI), map[string]struct{}{}}
}

// open opens a packet of a source.
func (o *opener) open(ssrc []byte, by func() ([]byte, error)) ([]byte, error) {
	_, known := o.sources[string(ssrc)]
	if !known && len(o.sources) == maxSources {
		return nil, errSources
	}
	plain, err := by()
	switch {
	case err == nil && !known:
		o.sources[string(ssrc)] = struct{}{}
	case err == nil:
	case known && isReplay(err):
		return nil, errReplayed
	default:
		return nil, errNotOpened
	}
	return plain, err
}

// isReplay reports whether an error of pion/srtp is that a packet has come before, which it
// has no value for.
func isReplay(err error) bool { return strings.HasSuffix(err.Error(), "duplicated packet") }
