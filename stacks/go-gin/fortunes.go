package main

import (
	"bytes"
	"cmp"
	_ "embed"
	"html/template"
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"
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

func showFortunes(db *database) gin.HandlerFunc {
	return func(c *gin.Context) {
		sql, ok := fortuneQueries[c.Query("set")]
		if !ok {
			badRequest(c)
			return
		}
		rows, err := readRows[fortune](c.Request.Context(), db, sql)
		if err != nil {
			unavailable(c, err)
			return
		}
		rows = append(rows, fortune{Message: "Additional fortune added at request time."})
		slices.SortFunc(rows, func(a, b fortune) int { return cmp.Compare(a.Message, b.Message) })

		var page bytes.Buffer
		if err := fortunesPage.Execute(&page, rows); err != nil {
			_ = c.AbortWithError(http.StatusInternalServerError, err)
			return
		}
		writeSized(c, "text/html; charset=utf-8", page.Bytes())
	}
}
