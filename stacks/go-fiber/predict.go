package main

import (
	"errors"

	"github.com/go-playground/validator/v10"
	"github.com/gofiber/fiber/v3"
)

// Pointers tell a null from a zero.
type sample struct {
	Features []*float64 `json:"features" validate:"len=30,dive,required,min=-1000000,max=1000000"`
}

func predict(c fiber.Ctx) error {
	body, err := readLimited(c, bodyLimit)
	if err != nil {
		return err
	}
	var received sample
	if err = decodeStrictly(body, &received); err == nil {
		err = tags.Struct(&received)
	}
	var invalid validator.ValidationErrors
	switch {
	case isSyntax(err):
		return errBadRequest
	case errors.As(err, &invalid):
		return writeInvalid(c, len(invalid))
	case err != nil:
		return writeInvalid(c, 1)
	default:
		score := model.score(received.Features)
		label := 0
		if score >= 0.5 {
			label = 1
		}
		return c.JSON(fiber.Map{"label": label, "score": score})
	}
}
