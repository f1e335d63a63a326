//! The routes of the server: answers the requests that were admitted.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Path, Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, HeaderName, IF_NONE_MATCH,
    REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::middleware::{self, Next};
use axum::response::sse::{KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::sync::watch;
use tokio::task::spawn_blocking;

use super::admission::Admission;
use super::content::{Content, NoFile};
use super::draft::Drafts;
use super::editing::{EditRequest, Editing, EditingError, Undo, Undoable};
use super::hub::{Hub, Message};
use super::page::{self, Page};

/// Maximum size in bytes of a request's body.
const BODY: usize = 16 << 10;
/// Default content security policy of answers: nothing may be loaded or run.
const NOTHING: &str =
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox";
/// Content security policy of images. SVG files may contain styles and embedded images.
const OF_IMAGE: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri \
                        'none'; form-action 'none'; frame-ancestors 'none'; sandbox";

/// The content of the last run, or the reason why there is none. `None` until the site was first
/// examined.
pub type Latest = Option<Result<Arc<Content>, String>>;

/// State shared by the routes.
pub struct Server {
    pub admission: Admission,
    pub hub: Arc<Hub>,
    pub drafts: Arc<Drafts>,
    pub editing: Arc<Editing>,
    pub latest: watch::Receiver<Latest>,
}

/// Returns the router. Every request is checked before it reaches a route.
pub fn router(server: Arc<Server>) -> Router {
    Router::new()
        .route("/", get(index))
        .route("/edit.js", get(script))
        .route("/sheet.json", get(sheet))
        .route("/events", get(events))
        .route("/image/{*path}", get(image))
        .route("/draft/{id}", get(draft))
        .route("/edit", post(edit))
        .route("/undo", post(undo))
        .fallback(|| async { text(StatusCode::NOT_FOUND, "there is nothing at this address") })
        .layer(middleware::from_fn_with_state(server.clone(), admit))
        .with_state(server)
}

/// Rejects requests that do not come from the page, and adds the headers that all answers have.
async fn admit(State(server): State<Arc<Server>>, request: Request, next: Next) -> Response {
    let (method, uri, headers) = (request.method(), request.uri(), request.headers());
    let mut response = match server.admission.check(method, uri, headers) {
        Ok(()) => next.run(request).await,
        Err(rejected) => text(rejected.status, rejected.reason),
    };
    let headers = response.headers_mut();
    let mut default = |name: HeaderName, value: &'static str| {
        headers
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    };
    default(CONTENT_SECURITY_POLICY, NOTHING);
    default(X_CONTENT_TYPE_OPTIONS, "nosniff");
    default(REFERRER_POLICY, "no-referrer");
    default(CACHE_CONTROL, "no-store");
    default(
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    );
    default(
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    );
    response
}

async fn index(State(server): State<Arc<Server>>) -> Response {
    match server.content().await {
        Ok(content) => {
            let Page { html, policy } = content.page;
            let policy = [(CONTENT_SECURITY_POLICY, policy.as_str())];
            (policy, typed("text/html; charset=utf-8", html.as_str())).into_response()
        }
        Err(reason) => text(StatusCode::SERVICE_UNAVAILABLE, &reason),
    }
}

async fn script() -> Response {
    typed("text/javascript; charset=utf-8", page::EDIT_SCRIPT)
}

async fn sheet(State(server): State<Arc<Server>>) -> Response {
    match server.content().await {
        Ok(content) => typed("application/json", content.sheet.to_vec()),
        Err(reason) => text(StatusCode::SERVICE_UNAVAILABLE, &reason),
    }
}

async fn events(State(server): State<Arc<Server>>) -> Response {
    let before = [
        Message::new("edits", &server.editing.undoable()),
        Message::new("drafts", &server.drafts.all()),
    ];
    let messages = server.hub.join(&before);
    Sse::new(messages)
        .keep_alive(KeepAlive::new())
        .into_response()
}

async fn image(State(server): State<Arc<Server>>, request: Request) -> Response {
    let Ok(content) = server.content().await else {
        return text(StatusCode::NOT_FOUND, "there is no image yet");
    };
    let address = request.uri().path();
    let address = address
        .strip_prefix("/image/")
        .unwrap_or_default()
        .to_owned();
    match blocking(move || content.file(&address)).await {
        Some(Ok(file)) => {
            let headers = [(CONTENT_SECURITY_POLICY, OF_IMAGE)];
            let tag = blake3::hash(&file.bytes).to_hex();
            let file = cached(request.headers(), &tag, file.mime, file.bytes);
            (headers, file).into_response()
        }
        Some(Err(NoFile::NoPath)) => {
            text(StatusCode::BAD_REQUEST, "this is not the path of an image")
        }
        Some(Err(NoFile::NotThere)) => text(
            StatusCode::NOT_FOUND,
            "no image of the site is at this path",
        ),
        Some(Err(NoFile::NoImage)) => text(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "this file is not an image",
        ),
        None => text(
            StatusCode::INTERNAL_SERVER_ERROR,
            "the image cannot be read",
        ),
    }
}

