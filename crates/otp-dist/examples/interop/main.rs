//! A node that an Erlang cluster can test: servers of all kinds, puppets that do what they are told, and functions for `rpc`.
//!
//! `cargo run -p otp-dist --example interop -- --name rust@127.0.0.1 --cookie secret --epmd-port 4369`
//!
//! It prints `READY NAME PORT` when everything answers, and ends when its standard input does.

mod calc;
mod command;
mod counter;
mod factory;
mod functions;
mod opaque;
mod puppet;
mod shop;
mod slow;

use std::error::Error;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use clap::Parser;
use otp_core::prelude::*;
use otp_dist::{Config, Distribution, Exposure, Tls};
use tokio::io::AsyncReadExt;

/// Joins an Erlang cluster, and answers.
#[derive(Parser)]
struct Options {
    /// The node's name, such as rust@127.0.0.1
    #[arg(long)]
    name: String,
    /// The cluster's cookie
    #[arg(long)]
    cookie: String,
    /// The port of the epmd on this host
    #[arg(long, default_value_t = 4369)]
    epmd_port: u16,
    /// Is not listed by other nodes, as is the default
    #[arg(long, conflicts_with = "visible")]
    hidden: bool,
    /// Is listed by other nodes
    #[arg(long)]
    visible: bool,
    /// Speaks TLS: a folder with cert.pem, key.pem and ca.pem
    #[arg(long)]
    tls: Option<PathBuf>,
    /// Listens on this port, and not on any free one
    #[arg(long, default_value_t = 0)]
    listen: u16,
    /// After how many seconds of silence a connection is lost
    #[arg(long, default_value_t = 60)]
    ticktime: u64,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let options = Options::parse();
    let loopback = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let mut config = Config::new(&options.name)
        .cookie(&options.cookie)
        .epmd(loopback(options.epmd_port))
        .listen(loopback(options.listen))
        .visible(options.visible)
        .tick_time(Duration::from_secs(options.ticktime));
    if let Some(folder) = &options.tls {
        let file = |name| folder.join(name);
        let tls = Tls::from_files(&file("cert.pem"), &file("key.pem"), &file("ca.pem"))?;
        config = config.tls(tls);
    }
    let node = Node::new();
    let dist = Distribution::start(&node, config).await?;
    start(&node, &dist).await?;
    #[allow(clippy::print_stdout, reason = "whoever has started the node reads it")]
    {
        println!("READY {} {}", options.name, dist.address().port());
    }
    // Whatever comes is of no interest, but its end is.
    let mut input = tokio::io::stdin();
    let mut buffer = [0; 256];
    while input.read(&mut buffer).await? > 0 {}
    dist.stop();
    Ok(())
}

/// Starts the servers and lets others reach them.
async fn start(node: &Node, dist: &Distribution) -> Result<(), Box<dyn Error>> {
    let echo = opaque::Echo::options().on(node).name("echo");
    echo.start(dist.clone()).await?;
    dist.expose_with("echo", Exposure::<opaque::Echo>::terms());

    let log = opaque::Log::options().on(node).name("log");
    log.start(()).await?;
    dist.expose_with("log", Exposure::<opaque::Log>::terms());

    calc::Calc::options()
        .on(node)
        .name("calc")
        .start(())
        .await?;
    dist.expose::<calc::Calc>("calc");

    shop::Shop::options()
        .on(node)
        .name("shop")
        .start(())
        .await?;
    dist.expose::<shop::Shop>("shop");

    slow::Slow::options()
        .on(node)
        .name("slow")
        .start(())
        .await?;
    dist.expose::<slow::Slow>("slow");

    let factory = factory::Factory::options().on(node).name("factory");
    factory.start(dist.clone()).await?;
    dist.expose::<factory::Factory>("factory");

    counter::supervise(node, dist).await?;
    dist.expose_with(
        "counter",
        Exposure::<counter::Counter>::typed().sys(counter::Counter::view),
    );

    functions::offer(node, dist);
    Ok(())
}
