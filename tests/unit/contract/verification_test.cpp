#include "contract/verification.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/text.h"
#include "contract/workloads/registry.h"
#include "model_stack.h"

namespace dyno::contract {
namespace {

using ports::Answer;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr std::uint64_t kSeed = 20261123;
constexpr const char* kHost = "10.0.0.2:8080";
const Examination kExamination{kHost, kSeed};

std::vector<Check> whole_plan(Depth depth) {
  std::vector<Check> checks = general_checks(kExamination, depth);
  for (const Workload& workload : workloads()) {
    for (Check& check : verification_plan(workload, kExamination, depth)) checks.push_back(std::move(check));
  }
  return checks;
}

struct Ruling {
  std::vector<std::string> failures;
  std::vector<std::string> notes;
};

Ruling rule(ModelStack& stack, Depth depth) {
  Ruling ruling;
  for (const Check& check : whole_plan(depth)) {
    const Judgement judgement = judge(check, stack.perform(check));
    if (judgement.failure) ruling.failures.push_back(describe(*judgement.failure));
    ruling.notes.insert(ruling.notes.end(), judgement.notes.begin(), judgement.notes.end());
  }
  return ruling;
}

TEST(Verification, PassesAStackThatKeepsTheContract) {
  for (const Depth depth : {Depth::full, Depth::quick}) {
    ModelStack stack;
    const Ruling ruling = rule(stack, depth);
    EXPECT_THAT(ruling.failures, IsEmpty());
    EXPECT_THAT(ruling.notes, IsEmpty());
  }
}

// One fault in an otherwise right stack, and how the failure must read.
struct Fault {
  std::string name;
  std::function<void(ModelStack&)> plant;
  std::string failure;  // a part of it
  bool seen_by_quick = true;
};

void PrintTo(const Fault& fault, std::ostream* out) { *out << fault.name; }

Fault fault(std::string name, std::string failure, std::function<void(const SeenRequest&, Answer&)> spoil) {
  return {std::move(name), [spoil = std::move(spoil)](ModelStack& stack) { stack.spoil = spoil; }, std::move(failure)};
}

Fault deep(Fault fault) {
  fault.seen_by_quick = false;
  return fault;
}

bool is_json(const SeenRequest& request) { return request.path == "/json" && !request.query.contains("name"); }

bool is_unknown(const SeenRequest& request, const Answer& answer) {
  return answer.status == 404 && !request.path.starts_with("/users/");
}

std::vector<Fault> faults() {
  std::vector<Fault> all;
  all.push_back(fault("HealthSaysMore", "health: answers ok\": expected GET /health: the body \"ok\", got \"ok\\n\"",
                      [](const auto& request, Answer& answer) {
                        if (request.path == "/health") set_body(answer, "ok\n");
                      }));
  all.push_back(fault("HealthFails", "health: answers ok\": expected GET /health: status 200, got 503",
                      [](const auto& request, Answer& answer) {
                        if (request.path == "/health") answer.status = 503;
                      }));
  all.push_back(deep(
      fault("UnknownPathIsFound", "an unknown path is 404\": expected GET /", [](const auto& request, Answer& answer) {
        if (is_unknown(request, answer)) answer.status = 200;
      })));
  all.push_back(deep({"DateStandsStill", [](ModelStack& stack) { stack.date_stands_still = true; },
                      "Date is fresh\": expected a Date at least 2 s later"}));
  all.push_back(fault("NoDate", "expected GET /json: one Date such as Sun, 06 Nov 1994 08:49:37 GMT, got no Date",
                      [](const auto& request, Answer& answer) {
                        if (is_json(request)) remove_header(answer, "date");
                      }));
  all.push_back(fault("DateOfAnotherForm", "got Date: 2026-11-23", [](const auto& request, Answer& answer) {
    if (is_json(request)) set_header(answer, "date", "2026-11-23");
  }));
  all.push_back(fault("DateOnTheWrongWeekday", "got Date: Sun, 23 Nov 2026 12:00:00 GMT",
                      [](const auto& request, Answer& answer) {
                        if (is_json(request)) set_header(answer, "date", "Sun, 23 Nov 2026 12:00:00 GMT");
                      }));
  all.push_back(fault("TwoDates", "got 2 Date headers", [](const auto& request, Answer& answer) {
    if (is_json(request)) answer.headers.emplace_back("Date", "Mon, 23 Nov 2026 12:00:00 GMT");
  }));
  all.push_back(
      fault("PlaintextWithAFullStop",
            "plaintext: the answer\": expected GET /plaintext: the body \"Hello, World!\", got \"Hello, World.\"",
            [](const auto& request, Answer& answer) {
              if (request.path == "/plaintext") set_body(answer, "Hello, World.");
            }));
  all.push_back(fault("PlaintextAsHtml",
                      "expected GET /plaintext: Content-Type: text/plain, got Content-Type: text/html",
                      [](const auto& request, Answer& answer) {
                        if (request.path == "/plaintext") set_header(answer, "content-type", "text/html");
                      }));
  all.push_back(fault("JsonAsText", "expected GET /json: Content-Type: application/json, got Content-Type: text/plain",
                      [](const auto& request, Answer& answer) {
                        if (is_json(request)) set_header(answer, "content-type", "text/plain");
                      }));
  all.push_back(fault("NoContentType", "got no Content-Type", [](const auto& request, Answer& answer) {
    if (is_json(request)) remove_header(answer, "content-type");
  }));
  all.push_back(fault("AnotherCharset", "got Content-Type: application/json; charset=latin1",
                      [](const auto& request, Answer& answer) {
                        if (is_json(request)) set_header(answer, "content-type", "application/json; charset=latin1");
                      }));
  all.push_back(fault("Compressed", "expected GET /json: no Content-Encoding, got Content-Encoding: gzip",
                      [](const auto& request, Answer& answer) {
                        if (is_json(request)) set_header(answer, "content-encoding", "gzip");
                      }));
  all.push_back(fault("SetsACookie", "expected GET /json: no Set-Cookie, got Set-Cookie: id=1",
                      [](const auto& request, Answer& answer) {
                        if (is_json(request)) set_header(answer, "set-cookie", "id=1");
                      }));
  all.push_back(deep(fault("CookieOnErrors", "no Set-Cookie", [](const auto& request, Answer& answer) {
    if (is_unknown(request, answer)) set_header(answer, "set-cookie", "id=1");
  })));
  all.push_back(fault("WrongContentLength", "expected GET /json: Content-Length: 28, got Content-Length: 27",
                      [](const auto& request, Answer& answer) {
                        if (is_json(request)) set_header(answer, "content-length", "27");
                      }));
  all.push_back(fault("Chunked", "expected GET /json: Content-Length, got Transfer-Encoding: chunked",
                      [](const auto& request, Answer& answer) {
                        if (!is_json(request)) return;
                        remove_header(answer, "content-length");
                        set_header(answer, "transfer-encoding", "chunked");
                      }));
  all.push_back(fault("ExtraKey", "the value has the extra key time", [](const auto& request, Answer& answer) {
    if (is_json(request)) set_body(answer, R"({"message":"Hello, World!","time":1})");
  }));
  all.push_back(fault("KeyTwice", "key message twice", [](const auto& request, Answer& answer) {
    if (is_json(request)) set_body(answer, R"({"message":"x","message":"Hello, World!"})");
  }));
  all.push_back(fault("NotJson", "(not JSON)", [](const auto& request, Answer& answer) {
    if (is_json(request)) set_body(answer, R"({"message":"Hello, World!"}})");
  }));
  all.push_back(
      fault("PaddedBody", "a body of at most 48 bytes, got 49 bytes", [](const auto& request, Answer& answer) {
        if (is_json(request)) set_body(answer, R"({"message":"Hello, World!"})" + std::string(22, ' '));
      }));
  all.push_back(fault("NameIsNotRead", "json: greets the name it is given", [](const auto& request, Answer& answer) {
    if (request.path == "/json") set_body(answer, R"({"message":"Hello, World!"})");
  }));
  all.push_back(deep({"AnswersTheRequestBefore",
                      [](ModelStack& stack) {
                        stack.spoil_outcome = [](const ports::Exchange&, ports::ExchangeOutcome& outcome) {
                          if (outcome.answers.size() == 2) outcome.answers[1] = outcome.answers[0];
                        };
                      },
                      "json: two names on one connection"}));
  all.push_back(deep(fault("LongNameIsGreeted", "json: refuses a bad name\": expected GET /json?name=",
                           [](const auto& request, Answer& answer) {
                             if (request.path == "/json" && answer.status == 400) answer.status = 200;
                           })));
  all.push_back(deep(fault("ErrorInOtherWords", "key error is missing", [](const auto&, Answer& answer) {
    if (answer.status == 400) set_body(answer, R"({"detail":"Bad request"})");
  })));
  all.push_back(deep(fault("PostIsAnswered", "json: a wrong method is 405\": expected POST /json: status 405, got 200",
                           [](const auto& request, Answer& answer) {
                             if (request.method == "POST" && answer.status == 405) answer.status = 200;
                           })));
  all.push_back(deep(fault("HeadSendsABody", "plaintext: HEAD\": expected HEAD /plaintext: no body, got 13 bytes",
                           [](const auto& request, Answer& answer) {
                             if (request.method == "HEAD") answer.body = "Hello, World!";
                           })));
  all.push_back(deep(fault("HeadOfAnotherLength", "the Content-Length of GET, 13 or more, got Content-Length: 0",
                           [](const auto& request, Answer& answer) {
                             if (request.method == "HEAD") set_header(answer, "content-length", "0");
                           })));
  const auto on = [](const std::string& path, auto change) {
    return [path, change](const SeenRequest& request, Answer& answer) {
      if (request.path.starts_with(path) && answer.status == 200) change(request, answer);
    };
  };
  const auto replaced = [](const std::string& from, const std::string& to) {
    return [from, to](const SeenRequest&, Answer& answer) {
      std::string body = answer.body;
      for (auto at = body.find(from); at != std::string::npos; at = body.find(from, at + to.size()))
        body.replace(at, from.size(), to);
      set_body(answer, body);
    };
  };
  const auto status = [](int from, int to, const std::string& path) {
    return [=](const SeenRequest& request, Answer& answer) {
      if (request.path.starts_with(path) && answer.status == from) answer.status = to;
    };
  };
  all.push_back(fault("ItemTotalsAreFloats", ".0, not ", on("/items", replaced("}", ".0}"))));
  all.push_back(fault("ItemNamesDiffer", "items: by value", on("/items", replaced("Item ", "item "))));
  all.push_back(deep(fault("BadMIsAccepted", "items: refuses a bad m\": expected GET /items/5?m=0: status 400, got 200",
                           status(400, 200, "/items"))));
  all.push_back(fault("UserOfAnother", "users: by value", on("/users", replaced("@example.com", "@example.org"))));
  all.push_back(fault("AbsentUserIsEmpty", "users: absent is 404", status(404, 200, "/users")));
  all.push_back(deep(fault("BadIdIs500", "users: refuses a bad id\": expected GET /users/0: status 400, got 500",
                           status(400, 500, "/users"))));
  all.push_back(fault("DbGivesOneRow", "only 1 different ids", on("/db", [](const auto&, Answer& answer) {
                        set_body(answer, R"({"id":1,"randomNumber":2649})");
                      })));
  all.push_back(
      fault("DbInventsNumbers", "numbers that are not those of the seed", on("/db", [](const auto&, Answer& answer) {
              set_body(answer, answer.body.substr(0, answer.body.rfind(':')) + ":5}");
            })));
  all.push_back(fault("DbKeyIsWrong", "expected GET /db: one row of world",
                      on("/db", replaced("randomNumber", "random_number"))));
  all.push_back(fault(
      "QueriesGiveOneRow", "expected GET /queries?n=3: 3 random rows of world, got 1 rows",
      on("/queries", [](const auto&, Answer& answer) { set_body(answer, R"([{"id":1,"randomNumber":2649}])"); })));
  all.push_back(fault(
      "UpdatesChangeNothing", "changed rows of world, got the numbers of the seed",
      on("/updates", [](const auto&, Answer& answer) {
        set_body(answer, R"([{"id":1,"randomNumber":2649},{"id":2,"randomNumber":568},{"id":3,"randomNumber":8487}])");
      })));
  all.push_back(fault("UpdatesRepeatAnId", "got 1 different ids", on("/updates", [](const auto&, Answer& answer) {
                        set_body(answer,
                                 R"([{"id":1,"randomNumber":1},{"id":1,"randomNumber":2},{"id":1,"randomNumber":3}])");
                      })));
  all.push_back(fault("FortuneIsNotEscaped", "fortunes: the page\": expected GET /fortunes: <script>",
                      on("/fortunes", replaced("&lt;script&gt;", "<script>"))));
  all.push_back(fault("FortuneIsEscapedTwice", "fortunes: the page", on("/fortunes", replaced("&lt;", "&amp;lt;"))));
  all.push_back(fault("FortuneHasAStrayAmpersand", "expected GET /fortunes: escaped HTML",
                      on("/fortunes", replaced("&amp;", "&"))));
  all.push_back(fault("JapaneseIsLost", "fortunes: the page", on("/fortunes", replaced("ベ", "?"))));
  all.push_back(
      fault("NoAddedFortune", "fortunes: the page of 200\": expected GET /fortunes?set=200: 201 rows",
            on("/fortunes", replaced("<tr><td>0</td><td>Additional fortune added at request time.</td></tr>\n", ""))));
  all.push_back(fault("FortunesInAnotherOrder", "messages in the order of code points",
                      on("/fortunes", replaced("&#34;151&#34;", "&#34;051&#34;"))));
  all.push_back(
      fault("FortunesAsText", "Content-Type: text/html, got Content-Type: text/plain",
            on("/fortunes", [](const auto&, Answer& answer) { set_header(answer, "content-type", "text/plain"); })));
  all.push_back(fault("OrderIsAddedUpWrong", "validate: adds up a right order",
                      on("/validate", replaced("\"total_cents\":", "\"total_cents\":1"))));
  all.push_back(fault("BadOrderPasses", "validate: refuses a quantity of 0", status(422, 200, "/validate")));
  all.push_back(
      fault("BadOrderHasNoErrors", R"({"valid":false,"errors":k} with k ≥ 1)", [](const SeenRequest&, Answer& answer) {
        if (answer.status == 422) set_body(answer, R"({"valid":false,"errors":0})");
      }));
  all.push_back(deep(fault("BrokenJsonIs422", "validate: refuses what is not JSON", status(400, 422, "/validate"))));
  all.push_back(deep(fault("LargeOrderIsRead", "validate: refuses more than 64 KiB", status(413, 200, "/validate"))));
  all.push_back(fault("ScoreIsALittleOff", "predict: scores a sample", on("/predict", [](const auto&, Answer& answer) {
                        const std::size_t at = answer.body.find("\"score\":") + 8;
                        const double score = std::stod(answer.body.substr(at));
                        set_body(answer, fmt::format("{}{}}}", answer.body.substr(0, at), score + 0.0002));
                      })));
  all.push_back(fault("LabelIsOfTheOtherClass", "is 0, not 1", on("/predict", replaced("\"label\":1", "\"label\":0"))));
  all.push_back(fault("LabelIsTrue", "is true, not 1", on("/predict", replaced("\"label\":1", "\"label\":true"))));
  all.push_back(fault("ShortSamplePasses", "predict: refuses 29 features", status(422, 200, "/predict")));
  all.push_back(deep(fault("LargeSampleIsRead", "predict: refuses more than 64 KiB", status(413, 200, "/predict"))));
  all.push_back(deep(fault("NaNPasses", "predict: refuses NaN", [](const SeenRequest& request, Answer& answer) {
    if (request.path == "/predict" && request.body.find("NaN,") != std::string::npos) answer.status = 200;
  })));
  all.push_back(
      fault("HashIsOfAnotherSeed", "cpu: hash by value", on("/cpu", replaced("\"result\":\"", "\"result\":\"0"))));
  all.push_back(deep(fault("CpuTakesAnything", "cpu: refuses bad input", status(400, 200, "/cpu"))));
  all.push_back(fault("UploadGuesses", "upload: counts the bytes",
                      on("/upload", [](const auto&, Answer& answer) { set_body(answer, R"({"bytes":5})"); })));
  all.push_back(deep(fault("UploadCountsNoChunks", "upload: counts chunks of one byte",
                           on("/upload", [](const SeenRequest& request, Answer& answer) {
                             if (request.headers.contains("Transfer-Encoding")) set_body(answer, R"({"bytes":0})");
                           }))));
  const auto outcome_fault = [&all](std::string name, std::string failure,
                                    std::function<void(const ports::Exchange&, ports::ExchangeOutcome&)> spoil) {
    all.push_back({std::move(name), [spoil = std::move(spoil)](ModelStack& stack) { stack.spoil_outcome = spoil; },
                   std::move(failure), false});
  };
  outcome_fault("ClosesAfterEveryAnswer", "json: keep-alive\": expected 2 answers, got 1 (closed)",
                [](const auto& exchange, auto& outcome) {
                  if (exchange.pieces.size() < 2 || outcome.answers.size() < 2) return;
                  if (!exchange.pieces[0].starts_with("GET /json")) return;
                  outcome.answers.resize(1);
                  outcome.error = "closed";
                });
  outcome_fault(
      "StaysOpen",
      "json: Connection: close\": expected the connection closed after the answer, got a connection left open",
      [](const auto& exchange, auto& outcome) {
        if (!exchange.await_close) return;
        outcome.closed_by_server = false;
        set_header(outcome.answers[0], "connection", "keep-alive");
      });
  outcome_fault("LosesThePipelinedRequest", "two requests in one segment\": expected 3 answers, got 1 (timeout: 10 s)",
                [](const auto&, auto& outcome) {
                  if (outcome.answers.size() != 3) return;
                  outcome.answers.resize(1);
                  outcome.error = "timeout: 10 s";
                });
  outcome_fault("AnswersOutOfOrder", "two requests in one segment\": expected GET /", [](const auto&, auto& outcome) {
    if (outcome.answers.size() == 3) std::swap(outcome.answers[0], outcome.answers[1]);
  });
  outcome_fault("BreaksOnFragments", "json: a request in fragments\": expected GET /json: status 200, got 400",
                [](const auto& exchange, auto& outcome) {
                  const bool cut = exchange.pause_between == std::chrono::milliseconds(30);
                  if (cut && exchange.pieces.size() > 2) outcome.answers[0].status = 400;
                });
  const auto at_once = [](auto&& pick) {
    return [pick, last = ports::Answer()](const ports::Exchange& exchange, ports::ExchangeOutcome& outcome) mutable {
      if (outcome.answers.empty() || exchange.pieces[0].find(pick) == std::string::npos) return;
      if (exchange.together) std::swap(outcome.answers[0], last);
      else last = outcome.answers[0];
    };
  };
  outcome_fault("MixesUpUsers", "users: 64 at once, each answer to its own request", at_once("GET /users/"));
  outcome_fault("MixesUpNames", "json: 64 at once, each answer to its own request", at_once("GET /json?name="));
  outcome_fault("MixesUpItems", "items: 64 at once, each answer to its own request", at_once("GET /items/"));
  outcome_fault("MixesUpOrders", "validate: 64 at once, each answer to its own request", at_once("POST /validate"));
  outcome_fault("MixesUpSamples", "predict: 64 at once, each answer to its own request", at_once("POST /predict"));
  outcome_fault("DiesOfClientsThatLeave", "json: clients that leave\": expected an answer, got none (connect: refused)",
                [left = 0](const auto& exchange, auto& outcome) mutable {
                  left = exchange.answers == 0 ? left + 1 : left;
                  if (left < 16 || exchange.answers == 0) return;
                  outcome.answers.clear();
                  outcome.error = "connect: refused";
                });
  all.push_back(
      deep(fault("TakesALargeBody", "json: refuses 1 MiB\": expected POST /json of 1 MiB: 405, or the connection ended",
                 [](const SeenRequest& request, Answer& answer) {
                   if (request.path == "/json" && request.body.size() > 100'000) answer.status = 200;
                 })));
  outcome_fault(
      "WaitsForEverWithALargeBody", "validate: refuses 1 MiB\": expected POST /validate of 1 MiB: 413",
      [](const auto& exchange, auto& outcome) {
        if (exchange.pieces[0].size() < 1'000'000 || exchange.pieces[0].find("/validate") == std::string::npos) return;
        outcome.answers.clear();
        outcome.error = "timeout: no whole answer in time";
      });
  all.push_back(deep(fault("EncodedPathIsAnError", "users: a percent-encoded path is what it encodes, or unknown",
                           [](const SeenRequest& request, Answer& answer) {
                             if (request.written_path.find('%') != std::string::npos && answer.status == 200)
                               answer.status = 500;
                           })));
  outcome_fault("HangsUpOnHttp10", "plaintext: HTTP/1.0\": expected an answer, got none (reset)",
                [](const auto& exchange, auto& outcome) {
                  if (exchange.pieces[0].find("HTTP/1.0") == std::string::npos) return;
                  outcome.answers.clear();
                  outcome.error = "reset";
                });
  return all;
}

class PlantedFault : public testing::TestWithParam<Fault> {};

TEST_P(PlantedFault, IsFound) {
  ModelStack stack;
  GetParam().plant(stack);
  EXPECT_THAT(rule(stack, Depth::full).failures, testing::Contains(HasSubstr(GetParam().failure)));
  ModelStack again;
  GetParam().plant(again);
  EXPECT_EQ(!rule(again, Depth::quick).failures.empty(), GetParam().seen_by_quick);
}

INSTANTIATE_TEST_SUITE_P(Contract, PlantedFault, testing::ValuesIn(faults()),
                         [](const auto& param) { return param.param.name; });

// One fault of a stream in an otherwise right stack, and how the failure must read.
struct StreamFault {
  std::string name;
  std::function<void(Answer&)> spoil;
  std::string failure;
};

void PrintTo(const StreamFault& fault, std::ostream* out) { *out << fault.name; }

std::function<void(Answer&)> replacing(std::string old, std::string with) {
  return [old = std::move(old), with = std::move(with)](Answer& answer) {
    if (const std::size_t at = answer.body.find(old); at != std::string::npos)
      answer.body.replace(at, old.size(), with);
  };
}

std::function<void(Answer&)> setting(const std::string& name, const std::string& value) {
  return [=](Answer& answer) { set_header(answer, name, value); };
}

class StreamFaults : public testing::TestWithParam<StreamFault> {};

TEST_P(StreamFaults, AreFound) {
  ModelStack stack;
  stack.spoil_stream = GetParam().spoil;
  EXPECT_THAT(rule(stack, Depth::full).failures, testing::Contains(HasSubstr(GetParam().failure)));
}

INSTANTIATE_TEST_SUITE_P(
    Contract, StreamFaults,
    testing::Values(
        StreamFault{"OtherType", setting("content-type", "text/html"),
                    "expected GET /sse: Content-Type: text/event-stream"},
        StreamFault{"HasALength", setting("content-length", "5"), "expected GET /sse: no Content-Length"},
        StreamFault{"NoGreeting", replacing(": ok\n\n", ""), "expected GET /sse: the comment \": ok\" first"},
        StreamFault{"Lost", replacing("id: 2\ndata", "id: 2\nlost"), "expected GET /sse: the message"},
        StreamFault{"Doubled", [](Answer& answer) { answer.body += "id: 99\ndata: x\n\n"; },
                    "expected GET /sse: no further message, got \"x\""},
        StreamFault{"IdsGoBack", replacing("id: 2", "id: 0"), "expected GET /sse: an id above 1, got \"0\""},
        StreamFault{"Compresses", setting("sec-websocket-extensions", "permessage-deflate"),
                    "expected GET /ws: no extension"},
        StreamFault{"AnotherAccept", setting("sec-websocket-accept", "x"), "expected GET /ws: Sec-WebSocket-Accept"},
        StreamFault{"NotUpgraded", setting("upgrade", "h2c"), "expected GET /ws: Upgrade: websocket"},
        StreamFault{"NoGoodbye", replacing("\x88\x02\x03\xE8", ""), "expected GET /ws: a goodbye in answer to one"},
        StreamFault{"Masked", replacing("\x88\x02\x03\xE8", "\x88\x82maskxx"), "got a masked frame from the server"},
        StreamFault{"BehindTheGoodbye", [](Answer& answer) { answer.body += "\x81\x01x"; },
                    "got a frame behind the goodbye"},
        StreamFault{"OtherKind", replacing("\x82\x7E\x01\x2C", "\x81\x7E\x01\x2C"),
                    "expected GET /ws: the bytes of 300"},
        StreamFault{"LongForm", replacing("\x8A\x07", std::string("\x8A\x7E\x00\x07", 4)),
                    "got a length that is longer than it need be"},
        StreamFault{"NoPong",
                    replacing("\x8A\x07"
                              "between",
                              ""),
                    "expected GET /ws: the pong \"between\""}),
    [](const auto& param) { return param.param.name; });

TEST(Verification, NotesWhatIsTolerated) {
  ModelStack stack;
  stack.spoil = [](const SeenRequest& request, Answer& answer) {
    if (answer.status == 405) answer.status = 404;
    if (request.method == "HEAD") answer.status = 405;
  };
  const Ruling ruling = rule(stack, Depth::full);
  EXPECT_THAT(ruling.failures, IsEmpty());
  EXPECT_THAT(ruling.notes, testing::Contains("POST /json answers 404 instead of 405"));
  EXPECT_THAT(ruling.notes, testing::Contains("HEAD /json answers 405 instead of 200"));
}

TEST(Verification, FailsWhenAnExchangeIsMissing) {
  const auto checks = general_checks(kExamination, Depth::quick);
  EXPECT_TRUE(judge(checks[0], {}).failure.has_value());
}

TEST(Verification, AsksTheSameForOneSeedAndOtherThingsForAnother) {
  const auto bytes = [](std::uint64_t seed) {
    std::string all;
    for (const Check& check : verification_plan(workload_named("json"), {kHost, seed}, Depth::full)) {
      for (const Step& step : check.steps) {
        for (const std::string& piece : step.exchange.pieces) all += piece + "|";
      }
    }
    return all;
  };
  EXPECT_EQ(bytes(1), bytes(1));
  EXPECT_NE(bytes(1), bytes(2));
}

TEST(Verification, FragmentsAreTheRequestAgain) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    int fragmented = 0;
    for (const Check& check : verification_plan(workload_named("json"), {kHost, seed}, Depth::full)) {
      if (check.name != "json: a request in fragments") continue;
      ++fragmented;
      const auto& exchange = check.steps[0].exchange;
      std::string whole;
      for (const std::string& piece : exchange.pieces) {
        EXPECT_THAT(piece, Not(IsEmpty()));
        whole += piece;
      }
      EXPECT_EQ(whole, "GET /json HTTP/1.1\r\nHost: 10.0.0.2:8080\r\n\r\n");
      EXPECT_GE(exchange.pieces.size(), 3U);
      EXPECT_EQ(exchange.pause_between, std::chrono::milliseconds(30));
    }
    EXPECT_EQ(fragmented, 3) << seed;
  }
}

TEST(Verification, ShowsTheBodiesThatLoadWillSee) {
  ModelStack stack;
  std::vector<std::string> bodies;
  for (const Check& check : verification_plan(workload_named("json"), kExamination, Depth::quick)) {
    if (check.shows_load_body) bodies = bodies_of(stack.perform(check));
  }
  EXPECT_THAT(bodies, testing::ElementsAre(R"({"message": "Hello, World!"})"));
}

}  // namespace
}  // namespace dyno::contract
