// What texts in our files may look like: each rule as a pattern for the JSON Schema, as a predicate for the parser, and in
// words for the message. Pattern and predicate are held together by a test. Pure, thread-safe.
#pragma once

#include <string_view>

namespace dyno::stackfile {

struct TextRule {
  std::string_view pattern;  // ECMAScript
  bool (*matches)(std::string_view);
  std::string_view words;  // "must be …"
};

extern const TextRule kOneLine;  // any text without a line end
extern const TextRule kName;     // of stacks, profiles, schedules
extern const TextRule kNameGlob;
extern const TextRule kVariantName;  // node-fastify@node-24
extern const TextRule kIdentifier;   // json_cap
extern const TextRule kVersion;
extern const TextRule kEnvName;
extern const TextRule kArgName;  // of build arguments
extern const TextRule kImage;
extern const TextRule kUrlPath;
extern const TextRule kUrl;
extern const TextRule kInnerPath;  // a path that stays inside its folder
extern const TextRule kPhaseRate;  // 1000/s, 60% of json_cap
extern const TextRule kCron;       // five fields, or @daily; their meaning is module schedule's
extern const TextRule kTimeZone;

}  // namespace dyno::stackfile
