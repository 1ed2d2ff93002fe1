//! A site other than that of the page.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};

const PAGE: &str = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 25\r\nConnection: close\r\n\r\n<body>another site</body>";

/// A server that gives the same answer to all requests, until the test ends.
pub(crate) struct Site(SocketAddr);

impl Site {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let address = listener.local_addr().expect("it has one");
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // A browser opens connections that it may use later.
                std::thread::spawn(|| answer(stream));
            }
        });
        Self(address)
    }

    pub(crate) fn link(&self) -> String {
        format!("http://{}/", self.0)
    }
}

fn answer(mut stream: TcpStream) {
    let mut lines = BufReader::new(&stream).lines();
    while lines
        .next()
        .is_some_and(|line| line.is_ok_and(|line| !line.is_empty()))
    {}
    let _ = stream.write_all(PAGE.as_bytes());
}
