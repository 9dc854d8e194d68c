//! The pool. Statements run one by one, each prepared once a connection, each with a limit of its own.

use std::{error::Error, time::Duration};

use axum::extract::State;
use deadpool_postgres::{Client, Manager, Pool, Runtime};
use tokio::{sync::OnceCell, time::timeout};
use tokio_postgres::{Config, NoTls, Row, types::ToSql};

use crate::{App, answer::Failure};

/// A database that does not answer becomes a 503 within two seconds.
const STATEMENT_LIMIT: Duration = Duration::from_millis(1800);

type Parameters<'a> = &'a [&'a (dyn ToSql + Sync)];

#[derive(Clone)]
pub struct Database {
    pool: Option<Pool>,
    full: std::sync::Arc<OnceCell<()>>,
}

impl Database {
    /// Connects to nothing yet: a stack starts while its database is down.
    pub fn new(url: Option<&str>, connections: usize) -> Result<Self, Box<dyn Error>> {
        let mut pool = None;
        if let Some(url) = url {
            let mut config: Config = url.parse()?;
            config.connect_timeout(Duration::from_secs(1));
            let built = Pool::builder(Manager::new(config, NoTls))
                .max_size(connections)
                .runtime(Runtime::Tokio1)
                .wait_timeout(Some(STATEMENT_LIMIT))
                .create_timeout(Some(STATEMENT_LIMIT))
                .build()?;
            pool = Some(built);
        }
        Ok(Database {
            pool,
            full: Default::default(),
        })
    }

    pub async fn connection(&self) -> Result<Connection, Failure> {
        let pool = self.pool.as_ref().ok_or(Failure::Unavailable)?;
        pool.get().await.map(Connection).map_err(unavailable)
    }

    /// Holds every connection of the pool at once, so that no request has to open one later.
    async fn fill(&self) -> Result<(), Failure> {
        let Some(pool) = &self.pool else {
            return Ok(());
        };
        let mut held = Vec::new();
        for _ in 0..pool.status().max_size {
            held.push(self.connection().await?);
        }
        Ok(())
    }
}

/// One connection, held for one request.
pub struct Connection(Client);

impl Connection {
    pub async fn rows(&self, sql: &str, parameters: Parameters<'_>) -> Result<Vec<Row>, Failure> {
        let answered = timeout(STATEMENT_LIMIT, async {
            let statement = self.0.prepare_cached(sql).await?;
            self.0.query(&statement, parameters).await
        });
        answered.await.map_err(unavailable)?.map_err(unavailable)
    }

    /// The one row, if there is one.
    pub async fn row(&self, sql: &str, parameters: Parameters<'_>) -> Result<Option<Row>, Failure> {
        Ok(self.rows(sql, parameters).await?.into_iter().next())
    }

    pub async fn write(&self, sql: &str, parameters: Parameters<'_>) -> Result<(), Failure> {
        self.rows(sql, parameters).await.map(|_| ())
    }
}

pub fn unavailable(reason: impl Error) -> Failure {
    eprintln!("database: {reason}");
    Failure::Unavailable
}

/// `/ready`: the pool is full and the database answers. Without a database there is nothing to wait for.
pub async fn ready(State(app): State<App>) -> Result<&'static str, Failure> {
    if app.database.pool.is_none() {
        return Ok("ok");
    }
    app.database
        .full
        .get_or_try_init(|| app.database.fill())
        .await?;
    app.database
        .connection()
        .await?
        .rows("SELECT 1", &[])
        .await?;
    Ok("ok")
}
