"""The schemas of orders and samples. REST framework converts and ignores by default; these are judged as they came."""

from typing import Any

from rest_framework import serializers

from bench.predictor import FEATURES


class Text(serializers.RegexField):
    def __init__(self, regex: str, **options: Any) -> None:
        super().__init__(regex, trim_whitespace=False, **options)

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class Whole(serializers.IntegerField):
    def to_internal_value(self, data: Any) -> int:
        if type(data) is not int:  # True is an int as well
            self.fail("invalid")
        return super().to_internal_value(data)


class Strict(serializers.Serializer):
    def to_internal_value(self, data: Any) -> dict[str, Any]:
        if isinstance(data, dict) and (unknown := data.keys() - self.fields.keys()):
            raise serializers.ValidationError({key: ["unknown"] for key in unknown})
        return super().to_internal_value(data)


class OrderItem(Strict):
    sku = Text(r"\A[A-Z]{3}-[0-9]{4}\Z")
    quantity = Whole(min_value=1, max_value=100)
    unit_price_cents = Whole(min_value=0, max_value=1_000_000)


class Order(Strict):
    order_id = Text(r"\A[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\Z")
    email = Text(r"\A[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+\Z", max_length=254)
    items = OrderItem(many=True, allow_empty=False, max_length=20)
    coupon = Text(r"(?s)\A.*\Z", max_length=16, required=False, allow_null=True, allow_blank=True)


class Feature(serializers.FloatField):
    def to_internal_value(self, data: Any) -> float:
        # True is an int as well, and a NaN is within every range.
        if type(data) not in (int, float) or data != data:
            self.fail("invalid")
        return super().to_internal_value(data)


class Sample(Strict):
    features = serializers.ListField(
        child=Feature(min_value=-1_000_000, max_value=1_000_000),
        min_length=FEATURES,
        max_length=FEATURES,
    )


def count_errors(errors: Any) -> int:
    """Every message, however deep."""
    if isinstance(errors, dict):
        return sum(count_errors(error) for error in errors.values())
    if isinstance(errors, list):
        return sum(count_errors(error) for error in errors)
    return 1
