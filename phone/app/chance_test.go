package app

import (
	"math/rand/v2"
	"testing"
)

// TestChance: what one of several accounts draws is the same whichever draws first; one
// account alone draws from the app's.
func TestChance(t *testing.T) {
	drawn := func(order ...int) (ids [2]uint64) {
		app := rand.New(rand.NewPCG(1, 2))
		both := [2]*rand.Rand{chance(app, Account{Name: "work"}), chance(app, Account{Name: "club"})}
		for _, i := range order {
			ids[i] = both[i].Uint64()
		}
		return ids
	}
	if a, b := drawn(0, 1), drawn(1, 0); a != b || a[0] == a[1] {
		t.Errorf("%v, and the other way round %v", a, b)
	}
	app := rand.New(rand.NewPCG(1, 2))
	if chance(app, Account{}) != app || chance(nil, Account{Name: "work"}) != nil {
		t.Error("a phone with one account has another chance than its own")
	}
}
