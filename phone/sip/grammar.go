package sip

import (
	"bytes"
	"errors"
	"fmt"
	"iter"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/sip/quoted"
)

// clean checks that no control character hides in a header: a stray CR
// copied into a response would make header fields of the sender's choice. In a
// quoted string others may stand behind a backslash (RFC 3261 §25.1, quoted-pair).
func clean(header string) error {
	for i := range len(header) {
		switch c := header[i]; {
		case c >= ' ' && c != 0x7f, c == '\t':
		case c == '\r' && i+1 < len(header) && header[i+1] == '\n':
		case c == '\n':
		case c != '\r' && paired(header[:i]):
		default:
			return fmt.Errorf("control character 0x%02x in the header", c)
		}
	}
	return nil
}

// paired reports whether the byte after before is the second of a quoted pair.
func paired(before string) bool {
	line := before[strings.LastIndexByte(before, '\n')+1:]
	for {
		i := strings.IndexByte(line, '"')
		if i < 0 {
			return false
		}
		line = line[i:]
		n := quoted.Len(line)
		if n < 0 { // an open quote: an odd number of backslashes at its end
			return (len(line)-len(strings.TrimRight(line, `\`)))%2 == 1
		}
		line = line[n:]
	}
}

// A twoLengths is an error: two Content-Lengths that differ, an attack on whoever reads
// the other one.
type twoLengths struct{ first, second int }

func (t *twoLengths) Error() string {
	return fmt.Sprintf("two Content-Lengths, %s and %s", lengthText(t.first), lengthText(t.second))
}

// contentLength finds the length of the body; -1 if no header field says it. A list of
// lengths is as many header fields (RFC 9110 §8.6 has it so, for HTTP).
func contentLength(header []byte) (int, error) {
	length := -1
	for value := range valuesIn(header, "Content-Length") {
		for one := range strings.SplitSeq(value, ",") {
			n, err := readLength(one)
			if err != nil {
				return 0, err
			}
			if length >= 0 && length != n {
				return 0, &twoLengths{length, n}
			}
			length = n
		}
	}
	return length, nil
}

// readLength reads 1*DIGIT. One that does not fit is the largest that does: it is too large
// for a message in any case.
func readLength(s string) (int, error) {
	s = strings.TrimSpace(s)
	n, err := strconv.ParseUint(s, 10, 31)
	if err != nil && !errors.Is(err, strconv.ErrRange) {
		return 0, fmt.Errorf("Content-Length %q is no length", shortText(s))
	}
	return int(n), nil
}

// lengthText writes a length; the largest that is read stands for all that are longer.
func lengthText(n int) string {
	if n >= math.MaxInt32 {
		return strconv.Itoa(math.MaxInt32) + " or more"
	}
	return strconv.Itoa(n)
}

// bodyLength is how long the body is. A header without Content-Length, which a
// stream needs (RFC 3261 §20.14), has no body if it has no Content-Type (§20.15).
func bodyLength(header []byte) (length int, missing bool, err error) {
	length, err = contentLength(header)
	if err != nil || length >= 0 {
		return length, false, err
	}
	if contentType(header) != "" {
		return 0, true, errors.New("no Content-Length, which a stream needs")
	}
	return 0, true, nil
}

// contentType is what a header says that the body is, or "".
func contentType(header []byte) string {
	for value := range valuesIn(header, "Content-Type") {
		return trim(value)
	}
	return ""
}

// valuesIn are the values of a field in a header that has not been read, as they stand
// there.
func valuesIn(header []byte, field string) iter.Seq[string] {
	return func(yield func(string) bool) {
		short := compactName(field)
		for len(header) > 0 {
			n := fieldLen(header)
			if first := header[0]; first|0x20 == field[0]|0x20 || first|0x20 == short {
				line, _ := cutField(string(header[:n]))
				if name, value, _ := strings.Cut(line, ":"); fieldName(trim(name)) == field && !yield(value) {
					return
				}
			}
			header = header[n:]
		}
	}
}

// fieldLen is the length of what [cutField] cuts off, with the end of its last line.
func fieldLen(header []byte) int {
	for n := 0; ; {
		i := bytes.IndexByte(header[n:], '\n')
		if i < 0 {
			return len(header)
		}
		if n += i + 1; n == len(header) || !isSpace(header[n]) {
			return n
		}
	}
}

// carriesSIP reports whether a body is a SIP message or a part of one, or may have
// one among its parts.
func carriesSIP(header []byte) bool {
	media := strings.ToLower(contentType(header))
	return strings.HasPrefix(media, "message/") || strings.HasPrefix(media, "multipart/")
}

// Fields returns the header fields of that name, in their order. GetHeaders of the
// message does, too, and copies the name of every field in lower case for it.
func Fields(m sip.Message, name string) (found []sip.Header) {
	for _, h := range headersOf(m) {
		if isNamed(h, name) {
			found = append(found, h)
		}
	}
	return found
}

// isNamed reports whether a header field has that name. Names are ASCII, so one of
// another length is another.
func isNamed(h sip.Header, name string) bool {
	its := h.Name()
	return len(its) == len(name) && (its == name || strings.EqualFold(its, name))
}

// Values returns the values of all header fields of that name as text, in
// their order, one each, commas split.
func Values(m sip.Message, name string) []string {
	var all []string
	for _, h := range headersOf(m) {
		if !isNamed(h, name) {
			continue
		}
		if list := splitList(h.Value()); all == nil {
			all = list
		} else {
			all = append(all, list...)
		}
	}
	return all
}

// splitList splits a header field's value at the commas that are outside
// quotes and angle brackets.
func splitList(s string) []string {
	parts := splitOutside(s, ',')
	for i, part := range parts {
		parts[i] = strings.TrimSpace(part)
	}
	if last := len(parts) - 1; parts[last] == "" {
		parts = parts[:last]
	}
	return parts
}

// Text returns the value of the first header field of that name, or "".
func Text(m sip.Message, name string) string {
	for _, h := range headersOf(m) {
		if isNamed(h, name) {
			return h.Value()
		}
	}
	return ""
}

// wholeSeconds writes a time as a header field has it: in seconds, rounded down.
func wholeSeconds(d time.Duration) string { return strconv.Itoa(int(d / time.Second)) }

// Seconds reads a header field that is a time, of which more may be said ("Expires: 60",
// "Retry-After: 5 (maintenance)"); ok is false if there is none.
func Seconds(m sip.Message, name string) (d time.Duration, ok bool) {
	d, ok, _ = leadingSeconds(Text(m, name))
	return d, ok
}

// leadingSeconds reads a time that begins with a number of seconds, be it that something
// follows; tidy: nothing does.
func leadingSeconds(v string) (d time.Duration, ok, tidy bool) {
	v = trim(v)
	digits := len(v) - len(strings.TrimLeft(v, "0123456789"))
	d, ok = DeltaSeconds(v[:digits])
	return d, ok, ok && digits == len(v)
}

// DeltaSeconds reads a time of which nothing else may be said: a number of seconds from
// 0 to 2^32-1, without a sign (RFC 3261 §20.19, §25.1).
func DeltaSeconds(v string) (d time.Duration, ok bool) {
	n, err := strconv.ParseUint(trim(v), 10, 32)
	return time.Duration(n) * time.Second, err == nil
}
