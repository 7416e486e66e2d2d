//! Conversations with a machine of two CPUs and 4 KiB of memory at 0x1000.

use std::collections::VecDeque;

use crate::{
    Action, BreakpointKind, CORE_REGISTERS, Cause, MOST_CPUS, Refusal, Resumption, Stop, Stub,
    Target, Wish, crc, signal,
};

const BASE: u64 = 0x1000;

struct Machine {
    input: VecDeque<u8>,
    output: Vec<u8>,
    registers: [[u64; 64]; 2],
    memory: Vec<u8>,
    breakpoints: Vec<(BreakpointKind, u64, u64)>,
}

impl Machine {
    fn new() -> Self {
        let registers = [0, 1].map(|cpu| std::array::from_fn(|number| 0x100 * cpu + number as u64));
        let memory = (0..4096u32).map(|place| (place * 7) as u8).collect();
        Self { input: VecDeque::new(), output: vec![], registers, memory, breakpoints: vec![] }
    }

    /// Where in `memory` a range lies, cut at the end.
    fn place(&self, address: u64, length: usize) -> std::ops::Range<usize> {
        let start = address.checked_sub(BASE).map_or(4096, |start| start.min(4096)) as usize;
        start..(start + length).min(4096)
    }
}

impl Target for Machine {
    fn put(&mut self, byte: u8) {
        self.output.push(byte);
    }

    fn get(&mut self) -> u8 {
        self.input.pop_front().expect("the stub waits for more than the test sends")
    }

    fn is_halted(&self, cpu: usize) -> bool {
        cpu < 2
    }

    fn register(&self, cpu: usize, number: usize) -> Option<u64> {
        // The last one is unavailable.
        (number != CORE_REGISTERS).then(|| self.registers[cpu][number])
    }

    fn set_register(&mut self, cpu: usize, number: usize, value: u64) -> Result<(), Refusal> {
        self.registers[cpu][number] = value;
        Ok(())
    }

    fn read(&mut self, _: usize, address: u64, bytes: &mut [u8]) -> usize {
        let place = self.place(address, bytes.len());
        bytes[..place.len()].copy_from_slice(&self.memory[place.clone()]);
        place.len()
    }

    fn write(&mut self, _: usize, address: u64, bytes: &[u8]) -> Result<(), Refusal> {
        let place = self.place(address, bytes.len());
        if place.len() < bytes.len() {
            return Err(Refusal::Failed);
        }
        self.memory[place].copy_from_slice(bytes);
        Ok(())
    }

    fn insert(
        &mut self,
        _: usize,
        kind: BreakpointKind,
        address: u64,
        length: u64,
    ) -> Result<(), Refusal> {
        if kind == BreakpointKind::Access {
            return Err(Refusal::Unsupported);
        }
        self.breakpoints.push((kind, address, length));
        Ok(())
    }

    fn remove(
        &mut self,
        _: usize,
        kind: BreakpointKind,
        address: u64,
        length: u64,
    ) -> Result<(), Refusal> {
        self.breakpoints.retain(|&other| other != (kind, address, length));
        Ok(())
    }

    fn remove_all(&mut self) {
        self.breakpoints.clear();
    }
}

const STOP: Stop = Stop { cpu: 1, signal: signal::TRAP, cause: Cause::SoftwareBreakpoint };

fn frame(content: &[u8]) -> Vec<u8> {
    let mut bytes = vec![];
    crate::packet::send(content, |byte| bytes.push(byte));
    bytes
}

/// The contents of the packets in what the stub has sent; each has to be acknowledged in between.
fn contents(output: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(output);
    let packets = text.split('$').skip(1);
    packets.map(|packet| packet.split('#').next().unwrap().to_string()).collect()
}

