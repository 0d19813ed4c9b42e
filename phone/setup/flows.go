package setup

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/sleeptalk/sleeptalk/phone/app"
)

// An account with several outbound proxies has a flow over each (RFC 5626 §4.2): it is
// reached as long as one of them stands.

// maxFlows bounds the flows of a phone (RFC 5626 §4.2.1 has it register over two, and
// allows more: each costs the phone a connection that is kept alive).
const maxFlows = 4

var errOneAccount = errors.New("outbound-proxy: several flows are for a phone with one account; name one proxy, or one account")

// ParseProxies reads outbound proxies, with commas between them.
func ParseProxies(list string) (proxies []Server, err error) {
	for one := range strings.SplitSeq(list, ",") {
		s, err := ParseServer(strings.TrimSpace(one))
		switch {
		case err != nil:
			return nil, err
		case slices.Contains(proxies, s):
			return nil, fmt.Errorf("%s is there twice: each flow goes over a proxy of its own", strings.TrimSpace(one))
		case len(proxies) == maxFlows:
			return nil, fmt.Errorf("there are more than %d proxies: a phone has at most %d flows", maxFlows, maxFlows)
		}
		proxies = append(proxies, s)
	}
	return proxies, nil
}

// Flows are the names of the flows over these outbound proxies; it is empty if there is
// one.
func Flows(list string) []string { return flowNames(strings.Count(list, ",") + 1) }

func flowNames(n int) (names []string) {
	if n < 2 {
		return nil
	}
	for i := range min(n, maxFlows) {
		names = append(names, fmt.Sprintf("flow%d", i+1))
	}
	return names
}

// flows makes the other flows of an account with several proxies.
func (d *draft) flows(kit Kit) error {
	names := flowNames(len(d.proxies))
	if names == nil {
		return nil
	}
	if len(kit.Others) > 0 {
		return errOneAccount
	}
	for i, proxy := range d.proxies[1:] {
		own := *d
		own.hop, own.proxies = hop(d.server, proxy, d.transport), []Server{proxy}
		account, err := sipAccount(&own, kit)
		if err != nil {
			return err
		}
		d.app.Others = append(d.app.Others, app.Account{Name: names[i+1], Account: account})
	}
	d.app.Name, d.app.Flows = names[0], true
	return nil
}

// proxy is the first outbound proxy; it has no host if there is none.
func (d *draft) proxy() Server {
	if len(d.proxies) == 0 {
		return Server{}
	}
	return d.proxies[0]
}
