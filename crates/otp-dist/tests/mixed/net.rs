//! Hosts on one machine: a network namespace for each, with cables to a switch.

use std::env;
use std::io::{self, Write};
use std::net::Ipv4Addr;
use std::process::{self, Command};

/// An address that no card has: what is sent to it gets lost without a word.
const NOBODY: &str = "02:00:00:00:00:01";

/// Where all nodes listen.
pub(crate) const PORT: u16 = 4370;

/// They go when this is dropped.
pub(crate) struct Net {
    switch: String,
    pub(crate) hosts: Vec<Host>,
}

#[derive(Debug, Clone)]
pub(crate) struct Host {
    pub(crate) namespace: String,
    pub(crate) address: Ipv4Addr,
}

impl Net {
    /// Nothing where that is not permitted.
    pub(crate) fn make(count: u8) -> Option<Self> {
        let id = process::id();
        let number = u8::try_from(id % 250).unwrap_or_default();
        let switch = format!("otp-switch-{id}");
        if !ip(&format!("netns add {switch}")) {
            assert!(
                env::var_os("OTP_REQUIRE_NETNS").is_none_or(|value| value != "1"),
                "network namespaces are required, and are not permitted"
            );
            tell("skipped: network namespaces are not permitted, no mixed cluster is made");
            return None;
        }
        let host = |host| Host {
            namespace: format!("otp-host-{id}-{host}"),
            address: Ipv4Addr::new(10, 214, number, host),
        };
        let hosts: Vec<Host> = (1..=count).map(host).collect();
        let net = Self { switch, hosts };
        net.must(&format!("-n {} link add br0 type bridge", net.switch));
        net.must(&format!("-n {} link set br0 up", net.switch));
        for (place, host) in net.hosts.iter().enumerate() {
            let (name, switch) = (&host.namespace, &net.switch);
            for command in [
                format!("netns add {name}"),
                format!("-n {name} link set lo up"),
                format!("-n {name} link add eth0 type veth peer name v{place} netns {switch}"),
                format!("-n {name} addr add {}/24 dev eth0", host.address),
                format!("-n {name} link set eth0 up"),
                format!("-n {switch} link set v{place} master br0 up"),
            ] {
                net.must(&command);
            }
        }
        Some(net)
    }

    #[expect(clippy::unused_self, reason = "there has to be one")]
    fn must(&self, command: &str) {
        assert!(ip(command), "ip {command}");
    }

    /// From here on what one host sends to the other is lost.
    pub(crate) fn cut(&self, from: usize, to: usize) {
        let (from, to) = (&self.hosts[from], &self.hosts[to]);
        let lost = format!("lladdr {NOBODY} nud permanent");
        self.must(&format!(
            "-n {} neigh replace {} dev eth0 {lost}",
            from.namespace, to.address
        ));
    }

    /// What one host sends to the other arrives again.
    pub(crate) fn mend(&self, from: usize, to: usize) {
        let (from, to) = (&self.hosts[from], &self.hosts[to]);
        ip(&format!(
            "-n {} neigh del {} dev eth0",
            from.namespace, to.address
        ));
    }

    /// Loses a quarter of what a host sends, packet by packet; false if the system cannot.
    pub(crate) fn lose(&self, host: usize) -> bool {
        let chance = "-m statistic --mode random --probability 0.25";
        self.filter(host, &format!("-A OUTPUT {chance} -j DROP"))
    }

    fn filter(&self, host: usize, rule: &str) -> bool {
        let name = &self.hosts[host].namespace;
        ip(&format!("netns exec {name} iptables {rule}"))
    }

    /// Delays what a host sends, by the means that the system has; false if it has none.
    pub(crate) fn slow(&self, host: usize) -> bool {
        let name = &self.hosts[host].namespace;
        tc(&format!(
            "-n {name} qdisc replace dev eth0 root netem delay 100ms 50ms loss 5%"
        )) || tc(&format!(
            "-n {name} qdisc replace dev eth0 root tbf rate 128kbit burst 3kb latency 400ms"
        ))
    }

    pub(crate) fn heal(&self) {
        for from in 0..self.hosts.len() {
            self.filter(from, "-F OUTPUT");
            tc(&format!(
                "-n {} qdisc del dev eth0 root",
                self.hosts[from].namespace
            ));
            for to in 0..self.hosts.len() {
                self.mend(from, to);
            }
        }
    }
}

impl Drop for Net {
    fn drop(&mut self) {
        for name in self.hosts.iter().map(|host| &host.namespace) {
            ip(&format!("netns del {name}"));
        }
        ip(&format!("netns del {}", self.switch));
    }
}

pub(crate) fn tell(message: &str) {
    writeln!(io::stderr(), "{message}").expect("there is a standard error");
}

fn ip(arguments: &str) -> bool {
    run("ip", arguments)
}

fn tc(arguments: &str) -> bool {
    run("tc", arguments)
}

fn run(program: &str, arguments: &str) -> bool {
    let output = Command::new(program).args(arguments.split(' ')).output();
    output.is_ok_and(|output| output.status.success())
}

/// Sends a signal to a process of the system.
pub(crate) fn signal(process: u32, signal: &str) {
    let arguments = [format!("-{signal}"), process.to_string()];
    let sent = Command::new("kill").args(arguments).status();
    assert!(sent.is_ok_and(|status| status.success()));
}
