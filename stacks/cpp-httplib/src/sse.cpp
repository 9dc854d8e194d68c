#include "routes.h"

namespace {

using namespace std::chrono_literals;

bool is_topic(const std::string& text) { return !text.empty() && text.size() <= 64; }

// Called by the library again and again for as long as it says true.
bool write_events(Mailbox& mailbox, httplib::DataSink& sink) {
  std::string events;
  if (!mailbox.take(events, 250ms)) return false;
  // Nothing to write is the moment to notice that the client has left.
  return events.empty() ? sink.is_writable() : sink.write(events.data(), events.size());
}

void subscribe(Hub& hub, const httplib::Request& request, httplib::Response& response) {
  const std::string topic = request.get_param_value("topic");
  if (!is_topic(topic)) return answer_bad_request(response);
  response.set_header("Cache-Control", "no-cache");
  response.set_chunked_content_provider(
      "text/event-stream", [mailbox = hub.subscribe(topic), is_greeted = false](std::size_t, httplib::DataSink& sink) mutable {
        if (is_greeted) return write_events(*mailbox, sink);
        is_greeted = true;
        return sink.write(": ok\n\n", 6);
      });
}

void publish(Hub& hub, const httplib::Request& request, httplib::Response& response, const httplib::ContentReader& reader) {
  const std::string topic = request.get_param_value("topic");
  std::string text;
  if (!read_limited(reader, 1024, text, response)) return;
  if (!is_topic(topic) || text.empty() || text.find_first_of("\r\n") != std::string::npos) return answer_bad_request(response);
  hub.publish(topic, text);
  response.status = 202;
}

}  // namespace

void add_sse_routes(httplib::Server& server, Hub& hub) {
  server.Get("/sse", [&hub](const httplib::Request& request, httplib::Response& response) { subscribe(hub, request, response); });
  server.Post("/sse", [&hub](const httplib::Request& request, httplib::Response& response, const httplib::ContentReader& reader) {
    publish(hub, request, response, reader);
  });
}
