-- bramble: kscope's reference kernel. Types are written above each function as rustc names them;
-- typed values look through Mutex, Arc, newtypes and atomics by themselves.

local M = {
  name = "bramble",
  api = 1,
  -- Called right after the truth lines, all CPUs standing still.
  ready = "bramble_truth_end",
  -- core::sync::atomic::AtomicUsize
  kernel_root = "bramble::memory::KERNEL_ROOT",
  trap_frame = {
    type = "bramble_arch::trap::TrapFrame",
    entries = { "trap_entry" },
    switches = { "bramble::scheduler::switch" },
    registers = { x = "x", sp = "sp", pc = "pc", cpsr = "pstate" },
  },
}

local THREADS = "bramble::thread::THREAD_MAP"
local DOMAINS = "bramble::domain::DOMAIN_MAP"
local SPACES = "bramble::space::SPACE_MAP"
local ENDPOINTS = "bramble::ipc::ENDPOINT_MAP"
local NOTIFICATIONS = "bramble::notification::NOTIFICATION_MAP"
local IRQS = "bramble::irq::IRQ_MAP"
local LOCKS = "bramble::user_lock::LOCK_MAP"
local FRAMES = "bramble::frame::FRAME_MAP"
local RECOVERY = "bramble::recovery::RECOVERY_LOG"
local RINGS = { recovery = RECOVERY, ipc = "bramble::trace::IPC_RING", switch = "bramble::trace::SWITCH_RING" }
local CPUS = "bramble::cpu::CPUS"

function M.detect(k)
  local found = 0
  for _, path in ipairs { THREADS, DOMAINS, SPACES, ENDPOINTS, RECOVERY } do
    if k:exists(path) then found = found + 20 end
  end
  return found
end

-- Mutex<BTreeMap<Tid, Thread>>; Thread(Arc<ControlBlock>)
local function threads(k)
  local map = k:global(THREADS)
  if map:len() == 0 then k:not_initialised("THREAD_MAP is empty") end
  return map
end

-- A container that may be empty, but not before there are threads.
local function filled(k, container)
  if container:len() == 0 then threads(k) end
  return container
end

-- Two numbers of the same kind: an object and its key in a map must agree on its id.
local function check_id(row, key, own)
  if key:num() ~= own:num() then
    row.problem = ("its key in the map is %d, but it says that it is %d"):format(key:num(), own:num())
  end
end

-- Option<Space>; Space(Arc<SpaceBlock>): the space's number, nil for the kernel's.
local function space_id(option)
  local space = option:some()
  return space and space.id
end

-- Cpu at its place in [Cpu; 4]
local function cpu_record(k, id) return k:global(CPUS)[id] end

