//! Breaks the servers one way after the other, and checks that they are whole afterwards.

use crate::authority::check_authority;
use crate::files::check_files;
use crate::objects::{check_objects, check_tables};
use crate::sharing::check_memory;
use crate::waits::{check_notifications, check_timeouts};
use alloc::format;
use alloc::string::String;
use bramble_runtime::protocol::clock::Clock;
use bramble_runtime::protocol::fs::{Defect, FileSystem};
use bramble_runtime::protocol::memory::Memory;
use bramble_runtime::{Error, println, ready, sleep};

pub fn run() {
    let (fs, clock) = (FileSystem::find(), Clock::find());
    let mut failures = check("authority", check_authority());
    failures += check("objects", check_objects());
    failures += check("tables", check_tables());
    failures += check("notifications", check_notifications());
    failures += check("time-outs", check_timeouts());
    failures += check("memory", check_memory(Memory::find()));
    failures += check("files", check_files(fs));
    for defect in Defect::ALL {
        failures += check(&format!("{defect:?}"), break_files(fs, defect));
    }
    failures += check("Rate", break_clock(clock));
    match failures {
        0 => println!("all servers recovered from everything"),
        count => println!("{count} checks failed"),
    }
    ready();
    loop {
        sleep(50);
        check("afterwards", verify_files(fs));
    }
}

/// 1 if the check failed.
fn check(name: &str, result: Result<(), String>) -> u32 {
    match result {
        Ok(()) if name == "afterwards" => 0,
        Ok(()) => {
            println!("{name}: passed");
            0
        }
        Err(problem) => {
            println!("{name}: {problem}");
            1
        }
    }
}

fn break_files(fs: FileSystem, defect: Defect) -> Result<(), String> {
    let expected = match defect {
        // Tried again, and it worked.
        Defect::Transient => Ok(()),
        _ => Err(Error::ServerFault),
    };
    let result = fs.break_server(defect);
    if result != expected {
        return Err(format!("{result:?} instead of {expected:?}"));
    }
    verify_files(fs)
}

/// Every request to the files takes their lock, so that a lock left behind would show.
fn verify_files(fs: FileSystem) -> Result<(), String> {
    match fs.read_file("motd", 0) {
        Ok((16, bytes)) if &bytes == b"Brambles grow ba" => {}
        other => return Err(format!("motd is {other:?}")),
    }
    match fs.append_file("test", *b"bramble ") {
        // Before the disk is full.
        Ok(256..) => fs.delete_file("test").map_err(|error| format!("cannot delete: {error:?}")),
        Ok(_) => Ok(()),
        Err(error) => Err(format!("cannot append: {error:?}")),
    }
}

fn break_clock(clock: Clock) -> Result<(), String> {
    match clock.set_rate(0) {
        Err(Error::ServerFault) => {}
        other => return Err(format!("{other:?} instead of a division by zero")),
    }
    match clock.now() {
        Ok(ticks) if ticks > 0 => Ok(()),
        other => Err(format!("the clock says {other:?}")),
    }
}
