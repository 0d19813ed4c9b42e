package stage

import (
	"context"
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/scenario/play"
	"github.com/sleeptalk/sleeptalk/phone/setup"
)

// TestDoors: the lab speaks every protocol that a phone can be told to, by whichever of
// its accounts, and has somebody call there.
func TestDoors(t *testing.T) {
	for _, p := range setup.Protocols() {
		for use, user := range map[string]string{
			"raw=lines control=" + p.Name:                                               "alice",
			"account=work,private private.raw=lines private.control=" + p.Name:          "private",
			"account=work,private work.raw=lines work.control=" + p.Name:                "work",
			"account=work,private raw=lines control=sip private.control=" + p.Name:      "private",
			"account=work,private raw=lines private.control=sip work.control=" + p.Name: "private",
		} {
			file := parse(t, "use phone alice "+use+"\nexpect registered within 10s\nlock\nwait 1s\nbob: call "+user+"\nexpect notification from bob within 10s\n")
			w, err := New(Config{Casting: Casting{File: file}, Seed: 1})
			if err != nil {
				t.Fatalf("%s: %v", use, err)
			}
			r := play.Run(context.Background(), file, w, play.Options{World: true, Seed: 1})
			if r.Verdict() != play.Passed {
				t.Errorf("%s: %s\n%s", use, r.Verdict(), verdicts(r))
			}
		}
	}
}

// TestOneAccountIsFoundByTheDNS: of the accounts of a phone those that speak SIP find the
// lab by its domain.
func TestOneAccountIsFoundByTheDNS(t *testing.T) {
	for _, first := range []string{"work", "private"} {
		text := "use record \"_sip._tcp.lab.test 300 SRV 10 0 5060 lab\"\n" +
			"use phone alice account=work,private " + first + ".raw=lines\n" +
			"expect registered as work and registered as private and dns SRV with lab within 10s\n"
		file := parse(t, text)
		w, err := New(Config{Casting: Casting{File: file}, Seed: 1})
		if err != nil {
			t.Fatal(err)
		}
		if r := play.Run(context.Background(), file, w, play.Options{World: true, Seed: 1}); r.Verdict() != play.Passed {
			t.Errorf("%s speaks raw: %s", first, verdicts(r))
		}
	}
}
