package main

import (
	"bytes"
	"cmp"
	_ "embed"
	"html/template"
	"net/http"
	"slices"
)

//go:embed templates/fortunes.html
var fortunesHTML string

var fortunesPage = template.Must(template.New("fortunes").Parse(fortunesHTML))

type fortune struct {
	ID      int
	Message string
}

var fortuneQueries = map[string]string{
	"":    "SELECT id, message FROM fortune",
	"200": "SELECT id, message FROM fortune200",
}

func showFortunes(db *database) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		sql, ok := fortuneQueries[r.URL.Query().Get("set")]
		if !ok {
			badRequest(w)
			return
		}
		rows, err := db.readFortunes(r.Context(), sql)
		if err != nil {
			unavailable(w, err)
			return
		}
		rows = append(rows, fortune{Message: "Additional fortune added at request time."})
		slices.SortFunc(rows, func(a, b fortune) int { return cmp.Compare(a.Message, b.Message) })

		var page bytes.Buffer
		if err := fortunesPage.Execute(&page, rows); err != nil {
			http.Error(w, "Internal error", http.StatusInternalServerError)
			return
		}
		writeBody(w, http.StatusOK, "text/html; charset=utf-8", page.Bytes())
	}
}
