use axum::{
    Json,
    extract::{Path, State},
};
use serde::Serialize;

use crate::{App, answer::Failure, database::unavailable, numbers::within};

#[derive(Serialize)]
pub struct User {
    id: i32,
    name: String,
    email: String,
}

pub async fn show(State(app): State<App>, Path(id): Path<String>) -> Result<Json<User>, Failure> {
    let id = within(&id, 1..=i32::MAX as u32).ok_or(Failure::BadRequest)? as i32;
    let connection = app.database.connection().await?;
    let row = connection
        .row("SELECT id, name, email FROM users WHERE id = $1", &[&id])
        .await?
        .ok_or(Failure::NotFound)?;
    Ok(Json(User {
        id: row.try_get(0).map_err(unavailable)?,
        name: row.try_get(1).map_err(unavailable)?,
        email: row.try_get(2).map_err(unavailable)?,
    }))
}
