package main

import (
	"net/http"

	"github.com/gin-gonic/gin"
)

type greeting struct {
	Message string `json:"message"`
}

func plaintext(c *gin.Context) {
	c.String(http.StatusOK, "Hello, World!")
}

func greet(c *gin.Context) {
	name := c.DefaultQuery("name", "World")
	if !isName(name) {
		badRequest(c)
		return
	}
	c.JSON(http.StatusOK, greeting{"Hello, " + name + "!"})
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
