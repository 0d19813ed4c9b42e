package main

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/cli"
	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/script"
	"github.com/sleeptalk/sleeptalk/phone/event"
)

// catalogue has the numbers of the failures: those that everybody meets, and those of the
// phones of today.
var catalogue = [][2]int{{1, 33}}

// A shownFailure is a way in which a sleeping phone fails, and a scenario that
// shows it.
type shownFailure struct {
	number          int
	scenario, about string
}

// failures lists what the scenarios of the program show, by the number that is
// among their tags, such as F4.
func failures() ([]shownFailure, error) {
	scripts, err := script.Builtin("")
	if err != nil {
		return nil, err
	}
	var list []shownFailure
	for _, s := range scripts {
		src, f, err := s.Parse()
		if err != nil {
			return nil, err
		}
		for _, tag := range f.Tags {
			number, ok := strings.CutPrefix(tag, "F")
			if n, err := strconv.Atoi(number); ok && err == nil {
				list = append(list, shownFailure{n, s.Short(), script.About(src)})
			}
		}
	}
	slices.SortStableFunc(list, func(a, b shownFailure) int { return cmp.Compare(a.number, b.number) })
	return list, nil
}

const failuresHead = `# Failures

The ways in which a sleeping phone fails, each with a scenario that shows it, step by
step, in virtual time: sleeptalk run builtin:NAME --watch. Its number is its tag, so that
sleeptalk list --tag F4 finds it.
`

func failuresText(list []shownFailure) string {
	var b strings.Builder
	b.WriteString(failuresHead + "\n")
	for _, f := range list {
		fmt.Fprintf(&b, "- F%d, %s: %s\n", f.number, f.scenario, f.about)
	}
	return b.String()
}

// TestEachFailureIsShown wants a scenario for each way in which a sleeping phone
// fails, and no number beyond them.
func TestEachFailureIsShown(t *testing.T) {
	list, err := failures()
	if err != nil {
		t.Fatal(err)
	}
	shown := map[int]bool{}
	for _, f := range list {
		shown[f.number] = true
	}
	for _, part := range catalogue {
		for n := part[0]; n <= part[1]; n++ {
			if !shown[n] {
				t.Errorf("no scenario has the tag F%d", n)
			}
			delete(shown, n)
		}
	}
	if len(shown) > 0 {
		t.Errorf("what are %v?", shown)
	}
}

// breaking breaks the network where each fault shows at once, so that it takes
// as little of the wall clock's time as of the virtual one's. The app registers
// by itself when it is launched: a "register" would come before or after that.
const breaking = `
use device ios-voip-socket grace=1s
expect registered within 3s
expect pong within 3s
background
expect suspended within 5s
== the server resets the connection
fault server reset
expect wake by close within 3s
expect registered again within 5s
expect suspended again within 5s
== a NAT forgets it, and answers with RST
fault nat short reset
fault nat drop
clock next
expect wake by keepalive within 600s
expect socket reset within 3s
expect registered again within 5s
expect suspended again within 5s
== a handover, and another process
fault network wifi -> cell
kill
expect fault handover over
foreground
expect registered again within 5s
== a server that has forgotten the connection
fault latency 20ms
fault server half-open
register
expect socket reset within 3s
expect registered again within 5s
fault clear
kill
`

// TestBothShellsBreakAlike plays the same faults over loopback and in virtual
// time, and wants the same to happen, in the same order.
func TestBothShellsBreakAlike(t *testing.T) {
	live, world := playedIn(t, "--live"), playedIn(t, "--world")
	if !slices.Equal(live, world) {
		t.Errorf("over loopback:\n%s\nin virtual time:\n%s", strings.Join(live, "\n"), strings.Join(world, "\n"))
	}
}

// TestBothShellsLogARefusal asks the lab for what it cannot do.
func TestBothShellsLogARefusal(t *testing.T) {
	const asked = "wake alice"
	for _, shell := range []string{"--live", "--world"} {
		log, err := logOf(t, shell, "expect registered within 3s\nlab: "+asked+"\n")
		if f, ok := errors.AsType[*cli.Failure](err); !ok || f.Code != cli.ExitCannot {
			t.Errorf("%s: %v", shell, err)
		}
		var refused []string
		for _, r := range log.After(0) {
			if e, ok := r.Event.(event.Error); ok {
				refused = append(refused, r.Phone+" "+e.Op+": "+e.Err)
			}
		}
		if want := []string{"lab " + asked + ": alice has no wake socket here"}; !slices.Equal(refused, want) {
			t.Errorf("%s: %q, want %q", shell, refused, want)
		}
	}
}

// playedIn is what happened to the phone when the scenario was played: what the
// link, the system and the network did, and neither how long it took nor the
// messages, for a server's nonces live by its own clock.
func playedIn(t *testing.T, shell string) []string {
	t.Helper()
	log, err := logOf(t, shell, breaking)
	if err != nil {
		t.Fatalf("%s: %v", shell, err)
	}
	var happened []string
	for _, r := range log.After(0) {
		if r.Phone == "alice" && isOfTheNetwork(r.Event) {
			what, _ := r.Event.Text()
			happened = append(happened, what)
		}
	}
	if len(happened) < 50 {
		t.Fatalf("%s: no more than %s", shell, fmt.Sprint(happened))
	}
	return happened
}

// logOf plays a scenario in a shell. Its error is that of the program.
func logOf(t *testing.T, shell, script string) (*event.Log, error) {
	t.Helper()
	dir := t.TempDir()
	talk, recorded := filepath.Join(dir, "script.talk"), filepath.Join(dir, "events.jsonl")
	if err := os.WriteFile(talk, []byte(script), 0o600); err != nil {
		t.Fatal(err)
	}
	out := new(bytes.Buffer)
	p := &cli.Program{
		Args: []string{"run", talk, shell, "--events", recorded, "--trace", "never"}, In: strings.NewReader(""), Out: out, Err: out,
		Env: func(key string) string { return map[string]string{"HOME": dir}[key] },
	}
	played := execute(t.Context(), p)
	if played != nil {
		t.Logf("%s", out)
	}
	f, err := os.Open(recorded)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	log, err := event.ReadJSON(f)
	if err != nil {
		t.Fatal(err)
	}
	return log, played
}

func isOfTheNetwork(e event.Event) bool {
	switch e := e.(type) {
	case event.Fault, event.Network, event.Socket, event.Wake, event.Frame, event.WakeEnd, event.State, event.Launch, event.Killed, event.Tick:
		return true
	case event.Registration:
		return e.Phase == "active" || e.Phase == "lost"
	}
	return false
}
