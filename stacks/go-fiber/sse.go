package main

import (
	"bufio"
	"bytes"
	"fmt"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/gofiber/fiber/v3"
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

// topicOf copies the name: Fiber's own is gone with the request, and the hub keeps it.
func topicOf(c fiber.Ctx) (string, error) {
	name := strings.Clone(c.Query("topic"))
	if len(name) < 1 || len(name) > 64 {
		return "", errBadRequest
	}
	return name, nil
}

// heartbeat is how a client that left without a word is noticed: fasthttp does not read while it writes.
const heartbeat = 15 * time.Second

func (h *hub) subscribe(c fiber.Ctx) error {
	name, err := topicOf(c)
	if err != nil {
		return err
	}
	events := make(chan string, 256)
	events <- ": ok\n\n"
	h.add(name, events)

	c.Set("Content-Type", "text/event-stream")
	c.Set("Cache-Control", "no-cache")
	connection := c.RequestCtx().Conn()
	return c.SendStreamWriter(func(w *bufio.Writer) {
		defer h.remove(name, events)
		h.stream(w, connection, events)
	})
}

func (h *hub) stream(w *bufio.Writer, connection net.Conn, events <-chan string) {
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	for {
		event, open := ":\n\n", true
		select {
		case event, open = <-events:
		case <-beat.C:
		case <-h.stopping:
			return
		}
		if !open || writeEvent(w, connection, event) != nil {
			return
		}
	}
}

// writeEvent gives each event a deadline of its own; the server's would end the stream after a minute.
func writeEvent(w *bufio.Writer, connection net.Conn, event string) error {
	if err := connection.SetWriteDeadline(time.Now().Add(10 * time.Second)); err != nil {
		return err
	}
	if _, err := w.WriteString(event); err != nil {
		return err
	}
	return w.Flush()
}

func (h *hub) publish(c fiber.Ctx) error {
	name, err := topicOf(c)
	if err != nil {
		return err
	}
	text, err := readLimited(c, 1024)
	if err != nil {
		return err
	}
	if len(text) == 0 || bytes.ContainsAny(text, "\r\n") {
		return errBadRequest
	}
	h.send(name, string(text))
	c.Status(fiber.StatusAccepted)
	return nil
}
