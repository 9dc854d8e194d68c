// Text with parts that are drawn anew for each request: {1..500}, {uuid}, {seq} (1, 2, 3 …), {name} of a column or of a value that an
// earlier step of the session took. dyno-load draws them under load, this does for verification. Pure, thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "contract/draw.h"

namespace dyno::contract {

enum class DrawnKind {
  text,
  range,     // low … high
  backward,  // a range whose end is below its begin
  uuid,
  sequence,
  name,
  stray  // a brace that begins nothing of these; it stands for itself
};

struct DrawnPart {
  DrawnKind kind = DrawnKind::text;
  std::string text{};  // as it stands; of a name without its braces
  std::int64_t low = 0;
  std::int64_t high = 0;
};

std::vector<DrawnPart> drawn_parts(std::string_view text);
// How many of them are drawn.
std::size_t count_drawn(const std::vector<DrawnPart>& parts);

// What stands for a name: of the row that was drawn, and of what was taken.
using NamedValues = std::map<std::string, std::string>;

// Which end of a range stands for it, so that both are asked for.
enum class RangeEnd { low, high, any };

// What is the same all through one request.
struct DrawnFor {
  const NamedValues& values;
  RangeEnd end = RangeEnd::any;
  std::int64_t sequence = 1;
};
// A name without a value stands as it is.
std::string fill(std::string_view text, const DrawnFor& drawn, Draw& draw);

}  // namespace dyno::contract
