package dtls

import (
	"crypto/ecdh"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"net/netip"
	"slices"

	"github.com/pion/dtls/v3/pkg/crypto/clientcertificate"
	"github.com/pion/dtls/v3/pkg/crypto/elliptic"
	"github.com/pion/dtls/v3/pkg/crypto/signaturehash"
	"github.com/pion/dtls/v3/pkg/protocol"
	"github.com/pion/dtls/v3/pkg/protocol/alert"
	"github.com/pion/dtls/v3/pkg/protocol/extension"
	"github.com/pion/dtls/v3/pkg/protocol/handshake"
)

// cookieLen is the length of our cookies, and of the secret that they are made of, in octets
// (our own number): nobody guesses them.
const cookieLen = 20

// A server waits for the client's hello. It answers the first with a cookie alone, which is
// shorter: who names the address of another cannot have that flooded (RFC 6347 §4.2.1).
type server struct {
	expects handshake.Type
	secret  []byte
	ours    *ecdh.PrivateKey
}

func (s *server) begin(k *Conn) {
	s.expects, s.secret = handshake.TypeClientHello, make([]byte, cookieLen)
	k.cfg.Random(s.secret)
	k.secrets.server = make([]byte, randomLen)
	k.cfg.Random(k.secrets.server)
}

// cookie is that of a host (RFC 6347 §4.2.1). Another's is of no use to it: who is sent one
// cannot speak for a host whose address it forges.
func (s *server) cookie(of netip.Addr) []byte {
	mac := hmac.New(sha256.New, s.secret)
	mac.Write(of.Unmap().AsSlice())
	return mac.Sum(nil)[:cookieLen]
}

// awaits is so until a hello has the cookie.
func (s *server) awaits() bool { return s.expects == handshake.TypeClientHello }

func (s *server) take(k *Conn, m message) error {
	switch {
	case m.kind != s.expects:
		return unexpected(m.kind)
	case m.kind == handshake.TypeClientHello:
		return s.hello(k, m)
	case m.kind == handshake.TypeCertificateVerify:
		return s.verified(k, m)
	case m.kind == handshake.TypeFinished:
		return s.finished(k, m)
	}
	k.transcript = append(k.transcript, m.raw()...)
	if m.kind == handshake.TypeCertificate {
		return s.shown(k, m)
	}
	return s.share(k, m)
}

// hello takes in the client's hello. Without our cookie nothing else of it counts.
func (s *server) hello(k *Conn, m message) error {
	var h handshake.MessageClientHello
	if err := h.Unmarshal(m.body); err != nil {
		k.doubt = unreadable(m, err)
		return nil
	}
	k.doubt = nil
	k.out.begin()
	k.out.message = m.sequence
	cookie := s.cookie(k.from)
	if subtle.ConstantTimeCompare(h.Cookie, cookie) != 1 {
		k.out.add(handshake.TypeHelloVerifyRequest, 0, marshal(&handshake.MessageHelloVerifyRequest{Version: protocol.Version1_2, Cookie: cookie}))
		k.fly(false)
		return nil
	}
	k.proven = true
	if h.Version.Major != protocol.Version1_2.Major || h.Version.Minor > protocol.Version1_2.Minor {
		return broken(alert.ProtocolVersion, "it speaks no DTLS 1.2")
	}
	k.secrets.client, k.transcript = randomOf(m.body), m.raw()
	if err := s.choose(k, &h); err != nil {
		return err
	}
	curve, err := chooseCurve(&h)
	if err != nil {
		return err
	}
	s.answer(k, &h, curve)
	s.expects = handshake.TypeCertificate
	k.fly(true)
	return nil
}

// choose chooses the cipher suite and the profile of SRTP.
func (s *server) choose(k *Conn, h *handshake.MessageClientHello) error {
	i := slices.IndexFunc(suites(), func(s suite) bool { return !s.rsa && slices.Contains(h.CipherSuiteIDs, s.id) })
	if i < 0 {
		return broken(alert.HandshakeFailure, "it has no cipher suite of ours: ECDHE_ECDSA with AES-GCM")
	}
	k.secrets.suite = suites()[i]
	if e := find[*extension.SupportedSignatureAlgorithms](h.Extensions); e != nil && !slices.Contains(e.SignatureHashAlgorithms, schemes()[0]) {
		return broken(alert.HandshakeFailure, "it takes no signature of ours: ECDSA with SHA-256")
	}
	use := find[*extension.UseSRTP](h.Extensions)
	if use == nil {
		return unprotected("it wants DTLS without SRTP (no use_srtp, RFC 5764 section 4.1)")
	}
	for _, p := range k.cfg.Profiles {
		if slices.Contains(use.ProtectionProfiles, p) {
			k.profile = p
			return nil
		}
	}
	return unprotected("it has no profile of SRTP that we have")
}

