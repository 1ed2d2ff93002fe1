//! What the page is made of. All of it is in the program.

use axum::http::HeaderMap;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName, HeaderValue, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};

/// The page itself; the rest it asks for.
pub(crate) const PAGE: &str = include_str!("../assets/index.html");

const SCRIPT: &str = "text/javascript; charset=utf-8";

const ASSETS: &[(&str, &str, &str)] = &[
    (
        "style.css",
        "text/css; charset=utf-8",
        include_str!("../assets/style.css"),
    ),
    (
        "icon.svg",
        "image/svg+xml",
        include_str!("../assets/icon.svg"),
    ),
    ("app.js", SCRIPT, include_str!("../assets/app.js")),
    ("ui.js", SCRIPT, include_str!("../assets/ui.js")),
    ("act.js", SCRIPT, include_str!("../assets/act.js")),
    ("overview.js", SCRIPT, include_str!("../assets/overview.js")),
    ("tree.js", SCRIPT, include_str!("../assets/tree.js")),
    (
        "processes.js",
        SCRIPT,
        include_str!("../assets/processes.js"),
    ),
    ("process.js", SCRIPT, include_str!("../assets/process.js")),
    ("reports.js", SCRIPT, include_str!("../assets/reports.js")),
    ("held.js", SCRIPT, include_str!("../assets/held.js")),
    ("contents.js", SCRIPT, include_str!("../assets/contents.js")),
    ("nodes.js", SCRIPT, include_str!("../assets/nodes.js")),
    ("trace.js", SCRIPT, include_str!("../assets/trace.js")),
];

/// A part of the page, by its name: its type and its text.
pub(crate) fn asset(name: &str) -> Option<(&'static str, &'static str)> {
    let asset = ASSETS.iter().find(|(known, _, _)| *known == name)?;
    Some((asset.1, asset.2))
}

/// What a browser may do with the page: load from here, and nothing else.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Adds the headers of every answer.
pub(crate) fn protect(headers: &mut HeaderMap) {
    let pairs: [(HeaderName, &'static str); 5] = [
        (CONTENT_SECURITY_POLICY, POLICY),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (X_FRAME_OPTIONS, "DENY"),
        (REFERRER_POLICY, "no-referrer"),
        (CACHE_CONTROL, "no-store"),
    ];
    for (name, value) in pairs {
        headers.insert(name, HeaderValue::from_static(value));
    }
}
