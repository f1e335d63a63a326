//! Decides which requests are answered: only those that the page itself sends, from this machine.
//!
//! A page of another site can make the browser send requests here, under any host name that
//! resolves to 127.0.0.1, but it cannot read the token. Therefore the host, the origin and the
//! token are checked, in this order, before anything else.

use axum::http::header::{CONTENT_TYPE, HOST, ORIGIN};
use axum::http::{HeaderMap, Method, StatusCode, Uri};

use super::token::Token;

/// The values against which requests are checked.
pub struct Admission {
    port: u16,
    token: Token,
}

/// The status and reason of a rejection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rejected {
    pub status: StatusCode,
    pub reason: &'static str,
}

const fn rejected(status: StatusCode, reason: &'static str) -> Rejected {
    Rejected { status, reason }
}

const FOREIGN_HOST: Rejected = rejected(StatusCode::FORBIDDEN, "the host is not this machine");
const FOREIGN_ORIGIN: Rejected = rejected(
    StatusCode::FORBIDDEN,
    "the request comes from a page of another site",
);
const WRONG_TOKEN: Rejected = rejected(
    StatusCode::FORBIDDEN,
    "the token is missing or wrong: open the address that `planche watch --preview` has printed",
);
const NOT_JSON: Rejected = rejected(
    StatusCode::UNSUPPORTED_MEDIA_TYPE,
    "the content type must be `application/json`",
);

impl Admission {
    pub fn new(port: u16, token: Token) -> Self {
        Admission { port, token }
    }

    /// Checks the host, the origin, the token and, for `POST`, the content type of a request.
    ///
    /// # Errors
    ///
    /// The reason to reject the request.
    pub fn check(&self, method: &Method, uri: &Uri, headers: &HeaderMap) -> Result<(), Rejected> {
        let only = |name| {
            let mut values = headers.get_all(name).iter();
            (values.next(), values.next().is_none())
        };
        let is_ours = |host: &str| self.hosts().any(|own| own == host);
        match only(HOST) {
            (Some(host), true) if host.to_str().is_ok_and(is_ours) => {}
            _ => return Err(FOREIGN_HOST),
        }
        // The request line may contain an absolute URL, whose host must be ours too.
        if uri.authority().is_some_and(|host| !is_ours(host.as_str())) {
            return Err(FOREIGN_HOST);
        }
        let is_own_origin = |origin: &str| origin.strip_prefix("http://").is_some_and(is_ours);
        match only(ORIGIN) {
            (None, _) if method == Method::GET || method == Method::HEAD => {}
            (Some(origin), true) if origin.to_str().is_ok_and(is_own_origin) => {}
            _ => return Err(FOREIGN_ORIGIN),
        }
        let site = headers.get("sec-fetch-site");
        if site.is_some_and(|site| site != "same-origin" && site != "none") {
            return Err(FOREIGN_ORIGIN);
        }
        if !given_token(uri).is_some_and(|token| self.token.is(token)) {
            return Err(WRONG_TOKEN);
        }
        if *method == Method::POST && !is_json(headers) {
            return Err(NOT_JSON);
        }
        Ok(())
    }

    fn hosts(&self) -> impl Iterator<Item = String> {
        let names = ["127.0.0.1", "localhost"].into_iter();
        names.map(|name| format!("{name}:{}", self.port))
    }
}

