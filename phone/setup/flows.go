package setup

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sleeptalk/sleeptalk/phone/app"
)

// An account with several outbound proxies has a flow over each (RFC 5626 §4.2): it is
// reached as long as one of them stands.

// maxFlows bounds the flows of an account (RFC 5626 §4.2.1 has it register over two, and
// allows more: each costs the phone a connection that is kept alive).
const maxFlows = 4

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
			return nil, fmt.Errorf("there are more than %d proxies: an account has at most %d flows", maxFlows, maxFlows)
		}
		proxies = append(proxies, s)
	}
	return proxies, nil
}

// Flows are the names of the flows of an account over these outbound proxies; it is empty
// if there is one. The account has no name where it is the only one.
func Flows(account, list string) (names []string) {
	n := min(strings.Count(list, ",")+1, maxFlows)
	if n < 2 {
		return nil
	}
	for i := range n {
		names = append(names, flowName(account, i+1))
	}
	return names
}

// flowName is the name of a flow of an account, from 1.
func flowName(account string, n int) string {
	name := fmt.Sprintf("flow%d", n)
	if account == "" {
		return name
	}
	return account + "." + name
}

// flows are those of an account with several proxies; it alone, if it has not.
func (d *draft) flows(name string, kit Kit) (list []app.Account, err error) {
	if len(d.proxies) < 2 {
		return []app.Account{{Name: name, Account: d.app.Account}}, nil
	}
	for i, proxy := range d.proxies {
		own := *d
		own.hop, own.proxies = hop(d.server, proxy, d.transport), []Server{proxy}
		account, err := sipAccount(&own, kit)
		if err != nil {
			return nil, err
		}
		list = append(list, app.Account{Name: flowName(name, i+1), Account: account, Of: name, Flow: i + 1})
	}
	return list, nil
}

// proxy is the first outbound proxy; it has no host if there is none.
func (d *draft) proxy() Server {
	if len(d.proxies) == 0 {
		return Server{}
	}
	return d.proxies[0]
}
