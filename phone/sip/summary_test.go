package sip

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
)

func TestReadSummary(t *testing.T) {
	type tally = event.Tally
	voice := func(t tally, others ...event.MailCount) control.MessageWaiting {
		return control.MessageWaiting{Waiting: true, Tally: &t, Others: others}
	}
	others := func(list ...event.MailCount) control.MessageWaiting {
		return control.MessageWaiting{Waiting: true, Others: list}
	}
	const most = 1<<32 - 1 // RFC 3842 §5.2
	for _, c := range []struct {
		body   string
		want   control.MessageWaiting
		faults []string
	}{
		{"Messages-Waiting: yes\r\nMessage-Account: sip:a@vm\r\nVoice-Message: 2/8 (1/3)\r\n", control.MessageWaiting{Account: "sip:a@vm", Waiting: true, Tally: &tally{New: 2, Old: 8, UrgentNew: 1, UrgentOld: 3}}, nil},
		{"messages-waiting :YES\nvoice-message:0/0(0/0)", voice(tally{}), nil},
		{"Messages-Waiting: no\r\n", control.MessageWaiting{}, nil},
		{"Messages-Waiting: yes\r\nVoice-Message: 4294967295/4294967295 (4294967295/0)", voice(tally{New: most, Old: most, UrgentNew: most}), nil},
		{"Messages-Waiting: yes\r\nFax-Message: 3000000000/5\r\n", others(event.MailCount{Kind: "fax", Tally: tally{New: 3000000000, Old: 5}}), nil},
		{
			"Messages-Waiting: yes\r\nfax-message: 3/4 (1/2)\r\nPager-Message: 5/6\r\nMultimedia-Message: 7/8\r\nTEXT-MESSAGE: 9/0\r\nVideo-Message: 0/1\r\nNone: 2/3\r\n",
			others(
				event.MailCount{Kind: "fax", Tally: tally{New: 3, Old: 4, UrgentNew: 1, UrgentOld: 2}}, event.MailCount{Kind: "pager", Tally: tally{New: 5, Old: 6}}, event.MailCount{Kind: "multimedia", Tally: tally{New: 7, Old: 8}},
				event.MailCount{Kind: "text", Tally: tally{New: 9}}, event.MailCount{Kind: "video", Tally: tally{Old: 1}}, event.MailCount{Kind: "none", Tally: tally{New: 2, Old: 3}},
			), nil,
		},
		// Folded, as a header field may be.
		{"Messages-Waiting:\r\n yes\r\nFax-Message:\r\n\t3/5\r\n (1\r\n /2)\r\n", others(event.MailCount{Kind: "fax", Tally: tally{New: 3, Old: 5, UrgentNew: 1, UrgentOld: 2}}), nil},
		// What is behind the empty line is of the messages.
		{"Messages-Waiting: yes\r\nVoice-Message: 3 / 1\r\n\r\nTo: alice\r\nVoice-Message: 9/9\r\nMessages-Waiting: no\r\n", voice(tally{New: 3, Old: 1}), nil},
		{"\r\nMessages-Waiting: yes\r\n\r\nVoice-Message: 9/9", others(), []string{lateSummary}},
		// What cannot be read is not known.
		{"Messages-Waiting: yes\r\nVoice-Message: many", others(), []string{oddCount}},
		{"Messages-Waiting: yes\r\nVoice-Message: 1/-2", others(), []string{oddCount}},
		{"Messages-Waiting: yes\r\nVoice-Message: 1/2 (x/1)", others(), []string{oddCount}},
		{"Messages-Waiting: yes\r\nVoice-Message: 1/2 (0/1", others(), []string{oddCount}},
		{"Messages-Waiting: yes\r\nVoice-Message: 1/2 (0/1) 7", others(), []string{oddCount}},
		{"Messages-Waiting: yes\r\nVoice-Message: 4294967296/0", others(), []string{oddCount}},
		{"Messages-Waiting: yes\r\nFax-Message: 1\r\nVoice-Message: 1/0\r\n", voice(tally{New: 1}), []string{oddCount}},
		{"Messages-Waiting: yes\r\nFax-Message: x\r\nFax-Message: 1/0\r\n", others(), []string{oddCount, twoCounts}},
		// Each fault is named.
		{"Messages-Waiting: no\r\nFax: 1/2\r\nNone-Message: 1/2\r\nX-Message: 1/2\r\n", control.MessageWaiting{}, []string{oddKind}},
		{"Messages-Waiting: yes\r\nMessages-Waiting: no\r\n", others(), []string{twoStates}},
		{"Messages-Waiting: no\r\nMessages-Waiting: maybe\r\n", control.MessageWaiting{}, []string{twoStates}},
		{"Messages-Waiting: yes\r\nMessage-Account: a\r\nMessage-Account: b\r\n", control.MessageWaiting{Account: "a", Waiting: true}, []string{twoAccounts}},
		{"Messages-Waiting: yes\r\nVoice-Message: 1/2 (2/0)\r\n", voice(tally{New: 1, Old: 2}), []string{oddUrgent}},
		{"Messages-Waiting: yes\r\nVoice-Message: 1/2 (0/3)\r\n", voice(tally{New: 1, Old: 2}), []string{oddUrgent}},
		{
			"Messages-Waiting: no\r\nFax-Message: 1/0\r\nFax-Message: x\r\nText-Message: x\r\n",
			control.MessageWaiting{Others: []event.MailCount{{Kind: "fax", Tally: tally{New: 1}}}},
			[]string{twoCounts, oddCount, newButNo},
		},
	} {
		var sum summary
		if err := sum.read(c.body); err != nil || !reflect.DeepEqual(sum.MessageWaiting, c.want) || !slices.Equal(sum.untidy, c.faults) {
			t.Errorf("%q: %+v, %+v, %q, %v", c.body, sum.MessageWaiting, sum.Tally, sum.untidy, err)
		}
	}
}

