"""What the contract wants, worked out from its formulas without a database."""
import hashlib
import html
import json
import math
import pathlib
import random
import re

FORTUNES = {
    0: "Additional fortune added at request time.",
    1: "Measure twice, publish once.",
    2: "A benchmark is a question; most people only quote the answer.",
    3: "Your fastest request was the one you did not send.",
    4: "<script>alert(\"It's a trap & you 'fell' for it\");</script>",
    5: "the average hides the afternoon that everybody remembers",
    6: "Beware of the percentile that nobody asked about.",
    7: "ベンチマークは嘘をつかないが、黙っていることがある。",
    8: "Every cache is a promise — keep few.",
    9: "No result survives contact with a second machine.",
    10: "He who warms up last laughs best.",
    11: "Zero errors often means nobody was counting.",
    12: "Idle memory is the rent; peak memory is the party.",
}
FORTUNES_200 = {0: FORTUNES[0]} | {i: f"Message {i:03} of <two> & \"hundred\"" for i in range(1, 201)}
JSON, TEXT, HTML = "application/json", "text/plain", "text/html; charset=utf-8"


def bad(status: int = 400, text: str = "Bad request") -> tuple[int, str, bytes]:
    return status, JSON, compact({"error": text})


def compact(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def good(value: object) -> tuple[int, str, bytes]:
    return 200, JSON, compact(value)


def within(text: str, low: int, high: int) -> int | None:
    return int(text) if re.fullmatch(r"[0-9]{1,18}", text) and low <= int(text) <= high else None


def clamped(text: str, low: int, high: int) -> int | None:
    if not re.fullmatch(r"-?[0-9]+", text):
        return None
    if text.startswith("-"):
        return low
    return min(max(int(text[:18]), low), high)


def greet(query: dict[str, str]) -> tuple[int, str, bytes]:
    name = query.get("name", "World")
    return good({"message": f"Hello, {name}!"}) if re.fullmatch(r"[A-Za-z0-9]{1,32}", name) else bad()


def items(count_text: str, query: dict[str, str]) -> tuple[int, str, bytes]:
    count, m = clamped(count_text, 1, 50), within(query.get("m", ""), 1, 9)
    if count is None or m is None:
        return bad()
    rows = []
    for i in range(1, count + 1):
        price, quantity = 100 + 37 * i % 900, 1 + i % 10
        rows.append({"id": i, "name": f"Item {i}", "price": price, "quantity": quantity, "total": price * quantity * m})
    return good({"items": rows, "count": count})


def user(id_text: str) -> tuple[int, str, bytes]:
    number = within(id_text, 1, 2147483647)
    if number is None:
        return bad()
    if number > 10000:
        return bad(404, "Not found")
    return good({"id": number, "name": f"User {number}", "email": f"user{number}@example.com"})


changed: dict[int, int] = {}


def world(number: int) -> dict[str, int]:
    return {"id": number, "randomNumber": changed.get(number, 1 + (number * 7919 + 104729) % 10000)}


def db() -> tuple[int, str, bytes]:
    return good(world(random.randint(1, 10000)))


def queries(query: dict[str, str]) -> tuple[int, str, bytes]:
    count = clamped(query.get("n", ""), 1, 500) or 1
    return good([world(random.randint(1, 10000)) for _ in range(count)])


def updates(query: dict[str, str]) -> tuple[int, str, bytes]:
    rows = []
    for number in random.sample(range(1, 10001), clamped(query.get("n", ""), 1, 500) or 1):
        changed[number] = world(number)["randomNumber"] % 10000 + 1
        rows.append(world(number))
    return good(rows)


def fortunes(query: dict[str, str]) -> tuple[int, str, bytes]:
    if query.get("set", "200") != "200":
        return bad()
    chosen = FORTUNES_200 if "set" in query else FORTUNES
    rows = "".join(
        f"<tr><td>{i}</td><td>{html.escape(text)}</td></tr>\n" for i, text in sorted(chosen.items(), key=lambda row: row[1])
    )
    head = "<!DOCTYPE html>\n<html><head><title>Fortunes</title></head><body><table>\n"
    page = f"{head}<tr><th>id</th><th>message</th></tr>\n{rows}</table></body></html>"
    return 200, HTML, page.encode()


def in_items(holds):  # a rule of one item: broken when it is for any
    def of_order(order) -> bool:
        rows = order.get("items") if isinstance(order, dict) else None
        return any(holds(row) for row in rows) if isinstance(rows, list) else False

    return of_order


def is_int(value: object) -> bool:
    return isinstance(value, int)


# What breaks an order, each by the name that the check of it has: a server can be told to overlook one.
ORDER_RULES = {
    "a list instead of an order": lambda o: not isinstance(o, dict),
    "a quantity of 0": in_items(lambda i: is_int(i.get("quantity")) and i["quantity"] < 1),
    "a quantity of 101": in_items(lambda i: is_int(i.get("quantity")) and i["quantity"] > 100),
    "a quantity of 1.5": in_items(lambda i: isinstance(i.get("quantity"), float)),
    "a quantity that is text": in_items(lambda i: isinstance(i.get("quantity"), str)),
    "a price of -1": in_items(lambda i: is_int(i.get("unit_price_cents")) and i["unit_price_cents"] < 0),
    "a price of 1000001": in_items(lambda i: is_int(i.get("unit_price_cents")) and i["unit_price_cents"] > 1000000),
    "a sku in lower case": in_items(lambda i: i["sku"] != i["sku"].upper()),
    "a sku that goes on": in_items(lambda i: len(i["sku"]) > 8),
    "a further key in an item": in_items(lambda i: bool(set(i) - {"sku", "quantity", "unit_price_cents"})),
    "an item without its price": in_items(lambda i: "unit_price_cents" not in i),
    "no items": lambda o: isinstance(o, dict) and o.get("items") == [],
    "21 items": lambda o: isinstance(o, dict) and len(o.get("items", [])) > 20,
    "an id that is not a UUID": lambda o: isinstance(o, dict) and isinstance(o["order_id"], str) and len(o["order_id"]) != 36,
    "an id that is a number": lambda o: isinstance(o, dict) and is_int(o["order_id"]),
    "an email without @": lambda o: isinstance(o, dict) and isinstance(o["email"], str) and "@" not in o["email"],
    "an email that is null": lambda o: isinstance(o, dict) and o["email"] is None,
    "a coupon of 17 letters": lambda o: isinstance(o, dict) and isinstance(o.get("coupon"), str) and len(o["coupon"]) > 16,
    "a coupon that is a number": lambda o: isinstance(o, dict) and is_int(o.get("coupon")),
    "a further key": lambda o: isinstance(o, dict) and bool(set(o) - {"order_id", "email", "items", "coupon"}),
}


def validate(body: bytes, overlooked: str) -> tuple[int, str, bytes]:
    if len(body) > 65536:
        return bad(413, "Payload too large")
    try:
        order = json.loads(body)
    except ValueError:
        return bad()
    broken = sum(rule(order) for name, rule in ORDER_RULES.items() if name != overlooked)
    if broken:
        return 422, JSON, compact({"valid": False, "errors": broken})
    rows = order.get("items", []) if isinstance(order, dict) else []
    total = sum(int(float(row["quantity"])) * row.get("unit_price_cents", 0) for row in rows)
    return good({"valid": True, "total_cents": total})


def numbers(features: object) -> list[float]:
    rows = features if isinstance(features, list) else []
    return [row for row in rows if isinstance(row, (int, float)) and not isinstance(row, bool)]


def in_features(holds):  # a rule of the list: broken only where there is one
    def of_sample(sample) -> bool:
        rows = sample.get("features") if isinstance(sample, dict) else None
        return isinstance(rows, list) and holds(rows)

    return of_sample


# The same for samples.
SAMPLE_RULES = {
    "a list instead of an object": lambda s: not isinstance(s, dict),
    "29 features": in_features(lambda f: 0 < len(f) < 30),
    "31 features": in_features(lambda f: len(f) > 30),
    "no features": in_features(lambda f: not f),
    "a feature that is text": in_features(lambda f: any(isinstance(row, str) and row != "NaN" for row in f)),
    "a feature that is the text NaN": in_features(lambda f: "NaN" in f),
    "a feature that is null": in_features(lambda f: any(row is None for row in f)),
    "a feature that is true": in_features(lambda f: any(row is True for row in f)),
    "a feature that is a list": in_features(lambda f: any(isinstance(row, list) for row in f)),
    "a feature above a million": in_features(lambda f: any(1_000_000 < row < math.inf for row in numbers(f))),
    "a feature below minus a million": in_features(lambda f: any(row < -1_000_000 for row in numbers(f))),
    "a feature beyond every number": in_features(lambda f: math.inf in numbers(f)),
    "a further key": lambda s: isinstance(s, dict) and "features" in s and len(s) > 1,
    "another key": lambda s: isinstance(s, dict) and "features" not in s,
    "features that are no list": lambda s: isinstance(s, dict) and not isinstance(s.get("features", []), list),
}
MODEL = json.loads((pathlib.Path(__file__).parent / "predict.model.json").read_text())


def refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")


def predict(body: bytes, overlooked: str) -> tuple[int, str, bytes]:
    if len(body) > 65536:
        return bad(413, "Payload too large")
    try:
        sample = json.loads(body, parse_constant=refuse)
    except ValueError:
        return bad()
    broken = sum(rule(sample) for name, rule in SAMPLE_RULES.items() if name != overlooked)
    if broken:
        return 422, JSON, compact({"valid": False, "errors": broken})
    features = numbers(sample.get("features")) if isinstance(sample, dict) else []
    rows = zip(features, MODEL["weights"], MODEL["means"], MODEL["scales"])
    z = MODEL["bias"] + sum(weight * (x - mean) / scale for x, weight, mean, scale in rows)
    score = 1 / (1 + math.exp(-min(max(z, -700), 700)))
    return good({"label": int(score >= 0.5), "score": score})


def cpu(query: dict[str, str]) -> tuple[int, str, bytes]:
    kind, n = query.get("kind"), within(query.get("n", ""), 1, 10_000_000)
    if kind not in ("hash", "sieve") or n is None:
        return bad()
    return good({"kind": kind, "n": n, "result": hashed(n) if kind == "hash" else str(primes(n))})


def hashed(n: int) -> str:
    digest = b"seed"
    for _ in range(n):
        digest = hashlib.sha256(digest).digest()
    return digest.hex()


def primes(n: int) -> int:
    composite = bytearray(n + 1)
    found = 0
    for i in range(2, n + 1):
        if not composite[i]:
            found += 1
            composite[i * i :: i] = b"\1" * len(range(i * i, n + 1, i))
    return found
