package main

import (
	"context"
	"errors"
	"sync"
	"time"
)

// The driver is chosen when the program is built: database_pgx.go, or database_pq.go with the build tag pq.

// A database that does not answer becomes a 503 within two seconds: each statement has this long, a place in the
// pool included.
const statementTimeout = 1800 * time.Millisecond

var errNoDatabase = errors.New("this run has no database")

// untilDone makes a step that is taken again until it succeeded once.
func untilDone(step func(context.Context) error) func(context.Context) error {
	var mutex sync.Mutex
	done := false
	return func(ctx context.Context) error {
		mutex.Lock()
		defer mutex.Unlock()
		if done {
			return nil
		}
		err := step(ctx)
		done = err == nil
		return err
	}
}
