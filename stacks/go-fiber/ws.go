package main

import (
	"github.com/fasthttp/websocket"
	"github.com/gofiber/fiber/v3"
)

const messageLimit = 64 << 10

var upgrader = websocket.FastHTTPUpgrader{ReadBufferSize: 4096, WriteBufferSize: 4096}

func echo(c fiber.Ctx) error {
	if !websocket.FastHTTPIsWebSocketUpgrade(c.RequestCtx()) {
		return fiber.ErrUpgradeRequired
	}
	return upgrader.Upgrade(c.RequestCtx(), func(connection *websocket.Conn) {
		defer connection.Close()
		connection.SetReadLimit(messageLimit)
		for {
			kind, message, err := connection.ReadMessage()
			if err != nil {
				return
			}
			if connection.WriteMessage(kind, message) != nil {
				return
			}
		}
	})
}
