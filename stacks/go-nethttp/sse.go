package main

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"
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

func topicOf(r *http.Request) (string, bool) {
	name := r.URL.Query().Get("topic")
	return name, 1 <= len(name) && len(name) <= 64
}

func (h *hub) subscribe(w http.ResponseWriter, r *http.Request) {
	name, ok := topicOf(r)
	if !ok {
		badRequest(w)
		return
	}
	events := make(chan string, 256)
	h.add(name, events)
	defer h.remove(name, events)

	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-cache")
	stream := http.NewResponseController(w)
	// The server's read timeout would otherwise end the stream: it goes on reading to notice a client that left.
	if stream.SetReadDeadline(time.Time{}) != nil || writeEvent(w, stream, ": ok\n\n") != nil {
		return
	}
	for {
		select {
		case event, open := <-events:
			if !open || writeEvent(w, stream, event) != nil {
				return
			}
		case <-r.Context().Done():
			return
		case <-h.stopping:
			return
		}
	}
}

// writeEvent gives each event a deadline of its own; the server's would end the stream after a minute.
func writeEvent(w io.Writer, stream *http.ResponseController, event string) error {
	if err := stream.SetWriteDeadline(time.Now().Add(10 * time.Second)); err != nil {
		return err
	}
	if _, err := io.WriteString(w, event); err != nil {
		return err
	}
	return stream.Flush()
}

func (h *hub) publish(w http.ResponseWriter, r *http.Request) {
	name, ok := topicOf(r)
	text, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1024))
	if !ok || err != nil || len(text) == 0 || strings.ContainsAny(string(text), "\r\n") {
		badRequest(w)
		return
	}
	h.send(name, string(text))
	w.Header().Set("Content-Length", "0")
	w.WriteHeader(http.StatusAccepted)
}
