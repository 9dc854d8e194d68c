#include "api/finish_answer.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "api/answers.h"
#include "unpack.h"

namespace dyno::api {
namespace {

std::string header(const Response& answer, std::string_view name) {
  const auto found =
      std::find_if(answer.headers.begin(), answer.headers.end(), [&](const auto& h) { return h.first == name; });
  return found == answer.headers.end() ? "" : found->second;
}

Request asking(Headers headers) {
  Request request;
  request.id = "req-1";
  request.method = "GET";
  request.headers = std::move(headers);
  return request;
}

std::string long_text(std::size_t bytes) {
  std::string text;
  for (int i = 0; text.size() < bytes; ++i) text += R"({"metric":"latency_p99_ns","value":)" + std::to_string(i) + "},";
  text.resize(bytes);
  return text;
}

std::string drain(const Pieces& pieces, std::size_t* greatest = nullptr) {
  std::string whole;
  while (const auto piece = pieces()) {
    whole += *piece;
    if (greatest != nullptr) *greatest = std::max(*greatest, piece->size());
  }
  return whole;
}

TEST(FinishAnswer, PacksWhatIsLongAndComesBackTheSame) {
  for (const std::size_t size : {std::size_t{1024}, std::size_t{70'000}, std::size_t{5'000'000}}) {
    const std::string text = long_text(size);
    for (const std::string coding : {"gzip", "br"}) {
      const Response answer = finish_answer(asking({{"accept-encoding", coding}}), json_answer(text));
      EXPECT_EQ(header(answer, "Content-Encoding"), coding);
      EXPECT_EQ(header(answer, "Vary"), "Accept-Encoding");
      EXPECT_LT(answer.body.size(), text.size() / 2);
      EXPECT_TRUE(unpack(coding, answer.body) == text) << coding << " " << size;
    }
  }
}

TEST(FinishAnswer, LeavesWhatIsShortUnlessThatIsRefused) {
  const std::string text = long_text(kLeastPackedBytes - 1);
  const Response plain = finish_answer(asking({{"accept-encoding", "br, gzip"}}), json_answer(text));
  EXPECT_EQ(plain.body, text);
  EXPECT_EQ(header(plain, "Content-Encoding"), "");
  EXPECT_EQ(header(plain, "Vary"), "Accept-Encoding");
  const Response packed = finish_answer(asking({{"accept-encoding", "gzip, identity;q=0"}}), json_answer(text));
  EXPECT_EQ(unpack("gzip", packed.body), text);
  const Response none = finish_answer(asking({{"accept-encoding", "identity;q=0"}}), json_answer(text));
  EXPECT_EQ(none.status, 406);
  EXPECT_EQ(none.content_type, "application/problem+json");
  EXPECT_NE(none.body.find("/problems/not-acceptable"), std::string::npos);
}

TEST(FinishAnswer, LeavesStreamsPicturesAndWhatIsPackedAlone) {
  const Request request = asking({{"accept-encoding", "br"}});
  Response stream;
  stream.content_type = "text/event-stream";
  stream.stream = [](const StreamSink&) {};
  EXPECT_TRUE(finish_answer(request, stream).headers.empty());
  EXPECT_TRUE(finish_answer(request, text_answer(std::string(5000, 'x'), "image/png")).headers.empty());
  Response packed = text_answer(std::string(5000, 'x'), "text/css");
  packed.headers = {{"Content-Encoding", "gzip"}};
  EXPECT_EQ(finish_answer(request, packed).body, packed.body);
}

TEST(FinishAnswer, EachCodingHasATagOfItsOwn) {
  const Response answer = tagged_answer(json_answer(long_text(5000)));
  const std::string plain = header(finish_answer(asking({}), answer), "ETag");
  const std::string gzip = header(finish_answer(asking({{"accept-encoding", "gzip"}}), answer), "ETag");
  const std::string br = header(finish_answer(asking({{"accept-encoding", "br"}}), answer), "ETag");
  EXPECT_EQ(plain.size(), 34U);
  EXPECT_EQ(gzip, plain.substr(0, 33) + "-gzip\"");
  EXPECT_EQ(br, plain.substr(0, 33) + "-br\"");
  for (const std::string& known : {br, "W/" + br, "\"x\", " + br, std::string("*")}) {
    const Response again = finish_answer(asking({{"accept-encoding", "br"}, {"if-none-match", known}}), answer);
    EXPECT_EQ(again.status, 304) << known;
    EXPECT_TRUE(again.body.empty() && again.content_type.empty());
    EXPECT_EQ(header(again, "ETag"), br);
    EXPECT_EQ(header(again, "Vary"), "Accept-Encoding");
    EXPECT_EQ(header(again, "Cache-Control"), "private, no-cache");
    EXPECT_EQ(header(again, "Content-Encoding"), "");
  }
  // The client has another form of it.
  EXPECT_EQ(finish_answer(asking({{"accept-encoding", "gzip"}, {"if-none-match", br}}), answer).status, 200);
}

TEST(FinishAnswer, PacksPiecesAsTheyComeInBoundedMemory) {
  const std::string part = long_text(64 * 1024);
  for (const std::string coding : {"gzip", "br", "identity"}) {
    int made = 0;
    Response answer;
    answer.content_type = "text/csv; charset=utf-8";
    answer.pieces = [&]() -> std::optional<std::string> {
      return made++ < 200 ? std::optional<std::string>(part) : std::nullopt;
    };
    const Response finished = finish_answer(asking({{"accept-encoding", coding}}), std::move(answer));
    EXPECT_EQ(made, 0);
    std::size_t greatest = 0;
    const auto plain = unpack(coding, drain(finished.pieces, &greatest));
    ASSERT_TRUE(plain) << coding;
    EXPECT_EQ(plain->size(), 200 * part.size());
    EXPECT_TRUE(plain->starts_with(part) && plain->ends_with(part));
    EXPECT_LE(greatest, 1024U * 1024) << coding;
    EXPECT_FALSE(finished.pieces());
  }
}

}  // namespace
}  // namespace dyno::api
