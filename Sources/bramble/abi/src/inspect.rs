//! What `Inspect` tells about the kernel's objects: a record of fixed size for each.

numbered! {
    /// The tables, and the words of their records in order. 0 where there is nothing.
    Table: u64 {
        /// One record. CPUs, pages of RAM, free ones, those of the kernel's heap, those of
        /// translation tables, nanoseconds since boot, `Scenario`, 1 if the books are balanced.
        System = 0,
        /// `ThreadState`, `WaitKind` while blocked, the number of what it waits for, its CPU + 1,
        /// priority, domain, space, parent, recoveries, nanoseconds run, nanoseconds since boot when
        /// its wait ends.
        Threads = 1,
        /// 1 if alive, space, recoveries, threads, capabilities, endpoints, notifications, frames,
        /// pages, heap blocks, locks.
        Domains = 2,
        /// By domain << 32 | place: domain, place, generation, `ObjectKind`, the object's number,
        /// rights, badge, 1 if it was derived, and then from which domain and place.
        Capabilities = 3,
        /// Owner, capacity of a queue (0: for calls), messages in it, waiting senders, waiting
        /// receivers, capabilities for it.
        Endpoints = 4,
        /// Owner, pending bits, the waiting thread, capabilities for it.
        Notifications = 5,
        /// Owner, pages, mappings, capabilities for it.
        Frames = 6,
        /// The recoveries that are still in the log: domain, thread, `Cause`, `Outcome`, pc, new
        /// generation, time; blocks and locks released by unwinding.
        Recoveries = 7,
    }
}

numbered! {
    ThreadState: u64 {
        Running = 0,
        Ready = 1,
        Blocked = 2,
        Idle = 3,
        Dead = 4,
    }
}

numbered! {
    /// What a blocked thread waits for; the number is that of the object.
    WaitKind: u64 {
        /// Until a time.
        Sleep = 0,
        /// To be taken by a server, at an endpoint.
        Send = 1,
        /// For a call, at an endpoint.
        Receive = 2,
        /// For the reply of a thread.
        Reply = 3,
        /// For a message, at an endpoint.
        Queue = 4,
        Notification = 5,
        /// For a lock, by its address.
        Lock = 6,
    }
}

/// Longer names are cut.
pub const NAME_SIZE: usize = 16;
pub const WORDS: usize = 12;

#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct Record {
    /// Its number in the table.
    pub id: u64,
    /// UTF-8, filled up with zeros.
    pub name: [u8; NAME_SIZE],
    pub words: [u64; WORDS],
}
