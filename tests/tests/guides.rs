//! Checks that the guides show the current code.

use otp_tests::regions::{blocks, region};
use otp_tests::workspace::{files, read};

/// With `OTP_UPDATE_GUIDES=1` the test updates the guides.
#[test]
fn the_guides_show_regions_of_the_real_files() {
    let update = std::env::var_os("OTP_UPDATE_GUIDES").is_some();
    let mut faults = Vec::new();
    let mut shown = 0;
    for path in files("chapters", &["md"]) {
        let mut guide = read(&path);
        for block in blocks(&guide) {
            let place = format!("{}:{}", path.display(), block.line);
            let Some((file, name)) = block.source else {
                faults.push(format!("{place}: the block has no comment with its region"));
                continue;
            };
            shown += 1;
            match region(&file, &name) {
                Err(fault) => faults.push(format!("{place}: {fault}")),
                Ok(text) if text == block.text => {}
                Ok(text) if update => {
                    let head = format!("<!-- {file}:{name} -->\n```rs\n");
                    let old = format!("{head}{}```", block.text);
                    guide = guide.replace(&old, &format!("{head}{text}```"));
                    let root = otp_tests::workspace::root();
                    std::fs::write(root.join(&path), &guide).expect("the guide can be written");
                }
                Ok(text) => faults.push(format!("{place}: {file} has\n{text}")),
            }
        }
    }
    assert!(shown > 0, "no guide shows a region");
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}
