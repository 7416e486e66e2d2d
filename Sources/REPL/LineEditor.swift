import Binary
import CLibedit
import Machine

/// libedit behind one type: a line with a prompt, history and completion. One at a time, on stdin.
@safe final class LineEditor {
  enum Input: Equatable {
    case line(String)
    /// Ctrl-C: the line is dropped.
    case cancelled
    case end
  }

  private let editor: OpaquePointer
  private let historyHandle: OpaquePointer
  private var promptText: [CChar] = [0]
  private let promptBuffer: UnsafeMutablePointer<CChar>
  private static let promptCapacity = 512
  private var wasCancelled = false
  /// Completes the text before the cursor: what to insert, and what to show when there are several.
  var complete: (String) -> Completion = { _ in Completion() }

  struct Completion: Equatable {
    /// Characters before the cursor that give way to `text`.
    var replaced = 0
    var text = ""
    /// Shown above the line when there is no text.
    var choices: [String] = []
  }

  /// nil when libedit cannot work with this terminal.
  init?(program: String) {
    kscope_use_utf8()
    // SAFETY: el_init copies the name; the handles are given back in deinit.
    guard let editor = unsafe kscope_el_init(program), let history = unsafe history_init() else {
      return nil
    }
    unsafe self.editor = editor
    unsafe self.historyHandle = history
    unsafe promptBuffer = .allocate(capacity: Self.promptCapacity)
    unsafe promptBuffer.initialize(repeating: 0, count: Self.promptCapacity)
    connect()
  }

  deinit {
    // SAFETY: the last use of the handles and of the buffer.
    unsafe history_end(historyHandle)
    unsafe el_end(editor)
    unsafe promptBuffer.deallocate()
  }

  private func connect() {
    // SAFETY: libedit keeps the pointer to self as long as the handle lives, which self owns; it
    // calls back only from within el_gets, on this thread.
    unsafe kscope_el_set_data(editor, Unmanaged.passUnretained(self).toOpaque())
    unsafe kscope_el_prompt(editor) { editor in
      unsafe LineEditor.of(editor)?.promptBuffer
    }
    unsafe kscope_el_editor(editor, "emacs")
    unsafe kscope_el_signal(editor, 0)
    unsafe kscope_history_number(historyHandle, Int32(H_SETSIZE), 1000)
    unsafe kscope_history_number(historyHandle, Int32(H_SETUNIQUE), 1)
    unsafe kscope_el_history(editor, historyHandle)
    unsafe kscope_el_reader(editor) { editor, character in
      guard let editor = unsafe LineEditor.of(editor), let character = unsafe character else {
        return -1
      }
      guard let scalar = editor.readScalar() else { return 0 }
      // SAFETY: libedit passes room for one character.
      unsafe character.pointee = wchar_t(bitPattern: scalar.value)
      return 1
    }
    unsafe kscope_el_function(editor, "kscope-complete", "complete") { editor, _ in
      unsafe LineEditor.of(editor)?.completeLine() ?? UInt8(CC_ERROR)
    }
    unsafe kscope_el_bind(editor, "^I", "kscope-complete")
    unsafe kscope_el_bind(editor, "^R", "em-inc-search-prev")
    unsafe el_source(editor, nil)
  }

  private static func of(_ editor: OpaquePointer?) -> LineEditor? {
    // SAFETY: the client data is the LineEditor that owns the handle, alive while libedit runs.
    guard let editor = unsafe editor, let data = unsafe kscope_el_data(editor) else { return nil }
    return unsafe Unmanaged<LineEditor>.fromOpaque(data).takeUnretainedValue()
  }

  // MARK: Lines

  /// Escape sequences in `prompt` must stand between two U+0001.
  func read(prompt: String) -> Input {
    let bytes = Array(prompt.utf8.prefix(Self.promptCapacity - 1)) + [0]
    for (index, byte) in bytes.enumerated() {
      // SAFETY: at most `promptCapacity` bytes.
      unsafe promptBuffer[index] = CChar(bitPattern: byte)
    }
    wasCancelled = false
    unsafe kscope_el_prepare(editor)
    var count: Int32 = 0
    // SAFETY: the returned text is libedit's and valid until the next call; it is copied at once.
    guard let text = unsafe el_gets(editor, &count), count > 0 else {
      return wasCancelled ? .cancelled : .end
    }
    let line = unsafe String(cString: text)
    return .line(line.hasSuffix("\n") ? String(line.dropLast()) : line)
  }

  /// The next character typed; nil: cancelled, or the end.
  private func readScalar() -> Unicode.Scalar? {
    guard let first = readByte() else { return nil }
    let count: Int
    switch first {
    case 0..<0x80: return Unicode.Scalar(first)
    case 0xc2...0xdf: count = 1
    case 0xe0...0xef: count = 2
    case 0xf0...0xf4: count = 3
    default: return "\u{fffd}"
    }
    var bytes = [first]
    for _ in 0..<count {
      guard let byte = readByte() else { return nil }
      bytes.append(byte)
    }
    return String(decoding: bytes, as: UTF8.self).unicodeScalars.first
  }

  private func readByte() -> UInt8? {
    while true {
      if Interrupt.shared.isRequested {
        wasCancelled = Signals.termination == nil
        return nil
      }
      let isReady = StandardStreams.waitForInput(
        StandardStreams.input, orWake: Interrupt.shared.descriptor, milliseconds: -1)
      guard isReady else { continue }
      return StandardStreams.read(StandardStreams.input, count: 1).first
    }
  }

  // MARK: Completion

  private func completeLine() -> UInt8 {
    // SAFETY: the line's text is libedit's, valid until it changes; it is copied at once.
    guard let info = unsafe el_line(editor) else { return UInt8(CC_ERROR) }
    let start = unsafe info.pointee.buffer
    let length = unsafe info.pointee.cursor - info.pointee.buffer
    let bytes = unsafe UnsafeBufferPointer(start: start, count: length).map {
      UInt8(bitPattern: $0)
    }
    let completion = complete(String(decoding: bytes, as: UTF8.self))
    if !completion.text.isEmpty {
      // SAFETY: libedit copies the text and deletes at most what is there.
      unsafe el_deletestr(editor, Int32(completion.replaced))
      unsafe el_insertstr(editor, completion.text)
      return UInt8(CC_REFRESH)
    }
    guard !completion.choices.isEmpty else { return UInt8(CC_ERROR) }
    let list = "\r\n" + Columns.text(completion.choices, width: StandardStreams.columns(1) ?? 80)
    try? OutputFile.write(list.utf8, to: StandardStreams.output, named: "the terminal")
    return UInt8(CC_REDISPLAY)
  }

  // MARK: History

  func remember(_ line: String) {
    // SAFETY: libedit copies the text.
    unsafe kscope_history_text(historyHandle, Int32(H_ENTER), line)
  }

  func loadHistory(_ path: String) {
    // SAFETY: the path is passed as a temporary C string.
    unsafe kscope_history_text(historyHandle, Int32(H_LOAD), path)
  }

  func saveHistory(_ path: String) {
    // SAFETY: the path is passed as a temporary C string.
    unsafe kscope_history_text(historyHandle, Int32(H_SAVE), path)
  }
}
