package bench

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// version is the version of the JSON form ("v").
const version = 1

// A Report is what a run has found.
type Report struct {
	Version int      `json:"v"`
	OS      string   `json:"os"`
	Arch    string   `json:"arch"`
	Go      string   `json:"go"`
	CPUs    int      `json:"cpus"`
	Results []Result `json:"results"`
}

// A Result is what one measurement has found.
type Result struct {
	Name  string   `json:"name"`
	Title string   `json:"title"`
	Unit  Unit     `json:"unit"` // of every figure that has none of its own
	Rows  []Row    `json:"rows"` // this phone's first, then the peers'
	Aim   *Aim     `json:"aim,omitempty"`
	Notes []string `json:"notes,omitempty"` // what to know when reading the figures
	// Missing is what could not be measured here, and why.
	Missing []string `json:"missing,omitempty"`
}

// A Row is the figures of one phone.
type Row struct {
	Who     string   `json:"who"`
	N       int      `json:"n"` // how many times it was measured
	Figures []Figure `json:"figures"`
}

// A Figure is one number. Ratio is this phone's same figure by it: below
// 1 where this phone takes less. 0: it is this phone's own.
type Figure struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"`
	Unit  Unit    `json:"unit,omitempty"` // "": that of the result
	Ratio float64 `json:"ratio,omitempty"`
}

// A Aim is what a figure should be: at most Limit, of the figure itself
// or, if Peer is set, of its ratio to that peer's.
type Aim struct {
	Figure string  `json:"figure"`
	Peer   string  `json:"peer,omitempty"`
	Limit  float64 `json:"limit"`
	Got    float64 `json:"got"`
	Met    bool    `json:"met"`
}

// Unit says what a figure counts.
type Unit string

const (
	seconds Unit = "s"
	octets  Unit = "B"
	share   Unit = "1"     // from 0 to 1
	count   Unit = "times" // of something that has happened
	factor  Unit = "x"     // of one figure by another
)

// format writes a figure with three digits that count.
func (u Unit) format(v float64) string {
	switch {
	case u == share:
		return fmt.Sprintf("%.3f", v)
	case u == factor:
		return fmt.Sprintf("%.2f", v)
	case u == count:
		return fmt.Sprintf("%.0f", v)
	case u == octets:
		return fmt.Sprintf("%.1f MiB", v/(1<<20))
	case v < 1e-3:
		return fmt.Sprintf("%.0f µs", v*1e6)
	case v < 1:
		return fmt.Sprintf("%.3g ms", v*1e3)
	}
	return fmt.Sprintf("%.3g s", v)
}

// compare fills in the ratios, and what came of the aim. An aim beside a peer
// that was not measured falls away.
func (r *Result) compare() {
	if len(r.Rows) == 0 {
		r.Aim = nil
		return
	}
	ours := r.Rows[0]
	for _, peer := range r.Rows[1:] {
		for i, f := range peer.Figures {
			if own, ok := ours.figure(f.Name); ok && f.Value > 0 {
				peer.Figures[i].Ratio = own.Value / f.Value
			}
		}
	}
	if r.Aim == nil {
		return
	}
	got, ok := ours.figure(r.Aim.Figure)
	r.Aim.Got = got.Value
	if r.Aim.Peer != "" {
		got, ok = r.peer(r.Aim.Peer).figure(r.Aim.Figure)
		r.Aim.Got = got.Ratio
	}
	if !ok {
		r.Aim = nil
		return
	}
	r.Aim.Met = r.Aim.Got <= r.Aim.Limit
}

func (r *Result) peer(who string) Row {
	for _, row := range r.Rows {
		if row.Who == who {
			return row
		}
	}
	return Row{}
}

func (r Row) figure(name string) (Figure, bool) {
	for _, f := range r.Figures {
		if f.Name == name {
			return f, true
		}
	}
	return Figure{}, false
}

// Print writes the report as tables for a person.
func (r *Report) Print(w io.Writer) error {
	if err := r.Head(w); err != nil {
		return err
	}
	for _, result := range r.Results {
		if err := result.Print(w); err != nil {
			return err
		}
	}
	return nil
}

// Head writes where the figures are from.
func (r *Report) Head(w io.Writer) error {
	_, err := fmt.Fprintf(w, "%s, %s/%s, %d processors\n", r.Go, r.OS, r.Arch, r.CPUs)
	return err
}

// Print writes a result as a table for a person.
func (r *Result) Print(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "\n%s\n", r.Title)
	r.table(&b)
	for _, note := range r.Notes {
		fmt.Fprintf(&b, "  note: %s\n", note)
	}
	if r.Aim != nil {
		fmt.Fprintf(&b, "  aim: %s\n", r.aim())
	}
	for _, m := range r.Missing {
		fmt.Fprintf(&b, "  NOT MEASURED: %s\n", m)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// table writes a row for each phone, and under each peer the ratios.
func (r *Result) table(b *strings.Builder) {
	if len(r.Rows) == 0 {
		return
	}
	var lines strings.Builder
	t := tabwriter.NewWriter(&lines, 0, 0, 3, ' ', 0)
	head := "  "
	for _, f := range r.Rows[0].Figures {
		head += "\t" + f.Name
	}
	fmt.Fprintln(t, head+"\t")
	for i, row := range r.Rows {
		line, ratios := "  "+row.Who, "    ratio"
		for _, f := range row.Figures {
			line += "\t" + cmp.Or(f.Unit, r.Unit).format(f.Value)
			ratios += fmt.Sprintf("\t%.2f", f.Ratio)
		}
		fmt.Fprintln(t, line+"\t")
		if i > 0 {
			fmt.Fprintln(t, ratios+"\t")
		}
	}
	t.Flush() // to memory: cannot fail
	for line := range strings.Lines(lines.String()) {
		fmt.Fprintln(b, strings.TrimRight(line, " \n"))
	}
}

func (r *Result) aim() string {
	verdict := "missed"
	if r.Aim.Met {
		verdict = "met"
	}
	if r.Aim.Peer == "" {
		f, _ := r.Rows[0].figure(r.Aim.Figure) // compare has found it
		unit := cmp.Or(f.Unit, r.Unit)
		return fmt.Sprintf("%s at most %s: %s, %s", r.Aim.Figure, unit.format(r.Aim.Limit), unit.format(r.Aim.Got), verdict)
	}
	return fmt.Sprintf("%s at most %.2f of %s: %.2f, %s", r.Aim.Figure, r.Aim.Limit, r.Aim.Peer, r.Aim.Got, verdict)
}

// percentiles are the median and the 99th percentile, by nearest rank.
func percentiles(took []time.Duration) []Figure {
	return []Figure{{Name: "p50", Value: rank(took, 0.50).Seconds()}, {Name: "p99", Value: rank(took, 0.99).Seconds()}}
}

// medianAndMost are for fewer measurements than have a 99th percentile.
func medianAndMost(took []time.Duration) []Figure {
	return []Figure{{Name: "median", Value: rank(took, 0.50).Seconds()}, {Name: "most", Value: rank(took, 1).Seconds()}}
}

// rank is the smallest of took that a share q of them does not exceed.
func rank(took []time.Duration, q float64) time.Duration {
	sorted := slices.Sorted(slices.Values(took))
	n := float64(len(sorted)) * q
	i := int(n)
	if float64(i) == n {
		i--
	}
	return sorted[max(0, i)]
}
