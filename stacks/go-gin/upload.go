package main

import (
	"io"
	"net/http"

	"github.com/gin-gonic/gin"
)

const uploadLimit = 64 << 20

func upload(c *gin.Context) {
	n, err := io.Copy(io.Discard, http.MaxBytesReader(c.Writer, c.Request.Body, uploadLimit))
	switch {
	case isTooLarge(err):
		tooLarge(c)
	case err != nil:
		badRequest(c)
	default:
		c.JSON(http.StatusOK, struct {
			Bytes int64 `json:"bytes"`
		}{n})
	}
}
