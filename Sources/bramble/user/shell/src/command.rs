//! What the shell can do.

use alloc::string::String;
use bramble_runtime::Error;

use crate::{files, help, system, tables};

pub struct Command {
    pub name: &'static str,
    pub arguments: &'static str,
    pub purpose: &'static str,
    pub run: fn(&[&str]) -> Result<(), Failure>,
}

/// Why a command was not obeyed.
pub enum Failure {
    /// The words after the command make no sense.
    Usage,
    /// By the kernel or a server.
    Refused(Error),
    Said(String),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Failure {
        Failure::Refused(error)
    }
}

pub const COMMANDS: &[Command] = &[
    Command { name: "help", arguments: "", purpose: "this list", run: help },
    Command { name: "ls", arguments: "", purpose: "files and their sizes", run: files::list },
    Command { name: "cat", arguments: "FILE", purpose: "what is in a file", run: files::show },
    Command {
        name: "write",
        arguments: "FILE WORD...",
        purpose: "append a line to a file",
        run: files::write,
    },
    Command { name: "rm", arguments: "FILE", purpose: "delete a file", run: files::remove },
    Command {
        name: "fault",
        arguments: "[KIND]",
        purpose: "make the file server fail; without a kind, list them",
        run: system::fault,
    },
    Command {
        name: "scenario",
        arguments: "",
        purpose: "which one runs, and which others there are",
        run: system::scenario,
    },
    Command { name: "ps", arguments: "", purpose: "threads", run: tables::threads },
    Command {
        name: "caps",
        arguments: "[DOMAIN]",
        purpose: "domains; the capabilities of one of them",
        run: tables::capabilities,
    },
    Command {
        name: "recoveries",
        arguments: "",
        purpose: "what the recovery log holds",
        run: tables::recoveries,
    },
    Command { name: "mem", arguments: "", purpose: "pages, and whose", run: tables::memory },
    Command { name: "time", arguments: "", purpose: "time since boot", run: system::time },
];

pub fn expect_none(arguments: &[&str]) -> Result<(), Failure> {
    if arguments.is_empty() { Ok(()) } else { Err(Failure::Usage) }
}

pub fn describe(error: Error) -> &'static str {
    match error {
        Error::ServerFault => "the server faulted, and gave the request up",
        Error::NotFound => "not found",
        Error::StorageFull => "no room left",
        Error::InvalidArgument => "the server makes no sense of it",
        Error::PartnerGone => "the server is gone",
        Error::MissingRights | Error::InvalidSlot => "not allowed",
        Error::TimedOut => "no answer in time",
        _ => "failed",
    }
}
