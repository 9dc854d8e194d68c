#pragma once

// The routes of the stack, one function a group of workloads, and the answers they share.

#include <httplib.h>

#include <nlohmann/json.hpp>

#include "database.h"
#include "hub.h"

void add_hello_routes(httplib::Server& server);
void add_items_route(httplib::Server& server);
void add_validate_route(httplib::Server& server);
void add_cpu_route(httplib::Server& server);
void add_upload_route(httplib::Server& server);
void add_users_route(httplib::Server& server, Database& database);
void add_worlds_routes(httplib::Server& server, Database& database);
void add_fortunes_route(httplib::Server& server, Database& database);
void add_sse_routes(httplib::Server& server, Hub& hub);

// Everything: the routes, the Date header and the one shape every error has.
void add_routes(httplib::Server& server, Database& database, Hub& hub);

void update_worlds(Database& database, const httplib::Request& request, httplib::Response& response);
void answer_upload(httplib::Response& response, std::size_t bytes);

void answer_json(httplib::Response& response, int status, const nlohmann::json& body);
void answer_error(httplib::Response& response, int status, const char* text);
void answer_bad_request(httplib::Response& response);

// The body up to a limit. False: it was longer or broken off, and the response says so.
bool read_limited(const httplib::ContentReader& reader, std::size_t limit, std::string& body, httplib::Response& response);
