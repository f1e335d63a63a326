//! The preview: serves a contact sheet to the browser that follows a watcher and can edit articles.
//!
//! A [`Preview`] listens on 127.0.0.1. It receives the watcher's events, and is notified of uploads
//! and variants as they appear. Three threads work beside the watcher: one answers requests, one
//! makes drafts, and one gathers the sheet after each run. None of them writes to the site, except
//! to make the edits that a page requests, under the same lock as runs.

mod admission;
mod content;
mod draft;
mod draft_thread;
mod editing;
mod hub;
mod page;
mod progress;
mod server;
mod sheet_thread;
mod token;

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};
use tokio::sync::{oneshot, watch};

use crate::picture::decoder::Decode;
use crate::watch::{Event, Observer};

use admission::Admission;
use draft::Drafts;
use draft_thread::DraftThread;
use editing::Editing;
use hub::{Hub, Message};
use progress::WatchReporter;
use server::{Server, router};
use sheet_thread::SheetThread;
use token::Token;

/// Maximum time for answers in progress when the preview ends.
const PATIENCE: Duration = Duration::from_millis(500);
/// Maximum number of files that are read at the same time.
const READERS: usize = 8;

/// Settings of a preview.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Folder of the site.
    pub root: PathBuf,
    /// A file to use instead of the site's `planche.yml`.
    pub config: Option<PathBuf>,
    /// Port to listen on; by default, one that the system chooses.
    pub port: Option<u16>,
    /// Decodes uploads; by default within this process.
    pub decoder: Option<Arc<dyn Decode>>,
}

/// The reason why a preview cannot be started.
#[derive(Debug, thiserror::Error)]
pub enum PreviewError {
    #[error(
        "port {port} is in use – hint: choose another one with `--port`, or leave `--port` out"
    )]
    PortInUse { port: u16 },
    #[error("cannot listen on port {port} of 127.0.0.1")]
    Listen {
        port: u16,
        #[source]
        source: io::Error,
    },
    #[error("cannot start the preview")]
    Start(#[source] io::Error),
}

/// A running preview. [`Preview::stop`] ends it.
pub struct Preview {
    url: String,
    hub: Arc<Hub>,
    editing: Arc<Editing>,
    reporter: Arc<WatchReporter>,
    /// Requests to gather the sheet again.
    requests: Option<Sender<()>>,
    stop: Arc<AtomicBool>,
    shutdown: Option<oneshot::Sender<()>>,
    threads: Vec<JoinHandle<()>>,
}

impl Preview {
    /// Binds the port, and starts the threads.
    ///
    /// # Errors
    ///
    /// If the port is in use, or the system cannot listen, start a thread or provide random bytes.
    pub fn start(settings: Settings) -> Result<Self, PreviewError> {
        let (listener, port) = listen(settings.port)?;
        let token = Token::new().map_err(|error| PreviewError::Start(io::Error::other(error)))?;
        let url = format!("http://127.0.0.1:{port}/?token={}", token.as_str());
        let hub = Arc::new(Hub::open());
        let drafts = Arc::new(Drafts::default());
        let stop = Arc::new(AtomicBool::new(false));
        let (root, config) = (settings.root, settings.config);
        let editing = Arc::new(Editing::new(root.clone(), config.clone()));
        let (publish, latest) = watch::channel(None);
        let (uploads, to_draft) = channel();
        let (requests, to_gather) = channel();
        let (shutdown, is_over) = oneshot::channel();
        let reporter = Arc::new(WatchReporter::new(hub.clone(), uploads.clone()));
        let draft_thread = DraftThread {
            root: root.clone(),
            config: config.clone(),
            decoder: settings.decoder.clone(),
            drafts: drafts.clone(),
            hub: hub.clone(),
            stop: stop.clone(),
        };
        let sheet_thread = SheetThread {
            root,
            config,
            decoder: settings.decoder,
            hub: hub.clone(),
            stop: stop.clone(),
            publish,
            uploads,
        };
        let server = Arc::new(Server {
            admission: Admission::new(port, token),
            hub: hub.clone(),
            drafts,
            editing: editing.clone(),
            latest,
        });
        let runtime = runtime().map_err(PreviewError::Start)?;
        let mut preview = Preview {
            url,
            hub,
            editing,
            reporter,
            requests: Some(requests),
            stop,
            shutdown: Some(shutdown),
            threads: Vec::new(),
        };
        let serving = move || serve(runtime, listener, server, is_over);
        preview.spawn("preview", serving)?;
        preview.spawn("drafts", move || draft_thread.work(&to_draft))?;
        preview.spawn("sheet", move || sheet_thread.work(&to_gather))?;
        preview.request_sheet();
        Ok(preview)
    }

