#include "api/negotiation.h"

#include <gtest/gtest.h>

#include <array>

namespace dyno::api {
namespace {

struct CodingRow {
  const char* header;
  std::optional<Coding> chosen;
};

TEST(Negotiation, ChoosesTheCodingByWeightAndBrotliBetweenEquals) {
  constexpr std::array kOffered{Coding::br, Coding::gzip, Coding::identity};
  const std::array rows{
      CodingRow{"gzip, deflate, br, zstd", Coding::br},
      CodingRow{"br;q=0.9, gzip;q=0.9", Coding::br},
      CodingRow{"br;q=0.8, gzip;q=0.9", Coding::gzip},
      CodingRow{"gzip", Coding::gzip},
      CodingRow{"X-GZIP", Coding::gzip},
      CodingRow{"GZip ; Q=1.000", Coding::gzip},
      CodingRow{"br;q=0, gzip", Coding::gzip},
      CodingRow{"br;q=0.001", Coding::br},
      CodingRow{"*", Coding::br},
      CodingRow{"*;q=0.5, br;q=0", Coding::gzip},
      CodingRow{"identity, gzip;q=0.5", Coding::identity},
      CodingRow{"gzip;q=0.5, *;q=0", Coding::gzip},
      CodingRow{"", Coding::identity},
      CodingRow{"zstd", Coding::identity},
      CodingRow{"deflate;q=1, identity;q=0.2", Coding::identity},
      CodingRow{"identity;q=0", std::nullopt},
      CodingRow{"*;q=0", std::nullopt},
      CodingRow{"*;q=0.0", std::nullopt},
      CodingRow{"br;q=2, gzip;q=0.1", Coding::gzip},  // no weight: the word counts as not there
      CodingRow{"br;q=0.1234, gzip", Coding::gzip},
      CodingRow{"br;q=, gzip", Coding::gzip},
      CodingRow{",, ;q=1, gzip", Coding::gzip},
  };
  for (const CodingRow& row : rows) EXPECT_EQ(choose_coding(row.header, kOffered), row.chosen) << row.header;
  EXPECT_EQ(choose_coding(std::nullopt, kOffered), Coding::identity);
  EXPECT_EQ(choose_coding("br", std::array{Coding::gzip, Coding::identity}), Coding::identity);
}

struct TypeRow {
  const char* header;
  std::optional<std::size_t> chosen;
};

TEST(Negotiation, ChoosesTheTypeByTheMostSpecificRange) {
  constexpr std::array<std::string_view, 3> kOffered{"application/json", "text/csv", "application/x-ndjson"};
  const std::array rows{
      TypeRow{"application/json", 0},
      TypeRow{"text/csv", 1},
      TypeRow{"TEXT/CSV; charset=utf-8; header=present", 1},
      TypeRow{"application/x-ndjson", 2},
      TypeRow{"text/*", 1},
      TypeRow{"application/*", 0},
      TypeRow{"*/*", 0},
      TypeRow{"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", 0},
      TypeRow{"text/csv;q=0.5, application/json;q=0.4", 1},
      TypeRow{"*/*, application/json;q=0.1", 1},
      TypeRow{"application/*;q=0.9, application/json;q=0", 2},
      TypeRow{"text/html", std::nullopt},
      TypeRow{"application/json;q=0", std::nullopt},
      TypeRow{"", std::nullopt},
  };
  for (const TypeRow& row : rows) EXPECT_EQ(choose_type(row.header, kOffered), row.chosen) << row.header;
  EXPECT_EQ(choose_type(std::nullopt, kOffered), 0U);
}

}  // namespace
}  // namespace dyno::api
