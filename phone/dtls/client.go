package dtls

import (
	"crypto/ecdh"
	"crypto/subtle"
	"slices"

	"github.com/pion/dtls/v3/pkg/protocol"
	"github.com/pion/dtls/v3/pkg/protocol/alert"
	"github.com/pion/dtls/v3/pkg/protocol/extension"
	"github.com/pion/dtls/v3/pkg/protocol/handshake"
)

// A client begins the handshake, and takes what the server says in its order.
type client struct {
	expects  handshake.Type
	cookie   []byte
	asked    bool // the server wants to see our certificate
	verified bool // it has answered our first hello with a cookie
	ours     *ecdh.PrivateKey
	theirs   []byte
}

func (c *client) begin(k *Conn) {
	k.secrets.client = make([]byte, randomLen)
	k.cfg.Random(k.secrets.client)
	c.hello(k)
}

// hello prepares a ClientHello.
func (c *client) hello(k *Conn) {
	c.expects = handshake.TypeServerHello
	h := handshake.MessageClientHello{
		Version: protocol.Version1_2, Cookie: c.cookie, CompressionMethods: uncompressed(),
		Extensions: append(srtp(k.cfg.Profiles...),
			&extension.SupportedEllipticCurves{EllipticCurves: curves()}, points(),
			&extension.SupportedSignatureAlgorithms{SignatureHashAlgorithms: schemes()},
			&extension.UseExtendedMasterSecret{Supported: true}),
	}
	h.Random.UnmarshalFixed([randomLen]byte(k.secrets.client))
	for _, s := range suites() {
		h.CipherSuiteIDs = append(h.CipherSuiteIDs, s.id)
	}
	k.transcript = nil // without the first hello, if there is a second (RFC 6347 §4.2.6)
	k.out.begin()
	k.write(handshake.TypeClientHello, 0, marshal(&h))
	k.fly(true)
}

// awaits is never so: a client says hello, and only the server's answers count.
func (c *client) awaits() bool { return false }

func (c *client) take(k *Conn, m message) error {
	switch {
	case m.kind == handshake.TypeHelloVerifyRequest && c.expects == handshake.TypeServerHello && !c.verified:
		return c.again(k, m)
	case m.kind == handshake.TypeCertificateRequest && c.expects == handshake.TypeServerHelloDone && !c.asked:
		c.asked = true
		k.transcript = append(k.transcript, m.raw()...)
		return nil
	case m.kind != c.expects:
		return unexpected(m.kind)
	case m.kind == handshake.TypeFinished:
		return c.finished(k, m)
	}
	k.transcript = append(k.transcript, m.raw()...)
	switch m.kind {
	case handshake.TypeServerHello:
		return c.answered(k, m)
	case handshake.TypeCertificate:
		return c.shown(k, m)
	case handshake.TypeServerKeyExchange:
		return c.share(k, m)
	}
	return c.finish(k)
}

// again says hello with the cookie that the server wants back.
func (c *client) again(k *Conn, m message) error {
	var h handshake.MessageHelloVerifyRequest
	if err := h.Unmarshal(m.body); err != nil {
		return unreadable(m, err)
	}
	c.cookie, c.verified = slices.Clone(h.Cookie), true
	c.hello(k)
	return nil
}

// answered takes in what the server has chosen.
func (c *client) answered(k *Conn, m message) error {
	var h handshake.MessageServerHello
	if err := h.Unmarshal(m.body); err != nil {
		return unreadable(m, err)
	}
	if !h.Version.Equal(protocol.Version1_2) {
		return broken(alert.ProtocolVersion, "it speaks no DTLS 1.2")
	}
	i := slices.IndexFunc(suites(), func(s suite) bool { return h.CipherSuiteID != nil && s.id == *h.CipherSuiteID })
	if i < 0 {
		return broken(alert.IllegalParameter, "it chooses a cipher suite that was not offered")
	}
	k.secrets.suite, k.secrets.server = suites()[i], randomOf(m.body)
	if e := find[*extension.UseExtendedMasterSecret](h.Extensions); e != nil {
		k.secrets.extended = e.Supported
	}
	use := find[*extension.UseSRTP](h.Extensions)
	switch {
	case use == nil:
		return unprotected("it agrees to DTLS without SRTP (no use_srtp, RFC 5764 section 4.1)")
	case len(use.ProtectionProfiles) != 1 || !slices.Contains(k.cfg.Profiles, use.ProtectionProfiles[0]):
		return broken(alert.IllegalParameter, "it chooses a profile of SRTP that was not offered")
	}
	k.profile = use.ProtectionProfiles[0]
	c.expects = handshake.TypeCertificate
	return nil
}

// shown takes in the certificate of the server.
func (c *client) shown(k *Conn, m message) error {
	var list handshake.MessageCertificate
	if err := list.Unmarshal(m.body); err != nil {
		return unreadable(m, err)
	}
	var err error
	k.peer, err = readCertificate(list.Certificate, k.cfg.Fingerprints)
	c.expects = handshake.TypeServerKeyExchange
	return err
}

// share takes in the key of the server, which the key of its certificate signs.
func (c *client) share(k *Conn, m message) error {
	s, ok := readServerShare(m.body)
	if !ok {
		return broken(alert.DecodeError, "its ServerKeyExchange cannot be read")
	}
	if !slices.Contains(curves(), s.curve) {
		return broken(alert.IllegalParameter, "it chooses a curve that was not offered")
	}
	c.ours, c.theirs = drawShare(k.cfg.Random, s.curve), s.key
	c.expects = handshake.TypeServerHelloDone
	err := check(k.peer, s.by, k.secrets.signed(s.params), s.sig)
	k.proven = err == nil
	return err
}

// finish prepares our certificate, our key, and the proof that we know the keys.
func (c *client) finish(k *Conn) error {
	shared, err := meet(c.ours, c.theirs)
	if err != nil {
		return err
	}
	k.out.begin()
	if c.asked {
		k.write(handshake.TypeCertificate, 0, marshal(&handshake.MessageCertificate{Certificate: [][]byte{k.cfg.Identity.der}}))
	}
	k.write(handshake.TypeClientKeyExchange, 0, clientShare(c.ours.PublicKey().Bytes()))
	if err := k.seals(shared); err != nil {
		return err
	}
	if c.asked {
		k.write(handshake.TypeCertificateVerify, 0, marshal(&handshake.MessageCertificateVerify{
			HashAlgorithm: schemes()[0].Hash, SignatureAlgorithm: schemes()[0].Signature, Signature: k.cfg.Identity.sign(k.transcript),
		}))
	}
	k.out.change()
	k.write(handshake.TypeFinished, 1, k.secrets.finished(true, k.transcript))
	c.expects = handshake.TypeFinished
	k.fly(true)
	return nil
}

// finished takes in the server's proof.
func (c *client) finished(k *Conn, m message) error {
	if subtle.ConstantTimeCompare(m.body, k.secrets.finished(false, k.transcript)) != 1 {
		return broken(alert.DecryptError, "its Finished does not fit the handshake")
	}
	k.done = true
	return nil
}
