package main

import (
	"errors"
	"math"
	"net/http"
)

type user struct {
	ID    int    `json:"id"`
	Name  string `json:"name"`
	Email string `json:"email"`
}

func showUser(db *database) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		id, ok := parseWithin(r.PathValue("id"), 1, math.MaxInt32)
		if !ok {
			badRequest(w)
			return
		}
		var found user
		err := db.readRow(r.Context(), "SELECT id, name, email FROM users WHERE id = $1", id,
			&found.ID, &found.Name, &found.Email)
		switch {
		case errors.Is(err, errNoRows):
			writeJSON(w, http.StatusNotFound, failure{"Not found"})
		case err != nil:
			unavailable(w, err)
		default:
			writeJSON(w, http.StatusOK, found)
		}
	}
}
