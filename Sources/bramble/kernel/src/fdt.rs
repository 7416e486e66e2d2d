//! The device tree: as much of it as bramble needs.

use alloc::string::String;

use crate::{cpu, memory};

/// QEMU leaves the tree at the start of RAM.
const PHYSICAL: usize = 0x4000_0000;
const LARGEST: usize = 0x10_0000;
const MAGIC: u32 = 0xd00d_feed;

const BEGIN_NODE: u32 = 1;
const END_NODE: u32 = 2;
const PROPERTY: u32 = 3;
const NOP: u32 = 4;

pub struct DeviceTree {
    pub cpus: usize,
    /// First physical address after the RAM.
    pub memory_end: usize,
    pub boot_arguments: String,
}

/// The three things a boot needs; a missing or broken tree yields one CPU and 128 MiB.
pub fn read() -> DeviceTree {
    let mut tree =
        DeviceTree { cpus: 0, memory_end: PHYSICAL + 0x800_0000, boot_arguments: String::new() };
    let _ = walk(&mut tree);
    tree.cpus = tree.cpus.clamp(1, cpu::MAXIMUM);
    tree
}

/// Walks the structure block; `None` as soon as something lies outside.
fn walk(tree: &mut DeviceTree) -> Option<()> {
    if word(memory::physical_bytes(PHYSICAL, 4), 0)? != MAGIC {
        return None;
    }
    let size = word(memory::physical_bytes(PHYSICAL, 8), 4)? as usize;
    let bytes = memory::physical_bytes(PHYSICAL, size.min(LARGEST));
    let strings = word(bytes, 12)? as usize;
    let mut at = word(bytes, 8)? as usize;
    let mut node: &[u8] = &[];
    loop {
        let token = word(bytes, at)?;
        at += 4;
        match token {
            BEGIN_NODE => {
                node = until_zero(bytes.get(at..)?)?;
                at += (node.len() + 1).next_multiple_of(4);
                if node.starts_with(b"cpu@") {
                    tree.cpus += 1;
                }
            }
            PROPERTY => {
                let length = word(bytes, at)? as usize;
                let name = strings.checked_add(word(bytes, at + 4)? as usize)?;
                let name = until_zero(bytes.get(name..)?)?;
                let value = bytes.get(at + 8..(at + 8).checked_add(length)?)?;
                at += 8 + length.next_multiple_of(4);
                property(tree, node, name, value);
            }
            END_NODE | NOP => {}
            _ => return Some(()),
        }
    }
}

fn property(tree: &mut DeviceTree, node: &[u8], name: &[u8], value: &[u8]) {
    if node == b"chosen" && name == b"bootargs" {
        let text = until_zero(value).unwrap_or(value);
        tree.boot_arguments = String::from_utf8_lossy(text).into_owned();
    } else if node.starts_with(b"memory@") && name == b"reg" {
        // Two cells each: base, size. The kernel's linear map ends at 2 GiB.
        if let (Some(base), Some(size)) = (double_word(value, 0), double_word(value, 8))
            && base == PHYSICAL
        {
            tree.memory_end = base.saturating_add(size).min(0x8000_0000);
        }
    }
}

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(bytes.get(at..)?.first_chunk().copied()?))
}

fn double_word(bytes: &[u8], at: usize) -> Option<usize> {
    Some(u64::from_be_bytes(bytes.get(at..)?.first_chunk().copied()?) as usize)
}

fn until_zero(bytes: &[u8]) -> Option<&[u8]> {
    bytes.split(|&byte| byte == 0).next()
}
