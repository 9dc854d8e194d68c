package main

import (
	"github.com/coder/websocket"
	"github.com/gin-gonic/gin"
)

const messageLimit = 64 << 10

func echo(c *gin.Context) {
	connection, err := websocket.Accept(c.Writer, c.Request, &websocket.AcceptOptions{CompressionMode: websocket.CompressionDisabled})
	if err != nil {
		return // Accept has answered
	}
	defer connection.CloseNow()
	connection.SetReadLimit(messageLimit)
	for {
		kind, message, err := connection.Read(c.Request.Context())
		if err != nil {
			return
		}
		if err := connection.Write(c.Request.Context(), kind, message); err != nil {
			return
		}
	}
}
