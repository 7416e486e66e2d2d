import DWARF
public import Expressions
public import Machine
import Symbols
import Unwinder

/// Names, registers and memory as one frame sees them; or, without a frame, as the kernel does.
final class SessionContext: EvaluationContext {
  private unowned let session: Session
  private let frame: Frame?
  let memory: any MemoryReader

  init(session: Session, frame: Frame?) {
    self.session = session
    self.frame = frame
    self.memory = session.memory(in: frame?.space ?? .kernel)
  }

  var architecture: Architecture { session.architecture }

  /// Locals first, then statics of the frame's image, then of all others.
  func variable(named path: String) throws(ValueError) -> Value? {
    if let local = try local(named: path) { return local }
    var candidates: [(loaded: LoadedImage, variable: Variable)] = []
    for loaded in imagesInOrder {
      let found = try variables(named: path, in: loaded)
      candidates += found.map { (loaded, $0) }
      if !found.isEmpty, loaded === home { break }
    }
    guard let first = candidates.first else { return nil }
    guard candidates.count == 1 else {
      let names = candidates.prefix(5).map {
        "\($0.variable.qualifiedName) in \($0.loaded.image.name)"
      }
      throw ValueError(
        path: path, .noSuchMember("ambiguous: \(names.joined(separator: ", "))"))
    }
    return try value(of: first.variable, in: first.loaded)
  }

  private func variables(
    named path: String, in loaded: LoadedImage
  ) throws(ValueError) -> [Variable] {
    do {
      return try loaded.image.variables(named: path)
    } catch {
      throw ValueError(path: path, .symbols(error))
    }
  }

  private func value(
    of variable: Variable, in loaded: LoadedImage
  ) throws(ValueError) -> Value {
    do {
      return Value(
        type: try variable.type.resolve(),
        location: .memory(loaded.address(of: variable.address)),
        memory: session.memory(of: loaded, near: frame?.space), path: variable.qualifiedName)
    } catch {
      throw ValueError(path: variable.qualifiedName, .symbols(error))
    }
  }

  func function(named path: String) throws(ValueError) -> Value? {
    for loaded in imagesInOrder {
      let found: [Function]
      do {
        found = try loaded.image.functions(named: path)
      } catch {
        throw ValueError(path: path, .symbols(error))
      }
      guard let function = found.first else { continue }
      let type = Type(name: function.qualifiedName, byteCount: nil, kind: .function)
      return Value(
        type: type, location: .memory(loaded.address(of: function.entry)),
        memory: session.memory(of: loaded, near: frame?.space), path: function.qualifiedName)
    }
    return nil
  }

  func register(named name: String) throws(ValueError) -> Value? {
    let name = alias(name)
    guard let register = architecture.registers.first(where: { $0.name == name }) else {
      return try systemRegister(name)
    }
    let type = type(of: register)
    guard let frame else {
      throw ValueError(path: "$\(name)", .unavailable("no frame is selected"))
    }
    let location: Value.Location =
      if let value = frame.registers[name] {
        .bytes(Self.bytes(value, count: register.byteCount))
      } else {
        .unavailable("\(name) was not saved in this frame")
      }
    return Value(type: type, location: location, memory: memory, path: "$\(name)")
  }

  /// Registers that hold addresses are printed as such.
  private func type(of register: Register) -> Type {
    let pointers = [
      architecture.programCounter, architecture.stackPointer, architecture.framePointer,
      architecture.linkRegister,
    ]
    guard pointers.contains(register.name) else {
      return Self.unsigned(byteCount: register.byteCount)
    }
    return Type(
      name: "*const ()", byteCount: UInt64(architecture.pointerByteCount), kind: .pointer(nil))
  }

  private func alias(_ name: String) -> String {
    switch name {
    case "fp": architecture.framePointer
    case "lr": architecture.linkRegister ?? name
    default: name.lowercased()
    }
  }

  private func systemRegister(_ name: String) throws(ValueError) -> Value? {
    do {
      guard let value = try session.target.register(name, of: session.selectedCPU) else {
        return nil
      }
      return Value(
        type: Self.unsigned(byteCount: 8), location: .bytes(Self.bytes(value, count: 8)),
        memory: memory, path: "$\(name)")
    } catch {
      throw ValueError(path: "$\(name)", .unavailable(error.message))
    }
  }

  func type(named name: String) throws(ValueError) -> Type? {
    for loaded in imagesInOrder {
      do {
        if let type = try loaded.image.types(named: name).first { return type }
      } catch {
        throw ValueError(path: name, .symbols(error))
      }
    }
    return nil
  }

  func history(_ number: Int) -> Value? {
    session.history.indices.contains(number - 1) ? session.history[number - 1] : nil
  }

  // MARK: Locals

  private func local(named name: String) throws(ValueError) -> Value? {
    guard let frame, !name.contains("::") else { return nil }
    guard let local = session.locals(of: frame).first(where: { $0.name == name }) else {
      return nil
    }
    return try session.value(of: local, in: frame)
  }

  // MARK: Images

  private var home: LoadedImage? {
    guard let frame else { return session.kernelImage }
    return session.image(at: frame.lookupAddress, in: frame.space)
  }

  /// The frame's own image first, then the others in the order they were given.
  private var imagesInOrder: [LoadedImage] {
    guard let home else { return session.images }
    return [home] + session.images.filter { $0 !== home }
  }

  // MARK: Numbers

  static func unsigned(byteCount: Int) -> Type {
    Type(
      name: "u\(byteCount * 8)", byteCount: UInt64(byteCount), kind: .base(.unsigned))
  }

  static func bytes(_ value: UInt64, count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: value >> UInt64($0 * 8)) }
  }
}

extension Session {
  /// Names and registers as the selected frame sees them; without a usable frame, as the kernel does.
  public func evaluationContext() -> any EvaluationContext {
    SessionContext(session: self, frame: try? frame())
  }

  /// Names of the kernel image first, without any frame: what plugins evaluate in.
  public func kernelContext() -> any EvaluationContext { SessionContext(session: self, frame: nil) }

  /// An address that an expression names: a number, a pointer's value, or where a function or variable is.
  public func evaluateAddress(_ text: String) throws(SessionError) -> Address {
    do {
      let value = try Expression(parsing: text).evaluate(in: evaluationContext())
      switch value.type.kind {
      case .base, .pointer, .enumeration: return Address(try value.unsigned())
      default: break
      }
      guard let address = value.address else {
        throw SessionError("\(text) is not an address")
      }
      return address
    } catch let error as SessionError {
      throw error
    } catch {
      throw SessionError("\(error)")
    }
  }

  /// Memory to read an image's statics in: the kernel's, or that of a space the image is loaded in,
  /// the current one preferred.
  func memory(of loaded: LoadedImage, near space: AddressSpace?) -> any MemoryReader {
    if loaded.binding == .kernel { return memory(in: space ?? .kernel) }
    let first = loaded.image.segments.first.map { loaded.address(of: $0.addresses.lowerBound) }
    if let space, let first, image(at: first, in: space) === loaded { return memory(in: space) }
    if let id = spaces(of: loaded).min(), let root = knowledge?.root(ofSpace: id) {
      return memory(in: .user(root: root))
    }
    return memory(in: space ?? .kernel)
  }
}
