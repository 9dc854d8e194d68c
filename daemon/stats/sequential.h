// When a comparison that goes on pair by pair may stop, and how sure each look at it must be so that all looks together keep one level.
// Lan and DeMets' spending of the level (Biometrika 70, 1983) by their Pocock-type function α ln(1 + (e − 1) t), t being the share of the
// pairs at most; the boundaries by the recursion of Armitage, McPherson and Rowe (JRSS A 132, 1969). The level of a look is that of the interval
// which is shown at it: a repeated confidence interval (Jennison and Turnbull, JRSS B 51, 1989), which holds whichever look ends the comparison and
// for whatever reason. Pure functions, thread-safe.
#pragma once

#include <vector>

namespace dyno::stats {

// The probability that two sides which do not differ are ever told apart, in either direction, over all looks.
inline constexpr double kSequentialAlpha = 0.02;
// Pairs: fewer decide nothing (results/compare).
inline constexpr int kFirstLook = 10;

// After how many pairs it is looked, of `most`, which is the last: every second one at first, then each time a fifth more. None earlier than ranks
// can show what is to be spent by then (2^(1−n) is their least level). Empty where `most` is less than kFirstLook.
std::vector<int> looks_of(int most);
bool is_look(int pairs, int most);

// The probability at each end of the interval of a look after so many pairs, with those of looks_of before it; 0 < pairs ≤ most. A look out of
// turn, where the time is up, spends what is due by then.
double tail_at(int pairs, int most);

}  // namespace dyno::stats
