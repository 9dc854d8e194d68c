use axum::{Json, extract::Query};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tokio::task::spawn_blocking;

use crate::{answer::Failure, numbers::within};

#[derive(Deserialize)]
pub struct Asked {
    kind: Kind,
    n: String,
    #[serde(default)]
    offload: String,
}

#[derive(Clone, Copy, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    Hash,
    Sieve,
}

#[derive(Serialize)]
pub struct Computed {
    kind: Kind,
    n: u32,
    result: String,
}

pub async fn compute(
    asked: Result<Query<Asked>, axum::extract::rejection::QueryRejection>,
) -> Result<Json<Computed>, Failure> {
    let Query(asked) = asked.map_err(|_| Failure::BadRequest)?;
    let n = within(&asked.n, 1..=10_000_000).ok_or(Failure::BadRequest)?;
    let kind = asked.kind;
    let result = if asked.offload == "1" {
        spawn_blocking(move || work(kind, n))
            .await
            .map_err(|_| Failure::Unavailable)?
    } else {
        work(kind, n)
    };
    Ok(Json(Computed { kind, n, result }))
}

fn work(kind: Kind, n: u32) -> String {
    match kind {
        Kind::Hash => hash_chain(n),
        Kind::Sieve => primes_up_to(n as usize).to_string(),
    }
}

fn hash_chain(n: u32) -> String {
    let mut sum = Sha256::digest(b"seed");
    for _ in 1..n {
        sum = Sha256::digest(sum);
    }
    hex::encode(sum)
}

fn primes_up_to(n: usize) -> usize {
    let mut composite = vec![0u8; n + 1];
    let mut primes = 0;
    for i in 2..=n {
        if composite[i] != 0 {
            continue;
        }
        primes += 1;
        let mut j = i * i;
        while j <= n {
            composite[j] = 1;
            j += i;
        }
    }
    primes
}
