#include "routes.h"

namespace {

constexpr std::size_t kLimit = 64 * 1024 * 1024;

void upload(const httplib::Request&, httplib::Response& response, const httplib::ContentReader& reader) {
  std::size_t bytes = 0;
  const bool is_whole = reader([&bytes](const char*, std::size_t size) {
    bytes += size;
    return bytes <= kLimit;
  });
  if (is_whole) return answer_upload(response, bytes);
  if (bytes > kLimit) response.status = 413;  // otherwise the library has said what was wrong
}

}  // namespace

void answer_upload(httplib::Response& response, std::size_t bytes) { answer_json(response, 200, {{"bytes", bytes}}); }

void add_upload_route(httplib::Server& server) { server.Post("/upload", upload); }
