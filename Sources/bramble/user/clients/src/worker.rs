//! Looks for the longest Collatz sequence, for ever: a thread that always runs or wants to.

use bramble_runtime::ready;

pub fn run() {
    ready();
    let mut longest = Sequence { start: 1, steps: 0 };
    for start in 1.. {
        let steps = count_steps(start);
        if steps > longest.steps {
            longest = Sequence { start, steps };
        }
        // Without this the compiler might see that nobody ever asks for the result.
        core::hint::black_box((longest.start, longest.steps));
    }
}

struct Sequence {
    start: u64,
    steps: u64,
}

fn count_steps(start: u64) -> u64 {
    let mut value = start;
    let mut steps = 0;
    while value != 1 {
        value = match value % 2 {
            0 => value / 2,
            _ => value.wrapping_mul(3).wrapping_add(1),
        };
        steps += 1;
    }
    steps
}
