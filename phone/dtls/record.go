package dtls

// HeaderLen is the length of the header of a record, in octets (RFC 6347 §4.1).
const HeaderLen = 13

// Is tells datagrams of DTLS from others that share a port: by their first octet (RFC 7983
// §7), and by the version of their first record, as all versions of DTLS begin with 254. One
// may be cut short.
func Is(data []byte) bool { return len(data) > 1 && data[0] >= 20 && data[0] <= 63 && data[1] == 254 }
