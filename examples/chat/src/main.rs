//! Runs the chat until a signal: `example-chat [address]`.

use std::io::{self, Write};
use std::net::TcpListener;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use example_chat::web;
use otp_core::{Node, application};

#[tokio::main]
async fn main() -> io::Result<ExitCode> {
    let address = std::env::args().nth(1);
    let address = address.as_deref().unwrap_or("127.0.0.1:4000");
    let listener = Arc::new(TcpListener::bind(address)?);
    writeln!(
        io::stderr(),
        "listening on http://{}",
        listener.local_addr()?
    )?;
    let idle = Duration::from_secs(60);
    let node = Node::new();
    let chat = web::application(&node, listener, idle);
    let status = application::run(&node, chat, application::signals()?).await;
    writeln!(io::stderr(), "{status}")?;
    Ok(ExitCode::from(status.exit_code()))
}
