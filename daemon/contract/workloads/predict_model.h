// The model of the workload predict. Written by stacks/schema/predict_model.py: change it there.
#pragma once

#include <array>

namespace dyno::contract {

// clang-format off
inline constexpr double kPredictBias = -0.4345;
inline constexpr std::array<double, 30> kPredictWeights{
    0.4558, -0.5097, 0.3089, -0.3327, -0.0435, 0.7223, 0.8608, -1.4199, 0.3036, -0.6045, 0.3595, -0.285, -0.0206,
    -0.4761, 0.1378, 0.0835, 0.486, 0.2485, -0.0933, -0.2151, 0.2441, 0.0126, -0.1792, 0.2718, -0.6704, -0.3778,
    -0.846, 1.5007, 1.303, 0.4473,
};
inline constexpr std::array<double, 30> kPredictMeans{
    0.05, 0.0687, 0.0944, 0.1296, 0.1781, 0.2447, 0.3362, 0.4618, 0.6345, 0.8717, 1.1975, 1.6452, 2.2602, 3.1051,
    4.2658, 5.8605, 8.0513, 11.0611, 15.196, 20.8766, 28.6808, 39.4023, 54.1318, 74.3676, 102.168, 140.3608, 192.831,
    264.9158, 363.9477, 500.0,
};
inline constexpr std::array<double, 30> kPredictScales{
    0.0169, 0.0289, 0.041, 0.0643, 0.0698, 0.0776, 0.1614, 0.2121, 0.1377, 0.369, 0.2739, 0.7665, 0.5808, 0.8709,
    1.7707, 2.6395, 2.8847, 2.9645, 6.0278, 6.8017, 11.0171, 9.8346, 12.2288, 22.2896, 39.5113, 36.2163, 40.2792,
    67.4602, 113.8747, 231.7903,
};
// clang-format on

}  // namespace dyno::contract
