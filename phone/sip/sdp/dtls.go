package sdp

import (
	"encoding/base64"
	"slices"
	"strings"

	"github.com/pion/sdp/v3"

	"github.com/sleeptalk/sleeptalk/phone/dtls"
)

// maxFingerprints bounds the fingerprints of a peer that are kept (our own number): one for
// each hash function that there is, of two certificates.
const maxFingerprints = 10

// A Handshake is what the descriptions say of DTLS (RFC 5763 §5, RFC 8842); the zero one,
// that there is none.
type Handshake struct {
	// Fingerprints are those of the peer's certificate, the values of a=fingerprint, one a
	// line.
	Fingerprints string
	// Active says that we begin.
	Active bool
	// ID is the peer's a=tls-id, and Own is ours: it changes where another association is
	// wanted though nothing else does (RFC 8842 §4); "": there is none.
	ID, Own string
}

// idOctets is how many random octets are in an a=tls-id of ours: it has 20 characters at least,
// and 120 bits that nobody can guess (RFC 8842 §4).
const idOctets = 18

// id is our a=tls-id for an association, which it is drawn for when that is first named.
func (r *Keyring) id(association string) string {
	id, ok := r.ids[association]
	if !ok {
		b := make([]byte, idOctets)
		r.random(b)
		id = base64.RawURLEncoding.EncodeToString(b)
		r.ids[association] = id
	}
	return id
}

// ownID is our a=tls-id in an offer: that of the association that there is, or, where that has
// come to nothing, another.
func (l Local) ownID() string {
	switch was := l.before.DTLS.Own; {
	case l.Keys == nil:
		return ""
	case was == "" || l.Anew:
		return l.Keys.id("after " + was)
	default:
		return was
	}
}

// answeringID is the one in an answer: only who knows the attribute is told. Where the peer
// wants another association, so do we (RFC 8842 §5.3).
func (l Local) answeringID(theirs Handshake) string {
	was := l.before.DTLS
	switch {
	case theirs.ID == "":
		return ""
	case was.Own == "" || was.ID != theirs.ID || was.Fingerprints != theirs.Fingerprints:
		return l.Keys.id("with " + theirs.ID + "\n" + theirs.Fingerprints)
	}
	return l.ownID()
}

// The values of a=setup (RFC 4145 §4).
const (
	active   = "active"
	passive  = "passive"
	actpass  = "actpass"
	holdconn = "holdconn"
)

// A shake is what a section says of DTLS.
type shake struct {
	prints string
	setup  string // in lower case; "" if there is none
	id     string
	wrong  string // why its fingerprints cannot be taken; "" if they can
}

// shake reads a section's lines about DTLS. Each may stand in the session instead.
func (d *description) shake(m *section) (s shake) {
	list, wrong := d.fingerprints(m.attributes)
	if list == nil && wrong == "" {
		list, wrong = d.fingerprints(d.attributes)
	}
	s.prints, s.wrong = strings.Join(list, "\n"), wrong
	s.setup, _ = d.either(m, setupLine)
	s.id, _ = d.either(m, tlsID)
	if s.setup = strings.ToLower(s.setup); s.prints != "" && !slices.Contains([]string{"", active, passive, actpass, holdconn}, s.setup) {
		d.faults.add("an a=setup says " + quote(s.setup))
		s.setup = ""
	}
	return s
}

// either is an attribute of a section, or else of the session.
func (d *description) either(m *section, key string) (string, bool) {
	if value, ok := find(m.attributes, key); ok {
		return value, true
	}
	return find(d.attributes, key)
}

// fingerprints reads the values of a=fingerprint. Those of hash functions that are not
// known say nothing (RFC 8122 §5.1).
func (d *description) fingerprints(all []attribute) (list []string, wrong string) {
	for _, a := range all {
		if a.key != fingerprint {
			continue
		}
		switch f, ok := dtls.ParseFingerprint(a.value); {
		case len(list) == maxFingerprints:
			d.faults.add("it has more fingerprints than are read")
		case !ok:
			wrong = quote(a.value) + " is none"
		default:
			list = append(list, f.String())
		}
	}
	if len(list) > 0 {
		wrong = ""
	}
	return list, wrong
}

// handshake is what is agreed of DTLS by an offer of the peer's. We begin where it leaves
// that to us (RFC 5763 §5), but for an association that there is already, whose ends stay
// what they are (RFC 8842 §5.3).
func (l Local) handshake(d *description, s shake) Handshake {
	h := Handshake{Fingerprints: s.prints, ID: s.id}
	switch s.setup {
	case passive:
		h.Active = true
	case active:
	case "":
		d.faults.add("a fingerprint comes without a=setup") // which is active then (RFC 4145 §4)
	default:
		if s.setup == holdconn {
			d.faults.add("a=setup:holdconn is not for DTLS")
		}
		was := l.before.DTLS
		h.Active = was.Fingerprints != h.Fingerprints || was.ID != h.ID || was.Active
	}
	h.Own = l.answeringID(h)
	return h
}

// shaken is what is agreed of DTLS by an answer to our offer of actpass.
func (l Local) shaken(d *description, s shake) (Handshake, error) {
	h := Handshake{Fingerprints: s.prints, ID: s.id}
	if h.ID != "" { // else ours has said nothing to the peer
		h.Own = l.ownID()
	}
	switch s.setup {
	case active:
	case passive:
		h.Active = true
	case holdconn:
		return h, refuse(warnMisc, "the answer has a=setup:holdconn: nobody begins the handshake of DTLS")
	default:
		h.Active = true
		d.faults.add("the answer does not say which end begins the handshake of DTLS")
	}
	return h, nil
}

// offersHandshake reports whether our offer has a fingerprint: by choice, or because the
// call has keys by DTLS.
func (l Local) offersHandshake() bool {
	if l.Fingerprint == nil || l.SRTP == Off {
		return false
	}
	if l.before.Proto != "" {
		return l.before.SRTP.By == DTLS
	}
	return l.ByDTLS && l.SRTP != Accept
}

// addHandshake adds our lines about DTLS to a section.
func (l Local) addHandshake(m *sdp.MediaDescription, setup, id string) {
	m.WithValueAttribute(fingerprint, l.Fingerprint())
	m.WithValueAttribute(setupLine, setup)
	if id != "" {
		m.WithValueAttribute(tlsID, id)
	}
}

// setup is the value of our answer.
func (h Handshake) setup() string {
	if h.Active {
		return active
	}
	return passive
}
