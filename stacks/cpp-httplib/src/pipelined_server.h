#pragma once

// The library's server with a connection loop that answers requests sent behind one another, and that closes a busy
// connection once the server stops. Routing, parsing and answering are the library's.

#include <httplib.h>

class PipelinedServer final : public httplib::Server {
 private:
  bool process_and_close_socket(socket_t socket) override;
};
