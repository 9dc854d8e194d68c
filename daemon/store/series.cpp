#include "store/series.h"

#include <algorithm>

namespace dyno::store {
namespace {

Spread spread_of(std::int64_t value) { return {value, value, value}; }

void widen(Spread& spread, std::int64_t value) {
  spread.min = std::min(spread.min, value);
  spread.max = std::max(spread.max, value);
  spread.last = value;
}

SampleBucket bucket_of(const model::Sample& sample, MonotonicTime begin) {
  return {begin,
          1,
          spread_of(sample.private_bytes.value),
          spread_of(sample.docker_equivalent.value),
          sample.cpu_ns,
          sample.throttled_ns};
}

}  // namespace

std::vector<SampleBucket> bucket_samples(std::span<const model::Sample> samples, Nanos resolution) {
  std::vector<SampleBucket> buckets;
  for (const model::Sample& sample : samples) {
    const Nanos since = sample.at - samples.front().at;
    const MonotonicTime begin =
        resolution > Nanos::zero() ? samples.front().at + since / resolution * resolution : sample.at;
    if (buckets.empty() || resolution <= Nanos::zero() || buckets.back().at != begin) {
      buckets.push_back(bucket_of(sample, begin));
      continue;
    }
    SampleBucket& bucket = buckets.back();
    ++bucket.n;
    widen(bucket.private_bytes, sample.private_bytes.value);
    widen(bucket.docker_equivalent, sample.docker_equivalent.value);
    bucket.cpu_ns = sample.cpu_ns;
    bucket.throttled_ns = sample.throttled_ns;
  }
  return buckets;
}

}  // namespace dyno::store
