//! Breakpoints in memory: an instruction is replaced, and nobody who reads through the debugger
//! sees that. They are kept by physical address: spaces share programs.

use super::memory;

/// The most breakpoints at a time.
const MOST: usize = 64;

/// The immediate of the instruction of a breakpoint.
pub const BREAKPOINT: u64 = 0xb00;
const INSTRUCTION: u32 = 0xd420_0000 | (BREAKPOINT as u32) << 5;

#[derive(Clone, Copy)]
struct Breakpoint {
    physical: u64,
    original: [u8; 4],
}

pub struct Breakpoints([Option<Breakpoint>; MOST]);

impl Breakpoints {
    pub const fn new() -> Self {
        Self([None; MOST])
    }

    pub fn contains(&self, physical: u64) -> bool {
        self.0.iter().flatten().any(|breakpoint| breakpoint.physical == physical)
    }

    /// Is there an instruction of a breakpoint in memory, whoever has put it there?
    pub fn is_instruction(physical: u64) -> bool {
        let mut bytes = [0; 4];
        memory::read(physical, &mut bytes) == 4 && bytes == INSTRUCTION.to_le_bytes()
    }

    /// False if the table is full or the memory cannot be changed.
    pub fn insert(&mut self, physical: u64) -> bool {
        if self.contains(physical) {
            return true;
        }
        let Some(place) = self.0.iter_mut().find(|place| place.is_none()) else { return false };
        let mut original = [0; 4];
        let is_done = memory::read(physical, &mut original) == 4
            && memory::write(physical, &INSTRUCTION.to_le_bytes());
        if is_done {
            *place = Some(Breakpoint { physical, original });
        }
        is_done
    }

    pub fn remove(&mut self, physical: u64) {
        for place in &mut self.0 {
            if let Some(breakpoint) = place.take_if(|breakpoint| breakpoint.physical == physical) {
                memory::write(breakpoint.physical, &breakpoint.original);
            }
        }
    }

    pub fn remove_all(&mut self) {
        for breakpoint in self.0.iter_mut().filter_map(Option::take) {
            memory::write(breakpoint.physical, &breakpoint.original);
        }
    }

    /// Reads physical memory as it would be without breakpoints.
    pub fn read(&self, physical: u64, bytes: &mut [u8]) -> usize {
        let count = memory::read(physical, bytes);
        for breakpoint in self.0.iter().flatten() {
            for (address, byte) in (breakpoint.physical..).zip(breakpoint.original) {
                let place = address.wrapping_sub(physical);
                if place < count as u64 {
                    bytes[place as usize] = byte;
                }
            }
        }
        count
    }

    /// Writes physical memory. What lies below a breakpoint comes to light when that is removed.
    pub fn write(&mut self, physical: u64, bytes: &[u8]) -> bool {
        let end = physical.saturating_add(bytes.len() as u64);
        let is_hit = |breakpoint: &&mut Breakpoint| {
            breakpoint.physical < end && physical < breakpoint.physical.saturating_add(4)
        };
        for breakpoint in self.0.iter_mut().flatten().filter(is_hit) {
            memory::write(breakpoint.physical, &breakpoint.original);
        }
        let is_done = memory::write(physical, bytes);
        for breakpoint in self.0.iter_mut().flatten().filter(is_hit) {
            memory::read(breakpoint.physical, &mut breakpoint.original);
            memory::write(breakpoint.physical, &INSTRUCTION.to_le_bytes());
        }
        is_done
    }
}
