package main

import (
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"
	"github.com/gin-gonic/gin/binding"
	"github.com/go-playground/validator/v10"
)

// Pointers tell a null from a zero.
type sample struct {
	Features []*float64 `json:"features" binding:"len=30,dive,required,min=-1000000,max=1000000"`
}

func predict(c *gin.Context) {
	var received sample
	err := decodeStrictly(http.MaxBytesReader(c.Writer, c.Request.Body, bodyLimit), &received)
	if err == nil {
		err = binding.Validator.ValidateStruct(&received)
	}
	var invalid validator.ValidationErrors
	switch {
	case isTooLarge(err):
		tooLarge(c)
	case isSyntax(err):
		badRequest(c)
	case errors.As(err, &invalid):
		writeInvalid(c, len(invalid))
	case err != nil:
		writeInvalid(c, 1)
	default:
		score := model.score(received.Features)
		label := 0
		if score >= 0.5 {
			label = 1
		}
		c.JSON(http.StatusOK, gin.H{"label": label, "score": score})
	}
}
