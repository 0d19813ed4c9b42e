package world

import (
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/push"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

func TestPushReachesAFrozenMachine(t *testing.T) {
	p := newPair(t, Config{Push: push.Config{MinDelay: time.Second, MaxDelay: time.Second}}, oneWay)
	p.do(p.aliceNode, system.OpenPush{Token: "t1"}, system.Freeze{})
	p.do(p.labNode, system.SendPush{Push: system.Push{Token: "t1"}})
	p.RunUntil(2 * time.Second)
	p.alice.want(t, "1000 ms system.PushArrived")
}

func TestPushAndACutLink(t *testing.T) {
	p := newPair(t, Config{Push: push.Config{MinDelay: time.Second, MaxDelay: time.Second}}, oneWay)
	p.do(p.aliceNode, system.OpenPush{Token: "t1"})
	p.Cut(p.aliceNode)
	p.do(p.labNode,
		system.SendPush{Push: system.Push{Token: "t1"}}, // tried once
		system.SendPush{Push: system.Push{Token: "t1", Expires: p.Now().Add(time.Minute)}})
	p.RunUntil(5 * time.Second)
	p.alice.want(t)
	p.Restore(p.aliceNode)
	p.RunUntil(6 * time.Second)
	p.alice.want(t, "5000 ms system.PushArrived")
	p.do(p.aliceNode, system.ClosePush{})
	p.do(p.labNode, system.SendPush{Push: system.Push{Token: "t1"}})
	p.RunUntil(10 * time.Second)
	p.alice.want(t)
}

func TestARefusedPushComesBack(t *testing.T) {
	p := newPair(t, Config{}, oneWay)
	p.do(p.labNode, system.SendPush{Push: system.Push{Token: "t1"}})
	p.RunUntil(time.Second)
	p.lab.want(t, "0 ms system.PushRefused")
}
