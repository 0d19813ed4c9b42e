package device

import (
	"fmt"
	"reflect"
	"slices"
)

// Keys are the keys of the settings that the profile has, in the order of its file.
func (p Profile) Keys() []string { return slices.Clone(p.keys) }

// Has reports whether the profile has a setting.
func (p Profile) Has(key string) bool { return slices.Contains(p.keys, key) }

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
	a.uplink.sendTime, a.uplink.openTime, a.service.limit = a.p.SendTimeout, a.p.ConnectTimeout, a.p.ServiceLimit
}
