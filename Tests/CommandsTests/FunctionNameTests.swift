import Testing

@testable import Commands

struct FunctionNameTests {
  @Test(arguments: [
    ("bramble::ipc::call", "bramble::ipc::call"),
    ("core::iter::range::{impl#10}::next<u64>", "core::iter::range::{impl#10}::next<u64>"),
    (
      "unwind::catch::run<core::result::Result<ipc::Reply, abi::Error>, serve::{closure_env#0}>",
      "unwind::catch::run<Result<Reply, Error>, {closure_env#0}>"
    ),
    (
      "a::b<LongLongLongLongLongName, OtherLongLongLongName, ThirdLongName>", "a::b<...>"
    ),
    ("start<()>", "start<()>"), ("_start", "_start"), ("<odd>", "<odd>"), ("a<", "a<"), ("", ""),
  ])
  func short(name: String, expected: String) {
    #expect(FunctionName.short(name) == expected)
  }
}
