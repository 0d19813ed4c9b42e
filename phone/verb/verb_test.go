package verb

import (
	"slices"
	"strings"
	"testing"
)

// everybody is a cast with one of each.
var everybody = Cast{Default: "alice", Phones: []string{"alice", "carol"}, Robots: Robots(), Lab: true}

// TestSpellings reads each way to write a line as the same line, whose one way
// is read again.
func TestSpellings(t *testing.T) {
	for want, ways := range map[string][]string{
		"bob: call alice":                   {"bob calls alice", "lab: bob calls alice", "bob: dial alice", "bob: CALL alice"},
		"alice: hang up":                    {"hang up", "hangup", "Hang  up", "alice: hangup", "alice hangs up"},
		"bob: hang up":                      {"bob hangs up", "bob: hangup", "lab: bob hangs up"},
		"bob: hold":                         {"bob holds"},
		"bob: resume":                       {"bob resumes"},
		"bob: text alice hello":             {"bob texts alice hello", "bob: text alice hello"},
		"bob: speak tone 440":               {"bob speaks tone 440", "bob: speak tone 440.0"},
		"bob: speak silence":                {"bob speaks silence"},
		"bob: speak en-hello":               {"bob speaks speech", "bob: speak speech", "bob: speak file en-hello"},
		"alice: speak x.wav":                {"speak file x.wav", "speak x.wav", "alice speaks x.wav"},
		"alice: speak file tone":            {"speak file tone"},
		"alice: call bob":                   {"dial bob", "alice calls bob"},
		"carol: call bob":                   {"carol calls bob", "carol: call bob"},
		"alice: call hold":                  {"call hold"},
		"alice: call sip:bob@lab.test:5060": {"call sip:bob@lab.test:5060"},
		"alice: call holds":                 {"call holds"},
		"alice: foreground":                 {"open", "OPEN"},
		"alice: open notification":          {"open notification"},
		"alice: kill":                       {"force-quit"},
		"lab: ping alice":                   {"ping alice", "lab: ping alice"},
		"lab: push alice high":              {"lab: push alice HIGH"},
		"alice: push name=Bob":              {"push name=Bob"},
		"alice: push":                       {"push"},
		"lab: expire nonces":                {"expire nonces"},
		"lab: misbehave no-pong":            {"misbehave no-pong"},
		"lab: stop":                         {"stop"},
		"alice: clock next":                 {"clock next"},
		"alice: clock x60":                  {"clock X60", "clock x60.0"},
		"alice: clock x60 while suspended":  {"clock x60 while suspended"},
		"alice: do not disturb on":          {"do not disturb ON"},
		"alice: fault nat drop":             {"fault nat drop"},
	} {
		for _, way := range append(ways, want) {
			got, err := everybody.Parse(way)
			if err != nil || got.String() != want {
				t.Errorf("%q is %q (%v), want %q", way, got.safe(), err, want)
			}
		}
	}
}

// safe is String, also of no line.
func (l Line) safe() string {
	if l.Spec == nil {
		return ""
	}
	return l.String()
}

func TestSaid(t *testing.T) {
	for line, want := range map[string]string{
		"bob: call alice":             "bob calls alice",
		"bob: hang up":                "bob hangs up",
		"bob: text alice how are you": "bob texts alice how are you",
		"bob: speak en-hello.wav":     "bob speaks speech",
		"bob: speak tone 440":         "bob speaks tone 440",
		"lab: ping alice":             "ping alice",
		"alice: call bob":             "call bob",
		"speak file x.wav":            "speak x.wav",
	} {
		if got, err := everybody.Parse(line); err != nil || got.Said() != want {
			t.Errorf("%q in the log is %q (%v), want %q", line, got.Said(), err, want)
		}
	}
}

