//! What a browser does, as far as the tests need it.

use std::net::SocketAddr;

use otp_core::{Node, Pid};
use otp_observer::{Observer, Options};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

/// A page that is served, and what lets one in.
pub(crate) struct Client {
    pub(crate) observer: Observer,
    pub(crate) address: SocketAddr,
    pub(crate) cookie: String,
}

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Client {
    pub(crate) async fn of(node: &Node, options: Options) -> Self {
        let observer = options.serve(node, ([127, 0, 0, 1], 0).into()).await;
        let observer = observer.expect("a loopback port is free");
        let address = observer.address();
        let token = observer.link().split_once("token=").expect("it has one").1;
        let cookie = format!("Cookie: otp_observer_{}={token}\r\n", address.port());
        Self {
            observer,
            address,
            cookie,
        }
    }

    /// Asks with these headers besides the host, and the cookie unless there are others.
    pub(crate) async fn send(&self, method: &str, path: &str, headers: &str, body: &str) -> Answer {
        let mut stream = self.request(method, path, headers, body).await;
        let mut text = String::new();
        let read = stream.read_to_string(&mut text).await;
        read.expect("the answer is text");
        let (head, body) = text.split_once("\r\n\r\n").expect("it is an answer");
        let status = head.split(' ').nth(1).and_then(|it| it.parse().ok());
        Answer {
            status: status.expect("it has a status"),
            head: head.to_ascii_lowercase(),
            body: body.to_owned(),
        }
    }

    async fn request(
        &self,
        method: &str,
        path: &str,
        headers: &str,
        body: &str,
    ) -> BufReader<TcpStream> {
        let mut stream = TcpStream::connect(self.address).await.expect("it listens");
        let host = match headers.contains("Host:") {
            true => String::new(),
            false => format!("Host: {}\r\n", self.address),
        };
        let length = body.len();
        let request = format!(
            "{method} {path} HTTP/1.1\r\n{host}{headers}Connection: close\r\nContent-Length: {length}\r\n\r\n{body}"
        );
        let sent = stream.write_all(request.as_bytes()).await;
        sent.expect("it reads");
        BufReader::new(stream)
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &self.cookie, "").await
    }

    /// Has the page do something, as its script does.
    pub(crate) async fn act(&self, what: &Value) -> Answer {
        self.act_at("/api/act", what).await
    }

    /// The same on another node.
    pub(crate) async fn act_on(&self, node: &str, what: &Value) -> Answer {
        self.act_at(&format!("/api/act?node={node}"), what).await
    }

    async fn act_at(&self, path: &str, what: &Value) -> Answer {
        let hello: Value = self.get("/api/hello").await.json();
        let token = hello["token"].as_str().expect("it has one");
        let headers = format!("{}X-Observer-Token: {token}\r\n", self.cookie);
        let what = what.to_string();
        self.send("POST", path, &headers, &what).await
    }

    /// Looks at a view until it shows what is wanted.
    pub(crate) async fn until<T>(&self, query: &str, wanted: impl Fn(&Value) -> Option<T>) -> T {
        let path = format!("/api/stream?{query}");
        let mut stream = self.request("GET", &path, &self.cookie, "").await;
        loop {
            let mut line = String::new();
            let read = stream.read_line(&mut line).await.expect("it is text");
            assert!(read > 0, "the stream ended before it showed that");
            if let Some(data) = line.strip_prefix("data: ")
                && let Ok(seen) = serde_json::from_str(data)
                && let Some(found) = wanted(&seen)
            {
                return found;
            }
        }
    }
}

/// A pid as a query has it.
pub(crate) fn escaped(pid: Pid) -> String {
    pid.to_string().replace('<', "%3C").replace('>', "%3E")
}

impl Answer {
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        // It may come in chunks.
        let begin = self.body.find('{').expect("it is an object");
        let end = self.body.rfind('}').expect("it is an object");
        serde_json::from_str(&self.body[begin..=end]).expect("it is JSON")
    }
}
