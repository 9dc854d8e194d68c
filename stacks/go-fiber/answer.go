package main

import (
	"errors"
	"log"

	"github.com/gofiber/fiber/v3"
)

type failure struct {
	Error string `json:"error"`
}

// What handlers return instead of an answer.
var (
	errBadRequest = fiber.NewError(fiber.StatusBadRequest, "Bad request")
	errNotFound   = fiber.NewError(fiber.StatusNotFound, "Not found")
	errTooLarge   = fiber.NewError(fiber.StatusRequestEntityTooLarge, "Payload too large")
)

func unavailable(err error) error {
	log.Printf("database: %v", err)
	return fiber.NewError(fiber.StatusServiceUnavailable, "Service unavailable")
}

func answerError(c fiber.Ctx, err error) error {
	var known *fiber.Error
	if !errors.As(err, &known) {
		log.Printf("%s: %v", c.Path(), err)
		known = fiber.NewError(fiber.StatusInternalServerError, "Internal error")
	}
	if known.Code == fiber.StatusRequestEntityTooLarge {
		c.RequestCtx().SetConnectionClose() // the rest of the body is not read
	}
	return c.Status(known.Code).JSON(failure{known.Message})
}
