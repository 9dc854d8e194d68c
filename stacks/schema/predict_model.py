#!/usr/bin/env python3
"""Makes the model of the workload predict: a logistic regression over 30 features, trained on data drawn from a fixed seed.

Writes stacks/schema/predict.model.json, the same file into every stack that has one, and the constants of the daemon's check.
With --check it writes nothing, and fails where a file is not what it would have written.
"""

import json
import math
import random
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MODEL = "predict.model.json"
HEADER = ROOT / "daemon/contract/workloads/predict_model.h"

FEATURES = 30
SAMPLES = 400
ROUNDS = 60
STEP = 1.5
DECAY = 0.01  # keeps the weights small, so that scores spread instead of all being near 0 or 1
SEED = 20261128


def sigmoid(z: float) -> float:
    return 1 / (1 + math.exp(-z)) if z >= 0 else math.exp(z) / (1 + math.exp(z))


def train() -> dict[str, list[float] | float]:
    draw = random.Random(SEED)
    # Features of unlike size, as those of a real table: their means lie between 0.05 and 500.
    means = [round(0.05 * 10 ** (4 * i / (FEATURES - 1)), 4) for i in range(FEATURES)]
    scales = [round(mean * (0.2 + 0.3 * draw.random()), 4) for mean in means]
    truth = [draw.gauss(0, 1) for _ in range(FEATURES)]
    samples = []
    for _ in range(SAMPLES):
        x = [draw.gauss(0, 1) for _ in range(FEATURES)]
        noise = draw.gauss(0, 2)
        samples.append((x, 1 if math.fsum(t * v for t, v in zip(truth, x)) + noise > 0.5 else 0))
    weights = [0.0] * FEATURES
    bias = 0.0
    for _ in range(ROUNDS):
        misses = [sigmoid(bias + math.fsum(w * v for w, v in zip(weights, x))) - label for x, label in samples]
        slopes = [math.fsum(m * x[i] for m, (x, _) in zip(misses, samples)) / SAMPLES for i in range(FEATURES)]
        weights = [w - STEP * (slope + DECAY * w) for w, slope in zip(weights, slopes)]
        bias -= STEP * math.fsum(misses) / SAMPLES
    # Four digits are the same on every machine, whatever its exp() does in the last.
    return {"bias": round(bias, 4), "weights": [round(w, 4) for w in weights], "means": means, "scales": scales}


def json_text(model: dict[str, list[float] | float]) -> str:
    rows = [f'  "{name}": {json.dumps(value)}' for name, value in model.items()]
    return "{\n" + ",\n".join(rows) + "\n}\n"


def header_text(model: dict[str, list[float] | float]) -> str:
    def array(name: str) -> str:
        lines, line = [], "   "
        for value in model[name]:
            if len(line) + len(f" {value},") > 118:
                lines.append(line)
                line = "   "
            line += f" {value},"
        lines.append(line)
        return "{\n" + "\n".join(lines) + "\n}"

    return f"""// The model of the workload predict. Written by stacks/schema/predict_model.py: change it there.
#pragma once

#include <array>

namespace dyno::contract {{

// clang-format off
inline constexpr double kPredictBias = {model["bias"]};
inline constexpr std::array<double, {FEATURES}> kPredictWeights{array("weights")};
inline constexpr std::array<double, {FEATURES}> kPredictMeans{array("means")};
inline constexpr std::array<double, {FEATURES}> kPredictScales{array("scales")};
// clang-format on

}}  // namespace dyno::contract
"""


def main() -> int:
    model = train()
    files = {ROOT / "stacks/schema" / MODEL: json_text(model), HEADER: header_text(model)}
    for folder in ("stacks", "tests/data/stacks"):
        for copy in sorted((ROOT / folder).glob(f"*/**/{MODEL}")):
            files[copy] = json_text(model)
    stale = [path for path, text in files.items() if not path.exists() or path.read_text() != text]
    for path in stale:
        if "--check" in sys.argv[1:]:
            print(f"{path.relative_to(ROOT)} is not what predict_model.py writes", file=sys.stderr)
        else:
            path.write_text(files[path])
    return 1 if stale and "--check" in sys.argv[1:] else 0


if __name__ == "__main__":
    sys.exit(main())
