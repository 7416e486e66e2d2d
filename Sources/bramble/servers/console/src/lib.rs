//! The console server: reads what is typed, line by line, for one reader after the other. Readers
//! whose turn has not come wait in the endpoint's queue.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod editor;

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::vec::Vec;
use bramble_runtime::ipc::{Reply, Request};
use bramble_runtime::notification::{Notification, acknowledge_irq};
use bramble_runtime::protocol::console::{LONGEST_LINE, NAME, READ};
use bramble_runtime::protocol::{Piece, Word, name};
use bramble_runtime::serve::{Service, serve};
use bramble_runtime::{Error, Mutex, Slot, console, println};
use editor::{Editor, Progress};

/// Readers that have not fetched the rest of their line, by badge, and that rest.
static UNREAD: Mutex<BTreeMap<u64, Vec<u8>>> = Mutex::new(BTreeMap::new());

struct ConsoleServer {
    /// Set by the serial port's interrupt.
    arrival: Notification,
}

pub fn run() {
    println!("server started");
    let server = match listen() {
        Ok(arrival) => ConsoleServer { arrival },
        Err(error) => return println!("cannot hear the serial port: {error:?}"),
    };
    if let Err(error) = name::register(NAME) {
        println!("not registered: {error:?}");
    }
    serve(&server)
}

fn listen() -> Result<Notification, Error> {
    let arrival = Notification::create()?;
    arrival.bind_irq(Slot::IRQ, 1)?;
    Ok(arrival)
}

impl Service for ConsoleServer {
    fn serve(&self, request: &Request) -> Result<Reply, Error> {
        match request.message.label {
            READ => self.read(request.badge, Word(request.message.words[0])),
            _ => Err(Error::InvalidArgument),
        }
    }
}

impl ConsoleServer {
    fn read(&self, reader: u64, prompt: Word) -> Result<Reply, Error> {
        let unread = UNREAD.lock().remove(&reader);
        let mut line = match unread {
            Some(rest) => rest,
            None => self.edit_line(prompt)?,
        };
        let rest = line.split_off(line.len().min(Piece::SIZE));
        let mut piece = Piece::default();
        piece.0[..line.len()].copy_from_slice(&line);
        if line.len() == Piece::SIZE {
            UNREAD.lock().insert(reader, rest);
        }
        let [low, high] = piece.words();
        Ok(Reply::new([line.len() as u64, low, high]))
    }

    fn edit_line(&self, prompt: Word) -> Result<Vec<u8>, Error> {
        let mut editor = Editor::new(LONGEST_LINE);
        let mut echo = format!("{prompt} ").into_bytes();
        loop {
            console::echo(&echo)?;
            echo.clear();
            match editor.accept(self.next_byte()?, &mut echo) {
                Progress::Typing => {}
                Progress::Complete => {
                    console::echo(&echo)?;
                    return Ok(editor.line);
                }
                Progress::Cancelled => {
                    console::echo(&echo)?;
                    return Err(Error::Cancelled);
                }
            }
        }
    }

    fn next_byte(&self) -> Result<u8, Error> {
        loop {
            let mut byte = [0];
            if console::read(&mut byte)? == 1 {
                return Ok(byte[0]);
            }
            // In this order: a byte that has come meanwhile interrupts again.
            acknowledge_irq(Slot::IRQ)?;
            self.arrival.wait()?;
        }
    }
}
