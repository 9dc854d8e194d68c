//! db, queries and updates: rows of `world` whose ids are drawn here.

use std::collections::HashSet;

use axum::{
    Json,
    extract::{Query, State},
};
use serde::{Deserialize, Serialize};

use crate::{
    App,
    answer::Failure,
    database::{Connection, unavailable},
    numbers::clamped,
};

const ROWS: i32 = 10_000;

#[derive(Deserialize)]
pub struct Asked {
    #[serde(default)]
    n: String,
}

impl Asked {
    /// Missing or not a number is 1.
    fn count(&self) -> u32 {
        clamped(&self.n, 1..=500).unwrap_or(1)
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct World {
    id: i32,
    random_number: i32,
}

impl World {
    async fn read(connection: &Connection, id: i32) -> Result<Self, Failure> {
        let row = connection
            .row("SELECT id, random_number FROM world WHERE id = $1", &[&id])
            .await?
            .ok_or(Failure::NotFound)?;
        Ok(World {
            id: row.try_get(0).map_err(unavailable)?,
            random_number: row.try_get(1).map_err(unavailable)?,
        })
    }

    async fn renumber(&mut self, connection: &Connection) -> Result<(), Failure> {
        self.random_number = other_number(self.random_number);
        connection
            .write(
                "UPDATE world SET random_number = $1 WHERE id = $2",
                &[&self.random_number, &self.id],
            )
            .await
    }
}

pub async fn show(State(app): State<App>) -> Result<Json<World>, Failure> {
    let connection = app.database.connection().await?;
    World::read(&connection, any_id()).await.map(Json)
}

pub async fn list(
    State(app): State<App>,
    Query(asked): Query<Asked>,
) -> Result<Json<Vec<World>>, Failure> {
    let connection = app.database.connection().await?;
    let mut rows = Vec::new();
    for _ in 0..asked.count() {
        rows.push(World::read(&connection, any_id()).await?);
    }
    Ok(Json(rows))
}

pub async fn update(
    State(app): State<App>,
    Query(asked): Query<Asked>,
) -> Result<Json<Vec<World>>, Failure> {
    let connection = app.database.connection().await?;
    let mut rows = Vec::new();
    for id in distinct_ids(asked.count() as usize) {
        let mut row = World::read(&connection, id).await?;
        row.renumber(&connection).await?;
        rows.push(row);
    }
    Ok(Json(rows))
}

fn any_id() -> i32 {
    rand::random_range(1..=ROWS)
}

/// Drawn from the numbers that are not the old one.
fn other_number(old: i32) -> i32 {
    let n = rand::random_range(1..ROWS);
    if n < old { n } else { n + 1 }
}

fn distinct_ids(count: usize) -> HashSet<i32> {
    let mut ids = HashSet::with_capacity(count);
    while ids.len() < count {
        ids.insert(any_id());
    }
    ids
}
