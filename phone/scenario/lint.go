package scenario

import "fmt"

// Lint finds what is right and could be better: it is for warnings, and each
// is an error in form only. What it says is never a reason not to play the
// scenario.
func Lint(f *File) []*SyntaxError {
	var list []*SyntaxError
	used := make(map[string]bool)
	for _, c := range f.Cases {
		for _, s := range c.Steps {
			for _, v := range s.Vars {
				used[v] = true
			}
		}
	}
	for _, c := range f.Cases {
		for _, s := range c.Steps {
			list = append(list, f.lint(s, used)...)
		}
	}
	return list
}

func (f *File) lint(s Step, used map[string]bool) (list []*SyntaxError) {
	if s.Kind == Waiting {
		list = append(list, f.remark(s.Place, fmt.Sprintf("%q waits for nothing in particular", s.Text), `"expect" goes on as soon as it can`))
	}
	if s.Expect == nil {
		return list
	}
	for _, t := range s.Expect.Terms {
		if t.As != "" && !used[t.As] {
			list = append(list, f.remark(t.Place, fmt.Sprintf("nothing uses $%s", t.As), ""))
		}
	}
	return list
}

func (f *File) remark(at Place, message, advice string) *SyntaxError {
	return &SyntaxError{Place: at, Message: message, Advice: advice, Source: f.Source(at.File, at.Line)}
}
