package main

import (
	"bytes"
	"cmp"
	_ "embed"
	"html/template"
	"slices"

	"github.com/gofiber/fiber/v3"
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

func showFortunes(db *database) fiber.Handler {
	return func(c fiber.Ctx) error {
		sql, ok := fortuneQueries[c.Query("set")]
		if !ok {
			return errBadRequest
		}
		rows, err := readRows[fortune](c.Context(), db, sql)
		if err != nil {
			return unavailable(err)
		}
		rows = append(rows, fortune{Message: "Additional fortune added at request time."})
		slices.SortFunc(rows, func(a, b fortune) int { return cmp.Compare(a.Message, b.Message) })

		var page bytes.Buffer
		if err := fortunesPage.Execute(&page, rows); err != nil {
			return err
		}
		c.Type("html", "utf-8")
		return c.Send(page.Bytes())
	}
}
