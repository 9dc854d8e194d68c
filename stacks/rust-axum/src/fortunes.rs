use askama::Template;
use axum::{
    extract::{Query, State},
    response::Html,
};
use serde::Deserialize;

use crate::{App, answer::Failure, database::unavailable};

#[derive(Deserialize)]
pub struct Asked {
    set: Option<String>,
}

struct Fortune {
    id: i32,
    message: String,
}

#[derive(Template)]
#[template(path = "fortunes.html")]
struct Page {
    fortunes: Vec<Fortune>,
}

pub async fn show(
    State(app): State<App>,
    Query(asked): Query<Asked>,
) -> Result<Html<String>, Failure> {
    let sql = match asked.set.as_deref() {
        None => "SELECT id, message FROM fortune",
        Some("200") => "SELECT id, message FROM fortune200",
        Some(_) => return Err(Failure::BadRequest),
    };
    let mut fortunes = vec![Fortune {
        id: 0,
        message: "Additional fortune added at request time.".to_owned(),
    }];
    for row in app.database.connection().await?.rows(sql, &[]).await? {
        fortunes.push(Fortune {
            id: row.try_get(0).map_err(unavailable)?,
            message: row.try_get(1).map_err(unavailable)?,
        });
    }
    fortunes.sort_by(|a, b| a.message.cmp(&b.message));
    let page = Page { fortunes };
    page.render().map(Html).map_err(unavailable)
}
