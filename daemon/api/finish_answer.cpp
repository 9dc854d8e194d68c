#include "api/finish_answer.h"

#include <algorithm>
#include <array>
#include <memory>

#include "api/answers.h"
#include "api/compressor.h"
#include "base/text.h"

namespace dyno::api {
namespace {

std::string* find_header(Response& answer, std::string_view name) {
  const auto found =
      std::find_if(answer.headers.begin(), answer.headers.end(), [&](const auto& h) { return h.first == name; });
  return found == answer.headers.end() ? nullptr : &found->second;
}

// Pictures and fonts are packed already.
bool is_text(std::string_view content_type) {
  constexpr std::array<std::string_view, 7> kTypes{"application/json",
                                                   "application/problem+json",
                                                   "application/schema+json",
                                                   "application/manifest+json",
                                                   "application/x-ndjson",
                                                   "image/svg+xml",
                                                   "image/x-icon"};
  const std::string_view type = content_type.substr(0, content_type.find(';'));
  return type.starts_with("text/") || std::find(kTypes.begin(), kTypes.end(), type) != kTypes.end();
}

void add_vary(Response& answer) {
  constexpr std::string_view kField = "Accept-Encoding";
  std::string* const vary = find_header(answer, "Vary");
  if (vary == nullptr) {
    answer.headers.emplace_back("Vary", kField);
  } else if (vary->find(kField) == std::string::npos) {
    vary->append(", ").append(kField);
  }
}

Pieces packed(Coding coding, Pieces plain) {
  // std::function copies what it holds; an encoder cannot be copied. The function is the only owner.
  const auto compressor = std::make_shared<Compressor>(coding);
  const auto ended = std::make_shared<bool>(false);
  return [compressor, ended, plain = std::move(plain)]() -> std::optional<std::string> {
    if (*ended) return std::nullopt;
    std::string out;
    while (out.empty()) {
      const auto piece = plain();
      if (!piece) {
        *ended = true;
        compressor->finish(out);
        return out;
      }
      compressor->feed(*piece, out);
    }
    return out;
  };
}

// Each coding of the same content is a representation of its own, with a tag of its own.
void mark_coding(Coding coding, Response& answer) {
  answer.headers.emplace_back("Content-Encoding", to_string(coding));
  std::string* const tag = find_header(answer, "ETag");
  if (tag != nullptr && tag->ends_with('"')) tag->insert(tag->size() - 1, "-" + std::string(to_string(coding)));
}

bool client_has(const Request& request, std::string_view tag) {
  const auto known = request.header("if-none-match");
  if (!known) return false;
  const auto tags = split(*known, ',');
  return std::any_of(tags.begin(), tags.end(), [&](std::string_view one) {
    one = trim(one);
    if (one.starts_with("W/")) one.remove_prefix(2);
    return one == tag || one == "*";
  });
}

Response not_modified(const Response& answer) {
  Response bare;
  bare.status = 304;
  for (const auto& header : answer.headers) {
    if (header.first == "ETag" || header.first == "Cache-Control" || header.first == "Vary")
      bare.headers.push_back(header);
  }
  return bare;
}

}  // namespace

Response finish_answer(const Request& request, Response answer) {
  if (answer.stream || answer.status == 204 || answer.status == 304) return answer;
  const bool may_pack = is_text(answer.content_type) && find_header(answer, "Content-Encoding") == nullptr;
  std::optional<Coding> coding = Coding::identity;
  if (may_pack) {
    constexpr std::array kLong{Coding::br, Coding::gzip, Coding::identity};
    constexpr std::array kShort{Coding::identity, Coding::br, Coding::gzip};
    const bool is_long = answer.pieces || answer.body.size() >= kLeastPackedBytes;
    const auto accepted = request.header("accept-encoding");
    // What is short goes as it is, whatever is preferred, unless that is refused.
    coding = is_long ? choose_coding(accepted, kLong) : choose_coding(accepted, std::span(kShort).first(1));
    if (!coding) coding = choose_coding(accepted, kShort);
    add_vary(answer);
    if (!coding && answer.status < 400) {
      Response none =
          problem_answer(Problem{406,
                                 "not-acceptable",
                                 "the response exists plain, in gzip and in br; the request refuses all of them",
                                 {}},
                         request.id);
      add_vary(none);
      return none;
    }
  }
  const bool pack = coding && *coding != Coding::identity;
  if (pack) mark_coding(*coding, answer);
  const std::string* const tag = find_header(answer, "ETag");
  if (tag != nullptr && answer.status == 200 && client_has(request, *tag)) return not_modified(answer);
  if (pack && answer.pieces) {
    answer.pieces = packed(*coding, std::move(answer.pieces));
  } else if (pack) {
    answer.body = compress(*coding, answer.body);
  }
  return answer;
}

}  // namespace dyno::api
