//! System calls.

numbered! {
    /// System call numbers (x8). Each line below says `arguments -> results`, and what authorises
    /// the call. Results begin with x1: x0 is the status.
    ///
    /// A *slot* argument is the number that a call has returned, or one of `slot`: a place in the
    /// domain's capability table in the low 32 bits, the generation of what lies there in the high
    /// ones. A number from before the place was emptied is stale: `InvalidSlot`.
    ///
    /// *Oneself* stands for CONTROL through `slot::THREAD`: a domain without it may only exit.
    Call: u64 {
        // About oneself.

        /// x0 code; never returns. Gives up authority, so it needs none.
        Exit = 0,
        /// Oneself.
        Yield = 1,
        /// x0 nanoseconds. Oneself.
        Sleep = 2,
        /// -> nanoseconds since boot. Oneself.
        Time = 3,

        // The console.

        /// x0 console, x1 address, x2 byte count (<= 256). SEND on the console. What has no end of
        /// line yet is kept back; with CONTROL, it is the line being typed, and appears at once.
        ConsoleWrite = 4,

        // Messages. Whoever waits says for how long: *patience* is nanoseconds, 0 for ever; when it
        // is over, the call ends with `TimedOut`. A wait whose capability is revoked or deleted ends
        // with `Cancelled`, one for a partner that dies with `PartnerGone`.

        /// x0 endpoint, x1 label, x2..x4 words, x5 slot to grant + 1 (0: none), perhaps with
        /// `slot::MOVE`, x6 patience -> label, x2..x4 words, x5 granted slot + 1. SEND on the
        /// endpoint, GRANT on what is granted.
        Call = 8,
        /// x0 endpoint, x1 patience -> badge, x2 label, x3..x5 words, x6 granted slot + 1, x7
        /// sender's thread. A call still unanswered ends with `ServerFault`. RECEIVE on the
        /// endpoint.
        Receive = 9,
        /// x1 label, x2..x4 words, x5 slot to grant + 1. `PartnerGone` if the caller waits no more.
        /// The call that was received, once; GRANT on what is granted.
        Reply = 10,
        /// As `Reply`, then x0 endpoint, x6 patience -> as `Receive`; a caller that waits no more is
        /// no error.
        ReplyReceive = 11,
        /// x0 queue, x1 label, x2..x4 words. Never blocks: `QueueFull`. SEND on the queue.
        Send = 12,
        /// x0 queue, x1 patience -> as `Receive`. Blocks while the queue is empty. RECEIVE on the
        /// queue.
        QueueReceive = 13,

        // Capabilities.

        /// x0 slot, x1 rights mask, x2 badge (0: keep it) -> new slot, derived from x0. A badge once
        /// set cannot be replaced: `InvalidArgument`. GRANT on the slot.
        Mint = 16,
        /// x0 slot -> new slot, derived from x0, with the same rights. GRANT on the slot.
        Copy = 17,
        /// x0 slot -> how many capabilities were derived from it, in whatever domain: all are
        /// removed. Holding the slot.
        Revoke = 18,
        /// x0 slot. What was derived from it is now derived from its parent. Holding the slot.
        Delete = 19,

        // Memory.

        /// x0 bytes (page multiple) -> address of fresh zeroed pages. CONTROL through
        /// `slot::SPACE`.
        MemoryGrow = 20,

        // Recovery and scenarios.

        /// x0 handler entry, x1 top of the handler's stack. Oneself.
        SetHandler = 24,
        /// x0 address of a `RecoveryReport` -> new generation of the domain. Unless the outcome is
        /// `Retried`, the call being served ends with `ServerFault`; after `Failed` the thread is
        /// stopped. Oneself.
        RecoveryReport = 25,
        /// -> `Scenario` as u64. Oneself.
        Scenario = 26,
        /// x0 a thread's word that it has reached its part of the scenario. Oneself.
        ///
        /// Every thread of the boot manifest calls it once: a server when it is about to receive
        /// for the first time, a client when the state it has to bring about exists or is one call
        /// away. The truth lines follow 200 ms after the last of them.
        Ready = 27,

        // Threads: 32 and up.

        /// x0 thread, x1 entry, x2 top of the stack (a multiple of 16), x3 bytes of the stack, x4
        /// and x5: x0 and x1 at the entry, x6 priority (0: that of x0) -> slot of the new thread, x2
        /// its number. It belongs to the domain and the space of x0, and is no more urgent. The stack is the
        /// creator's to provide and to take back. CONTROL on x0.
        ThreadCreate = 32,
        /// x0 thread. It dies wherever it is; its partners are told. CONTROL on the thread.
        ThreadStop = 33,

        // Frames: 34 and up.

        /// x0 pages -> slot of a frame of zeroed pages. They are freed with the last capability for
        /// it. CONTROL through `slot::SPACE`.
        FrameCreate = 34,
        /// x0 frame, x1 space, x2 1 for writable, 0 for read only, x3 its pages -> address. The mapping falls with
        /// the capability x0. RECEIVE on the frame, SEND too for writable; CONTROL on the space.
        FrameMap = 35,
        /// x0 frame, x1 space, x2 address. RECEIVE on the frame, CONTROL on the space.
        FrameUnmap = 36,

        // More about objects: 37 and up.

        /// x0 slot -> new slot: the same capability at another place; the old number is stale.
        /// Holding the slot.
        Move = 37,
        /// x0 slot -> `ObjectKind`, x2 the object's number, x3 rights, x4 badge. Holding the slot.
        Identify = 38,
        /// x0 capacity of a queue (<= 64), 0 for calls -> slot of a new endpoint, owned by the
        /// domain. It ends with the last capability for it. Oneself.
        EndpointCreate = 39,
        /// x0 thread -> threads, x2 capabilities, x3 endpoints, x4 notifications, x5 frames, x6 pages
        /// and x7 heap blocks (as last reported) of its domain. CONTROL on the thread.
        Account = 40,
        /// x0 kernel, x1 `Table`, x2 the lowest number wanted, x3 address of a `Record` -> 1 if the
        /// next object of the table was written there, 0 if there is none. RECEIVE on the kernel.
        Inspect = 41,

        // Notifications and interrupts.

        /// -> slot of a new notification, with all rights. Oneself.
        NotificationCreate = 48,
        /// x0 notification, x1 bits to set, at least one; with a badge, none but its bits. Never
        /// blocks. SEND on the notification.
        Notify = 49,
        /// x0 notification, x1 patience -> bits that were set, which are clear now. Blocks while
        /// there are none; `Busy` if another thread waits. RECEIVE on the notification.
        Wait = 50,
        /// x0 notification -> as `Wait`, but 0 instead of blocking. RECEIVE on the notification.
        Poll = 51,
        /// x0 interrupt, x1 notification, x2 bits that the interrupt is to set. CONTROL on the
        /// interrupt, SEND on the notification.
        IrqBind = 52,
        /// x0 interrupt: the device has been served. Before that, it does not interrupt again.
        /// CONTROL on the interrupt.
        IrqAcknowledge = 53,

        // Locks (`lock`).

        /// x0 address of the word, x1 the word as seen, with `lock::CONTENDED`, x2 patience. Ends at
        /// once if the word is another one by now; otherwise when the lock has been handed to this
        /// thread. Oneself.
        LockWait = 56,
        /// x0 address of the word. Releases a lock that this thread holds, or one that a dead
        /// thread left locked, and hands it to the first waiter. Oneself.
        LockWake = 57,

        // Console input.

        /// x0 console, x1 address, x2 byte count -> how many bytes have been read: those that have
        /// arrived, perhaps none. Never blocks. RECEIVE on the console.
        ConsoleRead = 58,

        // Detection: 60 and up.
    }
}