    /// Returns the URL of the page, which contains the token.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Returns the observer through which the watcher notifies the preview while it works.
    pub fn observer(&self) -> Arc<dyn Observer> {
        self.reporter.clone()
    }

    /// Notifies the pages of an event of the watcher.
    pub fn report(&self, event: &Event) {
        match event {
            Event::Begun { files } => {
                self.reporter.begun();
                self.hub.send_state(Message::new("begun", files));
                if !files.is_empty() {
                    self.request_sheet();
                }
            }
            Event::Done(done) => {
                self.hub.send_state(Message::new("done", done));
                self.request_sheet();
            }
            Event::Waiting { reason } => {
                self.hub.send_state(Message::new("waiting", reason));
            }
            Event::Preview { .. }
            | Event::Watching { .. }
            | Event::Finding(_)
            | Event::Resolved(_) => {}
        }
    }

    /// Ends the preview: waiting edits give up, open event streams end, and answers in progress are
    /// completed.
    pub fn stop(mut self) {
        self.end();
    }

    fn end(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        self.editing.stop();
        self.hub.close();
        self.requests = None;
        if let Some(shutdown) = self.shutdown.take() {
            // Sending fails only if the server has already ended.
            let _ = shutdown.send(());
        }
        for thread in self.threads.drain(..) {
            // A panic of the thread has been printed already.
            let _ = thread.join();
        }
    }

    /// Requests that the sheet is gathered again.
    fn request_sheet(&self) {
        if let Some(requests) = &self.requests {
            // Sending fails only if the thread has ended with the preview.
            let _ = requests.send(());
        }
    }

    fn spawn(
        &mut self,
        name: &str,
        work: impl FnOnce() + Send + 'static,
    ) -> Result<(), PreviewError> {
        let thread = std::thread::Builder::new().name(name.to_owned());
        let thread = thread.spawn(work).map_err(PreviewError::Start)?;
        self.threads.push(thread);
        Ok(())
    }
}

impl Drop for Preview {
    fn drop(&mut self) {
        self.end();
    }
}

/// Listens on the loopback interface only.
fn listen(port: Option<u16>) -> Result<(TcpListener, u16), PreviewError> {
    let wanted = port.unwrap_or(0);
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, wanted));
    let listener = TcpListener::bind(address).map_err(|source| match source.kind() {
        io::ErrorKind::AddrInUse => PreviewError::PortInUse { port: wanted },
        _ => PreviewError::Listen {
            port: wanted,
            source,
        },
    })?;
    let bound = listener
        .set_nonblocking(true)
        .and_then(|()| listener.local_addr());
    let bound = bound.map_err(PreviewError::Start)?;
    Ok((listener, bound.port()))
}

fn runtime() -> io::Result<Runtime> {
    Builder::new_current_thread()
        .enable_io()
        .enable_time()
        .max_blocking_threads(READERS)
        .build()
}

/// Answers requests until the preview is over.
fn serve(
    runtime: Runtime,
    listener: TcpListener,
    server: Arc<Server>,
    is_over: oneshot::Receiver<()>,
) {
    runtime.block_on(async {
        let Ok(listener) = tokio::net::TcpListener::from_std(listener) else {
            return;
        };
        let (end, ended) = oneshot::channel::<()>();
        let serving = axum::serve(listener, router(server)).with_graceful_shutdown(async {
            let _ = ended.await;
        });
        let serving = tokio::spawn(async { serving.await });
        let _ = is_over.await;
        let _ = end.send(());
        // Connections that stay open without a request are not waited for any longer.
        let _ = tokio::time::timeout(PATIENCE, serving).await;
    });
    runtime.shutdown_timeout(PATIENCE);
}
