package sip

import "strings"

// singles are the header fields of which a message has one at most: their grammar is no list,
// so that two cannot be joined by a comma (RFC 3261 §7.3.1, §20 tables 2 and 3). They are
// indexed by the length of the long name. What has a reader with a judgement of
// its own is not among them: what a message must have (see [reading.complete]), Contact,
// Content-Type, Content-Length and Max-Forwards; and Session-Expires, Min-SE, Refer-To,
// Replaces and SIP-If-Match, of which two are refused or named for what they say.
var singles = [...][]string{
	4:  {"Date", "RAck", "RSeq"}, // RFC 3262 §7
	5:  {"Event"},                // RFC 6665 §8.2.1
	6:  {"Server"},
	7:  {"Expires", "Privacy", "Subject"},                                           // RFC 3323 §4.2
	8:  {"Priority", "Reply-To", "SIP-ETag"},                                        // RFC 3903 §11.3.1
	9:  {"Refer-Sub", "Timestamp"},                                                  // RFC 4488 §4
	10: {"Flow-Timer", "Session-ID", "User-Agent"},                                  // RFC 5626 §11.2, RFC 7989 §5
	11: {"Answer-Mode", "Max-Breadth", "Min-Expires", "Referred-By", "Retry-After"}, // RFC 5373 §4, RFC 5393 §5.3.3, RFC 3892 §3
	12: {"Info-Package", "MIME-Version", "Organization"},                            // RFC 6086 §7.1
	13: {"Target-Dialog"},                                                           // RFC 4538 §5
	16: {"Priv-Answer-Mode"},
	17: {"Suppress-If-Match"},  // RFC 5839 §8
	18: {"Subscription-State"}, // RFC 6665 §8.2.3
	19: {"Content-Disposition"},
}

// single is the name of a header field of which a message has one, though it is text here;
// "" for all others.
func single(name string) string {
	if len(name) < len(singles) {
		for _, known := range singles[len(name)] {
			if strings.EqualFold(known, name) {
				return known
			}
		}
	}
	return ""
}
