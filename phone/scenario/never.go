package scenario

import "time"

// never adds an invariant to the file.
func (p *parser) never(l source, n Never) {
	n.Place, n.Text = l.place(l.all()), join(l.tokens)
	p.file.Invariants = append(p.file.Invariants, n)
}

func neverWake(p *parser, l source, a *args) *problem {
	if problem := a.done(); problem != nil {
		return problem
	}
	p.never(l, Never{Rule: WithoutCause})
	return nil
}

func neverStay(p *parser, l source, a *args) *problem {
	var limit time.Duration
	problem := a.only(">")
	if problem == nil {
		var t token
		if t, problem = a.need("a time"); problem == nil {
			limit, problem = parseDuration(t)
		}
	}
	if problem == nil {
		problem = a.done()
	}
	if problem != nil {
		if problem.advice == "" {
			problem.advice = "such as: never stay awake > 10s"
		}
		return problem
	}
	p.never(l, Never{Rule: StayAwake, Limit: limit})
	return nil
}

// only wants the next word to be this one.
func (a *args) only(word string) *problem {
	t, p := a.need(`"` + word + `"`)
	if p == nil && !t.is(word) {
		p = wrong(t, "unexpected %q", t.text)
	}
	return p
}

func neverEvent(p *parser, l source, a *args) *problem {
	for _, t := range a.tokens {
		if isClause(t) {
			return wrong(t, `"never" takes no clauses: it holds for the whole scenario`)
		}
	}
	e, problem := parseExpectation(*a)
	if problem != nil {
		return problem
	}
	e.any = true
	p.never(l, Never{Rule: Happens, Expectation: e})
	return nil
}
