//! The status of a system call (x0).

numbered! {
    Error: u64 {
        None = 0,
        UnknownCall = 1,
        /// The slot is empty, or was filled anew since the number was handed out.
        InvalidSlot = 2,
        WrongObject = 3,
        MissingRights = 4,
        QueueFull = 5,
        TableFull = 6,
        BadAddress = 7,
        OutOfMemory = 8,
        /// The server recovered from a fault while it served this call: it has given up the
        /// request.
        ServerFault = 9,
        /// The partner died, or nobody waits for this reply.
        PartnerGone = 10,
        InvalidArgument = 11,

        /// The time-out of the call has passed.
        TimedOut = 12,
        /// The capability through which the call waited was revoked or deleted.
        Cancelled = 13,

        /// Another thread waits there already.
        Busy = 16,

        // Answered by servers.

        /// What was named does not exist.
        NotFound = 20,
        /// No room is left in what the server keeps.
        StorageFull = 21,
    }
}
