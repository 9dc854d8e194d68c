#pragma once

// One thread's share of the server: its loop, its listening socket, its connections to the database. The threads share
// the port, and nothing else but the hub and the threads of cpu_offload. Everything but stop() on its own thread.

#include <boost/asio/thread_pool.hpp>
#include <string>

#include "connection_pool.h"
#include "hub.h"
#include "net.h"

struct Settings {
  int port = 8080;
  int threads = 1;
  std::string database_url;
  int database_connections = 20;  // of one thread
};

class Worker {
 public:
  Worker(const Settings& settings, Hub& hub, asio::thread_pool& offload);

  void run() { context_.run(); }
  // Any thread: no further connection, and the loop ends when the answers under way are written.
  void stop();

  ConnectionPool& database() { return database_; }
  Hub& hub() { return hub_; }
  asio::thread_pool& offload() { return offload_; }
  Executor executor() { return context_.get_executor(); }
  bool is_stopping() const { return is_stopping_; }

  // Around each request, so that stop() knows when nothing is under way.
  class Answering {
   public:
    explicit Answering(Worker& worker) : worker_(worker) { ++worker_.answering_; }
    ~Answering() {
      --worker_.answering_;
      worker_.end_when_done();
    }
    Answering(const Answering&) = delete;
    Answering& operator=(const Answering&) = delete;

   private:
    Worker& worker_;
  };

 private:
  Task<void> accept();
  void end_when_done();

  asio::io_context context_{1};
  asio::basic_socket_acceptor<asio::ip::tcp, Executor> acceptor_;
  ConnectionPool database_;
  Hub& hub_;
  asio::thread_pool& offload_;
  int answering_ = 0;
  bool is_stopping_ = false;
};
