#pragma once

// The Date header, which cpp-httplib does not send by itself. Any thread.

#include <string>

std::string http_date();
