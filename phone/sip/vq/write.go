package vq

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
)

// algorithm is what our estimates are made by.
const algorithm = "G.107"

// A Dialog is whose call it was: URIs of SIP, and the Call-ID and tags of the dialog.
type Dialog struct {
	CallID, ToTag, FromTag  string
	Local, Remote, Original string
	// LocalGroup and RemoteGroup are for who adds reports up, such as domains.
	LocalGroup, RemoteGroup string
}

// Final is the report at the end of a call: VQSessionReport, CallTerm (§4.6.1). The lines are
// in the order of the ABNF, and none is folded. The error says what cannot be written.
func Final(d Dialog, q control.Quality) ([]byte, error) {
	w := writer{}
	w.line("VQSessionReport", "CallTerm")
	w.checked("CallID", d.CallID, callID)
	w.id("LocalID", d.Local)
	w.id("RemoteID", d.Remote)
	w.id("OrigID", d.Original)
	w.address("LocalAddr", q.Local)
	w.address("RemoteAddr", q.Remote)
	w.checked("LocalGroup", d.LocalGroup, wordPlus)
	w.checked("RemoteGroup", d.RemoteGroup, wordPlus)
	w.line("LocalMetrics", "")
	w.metrics(q, q.Here, q.Jitter, algorithm)
	if q.There.Known() {
		w.line("RemoteMetrics", "")
		w.metrics(q, q.There, q.FarJitter, "")
	}
	w.dialog(d)
	return []byte(w.b.String()), w.err
}

// A writer writes lines.
type writer struct {
	b   strings.Builder
	err error // about the first that cannot be written
}

func (w *writer) line(name, value string) {
	w.b.WriteString(strings.TrimRight(name+": "+value, " ") + "\r\n")
}

// checked writes a line whose value has a form.
func (w *writer) checked(name, value string, form production) {
	if !form(value) && w.err == nil {
		w.err = fmt.Errorf("%s cannot be %q (RFC 6035 §4.6.1)", name, value)
	}
	w.line(name, value)
}

// id writes a URI, which has no characters that could end the line.
func (w *writer) id(name, uri string) {
	w.checked(name, "<"+uri+">", func(v string) bool { return len(v) > 2 && !strings.ContainsAny(v, " \t\r\n") })
}

func (w *writer) address(name string, at control.MediaEnd) {
	w.line(name, fmt.Sprintf("IP=%s PORT=%d SSRC=0x%08x", bare(at.Addr), at.Addr.Port(), at.SSRC))
}

// bare is an address without a zone.
func bare(a netip.AddrPort) string {
	if !a.IsValid() {
		return "0.0.0.0"
	}
	return a.Addr().Unmap().WithZone("").String()
}

// dialog writes the DialogID, as far as there is one.
func (w *writer) dialog(d Dialog) {
	id := d.CallID
	for _, tag := range [...]struct{ name, value string }{{"to-tag", d.ToTag}, {"from-tag", d.FromTag}} {
		if word(tag.value) {
			id += ";" + tag.name + "=" + tag.value
		}
	}
	w.line("DialogID", id)
}

// metrics writes a set of metrics. Alg is what the estimates are made by, "" if nobody knows.
func (w *writer) metrics(q control.Quality, m event.VoIPMetrics, jitter time.Duration, alg string) {
	if m.MOSLQ == 0 && m.MOSCQ == 0 && !m.R.Known {
		alg = ""
	}
	values := map[string]string{
		"START": stamp(q.Start), "STOP": stamp(q.Stop),
		"JBA": strconv.Itoa(m.Adaptive), "JBR": strconv.Itoa(m.AdaptRate), "JBN": millis(m.Nominal), "JBM": millis(m.Maximum), "JBX": millis(m.AbsMax),
		"NLR": share(m.LossPct), "JDR": share(m.DiscardPct),
		"BLD": share(m.BurstLossPct), "BD": millis(m.Burst), "GLD": share(m.GapLossPct), "GD": millis(m.Gap), "GMIN": strconv.Itoa(m.Gmin),
		"RTD": unlessZero(m.RTT), "ESD": unlessZero(m.EndSystem), "IAJ": millis(event.Millis(jitter)),
		"SL": reading(m.Signal), "NL": reading(m.Noise), "RERL": reading(m.Echo),
		"RCQ": reading(m.R), "EXTRI": reading(m.ExtR), "MOSLQ": opinion(m.MOSLQ), "MOSCQ": opinion(m.MOSCQ), "QoEEstAlg": alg,
	}
	describe(values, q, m.Concealment)
	for _, l := range metricLines {
		var list []string
		for _, p := range l.parameters {
			if v := values[p.name]; p.form(v) {
				list = append(list, p.name+"="+v)
			}
		}
		if len(list) > 0 {
			w.line(l.name, strings.Join(list, " "))
		}
	}
}

// describe adds what the session was about. Both ends have agreed on it.
func describe(values map[string]string, q control.Quality, concealment int) {
	values["PT"], values["PD"], values["SR"] = strconv.Itoa(int(q.PayloadType)), q.Codec, strconv.Itoa(q.Rate)
	if q.PTime > 0 {
		values["PPS"], values["FD"], values["FPP"] = strconv.Itoa(int(time.Second/q.PTime)), millis(event.Millis(q.PTime)), "1"
	}
	values["PLC"], values["SSUP"] = strconv.Itoa(concealment), "off"
	if q.Silence {
		values["SSUP"] = "on"
	}
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

func millis(d event.Millis) string { return strconv.FormatInt(d.D().Milliseconds(), 10) }

// unlessZero is a time that is not known if it is nothing.
func unlessZero(d event.Millis) string {
	if d == 0 {
		return ""
	}
	return millis(d)
}

func share(percent float64) string { return strconv.FormatFloat(percent, 'f', 2, 64) }

func opinion(mos float64) string {
	if mos == 0 {
		return ""
	}
	return strconv.FormatFloat(mos, 'f', 1, 64)
}

func reading(r event.Reading) string {
	if !r.Known {
		return ""
	}
	return strconv.Itoa(r.Value)
}
