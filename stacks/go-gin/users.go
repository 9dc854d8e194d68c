package main

import (
	"errors"
	"math"
	"net/http"

	"github.com/gin-gonic/gin"
	"github.com/jackc/pgx/v5"
)

type user struct {
	ID    int    `json:"id"`
	Name  string `json:"name"`
	Email string `json:"email"`
}

func showUser(db *database) gin.HandlerFunc {
	return func(c *gin.Context) {
		id, ok := parseWithin(c.Param("id"), 1, math.MaxInt32)
		if !ok {
			badRequest(c)
			return
		}
		var found user
		err := db.readRow(c.Request.Context(), "SELECT id, name, email FROM users WHERE id = $1", id,
			&found.ID, &found.Name, &found.Email)
		switch {
		case errors.Is(err, pgx.ErrNoRows):
			c.JSON(http.StatusNotFound, failure{"Not found"})
		case err != nil:
			unavailable(c, err)
		default:
			c.JSON(http.StatusOK, found)
		}
	}
}