/// Sends packets, acknowledges each reply, and takes leave.
fn converse(machine: &mut Machine, packets: &[&[u8]]) -> Vec<String> {
    for packet in packets.iter().chain([&b"D".as_slice()]) {
        machine.input.extend(frame(packet));
        machine.input.push_back(b'+');
    }
    assert_eq!(Stub::new().halted(machine, STOP), Resumption::Detached);
    let mut replies = contents(&std::mem::take(&mut machine.output));
    assert_eq!(replies.pop().as_deref(), Some("OK"), "the leave is answered");
    replies
}

fn ask(packet: &str) -> String {
    converse(&mut Machine::new(), &[packet.as_bytes()]).concat()
}

#[test]
fn answers() {
    let table = [
        ("?", "T05thread:2;core:1;swbreak:;"),
        ("qC", "QC2"),
        ("qAttached", "1"),
        ("qfThreadInfo", "m1,2"),
        ("qsThreadInfo", "l"),
        ("T1", "OK"),
        ("T3", "E22"),
        ("T0", "E22"),
        ("Hg1", "OK"),
        ("Hg9", "E22"),
        ("Hgzz", "E22"),
        ("Hc-1", "OK"),
        ("vCont?", "vCont;c;C;s;S"),
        ("vMustReplyEmpty", ""),
        ("vCont;x", "E22"),
        ("vCont;c:7", "E22"),
        ("vCont;s:3", "E22"),
        ("c1000", "E22"),
        ("p0", "0001000000000000"),
        ("p21", "21010000"),
        ("p22", "xxxxxxxxxxxxxxxx"),
        ("p23", "2301000000000000"),
        ("p7f", "E14"),
        ("p", "E14"),
        ("P0=12", "E22"),
        ("P0=zz00000000000000", "E22"),
        ("G00", "E22"),
        ("m1000,4", "00070e15"),
        ("m1ffe,8", "f2f9"),
        ("m0,4", "E14"),
        ("m1000", "E22"),
        ("m1000,0", ""),
        ("mffffffffffffffff,4", "E14"),
        ("M1000,2:00", "E22"),
        ("M1000,1:zz", "E22"),
        ("M0,1:00", "E14"),
        ("X1000,0:", "OK"),
        ("qCRC:1000", "E22"),
        ("qCRC:1fff,2", "E14"),
        ("Z4,1000,4", ""),
        ("Z9,1000,4", ""),
        ("Z0,1000", "E22"),
        ("qXfer:features:read:other.xml:0,10", "E00"),
        ("qXfer:features:read:target.xml:0,6", "m<?xml "),
        ("qXfer:features:read:target.xml:ffffff,6", "l"),
        ("R00", ""),
        ("", ""),
    ];
    for (packet, reply) in table {
        assert_eq!(ask(packet), reply, "{packet}");
    }
}

#[test]
fn threads_are_described() {
    let digits = ask("qThreadExtraInfo,2");
    let bytes: Vec<u8> = (0..digits.len() / 2)
        .map(|place| u8::from_str_radix(&digits[2 * place..2 * place + 2], 16).unwrap())
        .collect();
    // Register 33 of CPU 1 is 0x121: EL0.
    assert_eq!(String::from_utf8(bytes).unwrap(), "CPU 1 (EL0)");
    assert_eq!(ask("qThreadExtraInfo,3"), "E22");
}

#[test]
fn all_registers_are_read_and_written() {
    let mut machine = Machine::new();
    let all = converse(&mut machine, &[b"Hg1", b"g"]).remove(1);
    assert_eq!(all.len(), 2 * (33 * 8 + 4));
    assert!(all.starts_with("00000000000000000100000000000000"), "{all}");
    assert!(all.ends_with("200000000000000021000000"), "{all}");
    let changed = format!("Gff{}", &all[2..]);
    assert_eq!(converse(&mut machine, &[b"Hg1", changed.as_bytes()]), ["OK", "OK"]);
    assert_eq!(machine.registers[0][0], 0xff);
    assert_eq!(converse(&mut machine, &[b"P20=8877665544332211"]), ["OK"]);
    assert_eq!(machine.registers[1][32], 0x1122_3344_5566_7788);
}

