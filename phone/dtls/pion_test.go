package dtls

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"math/big"
	"net"
	"testing"
	"time"

	pion "github.com/pion/dtls/v3"
	curve "github.com/pion/dtls/v3/pkg/crypto/elliptic"
)

// shown makes a certificate for pion.
func shown(t *testing.T, key crypto.Signer) (tls.Certificate, Fingerprint) {
	t.Helper()
	c := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, c, c, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, fingerprintOf(crypto.SHA256, der)
}

// TestPion: the handshake of pion/dtls is a stranger to ours, and agrees with it, whatever
// it has to choose from.
func TestPion(t *testing.T) {
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	ec384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		key     crypto.Signer
		options []pion.Option
		server  []pion.ServerOption
	}{
		"plain":     {key: ec},
		"P-384":     {key: ec384, options: []pion.Option{pion.WithEllipticCurves(curve.P384)}},
		"P-256":     {key: ec, options: []pion.Option{pion.WithEllipticCurves(curve.P256)}},
		"RSA":       {key: rsaKey},
		"no EMS":    {key: ec, options: []pion.Option{pion.WithExtendedMasterSecret(pion.DisableExtendedMasterSecret)}},
		"small":     {key: ec, options: []pion.Option{pion.WithMTU(200)}},
		"no cookie": {key: ec, server: []pion.ServerOption{pion.WithInsecureSkipVerifyHello(true)}},
		"AES-256":   {key: ec, options: []pion.Option{pion.WithCipherSuites(pion.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384)}},
		"SHA1_32":   {key: ec, options: []pion.Option{pion.WithSRTPProtectionProfiles(pion.SRTP_AES128_CM_HMAC_SHA1_32)}},
	} {
		cert, print := shown(t, test.key)
		var keys bytes.Buffer
		options := append([]pion.Option{
			pion.WithKeyLogWriter(&keys),
			pion.WithCertificates(cert), pion.WithInsecureSkipVerify(true),
			pion.WithSRTPProtectionProfiles(pion.SRTP_AEAD_AES_128_GCM, pion.SRTP_AES128_CM_HMAC_SHA1_80),
		}, test.options...)
		ours := Config{Identity: NewIdentity(seeded(1)), Profiles: Profiles(), Random: seeded(2), Fingerprints: []Fingerprint{print}}
		t.Run(name+"/we are the client", func(t *testing.T) {
			all := append([]pion.ServerOption{pion.WithClientAuth(pion.RequireAnyClientCert)}, test.server...)
			for _, o := range options {
				all = append(all, o)
			}
			ours.Client = true
			keys.Reset()
			against(t, ours, &keys, func(c net.PacketConn, to net.Addr) (*pion.Conn, error) { return pion.ServerWithOptions(c, to, all...) })
		})
		t.Run(name+"/we are the server", func(t *testing.T) {
			var all []pion.ClientOption
			for _, o := range options {
				all = append(all, o)
			}
			ours.Client = false
			keys.Reset()
			against(t, ours, &keys, func(c net.PacketConn, to net.Addr) (*pion.Conn, error) { return pion.ClientWithOptions(c, to, all...) })
		})
	}
}

// against shakes hands with pion, and compares the keys.
func against(t *testing.T, ours Config, keyLog *bytes.Buffer, connect func(net.PacketConn, net.Addr) (*pion.Conn, error)) {
	t.Helper()
	a, b := listen(t), listen(t)
	peer, err := connect(a, b.LocalAddr())
	if err != nil {
		t.Fatal(err)
	}
	shaken := make(chan error, 1)
	go func() { shaken <- peer.Handshake() }()
	k := New(ours, time.Now())
	shake(t, k, b, a.LocalAddr())
	if err := <-shaken; err != nil {
		t.Fatal(err)
	}
	if ours, theirs := k.KeyLog(), keyLog.String(); ours != theirs {
		t.Errorf("our key log %q, theirs %q", ours, theirs)
	}
	state, _ := peer.ConnectionState()
	keys := k.Keys()
	if p, _ := peer.SelectedSRTPProtectionProfile(); uint16(p) != uint16(keys.Profile) {
		t.Errorf("profiles: %v and %v", p, keys.Profile)
	}
	key, salt := lengths(keys.Profile)
	want, err := state.ExportKeyingMaterial(srtpLabel, nil, 2*(key+salt))
	if err != nil {
		t.Fatal(err)
	}
	c, s := keys.Local, keys.Remote
	if !ours.Client {
		c, s = s, c
	}
	if got := bytes.Join([][]byte{c.Key, s.Key, c.Salt, s.Salt}, nil); !bytes.Equal(got, want) {
		t.Errorf("our keys %x, theirs %x", got, want)
	}
	_ = peer.Close()
}

func listen(t *testing.T) net.PacketConn {
	t.Helper()
	c, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// shake runs our end until it is done.
func shake(t *testing.T, k *Conn, c net.PacketConn, to net.Addr) {
	t.Helper()
	b := make([]byte, 4096)
	for !k.Done() {
		if k.Err() != nil {
			t.Fatal(k.Err())
		}
		for _, d := range k.Advance(time.Now()) {
			_, _ = c.WriteTo(d, to)
		}
		_ = c.SetReadDeadline(k.Deadline())
		n, _, err := c.ReadFrom(b)
		if err != nil {
			continue
		}
		for _, d := range k.Receive(time.Now(), home, b[:n]) {
			_, _ = c.WriteTo(d, to)
		}
	}
}
