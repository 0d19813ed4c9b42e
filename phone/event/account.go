package event

// An Account is one of several of a phone, or one of several flows of its account. What
// is empty is as in [Start].
type Account struct {
	Name      string  `json:"name"`
	Flow      int     `json:"flow,omitempty"` // from 1, of several of one account (RFC 5626)
	Of        string  `json:"of,omitempty"`   // that account, where the phone has others, too
	AOR       string  `json:"aor"`
	Server    string  `json:"server"`
	Protocol  string  `json:"protocol,omitempty"`
	Raw       string  `json:"raw,omitempty"`
	Transport string  `json:"transport,omitempty"`
	Display   string  `json:"display,omitempty"`
	Expires   Seconds `json:"expires_s,omitempty"`
	// App lists the other settings of the account, KEY=VALUE each; those of the
	// first are the phone's.
	App []string `json:"app,omitempty"`
}

// User is what the account is called, of which it may be one of several flows; "" where
// it is the only one.
func (a Account) User() string {
	if a.Flow > 0 {
		return a.Of
	}
	return a.Name
}

func (a Account) text() string {
	return join(" ", a.Name+":", a.AOR, unless(a.Server == "", "at %s", a.Server), unless(a.Protocol == "", "in %s", join(" ", a.Protocol, a.Raw)), unless(a.Transport == "", "over %s", a.Transport))
}