#[test]
fn memory_is_written_and_read_back() {
    let mut machine = Machine::new();
    // Escapes: `#`, `$`, `}` and `*` as binary data.
    let packets: [&[u8]; 4] =
        [b"M1001,2:cafe", b"X1004,5:}\x03}\x04}\x5d}\x0az", b"m1000,9", b"x1004,5"];
    let replies = converse(&mut machine, &packets);
    assert_eq!(replies[..3], ["OK", "OK", "00cafe1523247d2a7a"]);
    assert_eq!(replies[3].as_bytes(), b"b}\x03}\x04}\x5d}\x0az");
    assert_eq!(machine.memory[4..9], *b"#$}*z");
}

#[test]
fn a_long_read_is_cut_to_what_fits() {
    assert_eq!(ask("m1000,ffffffffffffffff").len(), crate::packet::SIZE);
    let mut machine = Machine::new();
    machine.memory.fill(b'#');
    let reply = converse(&mut machine, &[b"x1000,1000"]).remove(0);
    assert!(reply.len() <= crate::packet::SIZE && reply.starts_with("b}"));
}

#[test]
fn checksum_is_that_of_gdb() {
    // CRC-32/MPEG-2, whose check value is published.
    assert_eq!(crc::update(crc::START, b"123456789"), 0x0376_e6e7);
    let mut machine = Machine::new();
    machine.memory[..9].copy_from_slice(b"123456789");
    assert_eq!(converse(&mut machine, &[b"qCRC:1000,9"]), ["C376e6e7"]);
}

#[test]
fn breakpoints_reach_the_machine() {
    let mut machine = Machine::new();
    machine.input.extend(frame(b"Z0,1000,4"));
    machine.input.extend(b"+");
    machine.input.extend(frame(b"Z2,1ff8,8"));
    machine.input.extend(b"+");
    machine.input.extend(frame(b"z0,1000,4"));
    machine.input.extend(b"+");
    machine.input.extend(frame(b"c"));
    let go = Stub::new().halted(&mut machine, STOP);
    assert_eq!(go, Resumption::Go([Action::Continue; MOST_CPUS]));
    assert_eq!(machine.breakpoints, [(BreakpointKind::Write, 0x1ff8, 8)]);
    machine.output.clear();
    assert_eq!(converse(&mut machine, &[]), [""; 0]);
    assert_eq!(machine.breakpoints, [], "the leave removes them");
}

#[test]
fn the_description_comes_in_pieces() {
    let mut whole = String::new();
    loop {
        let packet = format!("qXfer:features:read:target.xml:{:x},80", whole.len());
        let piece = ask(&packet);
        whole += &piece[1..];
        if piece.starts_with('l') {
            break;
        }
    }
    assert_eq!(whole, crate::description::XML);
    assert_eq!(whole.matches("<reg ").count(), crate::description::REGISTERS);
}

/// What `packet` lets the two CPUs do.
fn resumption(packet: &[u8]) -> [Action; 2] {
    let mut machine = Machine::new();
    machine.input.extend(frame(packet));
    match Stub::new().halted(&mut machine, STOP) {
        Resumption::Go(actions) => [actions[0], actions[1]],
        other => panic!("{other:?}"),
    }
}

#[test]
fn resumptions() {
    use Action::{Continue, Stay, Step};
    let table: [(&[u8], [Action; 2]); 9] = [
        (b"c", [Continue, Continue]),
        (b"C05", [Continue, Continue]),
        (b"s", [Stay, Step]),
        (b"vCont;c", [Continue, Continue]),
        (b"vCont;s:2", [Stay, Step]),
        (b"vCont;s:1;c", [Step, Continue]),
        (b"vCont;S05:1;c:-1", [Step, Continue]),
        (b"vCont;c:2", [Stay, Continue]),
        (b"vCont;c;s:1", [Continue, Continue]),
    ];
    for (packet, actions) in table {
        assert_eq!(resumption(packet), actions, "{}", String::from_utf8_lossy(packet));
    }
}

