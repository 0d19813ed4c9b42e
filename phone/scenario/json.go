package scenario

import (
	"bytes"
	"encoding/json"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// jsonVersion is the version of the syntax tree in JSON. What is there keeps
// its meaning within a version; more may come.
const jsonVersion = 1

// The syntax tree in JSON. Times are in seconds; what a line does not say is
// left out.
type (
	fileJSON struct {
		V          int         `json:"v"`
		File       string      `json:"file"`
		Phone      string      `json:"phone"`
		Tags       []string    `json:"tags,omitempty"`
		Uses       []useJSON   `json:"uses,omitempty"`
		Invariants []neverJSON `json:"invariants,omitempty"`
		Cases      []caseJSON  `json:"cases"`
	}
	placeJSON struct {
		File  string `json:"file,omitempty"` // where it is an included one
		Line  int    `json:"line"`
		Col   int    `json:"col"`
		Width int    `json:"width"`
	}
	useJSON struct {
		placeJSON
		Kind     UseKind       `json:"use"`
		Name     string        `json:"name,omitempty"`
		Settings []settingJSON `json:"settings,omitempty"`
	}
	settingJSON struct {
		Key   string `json:"key"`
		Value string `json:"value"`
	}
	neverJSON struct {
		placeJSON
		Text   string        `json:"text"`
		Rule   Rule          `json:"rule"`
		Limit  event.Seconds `json:"limit_s,omitempty"`
		Expect string        `json:"expect,omitempty"`
	}
	caseJSON struct {
		placeJSON
		Name  string     `json:"name"`
		Tags  []string   `json:"tags,omitempty"`
		Steps []stepJSON `json:"steps,omitempty"`
	}
	stepJSON struct {
		placeJSON
		Text   string        `json:"text"`
		Actor  string        `json:"actor"`
		Kind   Kind          `json:"kind"`
		Verb   string        `json:"verb,omitempty"`
		Expect *expectJSON   `json:"expect,omitempty"`
		Wait   event.Seconds `json:"wait_s,omitempty"`
		Wall   bool          `json:"wall,omitempty"`
		Clock  *clockJSON    `json:"clock,omitempty"`
		Speak  *speakJSON    `json:"speak,omitempty"`
		Vars   []string      `json:"vars,omitempty"`
	}
	expectJSON struct {
		Terms   []termJSON    `json:"terms"`
		No      bool          `json:"no,omitempty"`
		Within  event.Seconds `json:"within_s,omitempty"`
		For     event.Seconds `json:"for_s,omitempty"`
		Wall    bool          `json:"wall,omitempty"`
		Exactly *int          `json:"exactly,omitempty"`
	}
	termJSON struct {
		placeJSON
		Form  string `json:"form"`
		Text  string `json:"text"`
		Again bool   `json:"again,omitempty"`
		As    string `json:"as,omitempty"`
	}
	clockJSON struct {
		Rate           float64 `json:"rate,omitempty"`
		Next           bool    `json:"next,omitempty"`
		WhileSuspended bool    `json:"while_suspended,omitempty"`
	}
	speakJSON struct {
		What string  `json:"what"`
		Hz   float64 `json:"hz,omitempty"`
		Name string  `json:"name,omitempty"`
	}
)

// MarshalJSON is the syntax tree.
func (f *File) MarshalJSON() ([]byte, error) {
	out := fileJSON{V: jsonVersion, File: f.Name, Phone: f.Phone, Tags: f.Tags}
	for _, u := range f.Uses {
		j := useJSON{placeJSON: f.placed(u.Place), Kind: u.Kind, Name: u.Name}
		for _, s := range u.Settings {
			j.Settings = append(j.Settings, settingJSON(s))
		}
		out.Uses = append(out.Uses, j)
	}
	for _, n := range f.Invariants {
		out.Invariants = append(out.Invariants, neverJSON{
			placeJSON: f.placed(n.Place), Text: n.Text, Rule: n.Rule, Limit: event.Seconds(n.Limit), Expect: n.Expectation.String(),
		})
	}
	for _, c := range f.Cases {
		j := caseJSON{placeJSON: f.placed(c.Place), Name: c.Name, Tags: c.Tags}
		for _, s := range c.Steps {
			j.Steps = append(j.Steps, f.stepJSON(s))
		}
		out.Cases = append(out.Cases, j)
	}
	return marshal(out)
}

// marshal leaves ">" as it is where the caller's encoder does: these are no
// web pages.
func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

// placed leaves the file out where it is the scenario itself.
func (f *File) placed(p Place) placeJSON {
	j := placeJSON(p)
	if j.File == f.Name {
		j.File = ""
	}
	return j
}

func (f *File) stepJSON(s Step) stepJSON {
	j := stepJSON{
		placeJSON: f.placed(s.Place), Text: s.Text, Actor: s.Actor, Kind: s.Kind, Verb: s.Verb,
		Wait: event.Seconds(s.Wait), Wall: s.Wall, Vars: s.Vars,
		Clock: (*clockJSON)(s.Clock), Speak: (*speakJSON)(s.Speak),
	}
	if e := s.Expect; e != nil {
		j.Expect = &expectJSON{No: e.No, Within: event.Seconds(e.Within), For: event.Seconds(e.For), Wall: e.Wall}
		if e.Counted {
			j.Expect.Exactly = &e.Exactly
		}
		for _, t := range e.Terms {
			j.Expect.Terms = append(j.Expect.Terms, termJSON{
				placeJSON: f.placed(t.Place), Form: t.Expectation.Head(), Text: t.Expectation.String(), Again: t.Expectation.Again(), As: t.As,
			})
		}
	}
	return j
}

// MarshalJSON is what an editor needs to show the error in its place.
func (e *SyntaxError) MarshalJSON() ([]byte, error) {
	return marshal(struct {
		File    string   `json:"file"`
		Line    int      `json:"line"`
		Col     int      `json:"col"`
		Width   int      `json:"width"`
		Message string   `json:"message"`
		Meant   string   `json:"meant,omitempty"`
		Advice  string   `json:"advice,omitempty"`
		Kind    string   `json:"kind,omitempty"`
		Known   []string `json:"known,omitempty"`
	}{e.File, e.Line, e.Col, e.Width, e.Message, e.Meant, e.Advice, e.Kind, e.Known})
}
