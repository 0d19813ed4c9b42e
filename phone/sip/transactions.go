package sip

import (
	"container/heap"
	"slices"
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/system"
)

// Transactions is the transaction layer of one element: it finds the
// transaction of a message, and knows whose deadline is next. The zero value
// is ready for use. Its user sends what a [Step] says; the layer never does.
type Transactions struct {
	clients  map[Key]*entry
	servers  map[Key]*entry
	requests map[string]*entry // of the clients those that are no CANCEL, by branch
	due      dueHeap
	seq      uint64
}

// An entry is a transaction in the layer; one of client and server is set.
type entry struct {
	key    Key
	client *ClientTransaction
	server *ServerTransaction
	at     time.Time // its deadline, zero for never
	seq    uint64    // of two with one deadline the older comes first
	index  int       // in the heap
}

// Send starts a client transaction for a request that the caller sends now.
func (ts *Transactions) Send(now time.Time, req *sip.Request, reliable bool) *ClientTransaction {
	e := &entry{key: ClientKey(req), client: NewClientTransaction(now, req, reliable)}
	if ts.clients == nil {
		ts.clients, ts.requests = map[Key]*entry{}, map[string]*entry{}
	}
	ts.clients[e.key] = e
	if req.Method != sip.CANCEL {
		ts.requests[e.key.Branch] = e
	}
	ts.add(e)
	return e.client
}

// Accept starts a server transaction for a request that has none.
func (ts *Transactions) Accept(req *sip.Request, reliable bool) *ServerTransaction {
	e := &entry{key: ServerKey(req), server: NewServerTransaction(req, reliable)}
	e.server.key = e.key
	if ts.servers == nil {
		ts.servers = map[Key]*entry{}
	}
	ts.servers[e.key] = e
	ts.add(e)
	return e.server
}

// Awaits reports whether a response is one to a request that waits for it.
func (ts *Transactions) Awaits(res *sip.Response) bool { return ts.clients[ClientKey(res)] != nil }

// Response gives a response to its client transaction, which is nil if there
// is none.
func (ts *Transactions) Response(now time.Time, res *sip.Response) (*ClientTransaction, Step) {
	e, ok := ts.clients[ClientKey(res)]
	if !ok {
		return nil, Step{}
	}
	s := e.client.Receive(now, res)
	ts.settle(e)
	return e.client, s
}

// Request gives a request to its server transaction, which is nil if it
// belongs to none: it is new, or the ACK to a 2xx.
func (ts *Transactions) Request(now time.Time, req *sip.Request) (*ServerTransaction, Step) {
	e, ok := ts.servers[ServerKey(req)]
	if !ok {
		return nil, Step{}
	}
	s := e.server.Receive(now, req)
	ts.settle(e)
	return e.server, s
}

// Client returns the client transaction with that key, or nil.
func (ts *Transactions) Client(key Key) *ClientTransaction {
	if e, ok := ts.clients[key]; ok {
		return e.client
	}
	return nil
}

// Server returns the server transaction with that key, or nil.
func (ts *Transactions) Server(key Key) *ServerTransaction {
	if e, ok := ts.servers[key]; ok {
		return e.server
	}
	return nil
}

// Respond gives a response of the user to a server transaction of the layer.
func (ts *Transactions) Respond(now time.Time, t *ServerTransaction, res *sip.Response) Step {
	s := t.Respond(now, res)
	if e, ok := ts.servers[t.key]; ok && e.server == t {
		ts.settle(e)
	}
	return s
}

// Restart begins a client transaction anew whose request is sent in another way.
func (ts *Transactions) Restart(now time.Time, t *ClientTransaction, reliable bool) {
	if e, ok := ts.clients[ClientKey(t.Request)]; ok && e.client == t {
		*t = *NewClientTransaction(now, t.Request, reliable)
		ts.settle(e)
	}
}

// Fail ends a client transaction without a response: its transport failed or
// its user has lost interest.
func (ts *Transactions) Fail(t *ClientTransaction) {
	if e, ok := ts.clients[ClientKey(t.Request)]; ok && e.client == t {
		t.terminate()
		ts.settle(e)
	}
}

// Drop forgets a server transaction that nobody will answer.
func (ts *Transactions) Drop(t *ServerTransaction) {
	if e, ok := ts.servers[t.key]; ok && e.server == t {
		t.terminate()
		ts.settle(e)
	}
}

// Len is how many transactions are alive.
func (ts *Transactions) Len() int { return len(ts.due) }

// Deadline is when Advance wants to be called next.
func (ts *Transactions) Deadline() time.Time {
	if len(ts.due) == 0 {
		return time.Time{}
	}
	return ts.due[0].at
}

// Advance does the one oldest thing that is due at now. It returns whose it
// was; both are nil if nothing is due.
func (ts *Transactions) Advance(now time.Time) (*ClientTransaction, *ServerTransaction, Step) {
	if !system.Due(ts.Deadline(), now) {
		return nil, nil, Step{}
	}
	e := ts.due[0]
	var s Step
	if e.client != nil {
		s = e.client.Advance(now)
	} else {
		s = e.server.Advance(now)
	}
	ts.settle(e)
	return e.client, e.server, s
}

// Delay lets no transaction give up before until: see the rule of thawing in
// the package comment.
func (ts *Transactions) Delay(until time.Time) {
	for _, e := range slices.Clone(ts.due) {
		if e.client != nil {
			e.client.Delay(until)
		} else {
			e.server.Delay(until)
		}
		ts.settle(e)
	}
}

func (ts *Transactions) add(e *entry) {
	ts.seq++
	e.seq, e.at = ts.seq, e.deadline()
	heap.Push(&ts.due, e)
}

// settle puts an entry where its new deadline belongs, or forgets it.
func (ts *Transactions) settle(e *entry) {
	if !e.terminated() {
		e.at = e.deadline()
		heap.Fix(&ts.due, e.index)
		return
	}
	heap.Remove(&ts.due, e.index)
	if e.client != nil && ts.clients[e.key] == e {
		delete(ts.clients, e.key)
	}
	if ts.requests[e.key.Branch] == e {
		delete(ts.requests, e.key.Branch)
	}
	if e.server != nil && ts.servers[e.key] == e {
		delete(ts.servers, e.key)
	}
}

func (e *entry) deadline() time.Time {
	if e.client != nil {
		return e.client.Deadline()
	}
	return e.server.Deadline()
}

func (e *entry) terminated() bool {
	if e.client != nil {
		return e.client.state == StateTerminated
	}
	return e.server.state == StateTerminated
}

// dueHeap orders entries by deadline, those without one last.
type dueHeap []*entry

func (h dueHeap) Len() int { return len(h) }

func (h dueHeap) Less(i, j int) bool {
	a, b := h[i], h[j]
	switch {
	case a.at.Equal(b.at):
		return a.seq < b.seq
	case a.at.IsZero() || b.at.IsZero():
		return b.at.IsZero()
	}
	return a.at.Before(b.at)
}

func (h dueHeap) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].index, h[j].index = i, j
}

func (h *dueHeap) Push(x any) {
	e := x.(*entry)
	e.index = len(*h)
	*h = append(*h, e)
}

func (h *dueHeap) Pop() any {
	old := *h
	e := old[len(old)-1]
	old[len(old)-1] = nil
	*h = old[:len(old)-1]
	return e
}
