package xmpp

import (
	"encoding/base64"
	"fmt"
	"net/netip"
	"strings"

	"github.com/xdg-go/scram"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// A peer is one connection to a [Server].
type peer struct {
	server  *Server
	id      system.Socket
	from    netip.AddrPort
	framer  Framer
	opened  bool // our side of the stream
	scram   *scram.ServerConversation
	user    string   // who has signed on; "": nobody has yet
	session *session // nil until there is one
}

// iterations is how much work SCRAM is (RFC 7677 §4: at least 4096).
const iterations = 4096

func (p *peer) send(text string) { p.server.do(system.Send{Socket: p.id, Data: []byte(text)}) }

func (p *peer) write(e *Element) { p.send(string(e.encode(nsClient))) }

func (p *peer) name() string {
	if p.session != nil {
		return p.session.full(p.server.host.Domain)
	}
	return p.from.String()
}

func (p *peer) frame(f Frame) {
	switch f := f.(type) {
	case Opening:
		p.greet()
	case Stanza:
		p.element(f.Element)
	case Ending:
		p.quit()
	case Bad:
		p.fail(f.Condition, f.Err.Error())
	}
}

// greet answers the opening of a stream with what we offer.
func (p *peer) greet() {
	v := p.server
	p.opened = true
	p.send(fmt.Sprintf("<?xml version='1.0'?><stream:stream from='%s' id='%s' version='1.0' xml:lang='en' xmlns='%s' xmlns:stream='%s'>",
		escape(v.host.Domain), v.token(), nsClient, nsStream))
	features := element(nsStream, "features")
	if p.user == "" {
		offers := element(nsSASL, "mechanisms")
		for _, m := range mechanisms {
			offers.with(element(nsSASL, "mechanism").withText(m))
		}
		features.with(offers)
	} else {
		features.with(element(nsBind, "bind"), element(nsSM, "sm"), element(nsCSI, "csi"))
	}
	p.write(features)
}

// fail ends the stream with an error (RFC 6120 §4.9).
func (p *peer) fail(condition, why string) {
	if !p.opened {
		p.greet()
	}
	p.server.note("refused", p.name(), event.Printable(condition+": "+why))
	p.write(element(nsStream, "error").with(element(nsStreams, condition)))
	p.quit()
}

// quit ends the stream, and the session with it.
func (p *peer) quit() {
	v := p.server
	p.send(endOfStream)
	v.do(system.Close{Socket: p.id})
	if s := p.session; s != nil {
		p.session, s.peer = nil, nil
		v.end(s, "signed off")
	}
	delete(v.conns, p.id)
}

// element takes in an element of the stream, by where it is.
func (p *peer) element(e *Element) {
	switch {
	case p.user == "" && e.Space == nsSASL:
		p.sasl(e)
	case p.user != "" && p.session == nil && e.is(nsClient, "iq") && e.child(nsBind, "bind") != nil:
		p.server.bind(p, e)
	case p.user != "" && p.session == nil && e.is(nsSM, "resume"):
		p.server.resume(p, e)
	case p.session != nil && e.Space == nsSM:
		p.session.manage(e)
	case p.session != nil && e.Space == nsCSI:
		p.server.note("client state", p.name(), event.Printable(e.Name))
	case p.session != nil && e.Space == nsClient:
		p.session.counted()
		p.server.route(p.session, e)
	default:
		p.fail("not-authorized", "<"+e.Name+"> where it has no place")
	}
}

// sasl is the client's next word of SASL (RFC 6120 §6).
func (p *peer) sasl(e *Element) {
	word, err := base64.StdEncoding.DecodeString(strings.TrimSpace(e.Text))
	switch {
	case err != nil:
		p.deny("incorrect-encoding")
	case e.Name == "auth" && e.attr("mechanism") == plain:
		p.plain(string(word))
	case e.Name == "auth":
		p.begin(e.attr("mechanism"), string(word))
	case e.Name == "response" && p.scram != nil:
		p.converse(string(word))
	default:
		p.deny("malformed-request")
	}
}

// plain takes the password itself (RFC 4616).
func (p *peer) plain(word string) {
	parts := strings.Split(word, "\x00")
	if len(parts) != 3 {
		p.deny("malformed-request")
		return
	}
	if password, ok := p.server.host.Password(parts[1]); !ok || password != parts[2] {
		p.deny("not-authorized")
		return
	}
	p.admit(parts[1], "")
}

// begin starts SCRAM (RFC 5802).
func (p *peer) begin(mechanism, word string) {
	hash := map[string]scram.HashGeneratorFcn{"SCRAM-SHA-256": scram.SHA256, "SCRAM-SHA-1": scram.SHA1}[mechanism]
	if hash == nil {
		p.deny("invalid-mechanism")
		return
	}
	server, err := hash.NewServer(func(user string) (scram.StoredCredentials, error) { return p.server.credentials(hash, mechanism, user) })
	if err != nil {
		p.deny("temporary-auth-failure")
		return
	}
	p.scram = server.WithNonceGenerator(p.server.token).NewConversation()
	p.converse(word)
}

// converse gives SCRAM the client's word, and returns ours.
func (p *peer) converse(word string) {
	answer, err := p.scram.Step(word)
	text := base64.StdEncoding.EncodeToString([]byte(answer))
	switch {
	case err != nil:
		p.deny("not-authorized")
	case p.scram.Done():
		p.admit(p.scram.Username(), text)
	default:
		p.write(element(nsSASL, "challenge").withText(text))
	}
}

func (p *peer) admit(user, text string) {
	p.user, p.scram, p.framer = user, nil, Framer{}
	p.write(element(nsSASL, "success").withText(text))
}

func (p *peer) deny(condition string) {
	p.scram = nil
	p.server.note("not let in", p.from.String(), condition)
	p.write(element(nsSASL, "failure").with(element(nsSASL, condition)))
}

// credentials are what SCRAM checks a user's password against. They are kept:
// to make them is work.
func (v *Server) credentials(hash scram.HashGeneratorFcn, mechanism, user string) (scram.StoredCredentials, error) {
	password, ok := v.host.Password(user)
	if !ok {
		return scram.StoredCredentials{}, fmt.Errorf("no user %q", user)
	}
	key := mechanism + " " + user + " " + password
	if known, ok := v.keys[key]; ok {
		return known, nil
	}
	client, err := hash.NewClient(user, password, "")
	if err != nil {
		return scram.StoredCredentials{}, err
	}
	made, err := client.GetStoredCredentialsWithError(scram.KeyFactors{Salt: v.token(), Iters: iterations})
	if err == nil {
		v.keys[key] = made
	}
	return made, err
}
