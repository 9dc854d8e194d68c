package main

import (
	"context"
	"math/rand/v2"

	"github.com/gofiber/fiber/v3"
)

const worldRows = 10000

type world struct {
	ID           int `json:"id"`
	RandomNumber int `json:"randomNumber"`
}

func (d *database) readWorld(ctx context.Context, id int) (world, error) {
	var row world
	err := d.readRow(ctx, "SELECT id, random_number FROM world WHERE id = $1", id, &row.ID, &row.RandomNumber)
	return row, err
}

func showWorld(db *database) fiber.Handler {
	return func(c fiber.Ctx) error {
		row, err := db.readWorld(c.Context(), 1+rand.IntN(worldRows))
		if err != nil {
			return unavailable(err)
		}
		return c.JSON(row)
	}
}

// countOf reads ?n=: missing or not a number is 1, anything else is forced into 1…500.
func countOf(c fiber.Ctx) int {
	text := c.Query("n")
	if !isInteger(text) {
		return 1
	}
	return clamp(text, 1, 500)
}

func listWorlds(db *database) fiber.Handler {
	return func(c fiber.Ctx) error {
		rows := make([]world, countOf(c))
		for i := range rows {
			row, err := db.readWorld(c.Context(), 1+rand.IntN(worldRows))
			if err != nil {
				return unavailable(err)
			}
			rows[i] = row
		}
		return c.JSON(rows)
	}
}

func updateWorlds(db *database) fiber.Handler {
	return func(c fiber.Ctx) error {
		ids := distinctIDs(countOf(c))
		rows := make([]world, len(ids))
		for i, id := range ids {
			row, err := db.renumber(c.Context(), id)
			if err != nil {
				return unavailable(err)
			}
			rows[i] = row
		}
		return c.JSON(rows)
	}
}

// renumber reads one row and writes it back with another number.
func (d *database) renumber(ctx context.Context, id int) (world, error) {
	row, err := d.readWorld(ctx, id)
	if err != nil {
		return world{}, err
	}
	row.RandomNumber = otherNumber(row.RandomNumber)
	return row, d.write(ctx, "UPDATE world SET random_number = $1 WHERE id = $2", row.RandomNumber, row.ID)
}

// otherNumber draws from the numbers that are not the old one.
func otherNumber(old int) int {
	if n := 1 + rand.IntN(worldRows-1); n < old {
		return n
	} else {
		return n + 1
	}
}

func distinctIDs(count int) []int {
	seen := make(map[int]bool, count)
	ids := make([]int, 0, count)
	for len(ids) < count {
		if id := 1 + rand.IntN(worldRows); !seen[id] {
			seen[id] = true
			ids = append(ids, id)
		}
	}
	return ids
}
