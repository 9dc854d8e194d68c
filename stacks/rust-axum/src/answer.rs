//! What goes wrong, as the contract words it.

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::Serialize;

#[derive(Debug)]
pub enum Failure {
    BadRequest,
    NotFound,
    TooLarge,
    /// The database; the reason is logged, never told.
    Unavailable,
}

#[derive(Serialize)]
struct Body {
    error: &'static str,
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let (status, error) = match self {
            Failure::BadRequest => (StatusCode::BAD_REQUEST, "Bad request"),
            Failure::NotFound => (StatusCode::NOT_FOUND, "Not found"),
            Failure::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "Payload too large"),
            Failure::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, "Service unavailable"),
        };
        (status, Json(Body { error })).into_response()
    }
}
