package main

import (
	"bytes"
	"io"

	"github.com/gofiber/fiber/v3"
)

func bodyOf(c fiber.Ctx) io.Reader {
	if stream := c.RequestCtx().RequestBodyStream(); stream != nil {
		return stream
	}
	return bytes.NewReader(nil)
}

// readLimited reads the whole body; one that is longer than the limit is errTooLarge.
func readLimited(c fiber.Ctx, limit int64) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(bodyOf(c), limit+1))
	switch {
	case err != nil:
		return nil, errBadRequest
	case int64(len(body)) > limit:
		return nil, errTooLarge
	default:
		return body, nil
	}
}
