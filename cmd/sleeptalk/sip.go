package main

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/sleeptalk/sleeptalk/assets"
	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/cli"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/place"
	"github.com/sleeptalk/sleeptalk/phone/words"
)

// A feature is something of SIP that the program speaks, or understands though it is
// untidy, and what shows that it does.
type feature struct {
	What string     `yaml:"what"`
	RFC  string     `yaml:"rfc"`
	Test string     `yaml:"test"` // "phone/sip TestName", or "phone/sip TestName/case"
	Peer string     `yaml:"peer"` // "TestName (who the peer is)", of this package; "" if there is none
	Rule event.Rule `yaml:"rule"` // of the event that names a peer's fault; "" if there is none
}

// A featureGroup is the features of one subject.
type featureGroup struct {
	Title string    `yaml:"title"`
	Rows  []feature `yaml:"rows"`
}

// sipTopic is "sleeptalk help sip".
func sipTopic(p *cli.Program) *cobra.Command {
	cmd := &cobra.Command{Use: "sip", Short: "What is spoken of SIP, and what is understood though it is untidy, with RFC, test and peer"}
	cmd.SetHelpFunc(func(cmd *cobra.Command, _ []string) {
		groups, err := features()
		if err != nil { // a bug, which the tests find
			p.Warn(err.Error(), "")
		}
		fmt.Fprint(cmd.OutOrStdout(), featuresText(groups))
	})
	return cmd
}

func features() ([]featureGroup, error) {
	const name = "sip.yaml"
	text, err := assets.Files.ReadFile(name)
	if err != nil {
		return nil, err
	}
	var groups []featureGroup
	err = place.Decode(name, text, &groups, nil)
	return groups, err
}

const featuresHead = `# SIP

What is spoken of SIP, and what is understood of it though it is untidy. Each has the
sections that say so, the test that shows it, and the test with a real peer where there
is one. What is wrong with a message that is understood all the same is a warning with a
rule, what cannot be understood is an error with one: a scenario can claim both (expect
warning RULE, expect error RULE), sleeptalk explain RULE tells more, and sleeptalk grade
holds it against its sender.
`

func featuresText(groups []featureGroup) string {
	var b strings.Builder
	b.WriteString(featuresHead)
	for _, g := range groups {
		fmt.Fprintf(&b, "\n## %s\n\n", g.Title)
		for _, f := range g.Rows {
			b.WriteString(f.text())
		}
	}
	return b.String()
}

// text is the row as a person reads it: what it is, and below it what shows it.
func (f *feature) text() string {
	said := []string{f.RFC}
	switch {
	case f.Rule.OnlyOnError():
		said = append(said, "error: "+string(f.Rule))
	case f.Rule != "":
		said = append(said, "rule: "+string(f.Rule))
	}
	said = append(said, "test: "+f.Test)
	if f.Peer != "" {
		said = append(said, "peer: "+f.Peer)
	}
	const width = 88
	lines := words.Wrap(f.What, width-2, utf8.RuneCountInString)
	lines = append(lines, words.Wrap(strings.Join(said, "; "), width-2, utf8.RuneCountInString)...)
	return "- " + strings.Join(lines, "\n  ") + "\n"
}
