//! Distributes messages: working threads send them, and every open page receives them as
//! server-sent events.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll};

use axum::response::sse::Event;
use futures_core::Stream;
use serde::Serialize;
use tokio::sync::mpsc::{Receiver, Sender, channel};

/// Maximum number of messages that wait for a page. A page that falls further behind is
/// disconnected; it reconnects and loads the sheet again.
const WAITING: usize = 256;

/// A server-sent event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    pub name: &'static str,
    /// JSON on one line.
    pub data: String,
}

impl Message {
    pub fn new(name: &'static str, data: &impl Serialize) -> Self {
        // Serialising our own plain types does not fail.
        let data = serde_json::to_string(data).unwrap_or_default();
        Message { name, data }
    }
}

/// The open pages, and the latest state of the watcher.
#[derive(Debug, Default)]
pub struct Hub {
    /// `None` once the server is shutting down.
    pages: Mutex<Option<Vec<Sender<Message>>>>,
    /// The latest message about what the watcher does, for pages that are opened later.
    state: Mutex<Option<Message>>,
}

impl Hub {
    pub fn open() -> Self {
        Hub {
            pages: Mutex::new(Some(Vec::new())),
            state: Mutex::default(),
        }
    }

    /// Adds a page. It receives the messages in `first` before any others.
    pub fn join(&self, first: &[Message]) -> Messages {
        let (sender, messages) = channel(WAITING);
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        for message in first.iter().chain(&*state) {
            // The channel has room for these messages.
            let _ = sender.try_send(message.clone());
        }
        drop(state);
        let mut pages = self.pages.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(pages) = &mut *pages {
            pages.push(sender);
        }
        Messages(messages)
    }

    /// Sends a message about the current state of the watcher. Pages that are opened later receive
    /// it too.
    pub fn send_state(&self, message: Message) {
        // In this order, a page that joins in between gets the message twice instead of never.
        let state = Some(message.clone());
        *self.state.lock().unwrap_or_else(PoisonError::into_inner) = state;
        self.send(&message);
    }

    /// Sends a message to all pages, and removes those that are disconnected.
    pub fn send(&self, message: &Message) {
        let mut pages = self.pages.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(pages) = &mut *pages {
            pages.retain(|page| page.try_send(message.clone()).is_ok());
        }
    }

    /// Ends the event streams of all pages. Later pages receive no messages either.
    pub fn close(&self) {
        let mut pages = self.pages.lock().unwrap_or_else(PoisonError::into_inner);
        *pages = None;
    }
}

/// The stream of messages for one page.
#[derive(Debug)]
pub struct Messages(Receiver<Message>);

impl Stream for Messages {
    type Item = Result<Event, Infallible>;

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Event, Infallible>>> {
        let message = self.0.poll_recv(context);
        message.map(|message| {
            let message = message?;
            Some(Ok(Event::default().event(message.name).data(message.data)))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(messages: &mut Messages) -> Option<&'static str> {
        messages.0.blocking_recv().map(|message| message.name)
    }

    #[test]
    fn every_page_gets_every_message_until_the_end() {
        let hub = Hub::open();
        let (mut one, mut other) = (hub.join(&[]), hub.join(&[Message::new("edits", &())]));
        hub.send(&Message::new("sheet", &()));
        drop(hub.join(&[]));
        hub.send(&Message::new("draft", &()));
        hub.close();
        assert_eq!(
            next(&mut other),
            Some("edits"),
            "first, for this page alone"
        );
        for page in [&mut one, &mut other] {
            assert_eq!(next(page), Some("sheet"));
            assert_eq!(next(page), Some("draft"));
            assert_eq!(next(page), None);
        }
        assert_eq!(next(&mut hub.join(&[])), None, "it is over");
    }

    #[test]
    fn a_page_that_does_not_read_is_disconnected_and_costs_no_more() {
        let hub = Hub::open();
        let mut slow = hub.join(&[]);
        for _ in 0..2 * WAITING {
            hub.send(&Message::new("run", &()));
        }
        let mut count = 0;
        while next(&mut slow).is_some() {
            count += 1;
        }
        assert_eq!(count, WAITING);
    }
}
