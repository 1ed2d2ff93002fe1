//! A type has a getter for each of its setters, or no getters.
//!
//! A builder that is only started, such as a supervisor's, has no getters. A specification that other code reads has a getter for each
//! setter.

use std::collections::BTreeMap;

use otp_tests::workspace::read;

/// The getters of setters with another name. The setter has the short name, because it is used more often.
const GETTERS: &[(&str, &str, &str)] = &[
    (
        "ChildSpec",
        "allow_normal_shutdown",
        "allows_normal_shutdown",
    ),
    ("ChildSpec", "restart", "restart_type"),
    ("ChildSpec", "shutdown", "shutdown_value"),
    ("ChildSpec", "significant", "is_significant"),
    ("ChildSpec", "with_id", "id"),
    ("Child", "with_extra", "extra"),
];

/// Methods that return another value and set no field.
const OTHERS: &[(&str, &str)] = &[
    // The specification of a guard around the child.
    ("ChildSpec", "guarded"),
    ("ChildSpec", "backoff"),
];

/// The methods of a type.
#[derive(Default)]
struct Methods {
    setters: Vec<String>,
    readers: Vec<String>,
}

fn methods() -> BTreeMap<String, Methods> {
    let api = read("tests/public-api.txt");
    let core = api.split("\n# ").next().unwrap_or_default();
    let mut found: BTreeMap<String, Methods> = BTreeMap::new();
    for line in core.lines() {
        let Some((owner, item)) = line
            .strip_prefix("impl ")
            .and_then(|l| l.split_once(" :: "))
        else {
            continue;
        };
        let Some((name, rest)) = item
            .strip_prefix("pub fn ")
            .and_then(|item| item.split_once(['(', '<']))
        else {
            continue;
        };
        let owner = owner.rsplit("> ").next().unwrap_or(owner);
        let owner = owner.split(['<', ' ']).next().unwrap_or(owner);
        let methods = found.entry(owner.to_owned()).or_default();
        let is_setter =
            rest.contains("self, ") && rest.contains("-> Self") && !rest.contains("&self");
        if is_setter {
            methods.setters.push(name.to_owned());
        } else if rest.contains("&self)") {
            methods.readers.push(name.to_owned());
        }
    }
    found
}

#[test]
fn setters_have_getters_or_a_type_has_none() {
    let methods = methods();
    assert!(
        methods["Supervisor"]
            .setters
            .contains(&"children".to_owned())
    );
    let mut faults = Vec::new();
    for (owner, own) in &methods {
        let is_read = GETTERS.iter().any(|(of, ..)| of == owner);
        for setter in &own.setters {
            let getter = GETTERS
                .iter()
                .find(|(of, it, _)| of == owner && it == setter);
            let is_other = OTHERS.contains(&(owner, setter));
            match getter {
                Some((.., getter)) if !own.readers.iter().any(|it| it == getter) => {
                    faults.push(format!(
                        "{owner}::{setter}: the getter `{getter}` does not exist"
                    ));
                }
                None if is_read && !is_other => {
                    faults.push(format!(
                        "{owner}::{setter} has no getter, but other setters have one"
                    ));
                }
                None if !is_read => {
                    let like = |reader: &&String| {
                        let rest = reader
                            .strip_prefix("is_")
                            .or_else(|| reader.strip_prefix("has_"));
                        let rest = rest.unwrap_or(reader);
                        let rest = rest.strip_suffix("_value").unwrap_or(rest);
                        rest.strip_suffix("_type").unwrap_or(rest) == setter
                    };
                    let reader = own.readers.iter().find(like);
                    faults.extend(reader.map(|reader| {
                        format!("{owner}::{reader} is the getter of `{setter}`: list it in GETTERS, with those of the others")
                    }));
                }
                _ => {}
            }
        }
    }
    for (owner, setter, _) in GETTERS {
        if !methods
            .get(*owner)
            .is_some_and(|own| own.setters.iter().any(|it| it == setter))
        {
            faults.push(format!("{owner}::{setter} is listed, but does not exist"));
        }
    }
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}
