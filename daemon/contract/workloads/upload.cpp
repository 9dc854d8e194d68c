// upload: a body read as it comes, and counted.
#include <fmt/format.h>

#include "contract/workloads/registry.h"

namespace dyno::contract {
namespace {

constexpr std::int64_t kMib = 1024 * 1024;
constexpr const char* kType = "application/octet-stream";

ExpectedAnswer counted(std::size_t bytes) {
  return json_answer(fmt::format("POST /upload of {} bytes", bytes), fmt::format(R"({{"bytes":{}}})", bytes));
}

Request upload(std::string body) { return post("/upload", kType, std::move(body)); }

// Chunks of one byte each: the most chunks for a body.
Request chunked_upload(const std::string& body) {
  std::string chunks;
  for (const char c : body) chunks.append("1\r\n").append(1, c).append("\r\n");
  Request request = upload(chunks + "0\r\n\r\n");
  request.headers.emplace_back("Transfer-Encoding", "chunked");
  return request;
}

std::vector<Check> checks_for(Asking& asking) {
  std::vector<Check> checks;
  const std::string some = asking.draw.word(asking.draw.between(1000, 9000));
  checks.push_back(ask(asking, "upload: counts the bytes", upload(some), counted(some.size())));
  if (asking.depth == Depth::quick) return checks;
  const std::string large(1024 * 1024 + 1, '\xA5');
  const std::string chunks = asking.draw.word(300);
  checks.push_back(ask(asking, "upload: counts nothing", upload(""), counted(0)));
  checks.push_back(ask(asking, "upload: counts over 1 MiB", upload(large), counted(large.size())));
  checks.push_back(check_of("upload: two bodies on one connection",
                            kept_alive({upload(some), upload(chunks)}, asking.host),
                            {counted(some.size()), counted(chunks.size())}));
  checks.push_back(ask(asking, "upload: counts chunks of one byte", chunked_upload(chunks), counted(chunks.size())));
  checks.push_back(check_of("upload: a request in fragments", fragmented(upload(some), asking.host, asking.draw),
                            {counted(some.size())}));
  return checks;
}

std::vector<ports::RequestTemplate> load_of(const Setting& setting, const RightBodies&) {
  // Made by the load generator: the largest would not fit into a line of its protocol.
  ports::RequestTemplate request = load_post("/upload", kType, "");
  request.body_bytes = setting["bytes"];
  return {request};
}

}  // namespace

Workload upload_workload() {
  return {.name = "upload",
          .params = {{.name = "bytes", .least = 1, .most = 64 * kMib, .fallback = kMib}},
          .checks = checks_for,
          .requests = load_of};
}

}  // namespace dyno::contract
