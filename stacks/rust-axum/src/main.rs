//! The Axum stack of stackdyno: axum on tokio, tokio-postgres in a deadpool, serde, garde, askama.

mod answer;
mod cpu;
mod database;
mod fortunes;
mod hello;
mod items;
mod numbers;
mod sse;
mod upload;
mod users;
mod validate;
mod worlds;
mod ws;

use std::{env, error::Error, io, str::FromStr, time::Duration};

use axum::{
    Router,
    extract::DefaultBodyLimit,
    routing::{get, post},
    serve::ListenerExt,
};
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
};
use tokio_util::sync::CancellationToken;

use crate::{database::Database, sse::Hub};

/// What the handlers share. Cheap to clone: each part is a handle.
#[derive(Clone)]
struct App {
    database: Database,
    hub: Hub,
}

fn routes(app: App) -> Router {
    Router::new()
        .route("/health", get(async || "ok"))
        .route("/ready", get(database::ready))
        .route("/plaintext", get(async || "Hello, World!"))
        .route("/json", get(hello::greet))
        .route("/items/{count}", get(items::list))
        .route("/users/{id}", get(users::show))
        .route("/db", get(worlds::show))
        .route("/queries", get(worlds::list))
        .route("/updates", post(worlds::update))
        .route("/fortunes", get(fortunes::show))
        .route(
            "/validate",
            post(validate::validate).layer(DefaultBodyLimit::max(validate::LIMIT)),
        )
        .route("/cpu", get(cpu::compute))
        .route("/upload", post(upload::upload))
        .route(
            "/sse",
            get(sse::subscribe)
                .post(sse::publish)
                .layer(DefaultBodyLimit::max(sse::MESSAGE_LIMIT)),
        )
        .route("/ws", get(ws::echo))
        .with_state(app)
}

fn main() -> Result<(), Box<dyn Error>> {
    // Every stack sizes itself from BENCH_CPUS and from nothing it could find out about the machine.
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(number("BENCH_CPUS", 1))
        .enable_all()
        .build()?
        .block_on(serve())
}

async fn serve() -> Result<(), Box<dyn Error>> {
    let stop = CancellationToken::new();
    let url = env::var("DATABASE_URL").ok();
    let app = App {
        database: Database::new(url.as_deref(), number("BENCH_DB_CONNECTIONS", 20))?,
        hub: Hub::new(stop.clone()),
    };
    let listener = TcpListener::bind(("0.0.0.0", number("PORT", 8080)))
        .await?
        .tap_io(|connection| {
            // Only a connection that is gone already refuses this.
            let _ = connection.set_nodelay(true);
        });
    tokio::spawn(watch_signals(stop.clone())?);
    let server =
        axum::serve(listener, routes(app)).with_graceful_shutdown(stop.clone().cancelled_owned());
    let overdue = async {
        stop.cancelled().await;
        tokio::time::sleep(Duration::from_secs(8)).await;
    };
    tokio::select! {
        ended = server => ended?,
        () = overdue => {}
    }
    Ok(())
}

/// The program is process 1 of its container: without a handler it would not hear SIGTERM.
fn watch_signals(stop: CancellationToken) -> io::Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        stop.cancel();
    })
}

fn number<T: FromStr>(name: &str, fallback: T) -> T {
    env::var(name)
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(fallback)
}
