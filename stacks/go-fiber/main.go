// The Fiber stack of stackdyno, with pgx and html/template.
package main

import (
	"context"
	"log"
	"net"
	"os"
	"os/signal"
	"runtime"
	"strconv"
	"syscall"
	"time"

	"github.com/gofiber/fiber/v3"
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
	app := newApp(db, hub)

	failed := make(chan error, 1)
	address := net.JoinHostPort("0.0.0.0", strconv.Itoa(envInt("PORT", 8080)))
	go func() { failed <- app.Listen(address, fiber.ListenConfig{DisableStartupMessage: true}) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}

	hub.close()
	if err := app.ShutdownWithTimeout(8 * time.Second); err != nil {
		log.Printf("stopping: %v", err) // what is still open is cut off
	}
	return nil
}

func envInt(key string, fallback int) int {
	if value, err := strconv.Atoi(os.Getenv(key)); err == nil && value > 0 {
		return value
	}
	return fallback
}
