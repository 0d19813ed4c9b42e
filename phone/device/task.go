package device

import (
	"slices"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// task is a background task that has not ended.
type task struct {
	id   int
	name string
}

// beginTask is beginBackgroundTaskWithExpirationHandler:.
func (d *Device) beginTask(now time.Time, c system.BeginTask) {
	if d.taskIndex(c.Task) >= 0 {
		d.log(event.BackgroundTask{Task: c.Task, Name: c.Name, Phase: "refused"})
		return
	}
	d.tasks = append(d.tasks, task{id: c.Task, name: c.Name})
	d.log(event.BackgroundTask{Task: c.Task, Name: c.Name, Phase: "begin", Budget: event.Seconds(d.profile.TaskBudget)})
	if !d.profile.Suspends {
		return
	}
	switch {
	case d.state == event.Awake, d.state == event.Entering && d.ready:
		d.enterTask(now)
	case d.state == event.Task:
		// One budget for all: the clock runs on.
		d.timers[settleTimer] = time.Time{}
	}
}

// endTask is endBackgroundTask:. Nothing keeps the app running after the last.
func (d *Device) endTask(now time.Time, id int) {
	i := d.taskIndex(id)
	if i < 0 {
		return
	}
	d.log(event.BackgroundTask{Task: id, Name: d.tasks[i].name, Phase: "end"})
	d.tasks = slices.Delete(d.tasks, i, i+1)
	if d.state == event.Task && len(d.tasks) == 0 {
		d.settle(now, "the last background task has ended")
	}
}

// taskTimeOver kills an app that has not ended its tasks.
func (d *Device) taskTimeOver(now time.Time) {
	if len(d.tasks) == 0 { // and was about to be suspended
		d.suspend(now, "the time for background tasks is over")
		return
	}
	d.end(now, taskOverrun(d.tasks[0].name, d.profile.TaskBudget))
}

// warnTasks calls the expiration handlers.
func (d *Device) warnTasks() {
	for _, t := range d.tasks {
		d.log(event.BackgroundTask{Task: t.id, Name: t.name, Phase: "expiring", Budget: event.Seconds(d.profile.TaskWarning)})
		d.tell(system.TaskExpiring{Task: t.id})
	}
}

func (d *Device) taskIndex(id int) int {
	return slices.IndexFunc(d.tasks, func(t task) bool { return t.id == id })
}
