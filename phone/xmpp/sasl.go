package xmpp

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/xdg-go/scram"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// sasl is our part of one authentication (RFC 6120 §6). It is only the words: who
// sends them is the signon.
type sasl struct {
	user, password string
	nonce          func() string

	mechanism string
	scram     *scram.ClientConversation // nil with PLAIN
}

// reset forgets a conversation.
func (a *sasl) reset() { a.mechanism, a.scram = "", nil }

var errUnproven = errors.New("the server does not prove that it knows the password")

const (
	// minIterations and maxIterations bound the work that a server may ask of
	// SCRAM: RFC 7677 §4 wants 4096 at least; the most is our own number,
	// as much as OWASP asks of a password store with SHA-256, which takes the
	// tenth part of a second.
	minIterations = 4096
	maxIterations = 600_000
)

// mechanisms are those that are spoken, the best first (RFC 5802, RFC 7677,
// RFC 4616).
var mechanisms = []string{"SCRAM-SHA-256", "SCRAM-SHA-1", plain}

const plain = "PLAIN"

// begin is our first word of a mechanism.
func (a *sasl) begin(mechanism string) (string, error) {
	a.mechanism = mechanism
	hash := scram.SHA256
	switch mechanism {
	case plain:
		return "\x00" + a.user + "\x00" + a.password, nil
	case "SCRAM-SHA-1":
		hash = scram.SHA1
	}
	client, err := hash.NewClient(a.user, a.password, "")
	if err != nil {
		return "", err
	}
	client = client.WithMinIterations(minIterations).WithNonceGenerator(a.nonce)
	a.scram = client.NewConversation()
	return a.scram.Step("")
}

// converse gives SCRAM the server's word, and returns ours.
func (a *sasl) converse(text string) (string, error) {
	word, err := base64.StdEncoding.DecodeString(strings.TrimSpace(text))
	if err != nil {
		return "", fmt.Errorf("a challenge that is no base64: %w", err)
	}
	if a.scram == nil {
		return "", fmt.Errorf("%s has no challenges", a.mechanism)
	}
	if err := affordable(string(word)); err != nil {
		return "", err
	}
	return a.scram.Step(string(word))
}

// conclude takes the server's last word, which must show that it knows the
// password too.
func (a *sasl) conclude(text string) error {
	if a.scram == nil {
		return nil
	}
	if !a.scram.Done() {
		if _, err := a.converse(text); err != nil {
			return errUnproven
		}
	}
	if !a.scram.Valid() {
		return errUnproven
	}
	return nil
}

// affordable refuses a challenge of SCRAM that asks for too much work.
func affordable(challenge string) error {
	for field := range strings.SplitSeq(challenge, ",") {
		if n, ok := strings.CutPrefix(field, "i="); ok {
			if i, err := strconv.ParseUint(n, 10, 32); err != nil || i > maxIterations {
				return fmt.Errorf("the server asks for %s iterations; at most %d are done", event.Printable(n), maxIterations)
			}
		}
	}
	return nil
}
