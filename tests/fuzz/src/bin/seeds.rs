//! Writes the inputs that libFuzzer begins with: `seeds FOLDER` makes a folder in it for each target.

use otp_fuzz_tests::Program;
use otp_fuzz_tests::corpus::Corpus;
use otp_fuzz_tests::input::Target;
use otp_fuzz_tests::{term, wire};
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let folder = env::args_os().nth(1).map(PathBuf::from);
    let folder =
        folder.ok_or_else(|| io::Error::other("expected a folder, such as fuzz/corpus"))?;
    for target in Target::ALL {
        let mut seeds = Vec::new();
        for (number, program) in Program::ALL.into_iter().enumerate() {
            let corpus = Corpus::of(program);
            let texts = texts(target, &corpus);
            seeds.extend(texts.into_iter().map(|text| match target {
                Target::Value => text,
                _ => format!("{}{text}", number + 1),
            }));
        }
        let mut seeds: Vec<Vec<u8>> = seeds.into_iter().map(String::into_bytes).collect();
        match target {
            Target::Term => seeds = term::seeds(),
            Target::Wire => seeds = wire::seeds(),
            _ => {}
        }
        write(&folder.join(target.name()), seeds)?;
    }
    Ok(())
}

fn texts(target: Target, corpus: &Corpus) -> Vec<String> {
    let lines = corpus.lines.clone();
    match target {
        Target::Line | Target::Complete => lines,
        Target::Args => {
            let commands = corpus.commands.iter().chain(&corpus.options);
            commands.map(|args| args.join("\n")).collect()
        }
        Target::Value => {
            let words = lines.iter().flat_map(|line| line.split(' '));
            words.map(str::to_owned).collect()
        }
        Target::Script => {
            let scripts = corpus.scripts.iter().map(|(options, script)| {
                let options = shlex::try_join(options.iter().map(String::as_str));
                format!("{}\n{}", options.unwrap_or_default(), script.join("\n"))
            });
            scripts.collect()
        }
        Target::Term | Target::Wire => Vec::new(),
    }
}

fn write(folder: &Path, mut seeds: Vec<Vec<u8>>) -> io::Result<()> {
    seeds.sort();
    seeds.dedup();
    fs::create_dir_all(folder)?;
    for (number, seed) in seeds.into_iter().enumerate() {
        fs::write(folder.join(format!("seed-{number}")), seed)?;
    }
    Ok(())
}
