package main

import (
	"errors"
	"math"

	"github.com/gofiber/fiber/v3"
	"github.com/jackc/pgx/v5"
)

type user struct {
	ID    int    `json:"id"`
	Name  string `json:"name"`
	Email string `json:"email"`
}

func showUser(db *database) fiber.Handler {
	return func(c fiber.Ctx) error {
		id, ok := parseWithin(c.Params("id"), 1, math.MaxInt32)
		if !ok {
			return errBadRequest
		}
		var found user
		err := db.readRow(c.Context(), "SELECT id, name, email FROM users WHERE id = $1", id,
			&found.ID, &found.Name, &found.Email)
		switch {
		case errors.Is(err, pgx.ErrNoRows):
			return errNotFound
		case err != nil:
			return unavailable(err)
		default:
			return c.JSON(found)
		}
	}
}