#[test]
fn the_next_stop_is_reported_at_once() {
    let mut machine = Machine::new();
    let mut stub = Stub::new();
    machine.input.extend(frame(b"c"));
    assert!(matches!(stub.halted(&mut machine, STOP), Resumption::Go(_)));
    assert!(stub.takes_output());
    assert_eq!(stub.notice(b'+'), Wish::Nothing);
    assert_eq!(stub.notice(0x03), Wish::Halt);
    machine.output.clear();
    machine.input.push_back(b'+');
    machine.input.extend(frame(b"k"));
    let watch = Stop { cpu: 0, signal: signal::TRAP, cause: Cause::Write(0x1234) };
    assert_eq!(stub.halted(&mut machine, watch), Resumption::Kill);
    assert_eq!(machine.output, [frame(b"T05thread:1;core:0;watch:1234;"), b"+".to_vec()].concat());
}

#[test]
fn a_connecting_debugger_halts_the_machine() {
    let mut stub = Stub::new();
    assert_eq!(stub.notice(b'+'), Wish::Nothing);
    assert_eq!(stub.notice(b'x'), Wish::Nothing);
    let mut bytes = frame(b"?").into_iter();
    assert_eq!(stub.notice(bytes.next().unwrap()), Wish::Halt);
    let mut machine = Machine::new();
    machine.input.extend(bytes);
    machine.input.push_back(b'+');
    machine.input.extend(frame(b"k"));
    assert_eq!(stub.halted(&mut machine, STOP), Resumption::Kill);
    assert_eq!(contents(&machine.output), ["T05thread:2;core:1;swbreak:;"]);
}

#[test]
fn damaged_packets_are_refused_and_replies_repeated() {
    let mut machine = Machine::new();
    machine.input.extend(b"$qC#00"); // a wrong sum
    machine.input.extend(b"$q"); // cut off by the next one
    machine.input.extend(frame(b"qC"));
    machine.input.extend(b"--+"); // twice refused
    machine.input.extend(frame(b"k"));
    assert_eq!(Stub::new().halted(&mut machine, STOP), Resumption::Kill);
    let reply = String::from_utf8(frame(b"QC2")).unwrap();
    assert_eq!(String::from_utf8(machine.output).unwrap(), format!("-+{reply}{reply}{reply}+"));
}

#[test]
fn without_acknowledgements() {
    let mut machine = Machine::new();
    machine.input.extend(frame(b"QStartNoAckMode"));
    machine.input.extend(b"+");
    machine.input.extend(frame(b"qC"));
    machine.input.extend(frame(b"k"));
    assert_eq!(Stub::new().halted(&mut machine, STOP), Resumption::Kill);
    assert_eq!(machine.output, [b"+".to_vec(), frame(b"OK"), frame(b"QC2")].concat());
}

#[test]
fn a_packet_too_long_is_not_supported() {
    let long = [b"m".as_slice(), &[b'0'; 5000]].concat();
    assert_eq!(converse(&mut Machine::new(), &[&long, b"qC"]), ["", "QC2"]);
}

#[test]
fn any_bytes_are_survived() {
    // A generator of the xorshift family; letters that begin packets come often.
    let mut state = 0x9e37_79b9_7f4a_7c15u64;
    let mut random = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    let letters = b"?gGpPmMxXZzqHTvcsQCS0123456789abcdef,;:=-+#$}*";
    for _ in 0..20_000 {
        let length = random() % 40;
        let content: Vec<u8> =
            (0..length).map(|_| letters[random() as usize % letters.len()]).collect();
        let mut machine = Machine::new();
        for byte in content.iter().filter(|byte| !b"#$}".contains(byte)).copied().take(1) {
            machine.input.push_back(byte);
        }
        machine.input.extend(frame(&content));
        for _ in 0..20 {
            machine.input.push_back(b'+');
            machine.input.extend(frame(b"k"));
        }
        Stub::new().halted(&mut machine, STOP);
    }
}
