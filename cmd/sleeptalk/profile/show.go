package profile

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/cli"
	"github.com/sleeptalk/sleeptalk/phone/device"
	"github.com/sleeptalk/sleeptalk/phone/words"
)

// The columns of a table of numbers: the key, the value, then the source.
const (
	keyColumn   = 23 // service-from-background
	valueColumn = 8
	noteColumn  = cli.TextWidth - keyColumn - valueColumn - 2
)

// showProfile writes every number of a device:
//
//	wake-window             10s      [B] developers' accounts ("10 s curse");
//	                                 Apple guarantees none
//	                                 real systems: no more than 30s ([B] the
//	                                 longest that was reported: …)
func showProfile(p *cli.Program, name, era string) error {
	d, err := namedDevice(p, name)
	if err != nil {
		return err
	}
	if era != "" {
		if d, err = d.With(map[string]string{"era": era}, false); err != nil {
			return cli.Invalid(err, "sleeptalk profile list")
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n%s\n\n", d.Name, d.About)
	for _, n := range d.Numbers() {
		writeNumber(&b, n)
	}
	for _, u := range d.Unfaithful {
		fmt.Fprintf(&b, "\nUNFAITHFUL: %s\n", u)
	}
	b.WriteString("\n[A] primary source  [B] secondary  [C] well known, not read again\n[D] this emulator's own default, for nobody has published one\n")
	_, err = io.WriteString(p.Out, b.String())
	return err
}

func writeNumber(b *strings.Builder, n device.Number) {
	lines := words.Wrap(cmp.Or(noteText(n.Note), "set by you"), noteColumn, utf8.RuneCountInString)
	if n.Limit != "" {
		limit := "real systems: " + n.Limit
		if n.LimitNote != n.Note {
			limit += " (" + noteText(n.LimitNote) + ")"
		}
		lines = append(lines, words.Wrap(limit, noteColumn, utf8.RuneCountInString)...)
	}
	key, value := n.Key, n.Value
	for _, line := range lines {
		fmt.Fprintf(b, "%-*s %-*s %s\n", keyColumn, key, valueColumn, value, line)
		key, value = "", ""
	}
}

// noteText is a number's source, how sure it is first.
func noteText(n device.Note) string {
	if n.Confidence == "" {
		return n.Source
	}
	return "[" + n.Confidence + "] " + n.Source
}

// diffProfiles writes the numbers in which two devices differ; "-" where one
// has none of the kind.
func diffProfiles(p *cli.Program, left, right string) error {
	a, err := namedDevice(p, left)
	if err != nil {
		return err
	}
	b, err := namedDevice(p, right)
	if err != nil {
		return err
	}
	var out strings.Builder
	fmt.Fprintf(&out, "%-*s %-*s %s\n", keyColumn, "", diffColumn, a.Name, b.Name)
	differ := false
	for _, key := range device.Settings() {
		l, r := valueOf(a, key), valueOf(b, key)
		if l != r {
			differ = true
			fmt.Fprintf(&out, "%-*s %-*s %s\n", keyColumn, key, diffColumn, l, r)
		}
	}
	if !differ {
		out.WriteString("no difference\n")
	}
	_, err = io.WriteString(p.Out, out.String())
	return err
}

// diffColumn is wide enough for the name of a release.
const diffColumn = 26

func valueOf(d device.Profile, key string) string {
	numbers := d.Numbers()
	if i := slices.IndexFunc(numbers, func(n device.Number) bool { return n.Key == key }); i >= 0 {
		return numbers[i].Value
	}
	return "-"
}
