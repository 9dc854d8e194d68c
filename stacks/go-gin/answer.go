package main

import (
	"context"
	"encoding/json"
	"errors"
	"log"
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"
)

// writeList is for answers that outgrow net/http's buffer of 2 KiB: c.JSON would send those in chunks, without the
// Content-Length that the contract asks for.
func writeList(c *gin.Context, list any) {
	body, err := json.Marshal(list)
	if err != nil {
		_ = c.AbortWithError(http.StatusInternalServerError, err)
		return
	}
	writeSized(c, "application/json; charset=utf-8", body)
}

func writeSized(c *gin.Context, contentType string, body []byte) {
	c.Header("Content-Length", strconv.Itoa(len(body)))
	c.Data(http.StatusOK, contentType, body)
}

type failure struct {
	Error string `json:"error"`
}

func badRequest(c *gin.Context) {
	c.JSON(http.StatusBadRequest, failure{"Bad request"})
}

func tooLarge(c *gin.Context) {
	c.JSON(http.StatusRequestEntityTooLarge, failure{"Payload too large"})
}

func unavailable(c *gin.Context, err error) {
	if !errors.Is(err, context.Canceled) { // the client left
		log.Printf("database: %v", err)
	}
	c.JSON(http.StatusServiceUnavailable, failure{"Service unavailable"})
}
