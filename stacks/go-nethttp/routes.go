package main

import (
	"encoding/json"
	"log"
	"net/http"
	"strconv"
)

func routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /health", health)
	mux.HandleFunc("GET /ready", health)
	mux.HandleFunc("GET /plaintext", plaintext)
	mux.HandleFunc("GET /json", greet)
	return mux
}

func health(w http.ResponseWriter, _ *http.Request) {
	writeText(w, "ok")
}

func writeText(w http.ResponseWriter, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(len(text)))
	_, _ = w.Write([]byte(text))
}

// writeJSON encodes before it writes, so that a failure can still become a status and the length is known.
func writeJSON(w http.ResponseWriter, status int, value any) {
	body, err := json.Marshal(value)
	if err != nil {
		log.Printf("encoding an answer: %v", err)
		http.Error(w, `{"error":"Internal error"}`, http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

type failure struct {
	Error string `json:"error"`
}

func badRequest(w http.ResponseWriter) {
	writeJSON(w, http.StatusBadRequest, failure{"Bad request"})
}
