//go:build pq

package main

import (
	"context"
	"database/sql"
	"net/url"

	_ "github.com/lib/pq"
)

var errNoRows = sql.ErrNoRows

type database struct {
	pool *sql.DB // nil without a database
	size int
	fill func(context.Context) error
}

// openDatabase connects to nothing yet: a stack starts while its database is down.
func openDatabase(address string, connections int) (*database, error) {
	if address == "" {
		return &database{}, nil
	}
	parsed, err := url.Parse(address)
	if err != nil {
		return nil, err
	}
	query := parsed.Query()
	query.Set("sslmode", "disable") // lib/pq insists on TLS unless it is told
	query.Set("connect_timeout", "1")
	parsed.RawQuery = query.Encode()
	pool, err := sql.Open("postgres", parsed.String())
	if err != nil {
		return nil, err
	}
	pool.SetMaxOpenConns(connections)
	// Two are kept by default, and the rest would be opened anew all the time.
	pool.SetMaxIdleConns(connections)
	d := &database{pool: pool, size: connections}
	d.fill = untilDone(d.fillPool)
	return d, nil
}

// check is /ready: the pool is full and the database answers. Without a database there is nothing to wait for.
func (d *database) check(ctx context.Context) error {
	if d.pool == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, statementTimeout)
	defer cancel()
	if err := d.fill(ctx); err != nil {
		return err
	}
	var one int
	return d.pool.QueryRowContext(ctx, "SELECT 1").Scan(&one)
}

// readRow runs one statement that answers with one row; errNoRows when there is none.
func (d *database) readRow(ctx context.Context, statement string, argument any, into ...any) error {
	if d.pool == nil {
		return errNoDatabase
	}
	ctx, cancel := context.WithTimeout(ctx, statementTimeout)
	defer cancel()
	return d.pool.QueryRowContext(ctx, statement, argument).Scan(into...)
}

func (d *database) write(ctx context.Context, statement string, arguments ...any) error {
	ctx, cancel := context.WithTimeout(ctx, statementTimeout)
	defer cancel()
	_, err := d.pool.ExecContext(ctx, statement, arguments...)
	return err
}

// readFortunes runs one statement and collects its rows.
func (d *database) readFortunes(ctx context.Context, statement string) ([]fortune, error) {
	if d.pool == nil {
		return nil, errNoDatabase
	}
	ctx, cancel := context.WithTimeout(ctx, statementTimeout)
	defer cancel()
	rows, err := d.pool.QueryContext(ctx, statement)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var found []fortune
	for rows.Next() {
		var one fortune
		if err := rows.Scan(&one.ID, &one.Message); err != nil {
			return nil, err
		}
		found = append(found, one)
	}
	return found, rows.Err()
}

// fillPool holds every connection of the pool at once, so that no request has to open one later.
func (d *database) fillPool(ctx context.Context) error {
	held := make([]*sql.Conn, 0, d.size)
	defer func() {
		for _, connection := range held {
			_ = connection.Close() // gives it back to the pool
		}
	}()
	for range d.size {
		connection, err := d.pool.Conn(ctx)
		if err != nil {
			return err
		}
		held = append(held, connection)
	}
	return nil
}
