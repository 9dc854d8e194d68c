#pragma once

// The routes of the stack, one function a group of workloads, and the answers they share.

#include <httplib.h>

#include <nlohmann/json.hpp>

void add_hello_routes(httplib::Server& server);

// Everything: the routes, the Date header and the one shape every error has.
void add_routes(httplib::Server& server);

void answer_json(httplib::Response& response, int status, const nlohmann::json& body);
void answer_error(httplib::Response& response, int status, const char* text);
