package main

import (
	"io"
	"net/http"
)

const uploadLimit = 64 << 20

func upload(w http.ResponseWriter, r *http.Request) {
	n, err := io.Copy(io.Discard, http.MaxBytesReader(w, r.Body, uploadLimit))
	switch {
	case isTooLarge(err):
		tooLarge(w)
	case err != nil:
		badRequest(w)
	default:
		writeJSON(w, http.StatusOK, struct {
			Bytes int64 `json:"bytes"`
		}{n})
	}
}
