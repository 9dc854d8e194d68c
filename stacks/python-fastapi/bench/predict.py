"""A logistic regression over 30 features: the usual small model behind an API."""

import json
from math import exp, sumprod
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field

from bench.body import LimitedRoute
from bench.validate import Strict

router = APIRouter(route_class=LimitedRoute)

MODEL = json.loads((Path(__file__).parent / "predict.model.json").read_text())
# (x - mean) / scale is folded into the weights, once.
WEIGHTS = [weight / scale for weight, scale in zip(MODEL["weights"], MODEL["scales"], strict=True)]
BIAS = MODEL["bias"] - sumprod(WEIGHTS, MODEL["means"])

Feature = Annotated[float, Field(ge=-1_000_000, le=1_000_000, allow_inf_nan=False)]


class Sample(Strict):
    features: Annotated[list[Feature], Field(min_length=len(WEIGHTS), max_length=len(WEIGHTS))]


class Prediction(BaseModel):
    label: int
    score: float


def sigmoid(z: float) -> float:
    """Of large numbers exp() is an error in Python, so it is only asked for small ones."""
    return 1 / (1 + exp(-z)) if z >= 0 else exp(z) / (1 + exp(z))


@router.post("/predict")
async def predict(sample: Sample) -> Prediction:
    score = sigmoid(BIAS + sumprod(WEIGHTS, sample.features))
    return Prediction(label=int(score >= 0.5), score=score)
