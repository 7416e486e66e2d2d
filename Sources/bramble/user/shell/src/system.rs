//! Commands about the system.

use crate::command::{Failure, expect_none};
use crate::files::file_system;
use alloc::format;
use bramble_runtime::protocol::fs::Defect;
use bramble_runtime::{Error, Scenario, answer};

/// Makes the file server break, and tells what the client of the broken request gets.
pub fn fault(arguments: &[&str]) -> Result<(), Failure> {
    let kind = match arguments {
        [] => {
            for defect in Defect::ALL {
                answer!("  {defect:?}");
            }
            return Ok(());
        }
        [kind] => kind,
        _ => return Err(Failure::Usage),
    };
    let defect = Defect::ALL.iter().find(|defect| format!("{defect:?}").eq_ignore_ascii_case(kind));
    let defect = defect.ok_or_else(|| Failure::Said(format!("{kind} is no kind of fault")))?;
    match file_system()?.break_server(*defect) {
        Ok(()) => answer!("the request was tried again, and succeeded"),
        Err(Error::ServerFault) => answer!("the server recovered, and gave the request up"),
        Err(error) => return Err(error.into()),
    }
    Ok(())
}

pub fn scenario(arguments: &[&str]) -> Result<(), Failure> {
    expect_none(arguments)?;
    let running = bramble_runtime::scenario();
    for scenario in Scenario::ALL {
        let mark = if *scenario == running { '*' } else { ' ' };
        answer!("{mark} {}", scenario.name());
    }
    Ok(())
}

pub fn time(arguments: &[&str]) -> Result<(), Failure> {
    expect_none(arguments)?;
    let milliseconds = bramble_runtime::time() / 1_000_000;
    answer!("{}.{:03} s", milliseconds / 1000, milliseconds % 1000);
    Ok(())
}
