//! `catch`: the end of an unwinding.

use core::mem::ManuallyDrop;

/// What the intrinsic passes through its one pointer.
union Exchange<F, R> {
    body: ManuallyDrop<F>,
    result: ManuallyDrop<R>,
}

/// Runs `body`; `None` if it was left by an unwinding.
pub fn catch<R, F: FnOnce() -> R>(body: F) -> Option<R> {
    fn run<R, F: FnOnce() -> R>(data: *mut u8) {
        // SAFETY: `data` is the exchange below, which holds `body` until it is taken here, and
        // the result from then on.
        unsafe {
            let exchange = &mut *data.cast::<Exchange<F, R>>();
            let body = ManuallyDrop::take(&mut exchange.body);
            exchange.result = ManuallyDrop::new(body());
        }
    }
    // The exception object is the thread's `Unwinding`; whoever started it knows it.
    fn caught(_data: *mut u8, _exception: *mut u8) {}

    let mut exchange = Exchange::<F, R> { body: ManuallyDrop::new(body) };
    let data = (&raw mut exchange).cast();
    // SAFETY: `run` and `caught` take the pointer for what it is; 0 means that `run` returned,
    // so that the result has been written.
    unsafe {
        match core::intrinsics::catch_unwind(run::<R, F>, data, caught) {
            0 => Some(ManuallyDrop::into_inner(exchange.result)),
            _ => None,
        }
    }
}

/// rustc wants a personality routine to name in the tables; this unwinder never calls it.
#[cfg(target_os = "none")]
#[lang = "eh_personality"]
extern "C" fn personality() {}
