use axum::{
    Json,
    extract::{Path, Query},
};
use serde::{Deserialize, Serialize};

use crate::{
    answer::Failure,
    numbers::{clamped, within},
};

#[derive(Deserialize)]
pub struct Asked {
    #[serde(default)]
    m: String,
}

#[derive(Serialize)]
pub struct List {
    items: Vec<Item>,
    count: u32,
}

#[derive(Serialize)]
struct Item {
    id: u32,
    name: String,
    price: u32,
    quantity: u32,
    total: u32,
}

impl Item {
    fn new(id: u32, m: u32) -> Self {
        let (price, quantity) = (100 + 37 * id % 900, 1 + id % 10);
        Item {
            id,
            name: format!("Item {id}"),
            price,
            quantity,
            total: price * quantity * m,
        }
    }
}

pub async fn list(
    Path(count): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Json<List>, Failure> {
    let count = clamped(&count, 1..=50).ok_or(Failure::BadRequest)?;
    let m = within(&asked.m, 1..=9).ok_or(Failure::BadRequest)?;
    let items = (1..=count).map(|id| Item::new(id, m)).collect();
    Ok(Json(List { items, count }))
}
