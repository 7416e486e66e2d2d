//! The shell: a line, a command, an answer. Whatever is typed, the worst that comes of it is a line
//! that says what was wrong with it.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod command;
mod files;
mod system;
mod tables;

use alloc::string::String;
use alloc::vec::Vec;
use bramble_runtime::protocol::console::Console;
use bramble_runtime::{Error, answer, ready};
use command::{COMMANDS, Command, Failure};

pub fn run() {
    let console = Console::find();
    ready();
    loop {
        match console.read_line("bramble>") {
            Ok(line) => obey(&String::from_utf8_lossy(&line)),
            Err(Error::Cancelled) => {}
            Err(error) => {
                answer!("the console does not answer: {error:?}");
                bramble_runtime::sleep(1000);
            }
        }
    }
}

/// Runs the command on a line; an empty line is none.
fn obey(line: &str) {
    let words: Vec<&str> = line.split_ascii_whitespace().collect();
    let Some((name, arguments)) = words.split_first() else { return };
    let Some(command) = COMMANDS.iter().find(|command| command.name == *name) else {
        return answer!("{name}: no such command; try help");
    };
    match (command.run)(arguments) {
        Ok(()) => {}
        Err(Failure::Usage) => answer!("usage: {} {}", command.name, command.arguments),
        Err(Failure::Refused(error)) => answer!("{name}: {}", command::describe(error)),
        Err(Failure::Said(problem)) => answer!("{name}: {problem}"),
    }
}

/// `help`.
fn help(arguments: &[&str]) -> Result<(), Failure> {
    command::expect_none(arguments)?;
    for Command { name, arguments, purpose, .. } in COMMANDS {
        answer!("  {name:<10} {arguments:<18} {purpose}");
    }
    Ok(())
}
