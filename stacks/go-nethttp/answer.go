package main

import (
	"context"
	"encoding/json"
	"errors"
	"log"
	"net/http"
	"strconv"
)

func writeText(w http.ResponseWriter, text string) {
	writeBody(w, http.StatusOK, "text/plain; charset=utf-8", []byte(text))
}

// writeJSON encodes before it writes, so that a failure can still become a status and the length is known.
func writeJSON(w http.ResponseWriter, status int, value any) {
	body, err := json.Marshal(value)
	if err != nil {
		log.Printf("encoding an answer: %v", err)
		status, body = http.StatusInternalServerError, []byte(`{"error":"Internal error"}`)
	}
	writeBody(w, status, "application/json", body)
}

func writeBody(w http.ResponseWriter, status int, contentType string, body []byte) {
	w.Header().Set("Content-Type", contentType)
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

func tooLarge(w http.ResponseWriter) {
	writeJSON(w, http.StatusRequestEntityTooLarge, failure{"Payload too large"})
}

func unavailable(w http.ResponseWriter, err error) {
	if !errors.Is(err, context.Canceled) { // the client left
		log.Printf("database: %v", err)
	}
	writeJSON(w, http.StatusServiceUnavailable, failure{"Service unavailable"})
}
