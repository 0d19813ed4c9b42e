package stage

import "sync"

// SideBySide plays what has the numbers below n, on stages of their own, so many at a time,
// and returns when all is over.
func SideBySide(n, atATime int, one func(i int)) {
	free := make(chan struct{}, max(atATime, 1))
	var crew sync.WaitGroup
	for i := range n {
		free <- struct{}{}
		crew.Go(func() {
			defer func() { <-free }()
			one(i)
		})
	}
	crew.Wait()
}
