package main

import (
	"github.com/gofiber/fiber/v3"
)

type greeting struct {
	Message string `json:"message"`
}

func plaintext(c fiber.Ctx) error {
	return c.SendString("Hello, World!")
}

func greet(c fiber.Ctx) error {
	name := "World"
	// Not the default of c.Query: it takes the place of an empty name too.
	if c.RequestCtx().QueryArgs().Has("name") {
		name = c.Query("name")
	}
	if !isName(name) {
		return errBadRequest
	}
	return c.JSON(greeting{"Hello, " + name + "!"})
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