// TestWrong has what is wrong with a line, and at which word.
func TestWrong(t *testing.T) {
	for line, want := range map[string]struct {
		word int
		says string
	}{
		"":                                {0, "no command"},
		"backgroud":                       {0, `unknown command "backgroud"; did you mean background?`},
		"anwser quick":                    {0, `unknown command "anwser"; did you mean answer?`},
		"hangupp":                         {0, `unknown command "hangupp"; did you mean hang up?`},
		"open window":                     {1, `foreground takes no argument, and "window" was given`},
		"mute it":                         {1, `"it" is no number of a call; the first call of a phone is 1`},
		"hold 0":                          {1, `"0" is no number of a call`},
		"hold call":                       {2, "hold needs an argument: hold [CALL]"},
		"hold 1 2":                        {2, `unexpected "2"; it is: hold [CALL]`},
		"lock it":                         {1, `lock takes no argument, and "it" was given`},
		"transfer":                        {1, "transfer needs an argument: transfer SIP-URI|USER [of CALL]"},
		"transfer of 2":                   {1, "transfer needs an argument: transfer SIP-URI|USER [of CALL]"},
		"transfer bob of it":              {3, `"it" is no number of a call`},
		"transfer to call":                {3, "transfer to call needs an argument: transfer to call CALL"},
		"call":                            {1, "call needs an argument: call SIP-URI|USER"},
		"call sip:bob:pw@h":               {1, "an address that is called has no password"},
		"call bob:pw@lab.test":            {1, "an address that is called has no password"},
		"fault loss 5":                    {2, `"5" has no unit; did you mean 5%?`},
		"do not disturb maybe":            {3, `do not disturb knows no "maybe" (there are: on, off)`},
		"bob: answer":                     {1, "bob is a robot of the lab, which can call, hang up, hold, resume, transfer, speak, text, header and expect"},
		"bob sings":                       {1, "bob is a robot of the lab, which can "},
		"bop: call alice":                 {0, `nobody here is called "bop"; did you mean bob? (there are: alice, carol, bob, echo, busy, ring, lab)`},
		"bop calls alice":                 {0, `nobody here is called "bop"; did you mean bob?`},
		"lab: call alice":                 {1, `the lab cannot "call alice"; a robot can: bob: call SIP-URI|USER`},
		"lab: png alice":                  {1, `the lab cannot "png alice"; did you mean ping?`},
		"text alice":                      {2, `a text needs somebody and some words: text SIP-URI|USER TEXT`},
		"respond":                         {1, "the status is missing; such as: respond 503 to INVITE"},
		"respond 100 to BYE":              {1, `"100" is no status to answer with: from 101 to 699, nothing, or normally`},
		"respond 503 INVITE":              {2, `what comes after the status is "to METHOD"`},
		"respond 503 to INVTE":            {3, `unknown method "INVTE"; did you mean INVITE?`},
		"respond 503 to BYE after 2":      {5, `"2" is no time to wait: such as 30s, at most 1h0m0s`},
		"respond 503 to BYE after 2h":     {5, `"2h" is no time to wait`},
		"respond 503 to BYE 0 times":      {4, `0 is not how often`},
		"respond 503 to BYE 3":            {4, `3 is not how often`},
		"respond 503 to BYE soon":         {4, `unexpected "soon"; there may follow: after TIME, once, N times, retry after TIME`},
		"respond 180 to INVITE after 2s":  {6, `180 cannot come later`},
		"respond normally to INVTE":       {3, `unknown method "INVTE"; did you mean INVITE?`},
		"header INVTE X-A: b":             {1, `unknown method or status "INVTE"; did you mean INVITE?`},
		"header 99 X-A: b":                {1, `unknown method or status "99"`},
		"header INVITE X-A":               {2, `"X-A" is no header field`},
		"header INVITE X A: b":            {2, `"X A: b" is no header field`},
		"bob: text alice":                 {3, `a text needs somebody and some words: text SIP-URI|USER TEXT; such as: bob: text alice "are you there?"`},
		"bob: speak x.wav":                {2, "bob is a robot of the lab, which speaks en-hello, a tone or silence; or have a phone instead: use phone bob"},
		"speak tone 20001":                {2, `"20001" is no frequency in Hz, of 20 to 20000`},
		"speak a b":                       {2, `unexpected "b"; it is: speak FILE|tone HZ|silence|speech`},
		"clock 60":                        {1, `"60" is no rate; did you mean x60?`},
		"ping":                            {1, "ping needs an argument: ping USER"},
		"lab: push alice slow":            {3, `unknown priority "slow" (there are: high, normal)`},
		"misbehave badly":                 {1, `unknown misbehaviour "badly" (there are: forget-binding, `},
		"lab: send mwi alice 2":           {4, `"2" is no number of new and old messages; such as: 2/5, or 0/0`},
		"lab sends mwi alice -1/2":        {4, `"-1/2" is no number of new and old messages`},
		"lab sends mwi alice 1/10000":     {4, `"1/10000" is no number of new and old messages`},
		"lab: send mwi":                   {3, "send mwi needs an argument: send mwi USER NEW/OLD"},
		"ask alice OPTIONS Require":       {3, `"Require" is no header field; such as: ask alice OPTIONS Require=100rel`},
		"ask alice OPTIONS A=b =c":        {4, `"=c" is no header field`},
		"ask alice OPTIONS a:b=x":         {3, `"a:b=x" is no header field`},
		"ask alice OPTIONS A=b Via=x":     {4, "Via is the lab's own"},
		"ask alice OPTIONS A=b\x7f":       {3, "\"A=b\\x7f\" is no header field"},
		"lab: respond 180 to INVITE":      {2, `"180" is no status that a lab answers with: from 200 to 699`},
		"lab: respond nothing to INVITE":  {2, `"nothing" is no status that a lab answers with`},
		"lab: respond 503 to INVITE soon": {5, `unexpected "soon"; there may follow: after TIME, once, N times, retry after TIME`},

		"lab: respond 503 to INVITE once 2 times": {6, `"2 times": that has been said in this line`},
		"respond 503 to ACK":                      {3, `unknown method "ACK"`},
		"respond 503 to INVITE retry 3s":          {5, `"retry" is followed by: after TIME, such as 30s`},
		"respond 503 to INVITE retry after soon":  {6, `"soon" is no time to stay away: such as 30s`},
		"respond 503 to INVITE retry after 0s":    {6, `"0s" is no time`},
	} {
		_, err := everybody.Read(strings.Fields(line))
		if err == nil || !strings.HasPrefix(err.Error(), want.says) || err.Word != want.word {
			t.Errorf("%q: %v at word %d, want %q at %d", line, err, err.Word, want.says, want.word)
		}
	}
}

