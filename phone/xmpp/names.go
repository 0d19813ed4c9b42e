package xmpp

// The namespaces that are spoken here.
const (
	nsStream   = "http://etherx.jabber.org/streams"
	nsClient   = "jabber:client"
	nsStreams  = "urn:ietf:params:xml:ns:xmpp-streams" // conditions of stream errors
	nsStanzas  = "urn:ietf:params:xml:ns:xmpp-stanzas" // conditions of stanza errors
	nsTLS      = "urn:ietf:params:xml:ns:xmpp-tls"
	nsSASL     = "urn:ietf:params:xml:ns:xmpp-sasl"
	nsBind     = "urn:ietf:params:xml:ns:xmpp-bind"
	nsSM       = "urn:xmpp:sm:3"                                     // XEP-0198
	nsPing     = "urn:xmpp:ping"                                     // XEP-0199
	nsCSI      = "urn:xmpp:csi:0"                                    // XEP-0352
	nsPush     = "urn:xmpp:push:0"                                   // XEP-0357
	nsInvite   = "urn:xmpp:jingle-message:0"                         // XEP-0353
	nsJingle   = "urn:xmpp:jingle:1"                                 // XEP-0166
	nsRTP      = "urn:xmpp:jingle:apps:rtp:1"                        // XEP-0167
	nsHints    = "urn:xmpp:hints"                                    // XEP-0334
	nsDelay    = "urn:xmpp:delay"                                    // XEP-0203
	nsData     = "jabber:x:data"                                     // XEP-0004
	nsNick     = "http://jabber.org/protocol/nick"                   // XEP-0172
	nsDisco    = "http://jabber.org/protocol/disco#info"             // XEP-0030
	publishing = "http://jabber.org/protocol/pubsub#publish-options" // XEP-0060 §7.1.5
)
