package device

import (
	"fmt"
	"reflect"
	"slices"
	"time"
)

// Keys are the keys of the settings that the profile has, in the order of its file.
func (p Profile) Keys() []string { return slices.Clone(p.keys) }

// Has reports whether the profile has a setting.
func (p Profile) Has(key string) bool { return slices.Contains(p.keys, key) }

// Takes is what a setting can be, for the reader: on|off, DURATION; "": there is none of the
// kind.
func Takes(key string) string {
	holders := []reflect.Type{reflect.TypeFor[Profile]()}
	for _, f := range families() {
		holders = append(holders, reflect.TypeOf(f.own).Elem())
	}
	for _, t := range holders {
		for _, f := range reflect.VisibleFields(t) {
			if f.Tag.Get("setting") == key && key != "" {
				return takes(f.Type)
			}
		}
	}
	return ""
}

func takes(t reflect.Type) string {
	switch t {
	case reflect.TypeFor[time.Duration]():
		return "DURATION"
	case reflect.TypeFor[bool]():
		return "on|off"
	case reflect.TypeFor[Marked]():
		return fmt.Sprintf("%s|%s|%s", Watched, Ignored, KilledForIt)
	case reflect.TypeFor[Overrun]():
		return fmt.Sprintf("%s|%s", SuspendOverrun, KillOverrun)
	}
	return "NUMBER"
}

// Refuses says why the system takes no keepalive handler with a timeout; "": it takes one.
func (p Profile) Refuses(timeout time.Duration) string {
	_, alarms := p.own.(*dozeSettings)
	_, handler := p.own.(*voipSettings)
	switch {
	case alarms: // one that is too short is kept to the shortest
		return ""
	case !handler || !p.KeepAlive || !p.Suspends:
		return noKeepAlive
	case timeout < p.KeepAliveMin:
		return fmt.Sprintf("the minimum is %g s", p.KeepAliveMin.Seconds())
	}
	return ""
}

// noKeepAlive is why a system without one takes no handler.
const noKeepAlive = "this system has no keepalive handler"

// Settled reports whether a setting is one that the kind of a system hangs on: it cannot be
// changed while a device runs.
func Settled(key string) bool { return key == "suspends" || key == "doze" }

// Becomes says why a device that runs cannot become another one: what its kind hangs on is
// settled when it is switched on. It is nil if only numbers differ.
func (p Profile) Becomes(other Profile) error {
	switch {
	case p.family != other.family:
		return fmt.Errorf("another kind of device needs a new start: --device %s", other.Name)
	case p.Suspends != other.Suspends:
		return fmt.Errorf("a system that suspends apps or not is another one: that needs a new start, with --set suspends=%s", other.show("suspends"))
	}
	if is, ok := p.own.(*dozeSettings); ok && is.Doze != other.own.(*dozeSettings).Doze {
		return fmt.Errorf("a system that dozes or not is another one: that needs a new start, with --set doze=%s", other.show("doze"))
	}
	return nil
}

// configure takes over the numbers of a profile, which count from now on. Who holds the
// profile, or the settings of its family, sees them there; others had copied them.
func (c *core) configure(p *Profile) {
	if err := c.profile.Becomes(*p); err != nil {
		c.refuse("set", err.Error(), "")
		return
	}
	own := c.profile.own
	reflect.ValueOf(own).Elem().Set(reflect.ValueOf(p.own).Elem())
	*c.profile = *p
	c.profile.own = own
	c.tasks.budget, c.tasks.warning, c.keepAlive.most = p.TaskBudget, p.TaskWarning, p.KeepAliveEarly
	if limits := own.newBudget(); c.budget != nil && limits != nil {
		c.budget.limit, c.budget.per, c.budget.sparesFIN = limits.limit, limits.per, limits.sparesFIN
	}
	c.family.configured()
}

func (k *pushKit) configured() {
	k.record.limit, k.record.lasts, k.duties.limit = k.p.PushViolations, k.p.PushBlockTime, k.p.PushReportLimit
}

func (a *android) configured() {
	a.distributor.govern()
}
