package main

import (
	"time"

	"github.com/gofiber/fiber/v3"
)

func newApp(db *database, hub *hub) *fiber.App {
	app := fiber.New(fiber.Config{
		ErrorHandler: answerError,
		UnescapePath: true,
		ReadTimeout:  60 * time.Second,
		WriteTimeout: 60 * time.Second,
		// A slow open-loop phase leaves connections idle for more than a minute.
		IdleTimeout: 120 * time.Second,
		// Also the limit of a request's head, and a number of thousands of digits is to be read before it is refused.
		ReadBufferSize: 16 << 10,
		// A body is handed on as it comes; only what fits in here is read before its handler is called. The limits are
		// the handlers'.
		StreamRequestBody: true,
		BodyLimit:         64 << 10,
	})

	app.Get("/health", func(c fiber.Ctx) error { return c.SendString("ok") })
	app.Get("/ready", ready(db))

	app.Get("/plaintext", plaintext)
	app.Get("/json", greet)
	app.Get("/items/:count", listItems)
	app.Post("/validate", validate)
	app.Post("/predict", predict)
	app.Get("/cpu", compute)
	app.Post("/upload", upload)

	app.Get("/users/:id", showUser(db))
	app.Get("/db", showWorld(db))
	app.Get("/queries", listWorlds(db))
	app.Post("/updates", updateWorlds(db))
	app.Get("/fortunes", showFortunes(db))

	app.Get("/sse", hub.subscribe)
	app.Post("/sse", hub.publish)
	app.Get("/ws", echo)
	return app
}

func ready(db *database) fiber.Handler {
	return func(c fiber.Ctx) error {
		if err := db.check(c.Context()); err != nil {
			return unavailable(err)
		}
		return c.SendString("ok")
	}
}
