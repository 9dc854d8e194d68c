// The Gin stack of stackdyno, with pgx and html/template.
package main

import (
	"context"
	"errors"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"runtime"
	"strconv"
	"syscall"
	"time"
)

func main() {
	if err := run(); err != nil {
		log.Fatal(err)
	}
}

func run() error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()

	// Every stack sizes itself from BENCH_CPUS and from nothing it could find out about the machine.
	runtime.GOMAXPROCS(envInt("BENCH_CPUS", 1))

	db, err := openDatabase(os.Getenv("DATABASE_URL"), envInt("BENCH_DB_CONNECTIONS", 20))
	if err != nil {
		return err
	}
	hub := newHub()
	server := &http.Server{
		Addr:              net.JoinHostPort("", strconv.Itoa(envInt("PORT", 8080))),
		Handler:           newEngine(db, hub),
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       60 * time.Second,
		WriteTimeout:      60 * time.Second,
		// A slow open-loop phase leaves connections idle for more than a minute.
		IdleTimeout: 120 * time.Second,
	}
	server.RegisterOnShutdown(hub.close)

	failed := make(chan error, 1)
	go func() { failed <- server.ListenAndServe() }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}

	deadline, cancel := context.WithTimeout(context.Background(), 8*time.Second)
	defer cancel()
	if err := server.Shutdown(deadline); errors.Is(err, context.DeadlineExceeded) {
		return server.Close()
	} else {
		return err
	}
}

func envInt(key string, fallback int) int {
	if value, err := strconv.Atoi(os.Getenv(key)); err == nil && value > 0 {
		return value
	}
	return fallback
}
