package event

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Lookup is a question to the DNS about servers (RFC 3263), and its answer. Of the
// addresses of a host the socket tells.
type Lookup struct {
	Type    string   `json:"type"` // "NAPTR", "SRV"
	Name    string   `json:"name"`
	Answers []string `json:"answers,omitempty"` // as zone files have them, after their type
	Fault   string   `json:"fault,omitempty"`   // "NXDOMAIN", "SERVFAIL", "no such record", "no answer"
}

// Target is the server that is tried next, of those that a domain has.
type Target struct {
	Server    string `json:"server"` // "host:port"
	Transport string `json:"transport"`
	Number    int    `json:"number"` // its place among them, from 1
	Of        int    `json:"of"`
	By        string `json:"by,omitempty"`    // what named it: "SRV", "NAPTR, SRV", "NAPTR"
	After     string `json:"after,omitempty"` // why the one before it was left
}

func (e Lookup) Text() (string, string) {
	return "dns " + e.Type + " " + e.Name, join("; ", append(slices.Clone(e.Answers), e.Fault)...)
}

func (e Target) Text() (string, string) {
	by := ""
	if e.By != "" {
		by = " (" + e.By + ")"
	}
	return "server " + e.Server, join(", ", "over "+strings.ToUpper(e.Transport), fmt.Sprintf("the %s of %d%s", ordinal(e.Number), e.Of, by), unless(e.After == "", "after %s", e.After))
}

// ordinal is a number in a row, of which there are few: "1st", "2nd".
func ordinal(n int) string {
	switch n {
	case 1:
		return "1st"
	case 2:
		return "2nd"
	case 3:
		return "3rd"
	}
	return strconv.Itoa(n) + "th"
}
