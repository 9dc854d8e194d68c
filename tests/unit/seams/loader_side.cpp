#include "loader_side.h"

#include <sys/mman.h>
#include <unistd.h>

#include "runners/load/protocol_io.h"

namespace dyno::seams {

Result<loadgen::LoadSpec> read_by_loader(const std::string& request) {
  const int fd = memfd_create("request", MFD_CLOEXEC);
  std::size_t written = 0;
  while (written < request.size()) {
    const ssize_t n = write(fd, request.data() + written, request.size() - written);
    if (n <= 0) break;
    written += static_cast<std::size_t>(n);
  }
  lseek(fd, 0, SEEK_SET);
  loadgen::LineInput input(fd);
  const auto lines = loadgen::read_until(input, "go");
  close(fd);
  if (!lines) return fail(lines.error());
  return loadgen::read_load_spec(*lines);
}

Result<loadgen::RequestSet> requests_of(const loadgen::LoadSpec& spec) {
  return loadgen::RequestSet::make(spec.requests, "10.0.0.1:8080", spec.protocol, spec.table, "http", spec.is_session);
}

}  // namespace dyno::seams
