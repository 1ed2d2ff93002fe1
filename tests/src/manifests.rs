//! Compares the packages' manifests and lock files with those of the workspace.

use std::collections::BTreeSet;
use std::process::Command;

use serde_json::Value as Json;
use toml::{Table, Value};

use crate::workspace::{chapters, crates, examples, files, folder_of, libraries, read, root};

/// Packages outside of the workspace. They cannot inherit settings, so they copy them.
const OUTSIDE: &[Outside] = &[
    // Users of the project do not resolve, download or build the libraries that it is compared with.
    Outside {
        path: "crates/otp-bench/peers/Cargo.toml",
        own: &[],
    },
    // A start fails its check until it is solved. The folder has no package of its own, only those of the exercises.
    Outside {
        path: "exercises/Cargo.toml",
        own: &[
            "edition",
            "license",
            "lints",
            "profile.release",
            "publish",
            "rust-version",
        ],
    },
    // cargo-fuzz builds it, and libFuzzer's macros violate lints of the workspace.
    Outside {
        path: "fuzz/Cargo.toml",
        own: &["lints", "profile.release"],
    },
];

struct Outside {
    path: &'static str,
    /// The settings that it does not copy.
    own: &'static [&'static str],
}

/// Versions and lints that a package of the workspace does not inherit from it.
pub fn own_choices() -> Vec<String> {
    let manifests = crates()
        .into_iter()
        .chain(examples())
        .map(|name| format!("{}/Cargo.toml", folder_of(&name)));
    let tests = ["tests", "tests/beam", "tests/explore", "tests/fuzz"]
        .map(|folder| format!("{folder}/Cargo.toml"));
    let mut faults = Vec::new();
    for path in manifests.chain(tests) {
        let manifest = parse(&path);
        for section in ["dependencies", "dev-dependencies", "build-dependencies"] {
            let Some(Value::Table(dependencies)) = manifest.get(section) else {
                continue;
            };
            let own = dependencies.iter().filter(|(_, value)| has_version(value));
            faults.extend(
                own.map(|(name, _)| format!("{path}: {name} does not inherit its version")),
            );
        }
        let lints = manifest
            .get("lints")
            .and_then(|lints| lints.get("workspace"));
        if lints != Some(&Value::Boolean(true)) {
            faults.push(format!("{path}: no `[lints] workspace = true`"));
        }
    }
    faults
}

/// The fields and files that a published library needs and does not have.
pub fn unready_libraries() -> Vec<String> {
    const FIELDS: [&str; 8] = [
        "categories",
        "description",
        "documentation",
        "keywords",
        "license",
        "metadata",
        "readme",
        "rust-version",
    ];
    const FILES: [&str; 4] = ["CHANGELOG.md", "LICENSE-APACHE", "LICENSE-MIT", "README.md"];
    let mut faults = Vec::new();
    for name in libraries() {
        let folder = folder_of(&name);
        let path = format!("{folder}/Cargo.toml");
        let manifest = parse(&path);
        let lacks = |field: &&str| look_up(&manifest, &["package", field]).is_none();
        let lacking = FIELDS.into_iter().filter(lacks);
        faults.extend(lacking.map(|field| format!("{path}: no `{field}`")));
        let missing = FILES
            .into_iter()
            .filter(|file| !root().join(&folder).join(file).is_file());
        faults.extend(missing.map(|file| format!("{folder}: no {file}")));
        let rust = look_up(&manifest, &["package", "rust-version"]).and_then(Value::as_str);
        let checked = read(".github/workflows/ci.yml");
        if !rust.is_some_and(|rust| checked.contains(&format!("cargo +{rust} check"))) {
            faults.push(format!("{path}: CI does not check `rust-version`"));
        }
    }
    faults
}

/// Dependencies of the packages that need a newer Rust than the package names.
///
/// # Panics
///
/// cargo does not print the dependencies.
pub fn too_new_dependencies() -> Vec<String> {
    let metadata = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version=1", "--locked", "--offline"])
        .current_dir(root())
        .output()
        .expect("cargo starts");
    let metadata: Json = serde_json::from_slice(&metadata.stdout).expect("metadata is JSON");
    let all = |list: &Json| list.as_array().cloned().unwrap_or_default();
    let packages = all(&metadata["packages"]);
    let nodes = all(&metadata["resolve"]["nodes"]);
    let mut faults = Vec::new();
    for own in packages.iter().filter(|it| it["source"].is_null()) {
        let (mut found, mut next) = (BTreeSet::new(), vec![own["id"].clone()]);
        while let Some(id) = next.pop() {
            if found.insert(id.to_string()) {
                let node = nodes.iter().find(|node| node["id"] == id);
                let needed = node.map_or_else(Vec::new, |node| all(&node["deps"]));
                next.extend(
                    needed
                        .iter()
                        .filter(|it| is_built(it))
                        .map(|it| it["pkg"].clone()),
                );
            }
        }
        let built = packages
            .iter()
            .filter(|it| found.contains(&it["id"].to_string()));
        let too_new = built.filter(|it| rust_of(it) > rust_of(own));
        let (name, rust) = (&own["name"], &own["rust_version"]);
        faults.extend(too_new.map(|it| {
            format!(
                "{name} says Rust {rust}, and {} needs {}",
                it["name"], it["rust_version"]
            )
        }));
    }
    faults
}

