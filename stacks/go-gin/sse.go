package main

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/gin-gonic/gin"
)

// hub hands each message of a topic to everybody who listens to it. Safe for concurrent use.
type hub struct {
	stopping chan struct{}
	mutex    sync.Mutex
	topics   map[string]*topic
}

type topic struct {
	sequence    uint64
	subscribers map[chan string]bool
}

func newHub() *hub {
	return &hub{stopping: make(chan struct{}), topics: map[string]*topic{}}
}

func (h *hub) close() { close(h.stopping) }

func (h *hub) add(name string, subscriber chan string) {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	if h.topics[name] == nil {
		h.topics[name] = &topic{subscribers: map[chan string]bool{}}
	}
	h.topics[name].subscribers[subscriber] = true
}

func (h *hub) remove(name string, subscriber chan string) {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	if h.topics[name].subscribers[subscriber] {
		h.drop(h.topics[name], subscriber)
	}
}

func (h *hub) drop(from *topic, subscriber chan string) {
	delete(from.subscribers, subscriber)
	close(subscriber)
}

// send numbers the message and gives it to every subscriber of now. One that is 256 messages behind is cut off:
// it would otherwise hold up the rest or miss one unseen.
func (h *hub) send(name, text string) {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	to := h.topics[name]
	if to == nil {
		return
	}
	to.sequence++
	event := fmt.Sprintf("id: %d\ndata: %s\n\n", to.sequence, text)
	for subscriber := range to.subscribers {
		select {
		case subscriber <- event:
		default:
			h.drop(to, subscriber)
		}
	}
}

func topicOf(c *gin.Context) (string, bool) {
	name := c.Query("topic")
	return name, 1 <= len(name) && len(name) <= 64
}

func (h *hub) subscribe(c *gin.Context) {
	name, ok := topicOf(c)
	if !ok {
		badRequest(c)
		return
	}
	events := make(chan string, 256)
	events <- ": ok\n\n"
	h.add(name, events)
	defer h.remove(name, events)

	c.Header("Content-Type", "text/event-stream")
	c.Header("Cache-Control", "no-cache")
	connection := http.NewResponseController(c.Writer)
	// The server's read timeout would otherwise end the stream: it goes on reading to notice a client that left.
	if connection.SetReadDeadline(time.Time{}) != nil {
		return
	}
	// Stream flushes after each step.
	c.Stream(func(w io.Writer) bool {
		select {
		case event, open := <-events:
			return open && writeEvent(w, connection, event)
		case <-c.Request.Context().Done():
			return false
		case <-h.stopping:
			return false
		}
	})
}

// writeEvent gives each event a deadline of its own; the server's would end the stream after a minute.
func writeEvent(w io.Writer, connection *http.ResponseController, event string) bool {
	if connection.SetWriteDeadline(time.Now().Add(10*time.Second)) != nil {
		return false
	}
	_, err := io.WriteString(w, event)
	return err == nil
}

func (h *hub) publish(c *gin.Context) {
	name, ok := topicOf(c)
	text, err := io.ReadAll(http.MaxBytesReader(c.Writer, c.Request.Body, 1024))
	if !ok || err != nil || len(text) == 0 || strings.ContainsAny(string(text), "\r\n") {
		badRequest(c)
		return
	}
	h.send(name, string(text))
	c.Status(http.StatusAccepted)
}