// chooseCurve is our best of the client's; without a list, the one that all have.
func chooseCurve(h *handshake.MessageClientHello) (elliptic.Curve, error) {
	offered := find[*extension.SupportedEllipticCurves](h.Extensions)
	if offered == nil {
		return elliptic.P256, nil
	}
	for _, c := range curves() {
		if slices.Contains(offered.EllipticCurves, c) {
			return c, nil
		}
	}
	return 0, broken(alert.HandshakeFailure, "it has no curve of ours")
}

// answer prepares all that the server says to begin with.
func (s *server) answer(k *Conn, h *handshake.MessageClientHello, curve elliptic.Curve) {
	id := k.secrets.suite.id
	hello := handshake.MessageServerHello{
		Version: protocol.Version1_2, CipherSuiteID: &id, CompressionMethod: uncompressed()[0],
		Extensions: s.extensions(k, h),
	}
	hello.Random.UnmarshalFixed([randomLen]byte(k.secrets.server))
	k.write(handshake.TypeServerHello, 0, marshal(&hello))
	k.write(handshake.TypeCertificate, 0, marshal(&handshake.MessageCertificate{Certificate: [][]byte{k.cfg.Identity.der}}))

	s.ours = drawShare(k.cfg.Random, curve)
	share := serverShare{params: params(curve, s.ours.PublicKey().Bytes()), by: schemes()[0]}
	share.sig = k.cfg.Identity.sign(k.secrets.signed(share.params))
	k.write(handshake.TypeServerKeyExchange, 0, share.write())
	k.write(handshake.TypeCertificateRequest, 0, marshal(&handshake.MessageCertificateRequest{
		CertificateTypes:        []clientcertificate.Type{clientcertificate.ECDSASign, clientcertificate.RSASign},
		SignatureHashAlgorithms: schemes(),
	}))
	k.write(handshake.TypeServerHelloDone, 0, nil)
}

// extensions are those of the client's that are answered.
func (s *server) extensions(k *Conn, h *handshake.MessageClientHello) []extension.Extension {
	list := srtp(k.profile)
	if find[*extension.RenegotiationInfo](h.Extensions) == nil && !slices.Contains(h.CipherSuiteIDs, noRenegotiation) {
		list = list[:1]
	}
	if find[*extension.SupportedPointFormats](h.Extensions) != nil {
		list = append(list, points())
	}
	if e := find[*extension.UseExtendedMasterSecret](h.Extensions); e != nil && e.Supported {
		k.secrets.extended = true
		list = append(list, e)
	}
	return list
}

// shown takes in the certificate of the client.
func (s *server) shown(k *Conn, m message) error {
	var list handshake.MessageCertificate
	if err := list.Unmarshal(m.body); err != nil {
		return unreadable(m, err)
	}
	var err error
	k.peer, err = readCertificate(list.Certificate, k.cfg.Fingerprints)
	s.expects = handshake.TypeClientKeyExchange
	return err
}

// share takes in the key of the client, of which all others are made.
func (s *server) share(k *Conn, m message) error {
	key, ok := readClientShare(m.body)
	if !ok {
		return broken(alert.DecodeError, "its ClientKeyExchange cannot be read")
	}
	shared, err := meet(s.ours, key)
	if err != nil {
		return err
	}
	s.expects = handshake.TypeCertificateVerify
	return k.seals(shared)
}

// verified takes in the proof that the client has the key of its certificate.
func (s *server) verified(k *Conn, m message) error {
	var v handshake.MessageCertificateVerify
	if err := v.Unmarshal(m.body); err != nil {
		return unreadable(m, err)
	}
	by := signaturehash.Algorithm{Hash: v.HashAlgorithm, Signature: v.SignatureAlgorithm}
	if err := check(k.peer, by, k.transcript, v.Signature); err != nil {
		return err
	}
	k.transcript = append(k.transcript, m.raw()...)
	s.expects = handshake.TypeFinished
	return nil
}

// finished takes in the client's proof that it knows the keys, and prepares ours.
func (s *server) finished(k *Conn, m message) error {
	if subtle.ConstantTimeCompare(m.body, k.secrets.finished(true, k.transcript)) != 1 {
		return broken(alert.DecryptError, "its Finished does not fit the handshake")
	}
	k.transcript = append(k.transcript, m.raw()...)
	k.out.begin()
	k.out.change()
	k.write(handshake.TypeFinished, 1, k.secrets.finished(false, k.transcript))
	k.fly(false)
	k.done = true
	return nil
}
