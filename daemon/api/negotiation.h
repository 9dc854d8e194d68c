// What a client takes, and which of the forms that exist it gets: content codings by Accept-Encoding, media types by Accept, both
// with q-values (RFC 9110, 12.4 and 12.5). What cannot be read counts as not there. Pure functions, thread-safe.
#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace dyno::api {

enum class Coding { identity, gzip, br };
std::string_view to_string(Coding coding);

// `offered` in our own order of preference, which decides between equal weights. Without the header only identity is taken.
// Nothing: the client takes none of them.
std::optional<Coding> choose_coding(std::optional<std::string_view> accept_encoding, std::span<const Coding> offered);

// The index of the best of `offered` (media types without parameters, best first). Without the header the first.
std::optional<std::size_t> choose_type(std::optional<std::string_view> accept,
                                       std::span<const std::string_view> offered);

}  // namespace dyno::api