/// Returns the value of `token` in the query; `None` unless there is exactly one.
fn given_token(uri: &Uri) -> Option<&str> {
    let pairs = uri.query()?.split('&');
    let mut tokens = pairs.filter_map(|pair| pair.strip_prefix("token="));
    let token = tokens.next();
    token.filter(|_| tokens.next().is_none())
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers
        .get(CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok());
    let kind = kind.and_then(|kind| kind.split(';').next());
    kind.is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Checks a request with these headers. `TOKEN` in the target is replaced by the right token.
    fn check(method: &str, target: &str, headers: &[(&str, &str)]) -> Result<(), Rejected> {
        let token = Token::new().unwrap();
        let admission = Admission::new(8000, token.clone());
        let uri: Uri = target.replace("TOKEN", token.as_str()).parse().unwrap();
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            let name: axum::http::HeaderName = name.parse().unwrap();
            map.append(name, value.parse().unwrap());
        }
        admission.check(&method.parse().unwrap(), &uri, &map)
    }

    const OWN: (&str, &str) = ("host", "127.0.0.1:8000");
    const PAGE: &str = "/?token=TOKEN";

    #[test]
    fn the_page_itself_is_admitted() {
        for host in ["127.0.0.1:8000", "localhost:8000"] {
            let origin = format!("http://{host}");
            assert_eq!(check("GET", PAGE, &[("host", host)]), Ok(()));
            let headers = [
                ("host", host),
                ("origin", &*origin),
                ("sec-fetch-site", "same-origin"),
                ("content-type", "application/json; charset=utf-8"),
            ];
            assert_eq!(check("POST", "/edit?a=1&token=TOKEN", &headers), Ok(()));
        }
    }

    #[test]
    fn a_foreign_host_is_rejected() {
        for host in [
            "example.org",
            "example.org:8000",
            "127.0.0.1",
            "127.0.0.1:8001",
            "127.0.0.1:8000.example.org",
            "localhost.example.org:8000",
            "[::1]:8000",
            "0.0.0.0:8000",
            "",
        ] {
            assert_eq!(
                check("GET", PAGE, &[("host", host)]),
                Err(FOREIGN_HOST),
                "{host}"
            );
        }
        assert_eq!(check("GET", PAGE, &[]), Err(FOREIGN_HOST));
        assert_eq!(check("GET", PAGE, &[OWN, OWN]), Err(FOREIGN_HOST));
        let absolute = "http://example.org/?token=TOKEN";
        assert_eq!(check("GET", absolute, &[OWN]), Err(FOREIGN_HOST));
    }

    #[test]
    fn a_foreign_origin_is_rejected() {
        for origin in [
            "http://example.org",
            "https://127.0.0.1:8000",
            "http://127.0.0.1:8001",
            "http://127.0.0.1",
            "null",
            "file://",
            "",
        ] {
            let headers = [
                OWN,
                ("origin", origin),
                ("content-type", "application/json"),
            ];
            for method in ["GET", "POST"] {
                assert_eq!(
                    check(method, PAGE, &headers),
                    Err(FOREIGN_ORIGIN),
                    "{origin}"
                );
            }
        }
        let post = [OWN, ("content-type", "application/json")];
        assert_eq!(
            check("POST", PAGE, &post),
            Err(FOREIGN_ORIGIN),
            "none at all"
        );
        for site in ["cross-site", "same-site"] {
            let headers = [OWN, ("sec-fetch-site", site)];
            assert_eq!(check("GET", PAGE, &headers), Err(FOREIGN_ORIGIN), "{site}");
        }
    }

    #[test]
    fn a_missing_or_wrong_token_is_rejected() {
        for target in [
            "/",
            "/?token=",
            "/?token=00000000000000000000000000000000",
            "/?token=TOKENx",
            "/?Token=TOKEN",
            "/?token=TOKEN&token=TOKEN",
            "/TOKEN",
        ] {
            assert_eq!(check("GET", target, &[OWN]), Err(WRONG_TOKEN), "{target}");
        }
    }

    #[test]
    fn what_is_posted_must_be_json() {
        let origin = ("origin", "http://127.0.0.1:8000");
        for kind in [
            "text/plain",
            "application/x-www-form-urlencoded",
            "application/jsonx",
        ] {
            let headers = [OWN, origin, ("content-type", kind)];
            assert_eq!(check("POST", PAGE, &headers), Err(NOT_JSON), "{kind}");
        }
        assert_eq!(check("POST", PAGE, &[OWN, origin]), Err(NOT_JSON));
    }
}
