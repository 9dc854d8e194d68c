use axum::{
    Json,
    body::Bytes,
    extract::rejection::BytesRejection,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use garde::Validate;
use serde::{Deserialize, Serialize, de::IgnoredAny};

use crate::answer::Failure;

/// Bytes of an order.
pub const LIMIT: usize = 64 * 1024;

#[derive(Deserialize, Validate)]
#[serde(deny_unknown_fields)]
struct Order {
    #[garde(pattern(r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"))]
    order_id: String,
    #[garde(
        length(bytes, max = 254),
        pattern(r"^[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$")
    )]
    email: String,
    #[garde(length(min = 1, max = 20), dive)]
    items: Vec<Item>,
    #[garde(inner(length(chars, max = 16)))]
    #[serde(default)]
    coupon: Option<String>,
}

#[derive(Deserialize, Validate)]
#[serde(deny_unknown_fields)]
struct Item {
    #[garde(pattern(r"^[A-Z]{3}-[0-9]{4}$"))]
    sku: String,
    #[garde(range(min = 1, max = 100))]
    quantity: i64,
    #[garde(range(min = 0, max = 1_000_000))]
    unit_price_cents: i64,
}

#[derive(Serialize)]
struct Valid {
    valid: bool,
    total_cents: i64,
}

#[derive(Serialize)]
struct Invalid {
    valid: bool,
    errors: usize,
}

pub async fn validate(body: Result<Bytes, BytesRejection>) -> Result<Response, Failure> {
    let body = body.map_err(refusal)?;
    let order: Order = match serde_json::from_slice(&body) {
        Ok(order) => order,
        Err(_) if is_json(&body) => return Ok(invalid(1)),
        Err(_) => return Err(Failure::BadRequest),
    };
    if let Err(report) = order.validate() {
        return Ok(invalid(report.iter().count()));
    }
    let total_cents = order
        .items
        .iter()
        .map(|item| item.quantity * item.unit_price_cents)
        .sum();
    let valid = true;
    Ok(Json(Valid { valid, total_cents }).into_response())
}

/// The order's reader stops at the first fault, behind which the rest may still be no JSON.
fn is_json(body: &[u8]) -> bool {
    serde_json::from_slice::<IgnoredAny>(body).is_ok()
}

fn invalid(errors: usize) -> Response {
    let body = Invalid {
        valid: false,
        errors,
    };
    (StatusCode::UNPROCESSABLE_ENTITY, Json(body)).into_response()
}

fn refusal(rejection: BytesRejection) -> Failure {
    match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Failure::TooLarge,
        _ => Failure::BadRequest,
    }
}
