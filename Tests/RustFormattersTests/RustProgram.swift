import Binary
import Expressions
import Foundation
import Machine
import RustFormatters
import Symbols

/// A Rust program that was run to its end: what it printed of its values, its memory at that time,
/// and its debugging information.
///
/// It runs on this machine; layouts of 64-bit targets are the same, so that its file is passed off as
/// one for aarch64.
final class RustProgram: MemoryReader, Sendable {
  let image: Image
  /// Field name to what Rust's `{:?}` says.
  let printed: [(name: String, text: String)]
  private let regions: [(start: UInt64, bytes: [UInt8])]

  /// The compilers there are: the distribution's and one that a user installed.
  static let compilers: [String] = {
    let home = ProcessInfo.processInfo.environment["HOME"] ?? ""
    return ["/usr/bin/rustc", home + "/.cargo/bin/rustc"].filter {
      FileManager.default.isExecutableFile(atPath: $0)
    }
  }()

  /// nil: this compiler is too old for the program, or cannot link here.
  static let all: [(compiler: String, program: RustProgram)] = compilers.compactMap { compiler in
    (try? RustProgram(compiler: compiler)).map { (compiler, $0) }
  }

  private init(compiler: String) throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("kscope-" + UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let source = folder.appendingPathComponent("values.rs")
    let program = folder.appendingPathComponent("values")
    let memory = folder.appendingPathComponent("memory")
    try Self.source.write(to: source, atomically: true, encoding: .utf8)
    _ = try Self.run(
      compiler, ["-g", "-C", "relocation-model=static", "-o", program.path, source.path])
    let output = try Self.run(program.path, [memory.path])
    printed = output.split(separator: "\n").compactMap { line in
      line.firstIndex(of: "\t").map {
        (String(line[..<$0]), String(line[line.index(after: $0)...]))
      }
    }
    regions = try Self.regions(of: Data(contentsOf: memory))
    var file = try Data(contentsOf: program)
    // ELF64 `e_machine`: EM_AARCH64.
    file[18] = 183
    file[19] = 0
    try file.write(to: program)
    image = try Image(path: program.path)
  }

  private struct Failure: Error {}

