//! The address of a character: a node and a name.

use std::fmt;
use std::str::FromStr;

/// The address of a character, typed as `b/superman`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Address {
    /// The name of the node.
    pub node: String,
    /// The name of the character on this node.
    pub name: String,
}

/// The text is no address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected a node and a name, such as b/superman")]
pub struct InvalidAddress;

impl FromStr for Address {
    type Err = InvalidAddress;

    fn from_str(text: &str) -> Result<Self, InvalidAddress> {
        match text.split_once('/') {
            Some((node, name)) if !node.is_empty() && !name.is_empty() => Ok(Self {
                node: node.to_owned(),
                name: name.to_owned(),
            }),
            _ => Err(InvalidAddress),
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.node, self.name)
    }
}

/// The home node of a name, or `None` without nodes. Programs that know the same nodes get the same home node. (The hash is FNV-1a,
/// which is the same in each program.)
pub fn home(name: &str, mut nodes: Vec<String>) -> Option<String> {
    nodes.sort_unstable();
    let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    // The upper half of the product depends on the upper bits of the hash, which are distributed better than the lower ones.
    let place = (u128::from(hash) * nodes.len() as u128) >> 64;
    nodes.into_iter().nth(usize::try_from(place).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_parses_its_own_text() {
        for text in ["b/superman", "a/x/y"] {
            let address = text.parse::<Address>();
            assert_eq!(address.map(|it| it.to_string()), Ok(text.to_owned()));
        }
        for text in ["", "superman", "/superman", "b/", "/"] {
            assert_eq!(text.parse::<Address>(), Err(InvalidAddress), "{text:?}");
        }
    }

    fn home_of(name: &str, nodes: &[&str]) -> Option<String> {
        home(name, nodes.iter().map(ToString::to_string).collect())
    }

    // S87
    #[test]
    fn the_home_of_a_name_does_not_depend_on_the_order_of_the_nodes() {
        for name in ["superdave", "superman", "supermario", ""] {
            let found = home_of(name, &["a", "b"]);
            assert!(found.is_some());
            assert_eq!(found, home_of(name, &["b", "a"]));
            assert_eq!(home_of(name, &["only"]).as_deref(), Some("only"));
            assert_eq!(home_of(name, &[]), None);
        }
        let names = ["superdave", "superman", "supermario"];
        let homes = names.map(|name| home_of(name, &["a", "b"]).expect("there are nodes"));
        assert!(
            ["a", "b"]
                .iter()
                .all(|node| homes.iter().any(|it| it == node)),
            "{homes:?}"
        );
    }
}