// TestSomebodyIsNotThere says who is there, and how to have the other.
func TestSomebodyIsNotThere(t *testing.T) {
	alone := Of("alice", Phone)
	alone.Missing = "NAME is told where it runs"
	for line, want := range map[string]string{
		"bob: call alice": `nobody here is called "bob"; bob is told where it runs (there are: alice)`,
		"bob calls alice": `nobody here is called "bob"; bob is told where it runs (there are: alice)`,
		"lab: ping alice": `nobody here is called "lab"; lab is told where it runs (there are: alice)`,
		"ping alice":      `unknown command "ping"; only a lab can do that, and there is none here`,
	} {
		if _, err := alone.Parse(line); err == nil || err.Error() != want {
			t.Errorf("%q: %v, want %s", line, err, want)
		}
	}
}

// TestEveryVerbIsUnderstood wants every verb to be read as itself: no other
// one, and no alias, stands in its way.
func TestEveryVerbIsUnderstood(t *testing.T) {
	for who, name := range map[Who]string{Phone: "alice", Robot: "bob", Lab: "lab"} {
		for _, spec := range Specs(who) {
			line := strings.TrimSpace(spec.Name + " " + example(spec))
			for _, way := range append([]string{strings.ToUpper(spec.Name)}, spec.Aliases...) {
				order := strings.Fields(way + strings.TrimPrefix(line, spec.Name))
				if got, err := everybody.Order(name, order); err != nil || got.Spec != spec {
					t.Errorf("%s: %q became %q, %v", name, order, got.safe(), err)
				}
			}
			got, err := everybody.Order(name, strings.Fields(line))
			if err != nil || got.Spec != spec {
				t.Errorf("%s: %q became %q, %v", name, line, got.safe(), err)
			}
		}
	}
}

