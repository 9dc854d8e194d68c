//! Each message of a topic goes to everybody who listens to it at that moment.

use std::{
    collections::HashMap,
    convert::Infallible,
    sync::{Arc, Mutex},
};

use axum::{
    extract::{Query, State, rejection::StringRejection},
    http::StatusCode,
    response::sse::{Event, Sse},
};
use futures_util::{Stream, StreamExt, future, stream};
use serde::Deserialize;
use tokio::sync::broadcast::{self, Receiver, Sender};
use tokio_stream::wrappers::BroadcastStream;
use tokio_util::sync::CancellationToken;

use crate::{App, answer::Failure};

/// Bytes of a message.
pub const MESSAGE_LIMIT: usize = 1024;
/// A subscriber that is so many messages behind is cut off: it would otherwise miss one unseen.
const BACKLOG: usize = 256;

type Message = (u64, Arc<str>);

#[derive(Clone)]
pub struct Hub {
    topics: Arc<Mutex<HashMap<String, Topic>>>,
    stop: CancellationToken,
}

struct Topic {
    sequence: u64,
    sender: Sender<Message>,
}

impl Hub {
    pub fn new(stop: CancellationToken) -> Self {
        Hub {
            topics: Default::default(),
            stop,
        }
    }

    fn receive(&self, name: String) -> Receiver<Message> {
        let mut topics = self
            .topics
            .lock()
            .expect("nothing panics while it holds the topics");
        let new = || Topic {
            sequence: 0,
            sender: broadcast::channel(BACKLOG).0,
        };
        topics.entry(name).or_insert_with(new).sender.subscribe()
    }

    fn send(&self, name: &str, text: &str) {
        let mut topics = self
            .topics
            .lock()
            .expect("nothing panics while it holds the topics");
        let Some(topic) = topics.get_mut(name) else {
            return;
        };
        topic.sequence += 1;
        // An error says that nobody listens, and then the topic is not needed either.
        if topic.sender.send((topic.sequence, text.into())).is_err() {
            topics.remove(name);
        }
    }
}

#[derive(Deserialize)]
pub struct Asked {
    #[serde(default)]
    topic: String,
}

impl Asked {
    fn name(self) -> Result<String, Failure> {
        let known = (1..=64).contains(&self.topic.len());
        known.then_some(self.topic).ok_or(Failure::BadRequest)
    }
}

pub async fn subscribe(
    State(app): State<App>,
    Query(asked): Query<Asked>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Failure> {
    let messages = BroadcastStream::new(app.hub.receive(asked.name()?))
        .take_while(|message| future::ready(message.is_ok()))
        .filter_map(|message| future::ready(message.ok()))
        .map(|(sequence, text)| Event::default().id(sequence.to_string()).data(text));
    let greeting = stream::iter([Event::default().comment("ok")]);
    let events = greeting
        .chain(messages)
        .map(Ok)
        .take_until(app.hub.stop.clone().cancelled_owned());
    Ok(Sse::new(events))
}

pub async fn publish(
    State(app): State<App>,
    Query(asked): Query<Asked>,
    text: Result<String, StringRejection>,
) -> Result<StatusCode, Failure> {
    let name = asked.name()?;
    let text = text.map_err(|_| Failure::BadRequest)?;
    if text.is_empty() || text.contains(['\r', '\n']) {
        return Err(Failure::BadRequest);
    }
    app.hub.send(&name, &text);
    Ok(StatusCode::ACCEPTED)
}
