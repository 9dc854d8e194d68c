// The routes that every stack begins with. The rest, and what is asked of each, is in stacks/CONTRACT.md.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"regexp"
	"runtime"
	"strconv"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()

	// Every stack sizes itself from BENCH_CPUS and from nothing it could find out about the machine.
	runtime.GOMAXPROCS(envInt("BENCH_CPUS", 1))

	server := &http.Server{
		Addr:              net.JoinHostPort("", strconv.Itoa(envInt("PORT", 8080))),
		Handler:           routes(),
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       120 * time.Second, // the contract wants 75 s
	}
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		<-ctx.Done()
		deadline, cancel := context.WithTimeout(context.Background(), 8*time.Second)
		defer cancel()
		_ = server.Shutdown(deadline)
	}()
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		log.Fatal(err)
	}
	<-stopped // ListenAndServe returns when the shutdown begins, not when it is done
}

func routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /health", func(w http.ResponseWriter, _ *http.Request) { writeText(w, "ok") })
	mux.HandleFunc("GET /plaintext", func(w http.ResponseWriter, _ *http.Request) { writeText(w, "Hello, World!") })
	mux.HandleFunc("GET /json", greet)
	return mux
}

var namePattern = regexp.MustCompile(`^[A-Za-z0-9]{1,32}$`)

func greet(w http.ResponseWriter, r *http.Request) {
	name := "World"
	if query := r.URL.Query(); query.Has("name") {
		name = query.Get("name")
	}
	if !namePattern.MatchString(name) {
		writeJSON(w, http.StatusBadRequest, map[string]string{"error": "Bad request"})
		return
	}
	writeJSON(w, http.StatusOK, map[string]string{"message": "Hello, " + name + "!"})
}

func writeText(w http.ResponseWriter, text string) {
	write(w, http.StatusOK, "text/plain; charset=utf-8", []byte(text))
}

func writeJSON(w http.ResponseWriter, status int, value any) {
	body, err := json.Marshal(value)
	if err != nil {
		http.Error(w, "Internal error", http.StatusInternalServerError)
		return
	}
	write(w, status, "application/json", body)
}

func write(w http.ResponseWriter, status int, contentType string, body []byte) {
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

func envInt(key string, fallback int) int {
	if value, err := strconv.Atoi(os.Getenv(key)); err == nil && value > 0 {
		return value
	}
	return fallback
}
