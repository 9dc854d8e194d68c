package main

import (
	"context"
	"math/rand/v2"
	"net/http"

	"github.com/gin-gonic/gin"
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

func showWorld(db *database) gin.HandlerFunc {
	return func(c *gin.Context) {
		row, err := db.readWorld(c.Request.Context(), 1+rand.IntN(worldRows))
		if err != nil {
			unavailable(c, err)
			return
		}
		c.JSON(http.StatusOK, row)
	}
}

// countOf reads ?n=: missing or not a number is 1, anything else is forced into 1…500.
func countOf(c *gin.Context) int {
	text := c.Query("n")
	if !isInteger(text) {
		return 1
	}
	return clamp(text, 1, 500)
}

func listWorlds(db *database) gin.HandlerFunc {
	return func(c *gin.Context) {
		rows := make([]world, countOf(c))
		for i := range rows {
			row, err := db.readWorld(c.Request.Context(), 1+rand.IntN(worldRows))
			if err != nil {
				unavailable(c, err)
				return
			}
			rows[i] = row
		}
		writeList(c, rows)
	}
}

func updateWorlds(db *database) gin.HandlerFunc {
	return func(c *gin.Context) {
		ids := distinctIDs(countOf(c))
		rows := make([]world, len(ids))
		for i, id := range ids {
			row, err := db.renumber(c.Request.Context(), id)
			if err != nil {
				unavailable(c, err)
				return
			}
			rows[i] = row
		}
		writeList(c, rows)
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