async fn draft(
    State(server): State<Arc<Server>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    match server.drafts.file(&id) {
        Some(webp) => cached(&headers, &id, "image/webp", webp.to_vec()),
        None => text(StatusCode::NOT_FOUND, "this draft no longer exists"),
    }
}

async fn edit(State(server): State<Arc<Server>>, request: Request) -> Response {
    let wanted: EditRequest = match posted(request).await {
        Ok(wanted) => wanted,
        Err(response) => return response,
    };
    let place = match server.content().await {
        Ok(content) => content.place(&wanted.image).cloned(),
        Err(reason) => return failed(StatusCode::SERVICE_UNAVAILABLE, reason),
    };
    let Some(place) = place else {
        let reason = "the article's front matter no longer contains this image";
        return failed(StatusCode::NOT_FOUND, reason.to_owned());
    };
    let editing = server.editing.clone();
    let made = blocking(move || editing.make(&wanted, &place)).await;
    server.answer(made)
}

async fn undo(State(server): State<Arc<Server>>, request: Request) -> Response {
    let wanted: Undo = match posted(request).await {
        Ok(wanted) => wanted,
        Err(response) => return response,
    };
    let editing = server.editing.clone();
    let made = blocking(move || editing.undo(&wanted)).await;
    server.answer(made)
}

impl Server {
    /// Returns the content of the last run. Waits until the site was first examined.
    async fn content(&self) -> Result<Arc<Content>, String> {
        let mut latest = self.latest.clone();
        match latest.wait_for(Option::is_some).await {
            Ok(latest) => (*latest).clone().unwrap_or_else(|| Err(String::new())),
            Err(_) => Err("the preview is closing".to_owned()),
        }
    }

    /// Sends the list of undoable edits to all pages, and answers the page that requested an edit
    /// or undo.
    fn answer(&self, made: Option<Result<Vec<Undoable>, EditingError>>) -> Response {
        match made {
            Some(Ok(edits)) => {
                self.hub.send(&Message::new("edits", &edits));
                json(StatusCode::OK, &edits)
            }
            Some(Err(error)) => {
                let status = match &error {
                    error if error.is_malformed() => StatusCode::BAD_REQUEST,
                    error if error.is_busy() => StatusCode::SERVICE_UNAVAILABLE,
                    _ => StatusCode::CONFLICT,
                };
                failed(status, error.to_string())
            }
            None => {
                let reason = "the article cannot be written".to_owned();
                failed(StatusCode::INTERNAL_SERVER_ERROR, reason)
            }
        }
    }
}

/// Runs work that reads or writes files on a blocking thread. Returns `None` if it panics.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    spawn_blocking(work).await.ok()
}

/// Parses the JSON body of a request.
async fn posted<T: DeserializeOwned>(request: Request) -> Result<T, Response> {
    let body = to_bytes(request.into_body(), BODY).await.map_err(|_| {
        let reason = format!("the request is longer than {BODY} bytes");
        failed(StatusCode::PAYLOAD_TOO_LARGE, reason)
    })?;
    serde_json::from_slice(&body).map_err(|_| {
        let reason = "the request is not the JSON that this version of planche expects";
        failed(StatusCode::BAD_REQUEST, reason.to_owned())
    })
}

fn typed(mime: &'static str, body: impl Into<Body>) -> Response {
    ([(CONTENT_TYPE, mime)], body.into()).into_response()
}

fn text(status: StatusCode, reason: &str) -> Response {
    (
        status,
        typed("text/plain; charset=utf-8", reason.to_owned()),
    )
        .into_response()
}

fn json(status: StatusCode, value: &impl Serialize) -> Response {
    let text = serde_json::to_vec(value).unwrap_or_default();
    (status, typed("application/json", text)).into_response()
}

/// Returns an error as JSON, for the script of the page.
fn failed(status: StatusCode, reason: String) -> Response {
    #[derive(Serialize)]
    struct Failed {
        error: String,
    }
    json(status, &Failed { error: reason })
}

/// Returns a file that the browser caches and revalidates by its digest (`ETag`).
fn cached(headers: &HeaderMap, digest: &str, mime: &'static str, bytes: Vec<u8>) -> Response {
    let tag = format!("\"{digest}\"");
    let known = headers.get(IF_NONE_MATCH);
    let is_known = known.is_some_and(|known| known.as_bytes() == tag.as_bytes());
    let headers = [(ETAG, tag), (CACHE_CONTROL, "private, no-cache".to_owned())];
    if is_known {
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    (headers, typed(mime, bytes)).into_response()
}
