// Medians, quantiles and spread of a handful of values. Pure functions, thread-safe; input order does not matter.
// Every function needs at least one value (CHECK).
#pragma once

#include <span>

namespace dyno::stats {

double median(std::span<const double> values);
// Linear between order statistics (type 7 of Hyndman and Fan): p = 0 gives the least value, p = 1 the greatest.
double quantile(std::span<const double> values, double p);
double mean(std::span<const double> values);
// Median of the absolute deviations from the median, not scaled; times 1.4826 it estimates a normal standard deviation.
double mad(std::span<const double> values);
// 1.4826·MAD ÷ median: a coefficient of variation that one odd value cannot spoil. The median must not be 0.
double robust_cv(std::span<const double> values);

}  // namespace dyno::stats
