public import Debugger
import Expressions
public import KernelModel
public import Machine

/// A kernel as its plugin explains it.
///
/// Rows are kept until the target has run. What the model can find out by itself (names of
/// addresses, holders of capabilities) is added to what the plugin says.
public final class LuaKernel: Kernel {
  public let plugin: Plugin
  let environment: any PluginEnvironment
  private var rows: [ObjectKind: Result<[KernelObject], KernelError>] = [:]
  private var imageSpaces: [String: Set<String>]?
  private var stopCount: Int
  private var layout: TrapFrameLayout??

  public convenience init(plugin: Plugin, session: Session) {
    self.init(plugin: plugin, environment: SessionEnvironment(session))
  }

  init(plugin: Plugin, environment: any PluginEnvironment) {
    self.plugin = plugin
    self.environment = environment
    stopCount = environment.stopCount
    plugin.place.environment = environment
    plugin.place.rootOfSpace = { [weak self] id in self?.root(ofSpace: id) }
  }

  public var name: String { plugin.name }
  public var readySymbol: String? { plugin.table["ready"].text }

  /// How well the plugin fits, 0...100.
  public func fit() throws(KernelError) -> Int {
    guard plugin.has("detect") else { return 0 }
    return Int(clamping: min(max(try plugin.call("detect").integer ?? 0, 0), 100))
  }

  public func objects(of kind: ObjectKind) throws(KernelError) -> [KernelObject] {
    forgetOldRows()
    if let known = rows[kind] { return try known.get() }
    // Addresses are named in their space, so that plugin code finds the spaces' roots known.
    if kind != .space, !plugin.state.isRunning { _ = try? objects(of: .space) }
    let result: Result<[KernelObject], KernelError>
    do throws(KernelError) {
      result = .success(try derived(read(kind), kind))
    } catch {
      if error.kind == .interrupted { throw error }
      result = .failure(error)
    }
    rows[kind] = result
    return try result.get()
  }

  private func forgetOldRows() {
    guard environment.stopCount != stopCount, !plugin.state.isRunning else { return }
    stopCount = environment.stopCount
    rows = [:]
    imageSpaces = nil
  }

  private func read(_ kind: ObjectKind) throws(KernelError) -> [KernelObject] {
    let reader = RowReader(kind: kind)
    guard plugin.has(reader.functionName) else {
      if kind == .cpu { return try bareCPUs() }
      throw KernelError(.unsupported, "plugin \(name) knows no \(kind.plural)")
    }
    let result = try plugin.call(reader.functionName)
    do throws(LuaError) {
      return try reader.objects(result)
    } catch {
      throw Plugin.error(error, plugin: name)
    }
  }

  public func context(ofThread id: String) throws(KernelError) -> ThreadContext {
    forgetOldRows()
    guard plugin.has("context") else {
      return .unavailable("plugin \(name) does not say where registers are saved")
    }
    let argument = Int64(id).map(LuaValue.integer) ?? .string(id)
    let result = try plugin.call("context", [argument])
    do throws(LuaError) {
      return try ContextReader(registers: plugin.trapFrameRegisters).context(result)
    } catch {
      throw Plugin.error(error, plugin: name)
    }
  }
}

extension LuaKernel: KernelKnowledge {
  public var kernelRootExpression: String? { plugin.table["kernel_root"].text }

  public var trapFrame: TrapFrameLayout? {
    if let layout { return layout }
    guard !plugin.state.isRunning else { return nil }
    let found = try? TrapFrameReader(plugin: plugin, context: environment.context).layout()
    layout = .some(found)
    return found
  }

  public func root(ofSpace id: String) -> PhysicalAddress? {
    guard let field = knownSpaces.first(where: { $0.id == id })?.fields["root"] else { return nil }
    return field.root
  }

  public func space(withRoot root: PhysicalAddress) -> String? {
    knownSpaces.first { $0.fields["root"]?.root == root }?.id
  }

  /// While plugin code runs only what is known already: it cannot be asked again.
  private var knownSpaces: [KernelObject] {
    if plugin.state.isRunning { return (try? rows[.space]?.get()) ?? [] }
    return (try? objects(of: .space)) ?? []
  }

  public func spaces(ofImage name: String) -> Set<String>? {
    if plugin.state.isRunning { return imageSpaces?[name] }
    forgetOldRows()
    if imageSpaces == nil { imageSpaces = readImageSpaces() }
    return imageSpaces?[name]
  }

  /// The space of the thread that says it runs on this CPU.
  public func currentSpace(ofCPU cpu: Int) -> String? {
    let threads: [KernelObject]
    if plugin.state.isRunning {
      threads = (try? rows[.thread]?.get()) ?? []
    } else {
      threads = (try? objects(of: .thread)) ?? []
    }
    let running = threads.first { $0.fields["cpu"]?.value.idText == String(cpu) }
    return running?.fields["space"]?.value.idText
  }

  private func readImageSpaces() -> [String: Set<String>]? {
    guard plugin.has("images"), let rows = try? plugin.call("images").table?.list else {
      return nil
    }
    var result: [String: Set<String>] = [:]
    let fields = FieldReader()
    for row in rows {
      guard let row = row.table,
        let image = fields.field(row["image"], as: .text)?.value.idText,
        let space = fields.field(row["space"], as: .text)?.value.idText
      else { continue }
      result[image, default: []].insert(space)
    }
    return result
  }
}

extension Field {
  /// A page-table root, when it is certain.
  fileprivate var root: PhysicalAddress? {
    guard case .certain = certainty else { return nil }
    switch value {
    case .address(let root), .number(let root), .hex(let root): return PhysicalAddress(root)
    default: return nil
    }
  }
}
