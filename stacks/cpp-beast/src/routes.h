#pragma once

// From a request to its answer. Failures of the database become a 503, unknown paths a 404, wrong methods a 405.

#include "net.h"
#include "request.h"
#include "worker.h"

Task<Response> route(Worker& worker, Request& request);

// Handlers that wait for nothing.
Response plaintext(const Request& request);
Response greet(const Request& request);
Response list_items(const Request& request);

// Handlers that read a body, wait for another thread, or for the database.
Task<Response> validate(Worker& worker, Request& request);
Task<Response> compute(Worker& worker, Request& request);
Task<Response> upload(Worker& worker, Request& request);
Task<Response> ready(Worker& worker, Request& request);
Task<Response> show_user(Worker& worker, Request& request);
Task<Response> show_world(Worker& worker, Request& request);
Task<Response> list_worlds(Worker& worker, Request& request);
Task<Response> update_worlds(Worker& worker, Request& request);
Task<Response> show_fortunes(Worker& worker, Request& request);
Task<Response> publish(Worker& worker, Request& request);