  private static func run(_ path: String, _ arguments: [String]) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = FileHandle.nullDevice
    try process.run()
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw Failure() }
    return String(decoding: output, as: UTF8.self)
  }

  /// The dump: start, count, bytes; and so on.
  private static func regions(of dump: Data) throws -> [(start: UInt64, bytes: [UInt8])] {
    var reader = ByteReader(Bytes(dump))
    var regions: [(start: UInt64, bytes: [UInt8])] = []
    while !reader.isAtEnd {
      let start = try reader.u64()
      regions.append((start, Array(try reader.bytes(reader.u64()))))
    }
    return regions
  }

  func read(_ address: Address, count: Int) throws(MemoryError) -> [UInt8] {
    for region in regions {
      let offset = address.rawValue &- region.start
      guard offset < UInt64(region.bytes.count) else { continue }
      guard UInt64(count) <= UInt64(region.bytes.count) - offset else { break }
      return Array(region.bytes[Int(offset)..<Int(offset) + count])
    }
    throw MemoryError(address, .notInDump)
  }

  /// A static variable.
  func variable(_ name: String) throws -> Value {
    let variable = try image.variables(named: name).first
    guard let variable else { throw Failure() }
    return Value(
      type: try variable.type.resolve(), location: .memory(Address(variable.address.rawValue)),
      memory: self, path: name)
  }

  private static let source = #"""
    #![allow(dead_code, static_mut_refs)]
    use std::cell::*; use std::collections::*; use std::io::{stdout, Read, Seek, SeekFrom, Write}; use std::num::*; use std::rc::Rc;
    use std::sync::atomic::*; use std::sync::Arc; use std::time::Duration;
    #[derive(Debug, Clone)] struct Thread(Arc<Control>);
    #[derive(Debug)] struct Control { id: usize, name: &'static str, state: State, parent: Option<usize>, next: Option<Thread> }
    #[derive(Debug, Clone)] enum State { Running, Ready, Blocked(Wait), Dead { code: i32 } }
    #[derive(Debug, Clone)] enum Wait { Send(u64), Reply { to: u32, note: String }, Sleep }
    #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)] #[repr(i8)] enum Level { Low = -5, Mid = 0, High = 7 }
    #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)] struct Id(u32);
    #[derive(Debug)] enum Wide { A, B(u128), C { x: u8, y: String } }
    #[derive(Debug)] struct Unit;
    struct Mutex<T> { locked: AtomicBool, data: UnsafeCell<T> }
    struct RawLock { locked: AtomicBool, holder: AtomicU64 }
    struct HeldMutex<T> { lock: RawLock, data: UnsafeCell<T> }
    struct Once<T> { status: AtomicU8, data: UnsafeCell<MaybeUninit<T>> }
    use std::mem::MaybeUninit;
    mod spin {
      use std::{cell::UnsafeCell, marker::PhantomData, sync::atomic::AtomicBool};
      pub struct Relax;
      pub struct Mutex<T, R = Relax> { pub inner: SpinMutex<T, R> }
      pub struct SpinMutex<T, R = Relax> { pub phantom: PhantomData<R>, pub lock: AtomicBool, pub data: UnsafeCell<T> }
    }
    trait Shape { fn area(&self) -> u32; }
    struct Square(u32);
    impl Shape for Square { fn area(&self) -> u32 { self.0 * self.0 } }
    struct Hidden { lock: Mutex<BTreeMap<usize, Thread>>, held: HeldMutex<Vec<u8>>, empty: Once<u32>, filled: Once<u32>, shape: Box<dyn Shape>, raw: *const u32, function: fn(u32) -> u32, deque: Mutex<VecDeque<Thread>>, spin: spin::Mutex<BTreeMap<u16, u8>>, std: std::sync::Mutex<Vec<u8>>, rw: std::sync::RwLock<u8> }
    macro_rules! all { ($($name:ident: $type:ty = $value:expr;)*) => {
      struct All { $($name: $type),* }
      fn build() -> All { All { $($name: $value),* } }
      fn print(a: &All) { $(println!("{}\t{:?}", stringify!($name), a.$name);)* }
    } }
    fn thread(id: usize, name: &'static str, state: State, next: Option<Thread>) -> Thread { Thread(Arc::new(Control { id, name, state, parent: if id % 2 == 0 { Some(id / 2) } else { None }, next })) }
    fn wrapped() -> VecDeque<u16> { let mut d = VecDeque::with_capacity(8); for i in 0..6 { d.push_back(i) } for _ in 0..5 { d.pop_front(); } for i in 100..106 { d.push_back(i) } d }
    fn big_map(n: usize) -> BTreeMap<usize, Thread> { let mut m = BTreeMap::new(); for i in 0..n { let k = (i * 7919) % n; m.insert(k, thread(k, "t", if k % 3 == 0 { State::Ready } else { State::Blocked(Wait::Send(k as u64)) }, None)); } m }
    fn removed() -> BTreeMap<u16, String> { let mut m = BTreeMap::new(); for i in 0..200u16 { m.insert(i, format!("v{i}")); } for i in 20..180u16 { m.remove(&i); } m }
    all! {
      map_empty: BTreeMap<usize, u8> = BTreeMap::new();
      map_one: BTreeMap<u16, &'static str> = BTreeMap::from([(5, "five")]);
      map_threads: BTreeMap<usize, Thread> = big_map(13);
      map_big: BTreeMap<usize, Thread> = big_map(2000);
      map_removed: BTreeMap<u16, String> = removed();
      map_text: BTreeMap<String, Level> = BTreeMap::from([("low".to_string(), Level::Low), ("high".to_string(), Level::High)]);
      map_id: BTreeMap<Id, ()> = BTreeMap::from([(Id(4), ()), (Id(2), ())]);
      set: BTreeSet<u8> = (0..40).rev().collect();
      vec: Vec<u32> = vec![1, 2, 4_000_000_000];
      vec_empty: Vec<u64> = Vec::new();
      vec_unit: Vec<()> = vec![(); 3];
      vec_states: Vec<State> = vec![State::Running, State::Ready, State::Blocked(Wait::Reply { to: 3, note: "a\"b\n\u{202e}".into() }), State::Blocked(Wait::Sleep), State::Blocked(Wait::Send(9)), State::Dead { code: -1 }];
      deque: VecDeque<u16> = wrapped();
      deque_empty: VecDeque<u16> = VecDeque::new();
      list: LinkedList<i16> = LinkedList::from([-1, 0, 1]);
      string: String = "grüße \t \u{7f} \u{200b} \\ 'q'".to_string();
      str: &'static str = "static";
      str_empty: &'static str = "";
      slice: &'static [i8] = &[-128, 127];
      array: [[u8; 2]; 3] = [[1, 2], [3, 4], [5, 6]];
      boxed: Box<Id> = Box::new(Id(9));
      boxed_slice: Box<[u16]> = vec![1, 2].into();
      boxed_str: Box<str> = "boxed".into();
      arc_str: Arc<str> = "shared".into();
      arc_slice: Arc<[u16]> = vec![7, 8].into();
      rc: Rc<u8> = Rc::new(3);
      nested: Arc<Box<Option<Arc<u32>>>> = Arc::new(Box::new(Some(Arc::new(5))));
      some: Option<u8> = Some(255);
      none: Option<u8> = None;
      niche: Option<Box<u32>> = Some(Box::new(77));
      niche_none: Option<Box<u32>> = None;
      nonzero: Option<NonZeroU32> = NonZeroU32::new(12);
      nested_option: (Option<Option<bool>>, Option<Option<bool>>, Option<Option<bool>>) = (None, Some(None), Some(Some(true)));
      wide: (Wide, Wide, Wide) = (Wide::A, Wide::B(u128::MAX), Wide::C { x: 1, y: "y".into() });
      result: (std::result::Result<u8, String>, std::result::Result<u8, String>) = (Ok(1), Err("no".into()));
      levels: [Level; 3] = [Level::Low, Level::Mid, Level::High];
      ordering: [std::cmp::Ordering; 2] = [std::cmp::Ordering::Less, std::cmp::Ordering::Greater];
      atomics: (AtomicUsize, AtomicBool, AtomicI8) = (AtomicUsize::new(42), AtomicBool::new(true), AtomicI8::new(-3));
      duration: [Duration; 4] = [Duration::from_millis(1500), Duration::from_millis(20), Duration::from_nanos(7), Duration::from_micros(3)];
      character: [char; 4] = ['a', '\'', 'ß', '\n'];
      floats: (f32, f64) = (1.5, -0.25);
      wide_numbers: (i128, u128, i64) = (i128::MIN, u128::MAX, i64::MIN);
      wrapping: Wrapping<u8> = Wrapping(4);
      hash_map: HashMap<u32, String> = { let mut m: HashMap<u32, String> = (0..100).map(|i| (i, format!("v{i}"))).collect(); m.retain(|k, _| k % 3 != 0); m };
      hash_one: HashMap<&'static str, u8> = HashMap::from([("one", 1)]);
      hash_empty: HashMap<u8, u8> = HashMap::new();
      set_hash: HashSet<u16> = (0..20).collect();
      set_empty: HashSet<u16> = HashSet::new();
      unit: Unit = Unit;
      empty: () = ();
      reference: &'static &'static u32 = &&8;
      thread: Thread = thread(8, "head", State::Ready, Some(thread(9, "next", State::Running, None)));
    }
    static mut ALL: MaybeUninit<All> = MaybeUninit::uninit();
    static mut HIDDEN: MaybeUninit<Hidden> = MaybeUninit::uninit();
    static NUMBER: u32 = 8; 
    fn twice(x: u32) -> u32 { 2 * x }
    fn main() {
      let all = unsafe { ALL.write(build()) };
      print(all);
      let list = big_map(3);
      let deque = list.values().cloned().collect();
      unsafe { HIDDEN.write(Hidden { lock: Mutex { locked: AtomicBool::new(true), data: UnsafeCell::new(list) }, held: HeldMutex { lock: RawLock { locked: AtomicBool::new(true), holder: AtomicU64::new(4096) }, data: UnsafeCell::new(vec![1, 2]) },
        empty: Once { status: AtomicU8::new(0), data: UnsafeCell::new(MaybeUninit::uninit()) }, filled: Once { status: AtomicU8::new(2), data: UnsafeCell::new(MaybeUninit::new(6)) }, shape: Box::new(Square(3)), raw: &NUMBER, function: twice, deque: Mutex { locked: AtomicBool::new(false), data: UnsafeCell::new(deque) }, spin: spin::Mutex { inner: spin::SpinMutex { phantom: std::marker::PhantomData, lock: AtomicBool::new(true), data: UnsafeCell::new(BTreeMap::from([(3, 4)])) } }, std: std::sync::Mutex::new(vec![5]), rw: std::sync::RwLock::new(6) }) };
      stdout().flush().unwrap();
      let mut memory = std::fs::File::open("/proc/self/mem").unwrap();
      let mut out = std::fs::File::create(std::env::args().nth(1).unwrap()).unwrap();
      for line in std::fs::read_to_string("/proc/self/maps").unwrap().lines() {
        let mut words = line.split(' ');
        let (start, end) = words.next().unwrap().split_once('-').unwrap();
        let (start, end) = (u64::from_str_radix(start, 16).unwrap(), u64::from_str_radix(end, 16).unwrap());
        if !words.next().unwrap().starts_with('r') || line.contains("[v") || line.contains("[stack") { continue }
        let mut bytes = vec![0; (end - start) as usize];
        memory.seek(SeekFrom::Start(start)).unwrap();
        if memory.read_exact(&mut bytes).is_err() { continue }
        out.write_all(&start.to_le_bytes()).unwrap();
        out.write_all(&(bytes.len() as u64).to_le_bytes()).unwrap();
        out.write_all(&bytes).unwrap();
      }
    }
    """#
}
