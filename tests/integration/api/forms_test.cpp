// Every list × every form × every coding, as raw bytes over a real socket: what a client gets is what the API said, and all
// forms tell the same rows.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "../../unit/api/api_fixture.h"
#include "../../unit/api/unpack.h"
#include "api/http_server.h"
#include "raw_client.h"

namespace dyno::api {
namespace {

using nlohmann::json;

struct Got {
  int status = 0;
  std::string head;
  std::string body;

  std::string header(const std::string& name) const {
    const std::size_t at = head.find("\r\n" + name + ": ");
    if (at == std::string::npos) return "";
    const std::size_t begin = at + name.size() + 4;
    return head.substr(begin, head.find("\r\n", begin) - begin);
  }
};

// RFC 4180, as strictly as it is written; nothing for what breaks it.
std::optional<std::vector<std::vector<std::string>>> read_csv(std::string_view text) {
  std::vector<std::vector<std::string>> rows;
  std::vector<std::string> row;
  std::string field;
  std::size_t i = 0;
  while (i < text.size()) {
    field.clear();
    if (text[i] == '"') {
      for (++i;; ++i) {
        if (i >= text.size()) return std::nullopt;
        if (text[i] != '"') {
          field.push_back(text[i]);
        } else if (i + 1 < text.size() && text[i + 1] == '"') {
          field.push_back(text[i++]);
        } else {
          ++i;
          break;
        }
      }
    } else {
      while (i < text.size() && text[i] != ',' && text[i] != '\r') {
        if (text[i] == '"' || text[i] == '\n') return std::nullopt;
        field.push_back(text[i++]);
      }
    }
    row.push_back(field);
    if (text.substr(i, 2) == "\r\n") {
      rows.push_back(std::move(row));
      row.clear();
      i += 2;
    } else if (i < text.size() && text[i] == ',') {
      ++i;
      if (text.substr(i, 2) == "\r\n") {
        row.emplace_back();
        rows.push_back(std::move(row));
        row.clear();
        i += 2;
      }
    } else {
      return std::nullopt;
    }
  }
  if (!row.empty()) return std::nullopt;
  return rows;
}

class FormsTest : public ApiFixture {
 protected:
  FormsTest() {
    HttpOptions options;
    options.port = 0;
    server_ = std::move(*HttpServer::start(options, real_clock_, [this](const Request& r) { return api_.handle(r); }));
    const std::string id = tell_run();
    finish(id);
    queue_ = {{queue_run(), false}};
    const std::string trial = "/api/v1/trials/" + std::string(kTrial).substr(0, 35) + "1";
    lists_ = {"/api/v1/metrics",
              "/api/v1/stacks",
              "/api/v1/profiles",
              "/api/v1/schedules",
              "/api/v1/schedules/nightly/next?n=20",
              "/api/v1/schedules/nightly/history",
              "/api/v1/runs",
              "/api/v1/queue",
              "/api/v1/runs/" + id + "/environment",
              "/api/v1/runs/" + id + "/phases",
              "/api/v1/runs/" + id + "/summaries",
              "/api/v1/runs/" + id + "/gaps",
              "/api/v1/runs/" + id + "/objectives",
              "/api/v1/runs/" + id + "/readings",
              "/api/v1/runs/" + id + "/trials",
              trial + "/measurements",
              trial + "/samples",
              trial + "/seconds",
              trial + "/histogram?phase=json%2Fc32%2Fr60%25",
              "/api/v1/events?run=" + id};
    model::Fire skip{"nightly", wall_from_ns(1'767'000'000'000'000'000), clock_.wall_now(),
                     "",        model::SkipReason::daemon_down,          "=HYPERLINK(\"x\"), off",
                     3};
    EXPECT_TRUE(repository_.skip(skip));
  }

  Got ask_server(const std::string& target, const std::string& headers, const std::string& method = "GET") {
    const std::string answer = ask_raw(
        server_->port(), method + " " + target + " HTTP/1.1\r\nHost: localhost:" + std::to_string(server_->port()) +
                             "\r\n" + headers + "\r\n");
    Got got{status_of(answer), answer.substr(0, answer.find("\r\n\r\n") + 2), body_of(answer)};
    if (got.header("Transfer-Encoding") == "chunked") got.body = unchunked(got.body).value_or("torn");
    return got;
  }