/// Whether a dependency is not only a dependency of tests.
fn is_built(dependency: &Json) -> bool {
    let kinds = dependency["dep_kinds"].as_array();
    kinds
        .into_iter()
        .flatten()
        .any(|kind| kind["kind"] != "dev")
}

/// The version of Rust that a package needs.
fn rust_of(package: &Json) -> Vec<u32> {
    let version = package["rust_version"].as_str().unwrap_or("0");
    version
        .split('.')
        .map(|part| part.parse().unwrap_or(0))
        .collect()
}

/// Programs of the course whose build without features contains a web server, such as that of the observer's page.
///
/// # Panics
///
/// cargo does not print the dependencies.
pub fn programs_with_a_web_server() -> Vec<String> {
    let mut programs = chapters();
    programs.retain(|program| {
        let tree = Command::new(env!("CARGO"))
            .args(["tree", "--locked", "--edges", "normal,build"])
            .args(["--prefix", "none", "--package", program])
            .current_dir(root())
            .output()
            .expect("cargo starts");
        let packages = String::from_utf8_lossy(&tree.stdout);
        assert!(packages.contains("otp-shell"), "{program}: {tree:?}");
        ["otp-observer", "axum", "hyper"]
            .iter()
            .any(|server| packages.lines().any(|it| it.starts_with(server)))
    });
    programs
}

/// Packages outside of the workspace with lints, an edition or a profile that differ from those of the workspace, and manifests with a
/// `[workspace]` that `OUTSIDE` does not list.
pub fn unfaithful_copies() -> Vec<String> {
    let root = parse("Cargo.toml");
    let mut faults = Vec::new();
    for path in files("", &["toml"]) {
        let path = path.display().to_string().replace('\\', "/");
        if !path.ends_with("/Cargo.toml") || !parse(&path).contains_key("workspace") {
            continue;
        }
        let Some(known) = OUTSIDE.iter().find(|known| known.path == path) else {
            faults.push(format!(
                "{path}: an unlisted workspace: list it in `tests/src/manifests.rs` with a reason"
            ));
            continue;
        };
        faults.extend(differences(&root, &parse(&path), known));
    }
    faults
}

/// Lock files of nested workspaces that are older than the manifests, so that cargo would change them.
///
/// cargo checks a lock file if it has all packages of it. It does not download packages that only a nested workspace needs; without
/// them the check compares the names of the dependencies of this workspace's crates.
///
/// # Panics
///
/// cargo does not start.
pub fn stale_locks() -> Vec<String> {
    let mut faults = Vec::new();
    let locks = files("", &["lock"]);
    for lock in locks.iter().filter(|path| path.ends_with("Cargo.lock")) {
        let metadata = Command::new(env!("CARGO"))
            .args(["metadata", "--format-version=1", "--locked", "--offline"])
            .arg("--manifest-path")
            .arg(root().join(lock).with_extension("toml"))
            .output()
            .expect("cargo starts");
        let lock = lock.display().to_string();
        if String::from_utf8_lossy(&metadata.stderr).contains("cannot update the lock file") {
            faults.push(format!(
                "{lock}: cargo would change it; run `cargo check` beside it"
            ));
        }
        let locked = parse(&lock);
        for name in crates() {
            let manifest = parse(&format!("crates/{name}/Cargo.toml"));
            faults.extend(misplaced(&name, &manifest, &locked, &lock));
        }
    }
    faults
}

fn differences(root: &Table, copy: &Table, outside: &Outside) -> Vec<String> {
    let inside = |keys: &[&str]| look_up(root, keys);
    let pairs = [
        (
            "lints",
            inside(&["workspace", "lints"]),
            look_up(copy, &["lints"]),
        ),
        (
            "profile.release",
            inside(&["profile", "release"]),
            look_up(copy, &["profile", "release"]),
        ),
    ];
    let fields = ["edition", "rust-version", "license", "publish"].map(|field| {
        let inside = inside(&["workspace", "package", field]);
        (field, inside, look_up(copy, &["package", field]))
    });
    let differing = pairs
        .into_iter()
        .chain(fields)
        .filter(|(what, inside, copied)| inside != copied && !outside.own.contains(what));
    let path = outside.path;
    differing
        .map(|(what, ..)| format!("{path}: {what} differs from the workspace's"))
        .collect()
}

