package main

import (
	"io"

	"github.com/gofiber/fiber/v3"
)

const uploadLimit = 64 << 20

func upload(c fiber.Ctx) error {
	n, err := io.Copy(io.Discard, io.LimitReader(bodyOf(c), uploadLimit+1))
	switch {
	case err != nil:
		return errBadRequest
	case n > uploadLimit:
		return errTooLarge
	}
	return c.JSON(struct {
		Bytes int64 `json:"bytes"`
	}{n})
}
