// HTML as a flat list of tags and texts, so that a page can be compared without caring for white space between tags, the
// case of tag names, or how an entity is spelled. Understands what the contract's page needs, and no more. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dyno::contract {

// "<td>", "</td>", "<!doctype html>" in lower case; texts decoded. Nothing for a stray & or an unknown entity, and for a tag
// that is never closed: then the text was not escaped.
std::optional<std::vector<std::string>> html_tokens(std::string_view html);

}  // namespace dyno::contract