/// The differences between the dependencies of a crate of the workspace and those that a lock file has for it.
fn misplaced(name: &str, manifest: &Table, lock: &Table, path: &str) -> Vec<String> {
    let packages = lock.get("package").and_then(Value::as_array);
    let locked = packages
        .into_iter()
        .flatten()
        .find(|package| package.get("name").and_then(Value::as_str) == Some(name));
    let Some(locked) = locked else {
        return Vec::new();
    };
    let locked = locked.get("dependencies").and_then(Value::as_array);
    // If several versions are locked, the name is followed by a version.
    let locked: BTreeSet<&str> = locked
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .filter_map(|locked| locked.split(' ').next())
        .collect();
    let named = |of: &'static str| {
        let platforms = manifest.get("target").and_then(Value::as_table);
        let tables = platforms.into_iter().flat_map(Table::values);
        let tables = tables.filter_map(Value::as_table).chain([manifest]);
        tables
            .filter_map(move |table| table.get(of)?.as_table())
            .flatten()
    };
    // A lock file has an optional dependency only if its feature is used, and dependencies of tests only for a member.
    let needed = named("dependencies")
        .filter(|(_, wanted)| look_up_bool(wanted, "optional") != Some(true))
        .map(|(wanted, _)| wanted.as_str())
        .filter(|wanted| !locked.contains(wanted))
        .map(|wanted| format!("{path}: {name} needs {wanted} too"));
    let known: BTreeSet<&str> = ["dependencies", "build-dependencies", "dev-dependencies"]
        .into_iter()
        .flat_map(named)
        .map(|(known, _)| known.as_str())
        .collect();
    let left = locked
        .iter()
        .filter(|locked| !known.contains(*locked))
        .map(|locked| format!("{path}: {name} needs no {locked} any more"));
    needed.chain(left).collect()
}

fn look_up<'a>(table: &'a Table, keys: &[&str]) -> Option<&'a Value> {
    let (first, rest) = keys.split_first()?;
    let value = table.get(*first)?;
    rest.iter().try_fold(value, |value, key| value.get(key))
}

fn look_up_bool(dependency: &Value, key: &str) -> Option<bool> {
    dependency.get(key)?.as_bool()
}

fn has_version(dependency: &Value) -> bool {
    match dependency {
        Value::Table(table) => table.contains_key("version"),
        _ => true,
    }
}

fn parse(path: &str) -> Table {
    read(path)
        .parse()
        .unwrap_or_else(|error| panic!("{path} is not TOML: {error}"))
}

#[cfg(test)]
mod tests {
    use super::{Outside, differences, misplaced};

    #[test]
    fn a_copy_that_differs_is_found() {
        let root = "[workspace.lints.rust]\nunsafe_code = \"forbid\"\n[workspace.package]\nedition = \"2024\"\n";
        let copy = "[lints.rust]\nunsafe_code = \"forbid\"\n[package]\nedition = \"2024\"\n";
        let faults = |copy: &str| {
            let (root, copy) = (root.parse().unwrap(), copy.parse().unwrap());
            let outside = Outside {
                path: "Cargo.toml",
                own: &["profile.release"],
            };
            differences(&root, &copy, &outside)
        };
        assert_eq!(faults(copy), Vec::<String>::new());
        assert_eq!(
            faults(&copy.replace("forbid", "warn")),
            ["Cargo.toml: lints differs from the workspace's"]
        );
        assert_eq!(faults(&copy.replace("2024", "2021")).len(), 1);
    }

    #[test]
    fn an_old_lock_file_is_found() {
        let manifest = "[dependencies]\nclap = \"4\"\ntokio = \"1\"\n"
            .parse()
            .unwrap();
        let lock = "[[package]]\nname = \"a\"\ndependencies = [\"tokio 1.2\", \"toml\"]\n"
            .parse()
            .unwrap();
        assert_eq!(
            misplaced("a", &manifest, &lock, "Cargo.lock"),
            [
                "Cargo.lock: a needs clap too",
                "Cargo.lock: a needs no toml any more"
            ]
        );
        assert!(misplaced("b", &manifest, &lock, "Cargo.lock").is_empty());
    }
}
