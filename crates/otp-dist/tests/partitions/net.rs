//! Another host: a network namespace, with a cable to this one.

use std::env;
use std::io::{self, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::process::{self, Command};

/// It goes when this is dropped.
pub(crate) struct Net {
    pub(crate) name: String,
    cable: String,
    pub(crate) here: SocketAddr,
    pub(crate) there: SocketAddr,
}

/// What is lost.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Way {
    Both,
    /// What goes there.
    There,
    /// What comes from there.
    Here,
}

/// An address that no card has: what is sent to it gets lost without a word.
const NOBODY: &str = "02:00:00:00:00:01";

impl Net {
    /// One of several, by its number. Nothing where that is not permitted.
    pub(crate) fn make(place: u8) -> Option<Self> {
        let id = process::id();
        let number = u8::try_from(id % 250).unwrap_or_default();
        let at = |host| SocketAddr::from((Ipv4Addr::new(10, 212 + place, number, host), 4370));
        let net = Self {
            name: format!("otp-dist-{id}-{place}"),
            cable: format!("otp{id}{place}"),
            here: at(1),
            there: at(2),
        };
        if !ip(&format!("netns add {}", net.name)) {
            assert!(
                env::var_os("OTP_REQUIRE_NETNS").is_none_or(|value| value != "1"),
                "network namespaces are required, and are not permitted"
            );
            tell("skipped: network namespaces are not permitted, no partition is tried");
            return None;
        }
        let (name, cable) = (&net.name, &net.cable);
        let (here, there) = (net.here.ip(), net.there.ip());
        for command in [
            format!("link add {cable}a type veth peer name {cable}b netns {name}"),
            format!("addr add {here}/24 dev {cable}a"),
            format!("link set {cable}a up"),
            format!("-n {name} addr add {there}/24 dev {cable}b"),
            format!("-n {name} link set {cable}b up"),
            format!("-n {name} link set lo up"),
        ] {
            assert!(ip(&command), "ip {command}");
        }
        Some(net)
    }

    /// From here on what goes this way is lost.
    pub(crate) fn cut(&self, way: Way) {
        let (name, cable) = (&self.name, &self.cable);
        let (here, there) = (self.here.ip(), self.there.ip());
        let lost = format!("lladdr {NOBODY} nud permanent");
        if matches!(way, Way::Both | Way::There) {
            assert!(ip(&format!("neigh replace {there} dev {cable}a {lost}")));
        }
        if matches!(way, Way::Both | Way::Here) {
            assert!(ip(&format!(
                "-n {name} neigh replace {here} dev {cable}b {lost}"
            )));
        }
    }

    /// Loses a tenth of what goes there and of what comes from there, packet by packet; false if the system cannot.
    pub(crate) fn lose(&self) -> bool {
        self.chance("-A")
    }

    pub(crate) fn lose_nothing(&self) {
        self.chance("-D");
    }

    fn chance(&self, change: &str) -> bool {
        let rule =
            |way| format!("{change} {way} -m statistic --mode random --probability 0.1 -j DROP");
        let cable = &self.cable;
        [format!("OUTPUT -o {cable}a"), format!("INPUT -i {cable}a")]
            .iter()
            .all(|way| run("iptables", &rule(way)))
    }

    pub(crate) fn heal(&self) {
        let (name, cable) = (&self.name, &self.cable);
        // One of them may not have been cut.
        ip(&format!("neigh del {} dev {cable}a", self.there.ip()));
        ip(&format!(
            "-n {name} neigh del {} dev {cable}b",
            self.here.ip()
        ));
    }
}

impl Drop for Net {
    fn drop(&mut self) {
        self.lose_nothing();
        ip(&format!("link del {}a", self.cable));
        ip(&format!("netns del {}", self.name));
    }
}

pub(crate) fn tell(message: &str) {
    writeln!(io::stderr(), "{message}").expect("there is a standard error");
}

fn ip(arguments: &str) -> bool {
    run("ip", arguments)
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
