package main

import "net/http"

func routes(db *database, hub *hub) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /health", health)
	mux.HandleFunc("GET /ready", ready(db))

	mux.HandleFunc("GET /plaintext", plaintext)
	mux.HandleFunc("GET /json", greet)
	mux.HandleFunc("GET /items/{count}", listItems)
	mux.HandleFunc("POST /validate", validate)
	mux.HandleFunc("POST /predict", predict)
	mux.HandleFunc("GET /cpu", compute)
	mux.HandleFunc("POST /upload", upload)

	mux.HandleFunc("GET /users/{id}", showUser(db))
	mux.HandleFunc("GET /db", showWorld(db))
	mux.HandleFunc("GET /queries", listWorlds(db))
	mux.HandleFunc("POST /updates", updateWorlds(db))
	mux.HandleFunc("GET /fortunes", showFortunes(db))

	mux.HandleFunc("GET /sse", hub.subscribe)
	mux.HandleFunc("POST /sse", hub.publish)
	mux.HandleFunc("GET /ws", echo)
	return mux
}

func health(w http.ResponseWriter, _ *http.Request) {
	writeText(w, "ok")
}

func ready(db *database) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if err := db.check(r.Context()); err != nil {
			unavailable(w, err)
			return
		}
		writeText(w, "ok")
	}
}