-- Option<Thread>, Cpu
function M.cpus(k)
  local rows = {}
  for _, id in ipairs(k:cpus()) do
    local row = { id = id }
    local ok, problem = pcall(function()
      local cpu = cpu_record(k, id)
      local thread = cpu.current:some()
      if thread == nil then
        row.thread = k.none(cpu.current)
        row.state = k.inferred("halted", "the kernel has not set this CPU up", cpu.current)
        return
      end
      row.thread = k.ref("thread", thread.id, cpu.current)
      local idle = thread.state:variant() == "Idle"
      row.state = k.computed(idle and "idle" or "running", thread.state)
      local queue = {}
      for _, waiting in cpu.run_queue:field("entries"):entries() do
        queue[#queue + 1] = k.ref("thread", waiting.id)
      end
      row.run_queue = k.computed(queue, cpu.run_queue)
    end)
    if not ok then row.problem = problem end
    rows[#rows + 1] = row
  end
  return rows
end

-- LockId
local function lock_reference(k, id, ...)
  return k.ref("lock", ("0x%016x"):format(id.address:num()), ...)
end

-- Variants of Wait: what the thread does, the kind of object and the field that it waits for.
local WAITS = {
  Send = { "send", "endpoint", "id" },
  Receive = { "receive", "endpoint", "id" },
  Queue = { "queue", "endpoint", "id" },
  Reply = { "reply", "thread", "server" },
  Notification = { "notification", "notification", "id" },
  Sleep = { "sleep" },
}

-- Mutex<State>, Wait
local function describe_wait(k, row, state, wait)
  local kind, payload = wait:variant()
  if kind == "Lock" then
    row.detail = k.computed("lock", state)
    row.blocked_on = function() return lock_reference(k, payload, state) end
    return
  end
  local known = WAITS[kind]
  if not known then
    row.detail = k.computed(kind, state)
    row.blocked_on = k.unavailable("this plugin does not know the wait " .. kind, state)
    return
  end
  row.detail = k.computed(known[1], state)
  row.blocked_on = function()
    if not known[2] then return k.none(state) end
    return k.ref(known[2], payload:field(known[3]), state)
  end
end

-- ControlBlock: where the thread is at EL0. A running thread's registers are in its CPU, or in
-- the frame of the trap that this CPU handles (Cpu.frame: Option<*mut TrapFrame>).
local function program_counter(k, thread)
  if thread.state:variant() == "Idle" then return k.none(thread.state) end
  local id = thread.cpu:some()
  if id == nil then return thread.context.pc end
  local frame = cpu_record(k, id:num()).frame
  local trapped = frame:some()
  if trapped ~= nil then return k.computed(trapped:deref().pc, frame) end
  return k.address(k:register("pc", id:num()), thread.cpu)
end

-- Tid, Thread
function M.threads(k)
  return k:each(threads(k), function(id, thread, row)
    row.id = id
    row.name = thread.name
    row.cpu = thread.cpu
    row.priority = thread.priority
    row.parent = thread.parent
    row.generation = thread.generation
    row.domain = function() return thread.domain.id end
    row.space = function()
      local space = space_id(thread.space)
      return space and k.ref("space", space, thread.space) or k.none(thread.space)
    end
    row.pc = function() return program_counter(k, thread) end
    row.stack = function()
      local range = thread.stack
      local text = "0x%016x-0x%016x"
      return k.computed(text:format(range.start:num(), range:field("end"):num()), range)
    end
    row.cpu_time = thread.cpu_time
    row.handler = function()
      local handler = thread.handler:some()
      return handler and handler.entry or k.none(thread.handler)
    end
    row["until"] = function()
      local timeout = thread.timeout:some()
      return timeout and timeout:field("until") or k.none(thread.timeout)
    end
    check_id(row, id, thread.id)
    local state, wait = thread.state:variant()
    row.state = k.computed(state:lower(), thread.state)
    if state == "Blocked" then
      row.since = thread.since
      describe_wait(k, row, thread.state, wait)
    else
      row.since, row.detail = k.none(thread.state), k.none(thread.state)
      row.blocked_on = k.none(thread.state)
    end
  end)
end

-- DomainId, Domain(Arc<DomainBlock>)
function M.domains(k)
  return k:each(filled(k, k:global(DOMAINS)), function(id, domain, row)
    row.id = id
    check_id(row, id, domain.id)
    row.name = domain.name
    row.isolation = domain.isolation
    row.image = domain.image
    -- The kernel's own domain lives in the kernel's space, which is no object: 0.
    row.space = function() return k.ref("space", space_id(domain.space) or 0, domain.space) end
    row.state = k.computed(domain.alive:bool() and "running" or "dead", domain.alive)
    row.generation = domain.generation
    row.threads = function()
      local members = {}
      for _, thread in domain.threads:entries() do
        members[#members + 1] = k.ref("thread", thread)
      end
      return k.computed(members, domain.threads)
    end
    row.capabilities = function()
      local held = 0
      for _, slot in domain.capabilities.slots:entries() do
        if not slot:is_none() then held = held + 1 end
      end
      return k.computed(held, domain.capabilities.slots)
    end
  end)
end

-- Which domains live in which space, by the space's number; 0 is the kernel's.
local function domains_by_space(k)
  local result = {}
  for id, domain in k:global(DOMAINS):entries() do
    local space = space_id(domain.space)
    local key = space and space:num() or 0
    result[key] = result[key] or {}
    table.insert(result[key], k.ref("domain", id, domain.space))
  end
  return result
end

-- SpaceId, Space(Arc<SpaceBlock>); space 0 is not in the map: its root is a static of its own.
function M.spaces(k)
  local domains = k.try(domains_by_space, k)
  local unknown = domains.__field and domains
  local root = k:global(M.kernel_root)
  if root:num() == 0 then k:not_initialised("KERNEL_ROOT is 0") end
  local rows = {
    {
      id = 0,
      root = root,
      -- The one domain without a space of its own.
      owner = unknown or (domains[0] or {})[1],
      domains = unknown or domains[0] or {},
    },
  }
  return k:each(k:global(SPACES), function(id, space, row)
    row.id = id
    check_id(row, id, space.id)
    row.root = space.root
    row.owner = space.owner
    row.domains = unknown or domains[id:num()] or {}
  end, rows)
end

local RIGHTS = { { 1, "s" }, { 2, "r" }, { 4, "g" }, { 8, "c" } }

-- u8, a mask of bramble_abi::rights: `sr--`
local function rights(mask)
  local letters = ""
  for _, right in ipairs(RIGHTS) do
    letters = letters .. (mask & right[1] ~= 0 and right[2] or "-")
  end
  return letters
end

-- Object
local function object(k, value)
  local kind, payload = value:variant()
  -- There is one of each.
  if kind == "Console" or kind == "Kernel" then return k.ref(kind:lower(), 0, value) end
  return k.ref(kind:lower(), payload.id, value)
end

-- DomainId, Domain; Vec<Option<Capability>>
function M.capabilities(k)
  local rows = {}
  k:each(filled(k, k:global(DOMAINS)), function(id, domain, failed)
    failed.id = tostring(id) .. ":?"
    k:each(domain.capabilities.slots, function(slot, entry, row)
      local capability = entry:some()
      if capability == nil then return end
      row.domain = k.ref("domain", id, domain.id)
      row.slot = k.computed(slot, entry)
      row.object = function() return object(k, capability.object) end
      row.rights = k.computed(rights(capability.rights:num()), capability.rights)
      row.badge = capability.badge
      row.generation = capability.generation
      local parent = capability.links.parent
      local origin = parent:some()
      if origin == nil then
        row.parent = k.none(parent)
      else
        local from = ("%d:%d"):format(origin.domain:num(), origin.slot:num())
        row.parent = k.ref("capability", from, parent)
      end
    end, rows)
    failed.id = nil
  end, rows)
  return rows
end

-- Mutex<Queue<Thread>>, or of Sender { thread: Thread, .. }; Queue { entries: BTreeMap<Place, T>, .. }
local function queued(k, queue, thread_of)
  local list = {}
  for _, item in queue:field("entries"):entries() do
    list[#list + 1] = k.ref("thread", thread_of(item).id)
  end
  return k.computed(list, queue)
end

-- EndpointId, Endpoint(Arc<EndpointBlock>)
function M.endpoints(k)
  return k:each(filled(k, k:global(ENDPOINTS)), function(id, endpoint, row)
    row.id = id
    check_id(row, id, endpoint.id)
    row.name = endpoint.name
    local kind, queue = endpoint.kind:variant()
    row.kind = k.computed(kind:lower(), endpoint.kind)
    row.owner = endpoint.owner
    if kind == "Queue" then
      row.capacity = queue.capacity
      row.depth = k.computed(endpoint.messages:len(), endpoint.messages)
    else
      row.capacity = k.none(endpoint.kind)
      row.depth = k.computed(endpoint.senders:field("entries"):len(), endpoint.senders)
    end
    row.senders = function()
      return queued(k, endpoint.senders, function(sender) return sender.thread end)
    end
    row.receivers = function()
      return queued(k, endpoint.receivers, function(thread) return thread end)
    end
  end)
end

-- Endpoint; Message
function M.messages(k)
  local rows = {}
  k:each(filled(k, k:global(ENDPOINTS)), function(id, endpoint)
    k:each(endpoint.messages, function(position, message, row)
      row.endpoint = k.ref("endpoint", id, endpoint.id)
      row.position = position
      row.sender = message.sender
      row.badge = message.badge
      row.label = message.label
      local words = {}
      for _, word in message.words:entries() do words[#words + 1] = k.hex(word) end
      row.words = k.computed(words, message.words)
    end, rows)
  end, rows)
  return rows
end

-- Mutex<Option<Thread>>
local function optional_thread(k, option)
  local thread = option:some()
  return thread and k.ref("thread", thread.id, option) or k.none(option)
end

-- NotificationId, Notification(Arc<NotificationBlock>)
function M.notifications(k)
  return k:each(filled(k, k:global(NOTIFICATIONS)), function(id, notification, row)
    row.id = id
    check_id(row, id, notification.id)
    row.name = notification.name
    row.owner = notification.owner
    row.pending = notification.pending
    row.waiter = function() return optional_thread(k, notification.waiter) end
  end)
end

-- IrqId, Irq(Arc<IrqBlock>); Binding { driver: Domain, notification: Notification, .. }
function M.irqs(k)
  return k:each(filled(k, k:global(IRQS)), function(id, irq, row)
    row.id = id
    check_id(row, id, irq.id)
    row.state = irq.state
    local binding = irq.binding:some()
    if binding == nil then
      row.owner, row.notification = k.none(irq.binding), k.none(irq.binding)
      return
    end
    row.owner = function() return k.ref("domain", binding.driver.id, irq.binding) end
    row.notification = function()
      return k.ref("notification", binding.notification.id, irq.binding)
    end
  end)
end

-- LockId { space, address }, UserLock { waiters: Queue<Thread>, .. }
function M.locks(k)
  return k:each(filled(k, k:global(LOCKS)), function(id, lock, row)
    row.id = ("0x%016x"):format(id.address:num())
    row.space = id.space
    row.address = id.address
    -- bramble_abi::lock: the holder's thread is in the lower half of the word.
    row.owner = function()
      local holder = k:read(id.address, id.space) & 0xffffffff
      return holder ~= 0 and k.ref("thread", holder, id.address) or k.none(id.address)
    end
    row.waiters = function() return queued(k, lock.waiters, function(thread) return thread end) end
  end)
end

-- FrameId, Frame(Arc<FrameBlock>)
function M.frames(k)
  return k:each(filled(k, k:global(FRAMES)), function(id, frame, row)
    row.id = id
    check_id(row, id, frame.id)
    row.address = frame.address
    row.pages = frame.pages
    row.owner = frame.owner
    row.mapped = function()
      local places = {}
      for _, mapping in frame.mappings:entries() do
        places[#places + 1] = ("%d:0x%016x"):format(mapping.space:num(), mapping.address:num())
      end
      return k.computed(places, frame.mappings)
    end
  end)
end

-- Account, in DomainBlock
function M.accounts(k)
  return k:each(filled(k, k:global(DOMAINS)), function(id, domain, row)
    local account = domain.account
    row.id = id
    for _, field in ipairs { "threads", "capabilities", "endpoints", "notifications", "frames" } do
      row[field] = account:field(field)
    end
    row.pages = function()
      if id:num() ~= 0 then return account.pages end
      local heap, tables = k:global("bramble::heap::HEAP_PAGES"), k:global("bramble::memory::TABLES")
      return k.computed(account.pages:num() + heap:num() + tables:num(), account.pages, heap, tables)
    end
    local reported = account.reported:some()
    for _, field in ipairs { "blocks", "locks" } do
      row[field] = reported and reported:field(field) or k.none(account.reported)
    end
  end)
end

-- bramble_abi::RecoveryReport: fields that are shown as they are.
local REPORTED = {
  "label", "level", "frames", "pads", "released_blocks", "released_locks", "ledger_blocks",
  "ledger_locks", "ledger_capabilities", "lost", "double_releases", "outcome", "duration",
}
-- Variants of Cause whose usual name is another one.
local CAUSES = { ControlFlow = "cfi" }

-- Mutex<Ring<RecoveryEvent, 64>>; Ring { next_sequence, overwritten, entries: [Option<T>; N] }
function M.recovery(k)
  threads(k)
  return k:each(k:global(RECOVERY):field("entries"), function(_, entry, row)
    local event = entry:some()
    if event == nil then return end
    local report = event.report
    row.id = event.sequence
    row.time = event.time
    row.domain = event.domain
    row.thread = event.thread
    row.generation = event.generation
    local cause = CAUSES[report.cause:variant()]
    row.cause = cause and k.computed(cause, report.cause) or report.cause
    row.pc = report.pc
    row.fault_address = report.fault_address:num() ~= 0 and report.fault_address
      or k.none(report.fault_address)
    row.client = report.client:num() ~= 0 and k.ref("thread", report.client)
      or k.none(report.client)
    row.pad_addresses = function()
      local pads, entered = {}, report.pads:num()
      for place, pad in report.pad_addresses:entries() do
        if place < entered then pads[#pads + 1] = k.address(pad) end
      end
      return k.computed(pads, report.pad_addresses)
    end
    for _, field in ipairs(REPORTED) do row[field] = report:field(field) end
    row.source = "kernel log"
  end)
end

-- Mutex<Ring<T, N>>
function M.rings(k)
  threads(k)
  local rows = {}
  for name, path in pairs(RINGS) do
    local ring = k:global(path)
    rows[#rows + 1] = { id = name, next = ring.next_sequence, overwritten = ring.overwritten }
  end
  return rows
end

-- Option<Space>: where each image is loaded, by the domains that run it.
function M.images(k)
  local rows = {}
  for _, domain in k:global(DOMAINS):entries() do
    local space = space_id(domain.space)
    if space then rows[#rows + 1] = { image = domain.image, space = space } end
  end
  return rows
end

-- Thread: TrapFrame in ControlBlock.context, unless it runs. A dead thread's are those it died with.
function M.context(k, id)
  local thread = threads(k)[id]
  local cpu = thread.cpu:some()
  if cpu ~= nil then return { cpu = cpu } end
  return { frame = thread.context, space = space_id(thread.space) }
end

return M
