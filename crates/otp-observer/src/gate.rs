//! Who is let in: the token of the link, the host and the origin of a request, and the token that acts.

use std::fmt::Write as _;
use std::net::SocketAddr;

use axum::http::header::{COOKIE, HOST, ORIGIN};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use constant_time_eq::constant_time_eq;

/// The header in which the page gives back what it was told.
pub(crate) const CSRF: HeaderName = HeaderName::from_static("x-observer-token");

pub(crate) struct Gate {
    address: SocketAddr,
    anywhere: bool,
    /// In the link, and in the cookie that is made of it.
    token: String,
    /// What the page is told, and what only it can tell.
    csrf: String,
}

/// The header in which a browser says where a request comes from.
const SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// A request that is not let in, and why.
pub(crate) type Refused = (StatusCode, &'static str);

impl Gate {
    /// Nothing if the system has no random numbers.
    pub(crate) fn new(address: SocketAddr, anywhere: bool) -> Option<Self> {
        Some(Self {
            address,
            anywhere,
            token: token()?,
            csrf: token()?,
        })
    }

    pub(crate) fn link(&self) -> String {
        format!("http://{}/?token={}", self.address, self.token)
    }

    pub(crate) fn csrf(&self) -> &str {
        &self.csrf
    }

    /// What keeps the token in the browser. Cookies do not tell ports apart, so its name does.
    pub(crate) fn cookie(&self) -> String {
        let (name, token) = (self.cookie_name(), &self.token);
        format!("{name}={token}; Path=/; HttpOnly; SameSite=Strict")
    }

    fn cookie_name(&self) -> String {
        format!("otp_observer_{}", self.address.port())
    }

    /// Lets in who comes with the link.
    pub(crate) fn opens(&self, headers: &HeaderMap, token: &str) -> Result<(), Refused> {
        self.is_for_us(headers)?;
        match constant_time_eq(token.as_bytes(), self.token.as_bytes()) {
            true => Ok(()),
            false => Err(NO_TOKEN),
        }
    }

    /// Lets in who has come with the link before.
    pub(crate) fn admits(&self, headers: &HeaderMap) -> Result<(), Refused> {
        self.is_for_us(headers)?;
        // Of a page at another port the browser sends the cookie, and for an image no origin.
        if headers
            .get(SITE)
            .is_some_and(|site| site != "same-origin" && site != "none")
        {
            return Err(FOREIGN);
        }
        let name = self.cookie_name();
        let cookies = headers.get_all(COOKIE).into_iter();
        let mut pairs = cookies
            .filter_map(|cookies| cookies.to_str().ok())
            .flat_map(|cookies| cookies.split(';'))
            .filter_map(|pair| pair.trim().split_once('='));
        let admitted = pairs.any(|(key, token)| {
            key == name && constant_time_eq(token.as_bytes(), self.token.as_bytes())
        });
        match admitted {
            true => Ok(()),
            false => Err(NO_TOKEN),
        }
    }

    /// Lets the page itself act, and no other.
    pub(crate) fn admits_action(&self, headers: &HeaderMap) -> Result<(), Refused> {
        self.admits(headers)?;
        let csrf = headers.get(CSRF).map(HeaderValue::as_bytes);
        match csrf.is_some_and(|csrf| constant_time_eq(csrf, self.csrf.as_bytes())) {
            true => Ok(()),
            false => Err((StatusCode::FORBIDDEN, "only the page itself may do this")),
        }
    }

    /// Whether a request means this page and comes from no other site.
    ///
    /// The name of a foreign site can be made to lead to this machine; then its host is another one. Whoever reaches the
    /// page from another machine may know it by any name, and is told apart by the token alone.
    fn is_for_us(&self, headers: &HeaderMap) -> Result<(), Refused> {
        let host = headers.get(HOST).and_then(|host| host.to_str().ok());
        let host = host.ok_or((StatusCode::BAD_REQUEST, "a request names its host"))?;
        if !self.anywhere && !self.is_mine(host) {
            return Err((StatusCode::FORBIDDEN, "this is another host"));
        }
        match headers.get(ORIGIN) {
            None => Ok(()),
            Some(origin) if origin.as_bytes() == format!("http://{host}").as_bytes() => Ok(()),
            Some(_) => Err(FOREIGN),
        }
    }

    fn is_mine(&self, host: &str) -> bool {
        let port = self.address.port();
        host == self.address.to_string()
            || host == format!("localhost:{port}")
            || (port == 80 && host == "localhost")
    }
}

const FOREIGN: Refused = (StatusCode::FORBIDDEN, "requests of other sites are refused");

const NO_TOKEN: Refused = (
    StatusCode::UNAUTHORIZED,
    "Open the whole link that the program has printed: it has a token in it.",
);

fn token() -> Option<String> {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes).ok()?;
    Some(bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gate(anywhere: bool) -> Gate {
        Gate {
            address: ([127, 0, 0, 1], 4000).into(),
            anywhere,
            token: "secret".to_owned(),
            csrf: "page".to_owned(),
        }
    }

    fn headers(pairs: &[(HeaderName, &str)]) -> HeaderMap {
        let pairs = pairs.iter().map(|(name, value)| {
            let value = value.parse().expect("it is a header's value");
            (name.clone(), value)
        });
        pairs.collect()
    }

    #[test]
    fn the_link_and_its_cookie_let_one_in() {
        let gate = gate(false);
        let host = (HOST, "127.0.0.1:4000");
        let only = &headers(std::slice::from_ref(&host));
        let with = |cookie: &'static str| headers(&[host.clone(), (COOKIE, cookie)]);
        assert!(gate.opens(only, "secret").is_ok());
        assert!(gate.opens(only, "guess").is_err());
        assert!(gate.admits(&with("a=b; otp_observer_4000=secret")).is_ok());
        assert!(gate.admits(&with("otp_observer_4000=guess")).is_err());
        assert!(gate.admits(&with("otp_observer_4001=secret")).is_err());
        assert!(gate.admits(only).is_err());
        assert!(gate.admits(&with(gate.cookie().leak())).is_ok());
    }

    #[test]
    fn other_hosts_and_origins_are_refused() {
        let cookie = (COOKIE, "otp_observer_4000=secret");
        let check = |anywhere, host: &str, origin: Option<&str>, admitted: bool| {
            let mut pairs = vec![cookie.clone(), (HOST, host)];
            pairs.extend(origin.map(|origin| (ORIGIN, origin)));
            let answer = gate(anywhere).admits(&headers(&pairs));
            assert_eq!(answer.is_ok(), admitted, "{host} {origin:?}");
        };
        check(false, "127.0.0.1:4000", None, true);
        check(false, "localhost:4000", Some("http://localhost:4000"), true);
        check(false, "localhost:4000", Some("http://evil.example"), false);
        check(false, "localhost:4000", Some("null"), false);
        check(false, "evil.example:4000", None, false);
        let evil = Some("http://evil.example:4000");
        check(false, "evil.example:4000", evil, false);
        check(true, "server:4000", Some("http://server:4000"), true);
        check(true, "server:4000", Some("http://evil.example"), false);
    }

    #[test]
    fn what_another_site_embeds_is_refused() {
        for (site, admitted) in [
            ("same-origin", true),
            ("none", true),
            ("same-site", false),
            ("cross-site", false),
        ] {
            let cookie = (COOKIE, "otp_observer_4000=secret");
            let pairs = [(HOST, "127.0.0.1:4000"), (SITE, site), cookie];
            assert_eq!(
                gate(false).admits(&headers(&pairs)).is_ok(),
                admitted,
                "{site}"
            );
            // A link there leads here all the same.
            assert!(gate(false).opens(&headers(&pairs), "secret").is_ok());
        }
    }

    #[test]
    fn only_the_page_itself_acts() {
        let admitted = |csrf: Option<&str>| {
            let cookie = (COOKIE, "otp_observer_4000=secret");
            let mut pairs = vec![(HOST, "127.0.0.1:4000"), cookie];
            pairs.extend(csrf.map(|csrf| (CSRF, csrf)));
            gate(false).admits_action(&headers(&pairs)).is_ok()
        };
        assert_eq!(
            [Some("page"), Some("guess"), None].map(admitted),
            [true, false, false]
        );
    }
}
