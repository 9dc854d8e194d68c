#include "adopt/requests.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace dyno::adopt {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

std::string remarks_of(const DraftRequests& found) {
  std::string all;
  for (const auto& [place, message] : found.remarks) all += place + ": " + message + "\n";
  return all;
}

TEST(OpenApi, MakesAWorkloadOfWhatHasExamples) {
  const auto found = requests_from_openapi(R"(
openapi: 3.0.3
servers: [{url: "https://api.example.com/v1/"}]
security: []
paths:
  /orders/{id}:
    parameters: [{$ref: "#/components/parameters/Id"}]
    get:
      operationId: getOrder
      parameters:
        - {name: fields, in: query, required: true, example: "a,b"}
        - {name: page, in: query, schema: {default: 1}}
      responses: {"404": {}, "200": {content: {application/json: {schema: {}}}}}
    put:
      requestBody: {content: {application/json: {examples: {one: {value: {name: "x", count: 3}}}}}}
      responses: {"204": {}}
    delete:
      security: [{key: []}]
      responses: {default: {}}
  /search:
    get: {parameters: [{name: q, in: query, required: true, schema: {type: string}}]}
  /things/{uid}:
    get: {parameters: [{name: uid, in: path, required: true, schema: {type: string, format: uuid}}]}
components:
  parameters:
    Id: {name: id, in: path, required: true, schema: {type: integer, minimum: 1, maximum: 500}}
)",
                                           "openapi.yaml");
  ASSERT_TRUE(found) << found.error().message;
  ASSERT_EQ(found->workloads.size(), 4U) << remarks_of(*found);
  const DraftRequest& get = found->workloads[0].requests[0];
  EXPECT_EQ(found->workloads[0].name, "get-order");
  EXPECT_EQ(get.path, "/v1/orders/{1..500}?fields=a%2Cb");
  EXPECT_EQ(get.status, 200);
  EXPECT_EQ(get.content_type, "application/json");
  const DraftRequest& put = found->workloads[1].requests[0];
  EXPECT_EQ(put.method, "PUT");
  EXPECT_EQ(put.body, R"({"name":"x","count":3})");
  EXPECT_TRUE(put.body_is_json);
  EXPECT_EQ(put.status, 204);
  EXPECT_EQ(found->workloads[2].requests[0].method, "DELETE");
  EXPECT_EQ(found->workloads[3].requests[0].path, "/v1/things/{uuid}");
  EXPECT_THAT(remarks_of(*found), HasSubstr("GET /search: the parameter q has no example: no request is made of it"));
  EXPECT_THAT(remarks_of(*found), HasSubstr("DELETE /orders/{id}: it asks for credentials"));
}

TEST(OpenApi, SaysWhatElseItIs) {
  EXPECT_THAT(requests_from_openapi("swagger: '2.0'", "s.yaml").error().message,
              HasSubstr("s.yaml is no OpenAPI 3 document but Swagger 2.0"));
  EXPECT_THAT(requests_from_openapi("{\"openapi\": \"3.0\",\n nope}", "s.json").error().message,
              HasSubstr("s.json:2:"));
}

TEST(Har, TakesTheHostsOwnRequestsAndCountsThem) {
  const std::string get = R"({"request":{"method":"GET","url":"http://shop.example:3000/orders?page=1#x",
    "headers":[{"name":"Accept","value":"*/*"},{"name":"Authorization","value":"Bearer t"},{"name":"User-Agent","value":"x"},{"name":":path","value":"/"}],
    "cookies":[{"name":"s"}]},"response":{"status":200,"content":{"mimeType":"application/json; charset=utf-8"}}})";
  const std::string post = R"({"request":{"method":"POST","url":"http://shop.example:3000/orders","headers":[],
    "postData":{"mimeType":"application/json","text":"{\"a\":1}"}},"response":{"status":201,"content":{"mimeType":""}}})";
  const std::string style =
      R"({"request":{"method":"GET","url":"http://shop.example:3000/x.css","headers":[]},"response":{"status":200,"content":{"mimeType":"text/css"}}})";
  const std::string elsewhere =
      R"({"request":{"method":"GET","url":"https://ads.example/","headers":[]},"response":{"status":200,"content":{"mimeType":"text/html"}}})";
  const auto found = requests_from_har(
      R"({"log":{"entries":[)" + get + "," + post + "," + get + "," + style + "," + elsewhere + "]}}", "a.har");
  ASSERT_TRUE(found) << found.error().message;
  ASSERT_EQ(found->workloads.size(), 1U);
  const auto& requests = found->workloads[0].requests;
  ASSERT_EQ(requests.size(), 2U);
  EXPECT_EQ(requests[0].path, "/orders?page=1");
  EXPECT_EQ(requests[0].weight, 2);
  EXPECT_EQ(requests[0].content_type, "application/json");
  EXPECT_THAT(requests[0].headers, ElementsAre(Pair("Accept", "*/*"), Pair("Authorization", "Bearer t")));
  EXPECT_EQ(requests[1].body, R"({"a":1})");
  EXPECT_EQ(requests[1].status, 201);
  for (const char* const words :
       {"/log/entries/0: the header Authorization looks like a secret", "its cookies are left out",
        "1 requests to ads.example are left out", "1 images, styles, scripts and fonts are left out"})
    EXPECT_THAT(remarks_of(*found), HasSubstr(words));
  EXPECT_FALSE(requests_from_har("{\"log\":{}}", "a.har"));
}

TEST(Curl, IsTakenAsItIsTyped) {
  struct Row {
    const char* line;
    const char* method;
    const char* path;
    const char* body;
    std::vector<std::pair<std::string, std::string>> headers;
  };
  for (const auto& row : {
           Row{"curl localhost:3000/orders", "GET", "/orders", "", {}},
           Row{"curl -sS -XPOST 'http://localhost/a?b=1' -H 'X-A: 1' --data-raw '{\"a\":1}' -H 'Content-Type: "
               "application/json'",
               "POST",
               "/a?b=1",
               "{\"a\":1}",
               {{"X-A", "1"}}},
           Row{"--json '{}' http://h", "POST", "/", "{}", {}},
           Row{"curl -d a=1 -d b=2 http://h/f",
               "POST",
               "/f",
               "a=1&b=2",
               {{"Content-Type", "application/x-www-form-urlencoded"}}},
           Row{"curl -G -d q=x http://h/f", "GET", "/f?q=x", "", {}},
           Row{"curl -u me:pw -I http://h/", "HEAD", "/", "", {{"Authorization", "Basic bWU6cHc="}}},
           Row{"curl --request=PUT http://me@h/x#y", "PUT", "/x", "", {}},
       }) {
    const auto found = requests_from_curl(row.line);
    ASSERT_TRUE(found) << row.line << found.error().message;
    const DraftRequest& request = found->workloads.at(0).requests.at(0);
    EXPECT_EQ(request.method, row.method) << row.line;
    EXPECT_EQ(request.path, row.path) << row.line;
    EXPECT_EQ(request.body, row.body) << row.line;
    EXPECT_EQ(request.headers, row.headers) << row.line;
  }
  EXPECT_THAT(remarks_of(requests_from_curl("curl -d @body.json -k --http3 http://h/").value()),
              HasSubstr("the body comes from body.json"));
  EXPECT_THAT(remarks_of(requests_from_curl("curl -k http://h/").value()), HasSubstr("-k is left out"));
  EXPECT_THAT(requests_from_curl("curl -H").error().message, HasSubstr("-H needs a value"));
  EXPECT_THAT(requests_from_curl("curl -s").error().message, HasSubstr("no URL"));
}

}  // namespace
}  // namespace dyno::adopt