  RealClock real_clock_;
  std::vector<std::string> lists_;
  std::unique_ptr<HttpServer> server_;
};

TEST_F(FormsTest, EveryListHasEveryFormInEveryCoding) {
  struct Form {
    std::string type;
    std::string name;
  };
  for (const std::string& list : lists_) {
    for (const Form& form :
         {Form{"application/json", "json"}, Form{"text/csv", "csv"}, Form{"application/x-ndjson", "ndjson"}}) {
      const Got plain = ask_server(list, "Accept: " + form.type + "\r\n");
      ASSERT_EQ(plain.status, 200) << list << " " << form.type << plain.body;
      EXPECT_TRUE(plain.header("Content-Type").starts_with(form.type)) << list;
      EXPECT_EQ(plain.header("Vary"), "Accept, Accept-Encoding") << list;
      const std::string mark = list.find('?') == std::string::npos ? "?" : "&";
      EXPECT_EQ(ask_server(list + mark + "format=" + form.name, "Accept: text/html\r\n").body, plain.body) << list;
      for (const std::string coding : {"gzip", "br"}) {
        const Got packed =
            ask_server(list, "Accept: " + form.type + "\r\nAccept-Encoding: " + coding + ", identity;q=0\r\n");
        EXPECT_EQ(packed.header("Content-Encoding"), coding) << list;
        EXPECT_EQ(unpack(coding, packed.body), plain.body) << list << " " << form.type << " " << coding;
        EXPECT_EQ(packed.header("ETag").empty(), plain.header("ETag").empty()) << list;
        if (plain.header("ETag").empty()) continue;
        EXPECT_NE(packed.header("ETag"), plain.header("ETag")) << list;
        EXPECT_EQ(ask_server(list, "Accept: " + form.type + "\r\nAccept-Encoding: " + coding +
                                       ", identity;q=0\r\nIf-None-Match: " + packed.header("ETag") + "\r\n")
                      .status,
                  304)
            << list;
      }
      const Got head = ask_server(list, "Accept: " + form.type + "\r\n", "HEAD");
      EXPECT_EQ(head.header("Content-Length"), plain.header("Content-Length")) << list;
      EXPECT_EQ(head.body, "") << list;
    }
  }
}

TEST_F(FormsTest, CsvAndNdjsonTellTheSameRows) {
  for (const std::string& list : lists_) {
    const auto csv = read_csv(ask_server(list, "Accept: text/csv\r\n").body);
    ASSERT_TRUE(csv) << list;
    const std::vector<std::string>& names = csv->front();
    std::vector<json> rows;
    const std::string lines = ask_server(list, "Accept: application/x-ndjson\r\n").body;
    for (std::size_t at = 0; at < lines.size();) {
      const std::size_t end = lines.find('\n', at);
      rows.push_back(json::parse(lines.substr(at, end - at)));
      at = end + 1;
    }
    ASSERT_EQ(csv->size(), rows.size() + 1) << list;
    if (list.find("gaps") == std::string::npos) {
      EXPECT_FALSE(rows.empty()) << list;
    }
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const std::vector<std::string>& fields = (*csv)[i + 1];
      ASSERT_EQ(fields.size(), names.size()) << list << " row " << i;
      for (std::size_t c = 0; c < names.size(); ++c) {
        if (!rows[i].contains(names[c])) {
          EXPECT_EQ(fields[c], "") << list << " " << names[c];
          continue;
        }
        const json& value = rows[i][names[c]];
        if (value.is_number()) {
          EXPECT_EQ(json::parse(fields[c]).get<double>(), value.get<double>()) << names[c];
        }
        if (value.is_boolean()) {
          EXPECT_EQ(fields[c], value.get<bool>() ? "true" : "false");
        }
        if (value.is_string()) {
          EXPECT_TRUE(fields[c] == value || fields[c] == "'" + value.get<std::string>());
        }
      }
    }
  }
}

// The members of a JSON item under the names that columns have: joined by "_" where it nests.
void flatten(const json& item, const std::string& prefix, std::map<std::string, json>& flat) {
  for (const auto& [key, value] : item.items()) {
    const std::string name = prefix.empty() ? key : prefix + "_" + key;
    if (value.is_object()) flatten(value, name, flat);
    else flat[name] = value;
  }
}

TEST_F(FormsTest, JsonAndNdjsonTellTheSameRows) {
  // What JSON has in another shape: lists of objects, of which the columns have the names, a sum, and "run": {"port"}.
  const std::set<std::string> reshaped{"stacks", "phases", "gates", "measure_ns", "port"};
  int compared = 0;
  for (const std::string& list : lists_) {
    const json whole = json::parse(ask_server(list, "Accept: application/json\r\n").body);
    if (!whole.contains("items")) continue;  // series and facts have a shape of their own
    const std::string lines = ask_server(list, "Accept: application/x-ndjson\r\n").body;
    std::size_t at = 0;
    for (const json& item : whole["items"]) {
      const std::size_t end = lines.find('\n', at);
      ASSERT_NE(end, std::string::npos) << list;
      const json row = json::parse(lines.substr(at, end - at));
      at = end + 1;
      std::map<std::string, json> flat;
      flatten(item, "", flat);
      for (const auto& [name, value] : row.items()) {
        auto told = flat.find(name);
        if (told == flat.end()) told = flat.find("metrics_" + name);  // metrics have columns of their own
        if (told == flat.end() || reshaped.contains(name)) {
          EXPECT_TRUE(reshaped.contains(name)) << list << " " << name;
          continue;
        }
        EXPECT_EQ(told->second, value) << list << " " << name;
        ++compared;
      }
    }
    EXPECT_EQ(at, lines.size()) << list << ": more rows than items";
  }
  EXPECT_GT(compared, 300);
}

TEST_F(FormsTest, WhatNobodyTakesIs406AndAnUnknownFormatIs400) {
  for (const std::string& list : lists_) {
    const Got none = ask_server(list, "Accept: text/html, image/*\r\n");
    EXPECT_EQ(none.status, 406) << list;
    EXPECT_EQ(json::parse(none.body)["type"], "/problems/not-acceptable");
    const std::string mark = list.find('?') == std::string::npos ? "?" : "&";
    const Got unknown = ask_server(list + mark + "format=cvs", "");
    EXPECT_EQ(unknown.status, 400) << list;
    EXPECT_NE(unknown.body.find("did you mean csv?"), std::string::npos) << list;
    EXPECT_EQ(ask_server(list, "Accept-Encoding: identity;q=0\r\nAccept: text/csv\r\n").status, 406) << list;
  }
  const Got page = ask_server("/api/v1/runs", "Accept: text/html,application/xhtml+xml,*/*;q=0.8\r\n");
  EXPECT_EQ(page.header("Content-Type"), "application/json");
}

TEST_F(FormsTest, AHistogramInItsOwnFormatHasNoOther) {
  const auto found = std::find_if(lists_.begin(), lists_.end(), [](const std::string& list) {
    return list.find("/histogram?") != std::string::npos;
  });
  ASSERT_NE(found, lists_.end());
  const std::string& path = *found;
  EXPECT_EQ(ask_server(path + "&as=hgrm", "").status, 200);
  EXPECT_EQ(ask_server(path + "&as=v2&format=json", "").status, 200);
  for (const char* const odd : {"&as=hgrm&format=csv", "&as=v2&format=csv", "&as=v2&format=ndjson"})
    EXPECT_EQ(ask_server(path + odd, "").status, 400) << odd;
}

TEST_F(FormsTest, AFormulaIsNoFormulaInCsv) {
  const Got got = ask_server("/api/v1/schedules/nightly/history", "Accept: text/csv\r\n");
  EXPECT_NE(got.body.find("\"'=HYPERLINK(\"\"x\"\"), off\""), std::string::npos) << got.body;
}

TEST_F(FormsTest, EventsAreAStreamUnlessAListIsAskedFor) {
  const RawClient client(server_->port());
  client.send("GET /api/v1/events HTTP/1.1\r\nHost: localhost:" + std::to_string(server_->port()) +
              "\r\nAccept: */*\r\nAccept-Encoding: br\r\n\r\n");
  const std::string begin = client.read_until("retry: 3000\n\n", std::chrono::seconds(5));
  EXPECT_NE(begin.find("Content-Type: text/event-stream"), std::string::npos);
  EXPECT_EQ(begin.find("Content-Encoding"), std::string::npos);
  EXPECT_EQ(ask_server("/api/v1/events", "Accept: image/png\r\n").status, 406);
  EXPECT_EQ(ask_server("/api/v1/events?limit=0", "Accept: text/event-stream\r\n").status, 400);
  std::set<std::int64_t> ids;
  std::string target = "/api/v1/events?format=json&limit=5";
  while (!target.empty()) {
    const Got page = ask_server(target, "");
    const json list = json::parse(page.body);
    for (const json& event : list["items"]) EXPECT_TRUE(ids.insert(event["id"].get<std::int64_t>()).second);
    const std::string link = page.header("Link");
    EXPECT_EQ(link.empty(), !list.contains("next"));
    target = link.empty() ? "" : link.substr(1, link.find('>') - 1);
  }
  EXPECT_EQ(ids.size(), reader_.events(0, "", 1000)->size());
}

TEST_F(FormsTest, ALongListComesInPiecesAndWhole) {
  for (int i = 0; i < 199; ++i) {
    catalog_->stacks.push_back(catalog_->stacks.front());
    catalog_->stacks.back().name = "stack-" + std::to_string(i);
    catalog_->stacks.back().title = std::string(4000, 't');
  }
  const Got csv = ask_server("/api/v1/stacks", "Accept: text/csv\r\nAccept-Encoding: gzip\r\n");
  EXPECT_EQ(csv.header("Transfer-Encoding"), "chunked");
  EXPECT_EQ(csv.header("Content-Length"), "");
  const auto rows = read_csv(unpack("gzip", csv.body).value_or(""));
  ASSERT_TRUE(rows);
  EXPECT_EQ(rows->size(), 202U);
  EXPECT_EQ((*rows)[201][0], "stack-198");
}

}  // namespace
}  // namespace dyno::api
