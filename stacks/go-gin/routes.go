package main

import (
	"net/http"

	"github.com/gin-gonic/gin"
)

func newEngine(db *database, hub *hub) *gin.Engine {
	gin.SetMode(gin.ReleaseMode)
	// Not gin.Default(): it writes a line for each request.
	engine := gin.New()
	engine.Use(gin.Recovery())
	_ = engine.SetTrustedProxies(nil)
	engine.HandleMethodNotAllowed = true
	engine.NoRoute(func(c *gin.Context) { c.JSON(http.StatusNotFound, failure{"Not found"}) })
	engine.NoMethod(func(c *gin.Context) { c.JSON(http.StatusMethodNotAllowed, failure{"Method not allowed"}) })

	engine.GET("/health", func(c *gin.Context) { c.String(http.StatusOK, "ok") })
	engine.GET("/ready", ready(db))

	engine.GET("/plaintext", plaintext)
	engine.GET("/json", greet)
	engine.GET("/items/:count", listItems)
	engine.POST("/validate", validate)
	engine.POST("/predict", predict)
	engine.GET("/cpu", compute)
	engine.POST("/upload", upload)

	engine.GET("/users/:id", showUser(db))
	engine.GET("/db", showWorld(db))
	engine.GET("/queries", listWorlds(db))
	engine.POST("/updates", updateWorlds(db))
	engine.GET("/fortunes", showFortunes(db))

	engine.GET("/sse", hub.subscribe)
	engine.POST("/sse", hub.publish)
	engine.GET("/ws", echo)
	return engine
}

func ready(db *database) gin.HandlerFunc {
	return func(c *gin.Context) {
		if err := db.check(c.Request.Context()); err != nil {
			unavailable(c, err)
			return
		}
		c.String(http.StatusOK, "ok")
	}
}
