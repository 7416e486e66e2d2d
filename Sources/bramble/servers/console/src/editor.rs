//! A line while it is being typed. What the terminal shows is this server's echo.

use alloc::vec::Vec;

const INTERRUPT: u8 = 0x03;
const BELL: u8 = 0x07;
const BACKSPACE: u8 = 0x08;
const KILL: u8 = 0x15;
const ESCAPE: u8 = 0x1b;
const DELETE: u8 = 0x7f;

/// What a byte has led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    Typing,
    /// The line has been ended.
    Complete,
    /// The line has been given up.
    Cancelled,
}

/// How far an escape sequence has come: keys without a meaning here send them.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Escape {
    None,
    Begun,
    /// In the parameters of `ESC [`.
    Parameters,
    /// `ESC O`: one more.
    Single,
}

pub struct Editor {
    pub line: Vec<u8>,
    longest: usize,
    escape: Escape,
}

impl Editor {
    pub fn new(longest: usize) -> Editor {
        Editor { line: Vec::new(), longest, escape: Escape::None }
    }

    /// Takes the next byte, and adds to `echo` what the terminal has to show.
    pub fn accept(&mut self, byte: u8, echo: &mut Vec<u8>) -> Progress {
        if self.skip_escape(byte) {
            return Progress::Typing;
        }
        match byte {
            b'\r' | b'\n' => {
                echo.push(b'\n');
                return Progress::Complete;
            }
            INTERRUPT => {
                echo.extend_from_slice(b"^C\n");
                return Progress::Cancelled;
            }
            BACKSPACE | DELETE => self.erase(1, echo),
            KILL => self.erase(self.line.len(), echo),
            ESCAPE => self.escape = Escape::Begun,
            b' '..=b'~' if self.line.len() < self.longest => {
                self.line.push(byte);
                echo.push(byte);
            }
            b' '..=b'~' => echo.push(BELL),
            _ => {}
        }
        Progress::Typing
    }

    fn erase(&mut self, count: usize, echo: &mut Vec<u8>) {
        for _ in 0..count {
            if self.line.pop().is_some() {
                echo.extend_from_slice(&[BACKSPACE, b' ', BACKSPACE]);
            }
        }
    }

    /// Is this byte part of an escape sequence?
    fn skip_escape(&mut self, byte: u8) -> bool {
        self.escape = match (self.escape, byte) {
            (Escape::None, _) => return false,
            (Escape::Begun, b'[') | (Escape::Parameters, b' '..=b'?') => Escape::Parameters,
            (Escape::Begun, b'O') => Escape::Single,
            // A control character ends a sequence that makes no sense, and counts.
            (_, ..b' ') => {
                self.escape = Escape::None;
                return false;
            }
            _ => Escape::None,
        };
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_edited() {
        let cases: &[(&[u8], &[u8], Progress)] = &[
            (b"ls\r", b"ls", Progress::Complete),
            (b"\n", b"", Progress::Complete),
            (b"lx\x7fs\n", b"ls", Progress::Complete),
            (b"\x08\x08ls\n", b"ls", Progress::Complete),
            (b"nonsense\x15ls\n", b"ls", Progress::Complete),
            (b"ls\x03", b"ls", Progress::Cancelled),
            (b"\x1b[A\x1b[1;5Cl\x1bOH\x1bxs\n", b"ls", Progress::Complete),
            (b"\x1b[12\x03", b"", Progress::Cancelled),
            (b"l\0\x01\x80\xffs\n", b"ls", Progress::Complete),
            (b"123456789\n", b"12345678", Progress::Complete),
            (b"123456789\x7fx\n", b"1234567x", Progress::Complete),
        ];
        for &(typed, line, end) in cases {
            let (mut editor, mut echo) = (Editor::new(8), Vec::new());
            let (last, before) = typed.split_last().unwrap();
            for &byte in before {
                assert_eq!(editor.accept(byte, &mut echo), Progress::Typing, "{typed:?}");
            }
            assert_eq!(editor.accept(*last, &mut echo), end, "{typed:?}");
            assert_eq!(editor.line, line, "{typed:?}");
        }
    }

    #[test]
    fn the_echo_follows() {
        let (mut editor, mut echo) = (Editor::new(2), Vec::new());
        for &byte in b"abc\x7f\x1b[A\x15\x15\x03" {
            editor.accept(byte, &mut echo);
        }
        assert_eq!(echo, b"ab\x07\x08 \x08\x08 \x08^C\n");
    }
}
