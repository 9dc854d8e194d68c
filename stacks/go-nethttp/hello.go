package main

import "net/http"

type greeting struct {
	Message string `json:"message"`
}

func plaintext(w http.ResponseWriter, _ *http.Request) {
	writeText(w, "Hello, World!")
}

func greet(w http.ResponseWriter, r *http.Request) {
	name := "World"
	if query := r.URL.Query(); query.Has("name") {
		if name = query.Get("name"); !isName(name) {
			badRequest(w)
			return
		}
	}
	writeJSON(w, http.StatusOK, greeting{"Hello, " + name + "!"})
}

func isName(text string) bool {
	if len(text) < 1 || len(text) > 32 {
		return false
	}
	for _, c := range []byte(text) {
		if !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9') {
			return false
		}
	}
	return true
}
