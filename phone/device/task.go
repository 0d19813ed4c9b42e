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

// tasks are the background tasks of a process. All share one budget.
type tasks struct {
	*sink
	list            []task
	budget, warning time.Duration
}

// begin is beginBackgroundTaskWithExpirationHandler:. It reports whether there
// is a new task.
func (t *tasks) begin(c system.BeginTask) bool {
	if t.index(c.Task) >= 0 {
		t.log(event.BackgroundTask{Task: c.Task, Name: c.Name, Phase: event.TaskRefused})
		return false
	}
	t.list = append(t.list, task{id: c.Task, name: c.Name})
	t.log(event.BackgroundTask{Task: c.Task, Name: c.Name, Phase: event.TaskBegin, Budget: event.Seconds(t.budget)})
	return true
}

// end is endBackgroundTask:. It reports whether that was the last.
func (t *tasks) end(id int) bool {
	i := t.index(id)
	if i < 0 {
		return false
	}
	t.log(event.BackgroundTask{Task: id, Name: t.list[i].name, Phase: event.TaskEnd})
	t.list = slices.Delete(t.list, i, i+1)
	return !t.any()
}

// warn calls the expiration handlers.
func (t *tasks) warn() {
	for _, one := range t.list {
		t.log(event.BackgroundTask{Task: one.id, Name: one.name, Phase: event.TaskExpiring, Budget: event.Seconds(t.warning)})
		t.tell(system.TaskExpiring{Task: one.id})
	}
}

func (t *tasks) any() bool { return len(t.list) > 0 }

// first is the name of the oldest task.
func (t *tasks) first() string { return t.list[0].name }

func (t *tasks) index(id int) int {
	return slices.IndexFunc(t.list, func(one task) bool { return one.id == id })
}