// examples are arguments of the verbs that do not say themselves what they take.
var examples = map[string]string{
	"fault":       "nat drop",
	"misbehave":   "no-pong",
	"clock":       "next",
	"ask":         "alice OPTIONS",
	"respond":     "503 to INVITE retry after 30s",
	"send mwi":    "alice 2/5",
	"subscribe":   "presence bob for 10m",
	"unsubscribe": "presence bob",
	"header":      "INVITE X-Tenant: blue",
	"speak":       "silence",
}

// example is arguments that a verb takes.
func example(spec *Spec) string {
	if text, given := examples[spec.Name]; given {
		return text
	}
	first, _, several := strings.Cut(spec.Args, "|")
	switch {
	case spec.Args == "" || strings.HasPrefix(spec.Args, "["):
		return ""
	case several && first == strings.ToLower(first):
		return first
	case spec.Args == "CALL":
		return "2"
	case strings.HasPrefix(spec.Args, "USER ["):
		return "alice"
	}
	return strings.ToLower(spec.Args)
}

// TestNamesAreNoSentences wants no verb to begin with what a robot does.
func TestNamesAreNoSentences(t *testing.T) {
	for _, spec := range Specs(Phone | Robot | Lab) {
		first, _, _ := strings.Cut(spec.Name, " ")
		if _, says := saying(first); says || slices.Contains(Robots(), first) {
			t.Errorf("%q can be taken for a sentence", spec.Name)
		}
	}
}

// FuzzParse wants what is read to be written so that it is read the same, and
// every error to point at a word of the line.
func FuzzParse(f *testing.F) {
	for _, line := range []string{"bob: call alice", "bob calls alice", "lab: bob hangs up", "speak file tone", "clock x1e3 while suspended", "fault network wifi -> cell", "push a=b", "lab: push alice high", "bob: text alice a  b", "lab sends mwi alice 2/5", "lab: respond 503 to INVITE retry after 30s", "lab: respond 503 to INVITE after 2s once", "respond 486 to INVITE after 2s 3 times", "header any X-A: b", "subscribe presence bob for 10m", "unsubscribe dialog", "publish open at my desk", "publish nothing", "do not disturb on"} {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line string) {
		words := strings.Fields(line)
		got, err := everybody.Read(words)
		if err != nil {
			if err.Word < 0 || err.Word > len(words) || err.Message == "" {
				t.Fatalf("%q: %+v", line, err)
			}
			return
		}
		again, err := everybody.Read(append([]string{got.Actor + ":"}, strings.Fields(got.Verb())...))
		if err != nil || again.Verb() != got.Verb() || again.Said() != got.Said() {
			t.Fatalf("%q is written %q, which is %q (%v)", line, got.Verb(), again.safe(), err)
		}
	})
}

// TestSaidTwice: of two times of a forced answer, none would be the one that is meant.
func TestSaidTwice(t *testing.T) {
	for _, twice := range [][2]string{
		{"after 1s", "after 2s"}, {"once", "3 times"}, {"3 times after 1s", "once"}, {"retry after 1s once", "retry after 2s"},
	} {
		line := "respond 503 to BYE " + twice[0] + " " + twice[1]
		_, err := everybody.Read(strings.Fields(line))
		want := `"` + twice[1] + `": that has been said in this line`
		if err == nil || err.Error() != want || err.Word != len(strings.Fields(line))-len(strings.Fields(twice[1])) {
			t.Errorf("%s: %v, want %s", line, err, want)
		}
	}
}
