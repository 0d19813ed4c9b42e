package matrix

import (
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/scenario/play"
)

// TestPairs: each two levels of two factors meet in a row that can, and no row is for
// nothing.
func TestPairs(t *testing.T) {
	met := map[pair]int{}
	rows := Rows()
	for _, c := range rows {
		if !c.possible() {
			t.Errorf("%s cannot be", c)
		}
		for _, p := range c.pairs() {
			met[p]++
		}
	}
	factors := Factors()
	for a := range factorCount {
		for b := a + 1; b < factorCount; b++ {
			for _, la := range factors[a].Levels {
				for _, lb := range factors[b].Levels {
					cannot := a == state && b == screen && la == foreground && lb != on
					if (met[pair{a, b, la, lb}] == 0) != cannot {
						t.Errorf("%s %s and %s %s meet %d times", factors[a].Name, la, factors[b].Name, lb, met[pair{a, b, la, lb}])
					}
				}
			}
		}
	}
	for _, c := range rows {
		alone := false
		for _, p := range c.pairs() {
			alone = alone || met[p] == 1
		}
		if !alone {
			t.Errorf("%s has no pair of its own", c)
		}
	}
	if n := len(rows); n < 16 || n > 24 {
		t.Errorf("%d rows", n)
	}
}

// TestRun plays the list on three phones: one that is reached passes what it can, one
// that nothing wakes is found out, and each row that fails has a rule.
func TestRun(t *testing.T) {
	for _, tt := range []struct {
		phone  Phone
		passes []Combination
		fails  map[Combination]string // with the rule
	}{
		{
			Phone{Device: "ios-pushkit", Strategy: "push"},
			[]Combination{{foreground, on, wifi, answer, no}, {suspended, asleep, handover, answer, yes}, {terminated, locked, mobile, answer, no}},
			map[Combination]string{{background, locked, handover, early, no}: "ghost-call", {foreground, on, handover, late, yes}: "handover"},
		},
		{
			Phone{Device: "android-doze", Strategy: "push", Settings: []string{"push-provider=webpush"}},
			[]Combination{{foreground, on, wifi, answer, no}, {suspended, asleep, handover, answer, yes}},
			nil,
		},
		{
			Phone{Device: "ios-voip-socket", Strategy: "none"},
			[]Combination{{foreground, on, wifi, answer, no}},
			map[Combination]string{{suspended, locked, wifi, late, yes}: "nothing-wakes", {background, asleep, wifi, decline, no}: "nothing-wakes"},
		},
	} {
		rows, err := Run(t.Context(), Config{Phone: tt.phone, Seed: 1, Jobs: runtime.NumCPU()})
		if err != nil {
			t.Fatal(err)
		}
		got := map[Combination]Row{}
		for _, r := range rows {
			got[r.Combination] = r
			if rule, words := r.Finding(); r.Passed() != (words == "") || r.Passed() != (rule == "") {
				t.Errorf("%s: %s: passed %v, with rule %q: %s", tt.phone.Strategy, r.Combination, r.Passed(), rule, words)
			}
		}
		for _, c := range tt.passes {
			if r, ok := got[c]; !ok || !r.Passed() {
				_, words := r.Finding()
				t.Errorf("%s: %s: %s", tt.phone.Strategy, c, words)
			}
		}
		for c, want := range tt.fails {
			r, ok := got[c]
			if !ok {
				t.Errorf("no row is %s", c)
				continue
			}
			if rule, _ := r.Finding(); string(rule) != want {
				t.Errorf("%s: %s: rule %q, want %q", tt.phone.Strategy, c, rule, want)
			}
		}
	}
}

// TestRefused: what is no phone is said before anything is played.
func TestRefused(t *testing.T) {
	for _, p := range []Phone{{Device: "destkop", Strategy: "none"}, {Device: "desktop", Strategy: "telepathy"}, {Device: "desktop", Strategy: "none", Settings: []string{"x=y"}}} {
		if _, err := Run(t.Context(), Config{Phone: p}); err == nil {
			t.Errorf("%+v is played", p)
		}
	}
}

// TestOver: an account says what is not said otherwise, and names no server.
func TestOver(t *testing.T) {
	got := Phone{Strategy: "push", Settings: []string{"report=never"}}.Over(map[string]string{"device": "android-doze", "strategy": "none", "server": "pbx", "push-provider": "webpush"}).WithDefaults()
	if got.Device != "android-doze" || got.Strategy != "push" || strings.Join(got.Settings, " ") != "push-provider=webpush report=never" {
		t.Errorf("%+v", got)
	}
}

// TestFormats: each says what has failed, why, and how to see it again.
func TestFormats(t *testing.T) {
	rows := []Row{
		{N: 1, Combination: Combination{foreground, on, wifi, answer, no}, Result: &play.Result{Cases: []play.CaseResult{{Verdict: play.Passed}}}},
		{N: 2, Combination: Combination{suspended, locked, mobile, late, yes}, Result: &play.Result{Cases: []play.CaseResult{{Verdict: play.Failed, Failure: &play.Failure{Message: "no <call> *came*", Rule: "half-open", Likely: "the way is gone"}}}}},
	}
	list := &Checklist{Phone: Phone{Device: "desktop", Strategy: "none"}, Seed: 7, Rows: rows, Again: func(r Row) string { return "again " + r.Name() }}
	for name, f := range map[string]struct {
		write func(io.Writer) error
		want  []string
	}{
		"text":     {list.Text, []string{"[x]  1  foreground, on, wifi, answer\n", "[ ]  2  suspended, locked, mobile, cancel late, a second call\n", "half-open  no <call> *came*: the way is gone", "again matrix-02", "2 rows, 1 passed, 1 failed", "seed 7"}},
		"markdown": {list.Markdown, []string{"- [x] 1. foreground", "- [ ] 2. suspended", "`half-open`: no &lt;call&gt; \\*came\\*", "`again matrix-02`"}},
		"html":     {list.HTML, []string{"1 passed", "2 failed", "<b>half-open</b> no &lt;call&gt; *came*", "again matrix-02", `content="sleeptalk"`}},
	} {
		var b strings.Builder
		if err := f.write(&b); err != nil {
			t.Fatal(err)
		}
		for _, want := range f.want {
			if !strings.Contains(b.String(), want) {
				t.Errorf("%s lacks %q:\n%s", name, want, b.String())
			}
		}
	}
}
