//! Objects that capabilities lead to.

numbered! {
    ObjectKind: u64 {
        Thread = 0,
        Endpoint = 1,
        Notification = 2,
        Frame = 3,
        Space = 4,
        Irq = 5,
        Console = 6,
        /// The kernel's own tables: what authorises `Inspect`.
        Kernel = 7,
    }
}
