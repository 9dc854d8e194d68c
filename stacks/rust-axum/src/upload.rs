use axum::{Json, body::Body};
use futures_util::StreamExt;
use serde::Serialize;

use crate::answer::Failure;

const LIMIT: usize = 64 * 1024 * 1024;

#[derive(Serialize)]
pub struct Counted {
    bytes: usize,
}

/// Piece by piece: memory does not follow the size of the body.
pub async fn upload(body: Body) -> Result<Json<Counted>, Failure> {
    let mut pieces = body.into_data_stream();
    let mut bytes = 0;
    while let Some(piece) = pieces.next().await {
        bytes += piece.map_err(|_| Failure::BadRequest)?.len();
        if bytes > LIMIT {
            return Err(Failure::TooLarge);
        }
    }
    Ok(Json(Counted { bytes }))
}
