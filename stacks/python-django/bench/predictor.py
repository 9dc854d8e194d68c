"""A logistic regression over 30 features: the usual small model behind an API."""

import json
from math import exp, sumprod
from pathlib import Path

MODEL = json.loads((Path(__file__).parent / "predict.model.json").read_text())
# (x - mean) / scale is folded into the weights, once.
WEIGHTS = [weight / scale for weight, scale in zip(MODEL["weights"], MODEL["scales"], strict=True)]
FEATURES = len(WEIGHTS)
BIAS = MODEL["bias"] - sumprod(WEIGHTS, MODEL["means"])


def score_of(features: list[float]) -> float:
    return sigmoid(BIAS + sumprod(WEIGHTS, features))


def sigmoid(z: float) -> float:
    """Of large numbers exp() is an error in Python, so it is only asked for small ones."""
    return 1 / (1 + exp(-z)) if z >= 0 else exp(z) / (1 + exp(z))
