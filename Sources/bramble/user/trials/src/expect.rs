//! What a trial expects, and what it says when it gets something else.

use alloc::format;
use alloc::string::String;
use bramble_runtime::Error;

pub fn expect<T>(action: &str, result: Result<T, Error>) -> Result<T, String> {
    result.map_err(|error| format!("{action}: {error:?}"))
}

pub fn expect_error<T>(
    action: &str,
    result: Result<T, Error>,
    expected: Error,
) -> Result<(), String> {
    match result {
        Err(error) if error == expected => Ok(()),
        Err(error) => Err(format!("{action}: {error:?} instead of {expected:?}")),
        Ok(_) => Err(format!("{action}: allowed")),
    }
}