func TestUnreadableSummaries(t *testing.T) {
	for body, want := range map[string]string{
		"Messages-Waiting: maybe": `Messages-Waiting is "maybe"`,
		"Voice-Message: 2/8":      "there is no Messages-Waiting in it",
		"\r\n":                    "there is no Messages-Waiting in it",
	} {
		if err := new(summary).read(body); fmt.Sprint(err) != want {
			t.Errorf("%q: %v", body, err)
		}
	}
}

// TestOddSummaries: a message summary that is empty or contradicts itself is named, with
// all that is wrong with it, and one that is to be empty is not.
func TestOddSummaries(t *testing.T) {
	for text, faults := range map[string][]string{
		"active ": {emptySummary}, "pending ": nil, "terminated ": nil,
		`active "Messages-Waiting: no\r\nVoice-Message: 3/0\r\n"`:                        {newButNo},
		`active "Messages-Waiting: no\r\nVoice-Message: 0/3\r\n"`:                        nil,
		`active "Messages-Waiting: no\r\nPager-Message: 1/0\r\nFax-Message: x\r\n"`:      {newButNo, oddCount},
		`active "Messages-Waiting: yes\r\nVoice-Message: 3/0\r\nVoice-Message: 1/0\r\n"`: {twoCounts},
		`active "Messages-Waiting: yes\r\nVoice-Message: 3/0\r\n"`:                       nil,
	} {
		r := registered(t)
		r.plays("subscribe message-summary", "respond SUBSCRIBE 200 Expires: 600", "notify "+text)
		log := r.w.String()
		if strings.Count(log, "a message summary") != len(faults) || r.raw["NOTIFY 200"] == "" {
			t.Errorf("%s:\n%s", text, log)
		}
		for _, fault := range faults {
			if !strings.Contains(log, fault) {
				t.Errorf("%s: no %q:\n%s", text, fault, log)
			}
		}
	}
}

// TestTypesOfSummaries: a summary of another type is refused, and one without a type taken
// with a warning.
func TestTypesOfSummaries(t *testing.T) {
	for kind, want := range map[string]string{
		"Content-Type: application/simple-message-summary": "NOTIFY 200",
		"Content-Type: text/plain":                         "NOTIFY 415",
		"Accept-Language: en":                              "NOTIFY 200 " + untypedSummary,
		"Content-Type: text/plain;handling=optional":       "NOTIFY 415", // it is the disposition that has a handling

		"Content-Type: text/plain | Content-Disposition: notification;handling=optional": "NOTIFY 200 left out of the NOTIFY, as it may be",
	} {
		r := registered(t)
		r.plays(`peer NOTIFY "Messages-Waiting: yes\r\n" Event: message-summary | Subscription-State: active | ` + kind)
		answer, fault := want[:len("NOTIFY 200")], strings.TrimSpace(want[len("NOTIFY 200"):])
		log := r.w.String()
		if r.raw[answer] == "" || fault != "" && !strings.Contains(log, fault) || strings.Contains(log, "untidy-body") != (fault == untypedSummary) || strings.Contains(log, emptySummary) {
			t.Errorf("%s: no %q:\n%s", kind, want, log)
		}
		if answer == "NOTIFY 415" && !strings.Contains(r.raw[answer], "Accept: "+summaryType) {
			t.Errorf("%s:\n%s", kind, r.raw[answer])
		}
	}
}
