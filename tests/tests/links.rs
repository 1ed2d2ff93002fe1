//! Checks the links between the project's files, and that the guides form a book.

use otp_tests::links::{headings, links};
use otp_tests::workspace::{files, read, root};
use std::path::{Path, PathBuf};

/// The folder of the book, as in `book.toml`.
const BOOK: &str = "chapters";

#[test]
fn no_link_between_the_files_is_dead() {
    let mut faults = Vec::new();
    let mut followed = 0;
    let pages = files("", &["md"]);
    for path in pages.iter().filter(|path| !is_read_elsewhere(path)) {
        for link in links(&read(path)) {
            followed += 1;
            let target = leads_to(path, &link.file);
            let place = format!("{}:{}", path.display(), link.line);
            if !root().join(&target).exists() {
                faults.push(format!(
                    "{place}: the file {} does not exist",
                    target.display()
                ));
            } else if let Some(heading) = link.heading
                && !headings(&read(&target)).contains(&heading)
            {
                faults.push(format!(
                    "{place}: {} has no heading #{heading}",
                    target.display()
                ));
            }
        }
    }
    assert!(followed > 50, "only {followed} links are found");
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn the_guides_are_a_book_whose_links_stay_in_it() {
    let config: toml::Table = toml::from_str(&read("book.toml")).expect("book.toml is TOML");
    assert_eq!(config["book"]["src"].as_str(), Some(BOOK));
    let summary = Path::new(BOOK).join("SUMMARY.md");
    let listed = links(&read(&summary));
    let listed: Vec<PathBuf> = listed
        .iter()
        .map(|it| leads_to(&summary, &it.file))
        .collect();
    let mut faults = Vec::new();
    for path in files(BOOK, &["md"]) {
        if path != summary && !listed.contains(&path) {
            faults.push(format!("{} is not in SUMMARY.md", path.display()));
        }
        for link in links(&read(&path)) {
            if !leads_to(&path, &link.file).starts_with(BOOK) {
                let place = format!("{}:{}", path.display(), link.line);
                faults.push(format!("{place}: {} is not in the book", link.file));
            }
            // mdBook renames README.md to index.html, but not in a link to one of its headings.
            if link.file.ends_with("README.md") && link.heading.is_some() {
                let place = format!("{}:{}", path.display(), link.line);
                faults.push(format!(
                    "{place}: a heading of README.md has another address in the book"
                ));
            }
        }
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

/// Files that are checked elsewhere: pages of the documentation link items, which `cargo doc` checks, and symbolic links.
fn is_read_elsewhere(path: &Path) -> bool {
    let is_rustdoc = |folder| path.starts_with(folder);
    ["crates/otp-core/docs", "crates/otp-dist/docs"]
        .into_iter()
        .any(is_rustdoc)
        || root().join(path).is_symlink()
}

/// The target file of a link in `from`, relative to the root.
fn leads_to(from: &Path, link: &str) -> PathBuf {
    if link.is_empty() {
        return from.to_path_buf();
    }
    let mut path = from.parent().unwrap_or(Path::new("")).to_path_buf();
    for part in Path::new(link).components() {
        match part {
            std::path::Component::ParentDir => {
                path.pop();
            }
            std::path::Component::CurDir => {}
            part => path.push(part),
        }
    }
    path
}
