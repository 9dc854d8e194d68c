// The handshake that turns an HTTP connection into a WebSocket: what to send, and whether the answer agrees. Pure; one reader a
// connection.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dyno::loadgen {

// The headers that ask for the upgrade. The nonce is a constant, so that the answer to it is one too and the request bytes are made
// once: it guards against caches, of which there is none on this path.
std::vector<std::pair<std::string, std::string>> upgrade_headers();

class UpgradeReader {
 public:
  enum class Event { need_more, accepted, refused };

  // `offers_protocol`: the request named protocols, so the server may choose one.
  void begin(bool offers_protocol = false) {
    head_.clear();
    offers_protocol_ = offers_protocol;
  }
  // Takes the answer's head off the front of `input`; what is behind it are frames.
  Event next(std::string_view& input);
  // What came so far.
  std::string_view head() const { return head_; }

 private:
  std::string head_;
  bool offers_protocol_ = false;
};

}  // namespace dyno::loadgen
