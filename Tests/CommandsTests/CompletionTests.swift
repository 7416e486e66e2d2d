import Testing

@testable import Commands

struct CompletionTests {
  @Test(
    "what a line may go on with",
    arguments: [
      ("thr", ["thread", "threads"]), ("thread", ["thread", "threads"]), ("info th", []),
      ("info reg", ["registers"]), ("i lo", ["locals"]), ("thread 10", ["101", "105", "106"]),
      ("threads stat", ["state="]), ("threads state=b", ["state=blocked"]),
      ("why thread 105.st", ["105.stack", "105.state"]), ("help cap", ["cap", "caps"]),
      ("continue --u", ["--until-console"]), ("p $tt", ["$ttbr0_el1"]), ("nonsense x", []),
      ("why end", ["endpoint"]),
    ])
  func candidates(text: String, expected: [String]) {
    #expect(Completion(of: text, in: Desk().context).candidates == expected)
  }

  @Test("the end of the line is what is completed")
  func word() {
    #expect(Completion(of: "info reg", in: Desk().context).word == "reg")
    #expect(Completion(of: "info ", in: Desk().context).word == "")
  }
}
