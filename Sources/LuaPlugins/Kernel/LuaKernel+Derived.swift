import KernelModel
import Machine

/// What the model adds to a plugin's rows.
extension LuaKernel {
  func derived(
    _ objects: [KernelObject], _ kind: ObjectKind
  ) throws(KernelError) -> [KernelObject] {
    switch kind {
    case .cpu: objects.map(withLocation(ofCPU:))
    case .recovery: withLocations(ofEvents: objects)
    case .capability: withHolders(objects)
    default: objects
    }
  }

  /// Rows for a plugin that does not describe CPUs.
  func bareCPUs() throws(KernelError) -> [KernelObject] {
    do throws(LuaError) {
      return try environment.cpus().map {
        KernelObject(
          kind: .cpu, id: String($0),
          fields: ["state": .unavailable("plugin \(name) does not describe CPUs")])
      }
    } catch {
      throw KernelError(.target, error.message)
    }
  }

  // MARK: CPUs

  private func withLocation(ofCPU object: KernelObject) -> KernelObject {
    var object = object
    guard let cpu = Int(object.id) else { return object }
    if object.fields["pc"] == nil { object.fields["pc"] = programCounter(of: cpu) }
    guard object.fields["location"] == nil, let field = object.fields["pc"],
      let pc = field.value.addressValue
    else { return object }
    let isKernel = pc.rawValue >> 63 != 0
    let text = environment.describe(pc, root: isKernel ? nil : environment.root(ofCPU: cpu))
    object.fields["location"] = Field(
      .text(text), certainty: field.certainty, evidence: field.evidence)
    return object
  }

  private func programCounter(of cpu: Int) -> Field {
    do throws(LuaError) {
      guard let pc = try environment.register("pc", of: cpu) else {
        return .unavailable("the target does not tell the program counter of CPU \(cpu)")
      }
      let evidence = Evidence(
        path: "$pc of CPU \(cpu)", type: "register", address: nil, bytes: pc.littleEndianBytes)
      return Field(.address(pc), evidence: [evidence])
    } catch {
      return .unavailable(error.message)
    }
  }

  // MARK: Recovery events

  private func withLocations(ofEvents objects: [KernelObject]) -> [KernelObject] {
    guard !objects.isEmpty else { return objects }
    let domains = (try? self.objects(of: .domain)) ?? []
    return objects.map { object in
      var object = object
      guard object.fields["location"] == nil, let field = object.fields["pc"],
        let pc = field.value.addressValue
      else { return object }
      let root = root(ofDomain: object.fields["domain"]?.value.idText, among: domains)
      object.fields["location"] = Field(
        .text(environment.describe(pc, root: root)), certainty: field.certainty,
        evidence: field.evidence)
      return object
    }
  }

  private func root(ofDomain id: String?, among domains: [KernelObject]) -> PhysicalAddress? {
    let domain = domains.first { $0.id == id }
    return domain?.fields["space"]?.value.idText.flatMap(root(ofSpace:))
  }

  // MARK: Capabilities

  private func withHolders(_ objects: [KernelObject]) -> [KernelObject] {
    guard !objects.isEmpty else { return objects }
    let domains = (try? self.objects(of: .domain)) ?? []
    return objects.map { object in
      var object = object
      guard object.fields["from"] == nil, let parent = object.fields["parent"] else {
        return object
      }
      object.fields["from"] = holder(of: parent, among: domains)
      return object
    }
  }

  private func holder(of parent: Field, among domains: [KernelObject]) -> Field {
    guard let id = parent.value.idText else {
      return Field(.none, certainty: parent.certainty, evidence: parent.evidence)
    }
    let domain = id.split(separator: ":").first.map(String.init) ?? id
    guard let name = domains.first(where: { $0.id == domain })?.fields["name"],
      case .text = name.value
    else { return .unavailable("there is no domain \(domain)") }
    return Field(
      name.value, certainty: parent.certainty, evidence: parent.evidence + name.evidence)
  }
}

extension FieldValue {
  fileprivate var addressValue: Address? {
    switch self {
    case .address(let address), .number(let address), .hex(let address): Address(address)
    default: nil
    }
  }
}

extension UInt64 {
  fileprivate var littleEndianBytes: [UInt8] {
    (0..<8).map { UInt8(truncatingIfNeeded: self >> ($0 * 8)) }
  }
}
