//go:build !pq

package main

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

var errNoRows = pgx.ErrNoRows

type database struct {
	pool *pgxpool.Pool // nil without a database
	fill func(context.Context) error
}

// openDatabase connects to nothing yet: a stack starts while its database is down.
func openDatabase(url string, connections int) (*database, error) {
	if url == "" {
		return &database{}, nil
	}
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, err
	}
	config.MaxConns = int32(connections)
	config.MinConns = int32(connections)
	config.ConnConfig.ConnectTimeout = time.Second
	pool, err := pgxpool.NewWithConfig(context.Background(), config)
	if err != nil {
		return nil, err
	}
	return &database{pool: pool, fill: untilDone(func(ctx context.Context) error { return fillPool(ctx, pool) })}, nil
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
	return d.pool.QueryRow(ctx, "SELECT 1").Scan(&one)
}

// readRow runs one statement that answers with one row; errNoRows when there is none.
func (d *database) readRow(ctx context.Context, sql string, argument any, into ...any) error {
	if d.pool == nil {
		return errNoDatabase
	}
	ctx, cancel := context.WithTimeout(ctx, statementTimeout)
	defer cancel()
	return d.pool.QueryRow(ctx, sql, argument).Scan(into...)
}

func (d *database) write(ctx context.Context, sql string, arguments ...any) error {
	ctx, cancel := context.WithTimeout(ctx, statementTimeout)
	defer cancel()
	_, err := d.pool.Exec(ctx, sql, arguments...)
	return err
}

// readFortunes runs one statement and collects its rows.
func (d *database) readFortunes(ctx context.Context, sql string) ([]fortune, error) {
	if d.pool == nil {
		return nil, errNoDatabase
	}
	ctx, cancel := context.WithTimeout(ctx, statementTimeout)
	defer cancel()
	rows, err := d.pool.Query(ctx, sql)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[fortune])
}

// fillPool holds every connection of the pool at once, so that no request has to open one later.
func fillPool(ctx context.Context, pool *pgxpool.Pool) error {
	held := make([]*pgxpool.Conn, 0, pool.Config().MaxConns)
	defer func() {
		for _, connection := range held {
			connection.Release()
		}
	}()
	for range pool.Config().MaxConns {
		connection, err := pool.Acquire(ctx)
		if err != nil {
			return err
		}
		held = append(held, connection)
	}
	return nil
}
