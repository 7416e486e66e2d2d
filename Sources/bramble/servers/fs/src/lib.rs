//! The file server: files on the disk server's disk.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod defect;
mod table;
mod volume;

use bramble_runtime::ipc::{Reply, Request};
use bramble_runtime::protocol::disk::Disk;
use bramble_runtime::protocol::fs::{APPEND, BREAK, DELETE, Defect, LIST, NAME, READ, STATUS};
use bramble_runtime::protocol::{Word, log, name};
use bramble_runtime::serve::{Restart, Service, serve};
use bramble_runtime::{Error, Mutex, println};
use volume::{BLOCK_SIZE, Volume};

static VOLUME: Mutex<Volume> = Mutex::new(Volume::new());

const MESSAGE_OF_THE_DAY: &[u8] = b"Brambles grow back wherever they are cut.";

struct FileServer {
    disk: Disk,
}

pub fn run() {
    println!("server started");
    let server = FileServer { disk: Disk::find() };
    if let Err(error) = server.prepare() {
        println!("the disk cannot be used: {error:?}");
    }
    if let Err(error) = name::register(NAME) {
        println!("not registered: {error:?}");
    }
    serve(&server)
}

impl Service for FileServer {
    fn serve(&self, request: &Request) -> Result<Reply, Error> {
        let [first, second, third] = request.message.words;
        match request.message.label {
            READ => read_file(self.disk, file_name(first)?, second),
            APPEND => append_file(self.disk, file_name(first)?, second.to_le_bytes(), third),
            DELETE => delete_file(self.disk, file_name(first)?),
            LIST => list_files(Word(first)),
            STATUS => status(),
            BREAK => {
                let defect = Defect::from_number(first).ok_or(Error::InvalidArgument)?;
                defect::rebuild_index(defect)
            }
            _ => Err(Error::InvalidArgument),
        }
    }

    /// Reading twice is reading; appending twice is not appending once.
    fn is_repeatable(&self, request: &Request) -> bool {
        match request.message.label {
            READ | LIST | STATUS => true,
            BREAK => matches!(
                Defect::from_number(request.message.words[0]),
                Some(Defect::Transient | Defect::Permanent)
            ),
            _ => false,
        }
    }

    /// The files are on the disk.
    fn reset(&self, restart: &Restart) -> bool {
        VOLUME.reset(Volume::new(), restart);
        defect::reset(restart);
        self.prepare().is_ok()
    }
}

impl FileServer {
    fn prepare(&self) -> Result<(), Error> {
        let mut volume = VOLUME.lock();
        volume.mount(self.disk)?;
        if volume.names().next().is_none() {
            volume.append(self.disk, Word::new("motd"), MESSAGE_OF_THE_DAY)?;
        }
        Ok(())
    }
}

/// Names are whatever a word can hold that can be printed.
fn file_name(word: u64) -> Result<Word, Error> {
    let name = Word(word);
    if name.is_text() { Ok(name) } else { Err(Error::InvalidArgument) }
}

fn read_file(disk: Disk, name: Word, offset: u64) -> Result<Reply, Error> {
    let volume = VOLUME.lock();
    let (count, piece) = volume.read(disk, name, offset)?;
    let [low, high] = piece.words();
    Ok(Reply::new([count as u64, low, high]))
}

fn append_file(disk: Disk, name: Word, bytes: [u8; 8], count: u64) -> Result<Reply, Error> {
    let count = usize::try_from(count).map_err(|_| Error::InvalidArgument)?;
    let bytes = bytes.get(..count).ok_or(Error::InvalidArgument)?;
    let mut volume = VOLUME.lock();
    let size = volume.append(disk, name, bytes)?;
    log::note("append", size);
    Ok(Reply::new([size, 0, 0]))
}

fn delete_file(disk: Disk, name: Word) -> Result<Reply, Error> {
    VOLUME.lock().delete(disk, name)?;
    Ok(Reply::default())
}

fn list_files(previous: Word) -> Result<Reply, Error> {
    let (name, size) = VOLUME.lock().after(previous).ok_or(Error::NotFound)?;
    Ok(Reply::new([name.0, size, 0]))
}

fn status() -> Result<Reply, Error> {
    let volume = VOLUME.lock();
    Ok(Reply::new([volume.free_blocks(), volume.blocks(), BLOCK_SIZE]))
}
