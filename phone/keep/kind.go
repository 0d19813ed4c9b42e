package keep

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"regexp"
	"time"
)

// A Kind is a kind of file that this program writes. A file of a kind is recognised
// by its marker; one that an older version wrote without a marker, by its form if
// that is distinctive.
type Kind string

// The kinds of files.
const (
	Events      Kind = "recording"   // events.jsonl: a JSON line for each event
	Sound       Kind = "sound"       // a WAV file: the software in its LIST chunk
	Capture     Kind = "capture"     // pcapng: the application of its section header
	Scenario    Kind = "scenario"    // its first line says that it was recorded
	Row         Kind = "row"         // a scenario: its first line says that it is a row of the matrix
	Page        Kind = "page"        // HTML: <meta name="generator">
	Drawing     Kind = "drawing"     // SVG: a comment in its second line
	JUnit       Kind = "report"      // the name of its <testsuites>
	Trace       Kind = "trace"       // the program in its otherData
	Card        Kind = "report card" // grade's JSON, by its first keys
	Certificate Kind = "certificate" // PEM: self-signed, numbered by the moment it was made
	Text        Kind = "text report" // report.txt: its first line
	Style       Kind = "stylesheet"  // report.css: the comment at its beginning
	KeyLog      Kind = "key log"     // secrets of TLS: a label of draft-ietf-tls-keylogfile §2, or a comment
	Plain       Kind = "file"        // no marker: only --force replaces it
)

// about returns the kind with its article.
func (k Kind) about() string { return "a " + string(k) }

// The markers, and the forms of older files without one. They are looked for in
// the first headSize bytes.
var (
	eventsForm    = regexp.MustCompile(`\A\{"v":\d+,"t":"[^"]*","d":[^,]*,"phone":"[^\n]*?","ev":"`)
	scenarioForm  = regexp.MustCompile(`\A# Recorded from what a person did, as `)
	rowForm       = regexp.MustCompile(`\A# Row \d+ of the matrix: `)
	pageForm      = regexp.MustCompile(`(?s)\A<!DOCTYPE html>\n.*(?:<meta name="generator" content="sleeptalk">|<link rel="stylesheet" href="report\.css">.*<p class="brand">sleeptalk</p>)`)
	drawingForm   = regexp.MustCompile(`(?s)\A<svg [^>]*>\n(?:<!-- sleeptalk -->|<title>.*, 'DejaVu Sans', )`)
	junitForm     = regexp.MustCompile(`(?s)\A(?:<\?xml [^>]*>\s*)?<testsuites name="sleeptalk" `)
	traceForm     = regexp.MustCompile(`\A\{"displayTimeUnit":"ms","otherData":\{"clock":"[^"]*","program":"sleeptalk"\}`)
	cardForm      = regexp.MustCompile(`\A\{\s*"user": ".*",\s*"domain": ".*",\s*(?:"agent": ".*",\s*)?"took_s": `)
	textForm      = regexp.MustCompile(`\A(?:sleeptalk report\n|\S[^\n]*   (?:sips?:\S+|device clock warped while suspended|virtual time, seed \d+|a real phone, examined by the lab)\n  [✓✗!-] \S)`)
	styleForm     = regexp.MustCompile(`\A/\* (?:sleeptalk:|The colours are those of the drawings: Okabe and Ito's hues, darkened for a\n)`)
	keyLogForm    = regexp.MustCompile(`\A(?:#|RSA |(?:CLIENT|SERVER|EXPORTER|EARLY)_[A-Z0-9_]+ [0-9a-f]+ )`)
	pcapngMagic   = []byte{0x0a, 0x0d, 0x0d, 0x0a}
	application   = []byte{4, 0, 9, 0, 's', 'l', 'e', 'e', 'p', 't', 'a', 'l', 'k'} // the option shb_userappl
	soundSoftware = []byte("ISFT\x0a\x00\x00\x00sleeptalk\x00")
)

// recognises reports whether a file that begins with head is one of ours.
func (k Kind) recognises(head []byte) bool {
	switch k {
	case Events:
		return eventsForm.Match(head)
	case Sound:
		return bytes.HasPrefix(head, []byte("RIFF")) && bytes.Contains(head[:min(len(head), 256)], soundSoftware)
	case Capture:
		return bytes.HasPrefix(head, pcapngMagic) && bytes.Contains(head, application)
	case Certificate:
		return selfMade(head)
	}
	form := map[Kind]*regexp.Regexp{
		Scenario: scenarioForm, Row: rowForm, Page: pageForm, Drawing: drawingForm, JUnit: junitForm, Trace: traceForm, Card: cardForm,
		Text: textForm, Style: styleForm, KeyLog: keyLogForm,
	}[k]
	return form != nil && form.Match(head)
}

// selfMade reports whether a PEM file holds one certificate that this program
// made: see secure.SelfSigned. Its serial number is the moment that it was made
// at, a day after its validity begins.
func selfMade(head []byte) bool {
	block, rest := pem.Decode(head)
	if block == nil || len(bytes.TrimSpace(rest)) > 0 {
		return false
	}
	c, err := x509.ParseCertificate(block.Bytes)
	return err == nil && c.IsCA && c.Subject.String() == c.Issuer.String() &&
		c.SerialNumber.IsInt64() && c.SerialNumber.Int64() == c.NotBefore.Add(24*time.Hour).Unix()
}
