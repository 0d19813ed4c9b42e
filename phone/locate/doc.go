// Package locate finds the servers of a domain, in the order in which they are to be
// tried (RFC 3263): by NAPTR records (RFC 3403) which transports there are, by SRV
// records (RFC 2782) which hosts and ports have them.
//
//	Start ──▶ NAPTR domain ──▶ SRV of each service ──▶ targets ──▶ Next, Failed, Next, …
//	             │ none                ▲    │ none
//	             └─────────────────────┘    └─▶ the domain itself
//
// The addresses of a host (AAAA and A) are found by whoever connects to it, which also
// chooses between them (RFC 6724, RFC 8305); [Addresses] knows which of them have failed.
//
// A [Locator] is a pure machine. It asks by [system.Query], and is given the answers.
// All that it is told is from strangers: it takes [maxTargets] targets, [maxQueries]
// questions, and nothing that is not the name of a host, and says what it leaves out.
package locate
