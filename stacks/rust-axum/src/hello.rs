use axum::{Json, extract::Query};
use serde::{Deserialize, Serialize};

use crate::answer::Failure;

#[derive(Deserialize)]
pub struct Asked {
    name: Option<String>,
}

#[derive(Serialize)]
pub struct Greeting {
    message: String,
}

pub async fn greet(Query(asked): Query<Asked>) -> Result<Json<Greeting>, Failure> {
    let name = asked.name.as_deref().unwrap_or("World");
    if !(1..=32).contains(&name.len()) || !name.bytes().all(|c| c.is_ascii_alphanumeric()) {
        return Err(Failure::BadRequest);
    }
    Ok(Json(Greeting {
        message: format!("Hello, {name}!"),
    }))
}
